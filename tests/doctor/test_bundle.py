"""No key is in any byte of a bundle, wherever keys may stand before."""

from __future__ import annotations

import asyncio
import base64
import json
import zipfile
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from upbit_qt_ws import WebSocketConfig
from upbit_qt_ws.doctor import DoctorReport, Outcome
from upbit_qt_ws.doctor.checkup import Check, check_up
from upbit_qt_ws.doctor.facts import log_tail, variables
from upbit_qt_ws.doctor.facts import settings as settings_of
from upbit_qt_ws.doctor.results import Finding, same
from upbit_qt_ws.doctor.scrub import MASK, Scrubber
from upbit_qt_ws.doctor.visit import Visit
from upbit_qt_ws.errors import ConfigurationError
from upbit_qt_ws.network.auth import UpbitAuthenticator
from upbit_qt_ws.network.keys import ApiKeys

if TYPE_CHECKING:
    from pathlib import Path

KEYS = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=20, max_size=64)
PLACES = st.lists(
    st.sampled_from(
        (
            "{a}",
            "{s}",
            "key={a} secret={s}",
            "https://{a}:{s}@proxy.example/",
            "https://api.example/v1?key={qa}&s={qs}",
            "AuthError: bad key '{a}'",
            "{a}{s}",
            "{s}{a}{s}",
            "Authorization: {t}",
            '{{"access_key": "{a}"}}',
            "x{a}y\\n{s}",
        )
    ),
    min_size=1,
    max_size=6,
)


def embedded(places: list[str], access: str, secret: str) -> str:
    token = UpbitAuthenticator(ApiKeys(access, secret)).authorization()
    told = {"a": access, "s": secret, "qa": quote(access, safe=""), "qs": quote(secret, safe=""), "t": token}
    return "\n".join(place.format(**told) for place in places)


def members(path: Path) -> bytes:
    """Returns the names and contents of what is in the file."""
    with zipfile.ZipFile(path) as bundle:
        return b"\n".join(name.encode() + b"\n" + bundle.read(name) for name in bundle.namelist())


def report_on(config: WebSocketConfig, said: str, environ: dict[str, str]) -> DoctorReport:
    async def complain(_: Visit) -> Finding:
        return Finding(Outcome.FAILED, same(said), same(said))

    async def fail(_: Visit) -> Finding:
        raise ValueError(said)

    scrubber = Scrubber([config.access_key, config.secret_key])
    visit = Visit(load=lambda: config, language="en", scrubber=scrubber, environ=environ, proxies={})
    checks = [Check("one", same("One"), complain, 5.0), Check("two", same("Two"), fail, 5.0)]
    with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
        results = runner.run(check_up(visit, lambda _: None, checks=checks))
    computer = {"environment": variables(environ), "settings": settings_of(config)}
    return DoctorReport(tuple(results), "en", computer, scrubber)


@given(access=KEYS, secret=KEYS, places=PLACES)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
def test_neither_key_is_in_any_byte(access: str, secret: str, places: list[str], tmp_path: Path) -> None:
    said = embedded(places, access, secret)
    environ = {"UPBIT_ACCESS_KEY": access, "UPBIT_SECRET_KEY": secret, "HTTPS_PROXY": f"http://{said}", "LANG": said}
    report = report_on(WebSocketConfig(access_key=access, secret_key=secret), said, environ)
    log, path = tmp_path / "app.log", tmp_path / "bundle.zip"
    log.write_text(f"first line\n{said}\n", encoding="utf-8")
    report.write_bundle(path, log=log, health={"connections": {"public": {"reason": said}}, said: [said]})
    written = members(path)
    for key in (access, secret):
        assert key.encode() not in written
        assert key.encode() not in path.read_bytes()
        assert quote(key, safe="").encode() not in written
        # As JSON would spell a key with a quotation mark or a backslash in it.
        assert json.dumps(key)[1:-1].encode() not in written
    assert b"eyJ" not in written
    assert b"first line" in written
    assert access not in repr(report)


@given(access=KEYS, secret=KEYS)
def test_texts_without_secrets_stay_as_they_are(access: str, secret: str) -> None:
    text = "KRW-BTC 114,423,000, 12 ms; the exchange refused the keys: secret_key is not set"
    assert Scrubber([access, secret]).text(text) == text


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("https://me:pass%20word@proxy.example:3128", "pass%20word"),
        ("Authorization: Bearer abc.def-unknown", "abc.def-unknown"),
        ("Proxy-Authorization: Basic bWU6cGFzcw==", "bWU6cGFzcw"),
        ("access_key = 'some-other-key'", "some-other-key"),
        ('{"secret_key":"some-other-key"}', "some-other-key"),
        ("token eyJhbGciOiJIUzUxMiJ9.eyJhIjoiYiJ9.c2lnbmF0dXJl end", "c2lnbmF0dXJl"),
    ],
)
def test_what_looks_like_a_secret_is_one(text: str, secret: str) -> None:
    scrubbed = Scrubber().text(text)
    assert secret not in scrubbed
    assert MASK in scrubbed


def test_a_key_in_other_letters_or_in_another_spelling_is_found() -> None:
    scrub = Scrubber(["abcDEF+/=0123456789"])
    assert scrub.text("ABCdef+/=0123456789 abcDEF%2b%2F%3d0123456789") == f"{MASK} {MASK}"


def test_the_members_can_be_read(tmp_path: Path) -> None:
    report = report_on(WebSocketConfig(), "no key is set", {"UPBIT_REGION": "kr", "SHELL": "/bin/sh"})
    report.write_bundle(tmp_path / "bundle.zip", health={"events": {"received": 3}, "ages": (1.5, None)})
    with zipfile.ZipFile(tmp_path / "bundle.zip") as bundle:
        read: dict[str, Any] = {
            name: json.loads(bundle.read(name)) for name in bundle.namelist() if name.endswith(".json")
        }
        assert "[failed] One: no key is set" in bundle.read("report.txt").decode()
    assert read["report.json"]["ok"] is False
    assert [result["name"] for result in read["report.json"]["results"]] == ["one", "two"]
    assert read["computer.json"]["environment"] == {"UPBIT_REGION": "kr"}
    assert read["computer.json"]["settings"]["region"] == "kr"
    assert read["health.json"] == {"events": {"received": 3}, "ages": [1.5, None]}


def test_a_log_that_is_cut_in_a_line_begins_with_the_next(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    log.write_bytes(b"half of this key is cut away " * 20_000 + b"\nlast line\n")
    assert log_tail(log) == "last line"


def test_a_log_in_utf_16_hides_no_key(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    log.write_text("the key is a-secret-in-wide-letters", encoding="utf-16")
    assert "a-secret" not in Scrubber(["a-secret-in-wide-letters"]).text(log_tail(log))


def test_a_token_of_unknown_keys_is_found_in_a_header() -> None:
    body = base64.urlsafe_b64encode(b'{"access_key":"x"}').decode().rstrip("=")
    assert body not in Scrubber().text(f"'Authorization': 'Bearer eyJ0eXAi.{body}.sig'")


def test_files_that_cannot_be_used_are_named(tmp_path: Path) -> None:
    report = report_on(WebSocketConfig(), "", {})
    with pytest.raises(ConfigurationError, match=r"bundle\.zip"):
        report.write_bundle(tmp_path / "missing" / "bundle.zip")
    with pytest.raises(ConfigurationError, match=r"app\.log"):
        report.write_bundle(tmp_path / "bundle.zip", log=tmp_path / "app.log")
