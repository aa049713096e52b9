"""The run of all checks: their order, what makes one pointless, and the time that they may take."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Final, NamedTuple

from upbit_qt_ws.doctor import exchange_checks, local_checks, server_checks
from upbit_qt_ws.doctor.results import CheckResult, Finding, Outcome, Text, same
from upbit_qt_ws.errors import UpbitQtError
from upbit_qt_ws.wire.text import one_line

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from upbit_qt_ws.doctor.visit import Visit

LONGEST: Final = 28.0
"""Longest time of all checks, in seconds; a whole run, with what has to be closed, takes at most 30."""


_LONGEST_LINE: Final = 1000
"""Most characters of a finding; what it quotes of others is shorter."""


class Check(NamedTuple):
    """One check.

    Attributes:
        name: the same in every language.
        title: for people.
        run: makes it.
        limit: longest time, in seconds.
        needs: names of checks without whose success it is pointless.
        calls_exchange: it is left out while the exchange refuses this address.
    """

    name: str
    title: Text
    run: Callable[[Visit], Awaitable[Finding]]
    limit: float
    needs: tuple[str, ...] = ()
    calls_exchange: bool = False


CHECKS: Final = (
    Check("versions", Text("Versions", "버전"), local_checks.check_versions, 2.0),
    Check("qt", Text("Qt", "Qt"), local_checks.check_qt, 8.0),
    Check("configuration", Text("Settings", "설정"), local_checks.check_configuration, 2.0),
    Check("proxy", Text("Proxy", "프록시"), local_checks.check_proxy, 2.0, ("configuration",)),
    Check("dns", Text("DNS", "DNS"), server_checks.check_dns, 4.0, ("configuration",)),
    Check("tls", Text("TCP and TLS", "TCP·TLS"), server_checks.check_tls, 5.0, ("dns",)),
    Check("rest", Text("REST", "REST"), exchange_checks.check_rest, 4.0, ("tls",), calls_exchange=True),
    Check("clock", Text("Clock", "시계"), exchange_checks.check_clock, 3.0, ("rest",), calls_exchange=True),
    Check(
        "socket", Text("Public socket", "공개 소켓"), exchange_checks.check_socket, 7.0, ("tls",), calls_exchange=True
    ),
    Check("keys", Text("API keys", "API 키"), exchange_checks.check_keys, 4.0, ("rest",), calls_exchange=True),
    Check(
        "private_socket",
        Text("Private socket", "비공개 소켓"),
        exchange_checks.check_private_socket,
        5.0,
        ("keys",),
        calls_exchange=True,
    ),
)
"""All checks, in their order."""


async def check_up(
    visit: Visit,
    tell: Callable[[CheckResult], object],
    *,
    checks: Iterable[Check] = CHECKS,
    clock: Callable[[], float] = time.monotonic,
) -> list[CheckResult]:
    """Make all checks and return their results; never raises for what a check finds.

    Args:
        visit: what the checks share.
        tell: gets every result as soon as it is known.
        checks: in their order.
        clock: monotonic time in seconds.
    """
    end = clock() + LONGEST
    lost: dict[str, Text] = {}
    refused: Text | None = None
    results: list[CheckResult] = []
    for check in checks:
        started = clock()
        cause = next((lost[name] for name in check.needs if name in lost), None)
        if cause is None and check.calls_exchange:
            cause = refused
        if cause is not None:
            finding = Finding(
                Outcome.SKIPPED,
                Text(f"pointless after the failure of: {cause.en}", f"앞선 검사 실패로 건너뜀: {cause.ko}"),
            )
        elif end - started <= 0:
            finding = Finding(Outcome.SKIPPED, Text(f"{LONGEST:.0f} s are over", f"{LONGEST:.0f}초가 지남"))
        else:
            finding = await _run(check, visit, min(check.limit, end - started))
        if finding.outcome is Outcome.FAILED or cause is not None:
            lost[check.name] = cause or check.title
        if finding.refused_for_now:
            refused = check.title
        result = CheckResult(
            name=check.name,
            title=check.title.in_language(visit.language),
            outcome=finding.outcome,
            figure=_shown(visit, finding.figure),
            advice=_shown(visit, finding.advice),
            seconds=round(clock() - started, 3),
        )
        results.append(result)
        tell(result)
    return results


def _shown(visit: Visit, text: Text) -> str:
    """Return words of a finding as one line without secrets; these are taken out first, before anything is cut."""
    return one_line(visit.scrubber.text(text.in_language(visit.language)), _LONGEST_LINE)


async def _run(check: Check, visit: Visit, limit: float) -> Finding:
    """Make one check; whatever goes wrong in it is its finding."""
    visit.limit = limit
    try:
        async with asyncio.timeout(limit):
            return await check.run(visit)
    except TimeoutError:
        return Finding(
            Outcome.FAILED,
            Text(f"no answer within {limit:.0f} s", f"{limit:.0f}초 안에 응답 없음"),
            Text(
                "Something on the way holds the connection: a firewall, a VPN, a proxy, or a busy network.",
                "중간에서 연결이 멈춥니다. 방화벽, VPN, 프록시 또는 혼잡한 네트워크를 확인하세요.",
            ),
        )
    except UpbitQtError as error:
        return exchange_checks.finding_of(error)
    except Exception as error:
        # A check is for computers on which things go wrong in unknown ways; its end must not be that of the others.
        return Finding(
            Outcome.FAILED,
            same(f"{type(error).__name__}: {error}"),
            Text(
                "This is an error of the program: please report it with the bundle.",
                "프로그램 오류입니다. 진단 파일과 함께 알려 주세요.",
            ),
        )
