"""Checks of this computer that need no network: versions, Qt, the settings, the proxies of the system."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from upbit_qt_ws.doctor import facts, qt
from upbit_qt_ws.doctor.results import Finding, Outcome, Text, same
from upbit_qt_ws.doctor.visit import in_thread
from upbit_qt_ws.errors import ConfigurationError

if TYPE_CHECKING:
    from upbit_qt_ws.doctor.visit import Visit

_NEEDED: Final = ("PyQt6", "qasync", "websockets", "PyJWT", "httpx2", "msgspec")
_OWN_PROGRAM_WAITS: Final = 0.5
"""How much sooner than its check the program that tries Qt is ended, in seconds."""


async def check_versions(visit: Visit) -> Finding:
    """Name the versions; one library that is not installed is a failure."""
    found = facts.versions()
    shown = ", ".join(f"{name} {found[name]}" for name in ("Python", "upbit-qt-ws", *_NEEDED))
    missing = [name for name in _NEEDED if found[name] == "missing"]
    if missing:
        command = f"pip install {' '.join(missing)}"
        return Finding(
            Outcome.FAILED, same(shown), Text(f"Not installed; run: {command}", f"설치되지 않음; 실행: {command}")
        )
    return Finding(Outcome.OK, same(shown))


async def check_qt(visit: Visit) -> Finding:
    """Try to load Qt and to reach a screen."""
    return qt.judge_probe(await in_thread(partial(qt.run_probe, visit.limit - _OWN_PROGRAM_WAITS)))


async def check_configuration(visit: Visit) -> Finding:
    """Read the settings, and name where they come from."""
    sources = [str(visit.config_file)] if visit.config_file is not None else []
    sources += [name for name in facts.variables(visit.environ) if name.startswith("UPBIT_")]
    named = ", ".join(sources)
    try:
        config = visit.config
    except ConfigurationError as error:
        return Finding(
            Outcome.FAILED,
            same(str(error)),
            Text(
                f"Correct the value in one of: {named or 'the program'}.",
                f"다음 중 하나에서 값을 고치세요: {named or '프로그램'}.",
            ),
        )
    keys = Text("with keys", "키 있음") if config.access_key else Text("without keys", "키 없음")
    return Finding(
        Outcome.OK,
        Text(
            f"region {config.region}, {config.rest_url}, {config.public_url}, {keys.en}; "
            f"set by: {named or 'defaults or the program'}",
            f"지역 {config.region}, {config.rest_url}, {config.public_url}, {keys.ko}; "
            f"출처: {named or '기본값 또는 프로그램'}",
        ),
    )


async def check_proxy(visit: Visit) -> Finding:
    """Name the proxies that lead to the servers."""
    used = sorted({proxy for server in visit.servers if (proxy := visit.proxy_of(server))})
    if used:
        named = ", ".join(used)
        return Finding(Outcome.OK, Text(f"connections go through {named}", f"{named} 프록시를 거쳐 연결"))
    if visit.proxies:
        return Finding(
            Outcome.OK,
            Text("the system names one, but not for these servers", "시스템에 프록시가 있으나 이 서버에는 쓰지 않음"),
        )
    return Finding(Outcome.OK, Text("none", "없음"))
