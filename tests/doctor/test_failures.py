"""Each way in which it may not work: what is blamed, what is left out, and what is advised, in both languages."""

from __future__ import annotations

import re
import socket
import ssl
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal

import pytest
import trustme

from tests.doctor.examination import config_of, examine
from upbit_qt_ws import WebSocketConfig
from upbit_qt_ws.doctor import Outcome
from upbit_qt_ws.testing import ApiKey, SimulatedExchange, SimulatorOptions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from upbit_qt_ws.doctor import CheckResult
    from upbit_qt_ws.wire.auth_errors import Language

LANGUAGES = pytest.mark.parametrize("language", ["en", "ko"])
HANGUL = re.compile("[가-힣]")
FAR = "exchange.invalid"
BEHIND_REST = ("clock", "socket", "keys", "private_socket")


@pytest.fixture
def unknown_name(monkeypatch: pytest.MonkeyPatch) -> WebSocketConfig:
    """Settings whose host no name server knows; none is asked."""
    look_up = socket.getaddrinfo

    def fail(host: Any, *arguments: Any, **more: Any) -> Any:
        if host == FAR:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return look_up(host, *arguments, **more)

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    return config_at(f"{FAR}:443", secure=True)


def config_at(place: str, *, secure: bool = False) -> WebSocketConfig:
    web, rest = ("wss", "https") if secure else ("ws", "http")
    socket_url = f"{web}://{place}/websocket/v1"
    return WebSocketConfig(public_url=socket_url, private_url=f"{socket_url}/private", rest_url=f"{rest}://{place}/v1")


@contextmanager
def mute_server() -> Iterator[str]:
    """A port that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"127.0.0.1:{listening.getsockname()[1]}"


@LANGUAGES
def test_a_name_that_does_not_resolve(unknown_name: WebSocketConfig, language: Language) -> None:
    results = examine(unknown_name, language=language)
    assert results["dns"].outcome is Outcome.FAILED
    assert FAR in results["dns"].figure
    assert "DNS" in results["dns"].advice
    assert bool(HANGUL.search(results["dns"].advice)) is (language == "ko")
    for name in ("tls", "rest", *BEHIND_REST):
        assert results[name].outcome is Outcome.SKIPPED
        assert "DNS" in results[name].figure, "the cause is named, not what was skipped in between"


def test_behind_a_proxy_the_direct_way_may_fail(unknown_name: WebSocketConfig) -> None:
    with mute_server() as place:
        proxies = {"https": f"http://user:pass-word@{place}"}
        results = examine(unknown_name, proxies=proxies, limits={"rest": 0.5, "socket": 0.5})
    assert results["dns"].outcome is Outcome.WARNING
    assert "proxy" in results["dns"].advice
    assert place in results["proxy"].figure
    assert "pass-word" not in results["proxy"].figure
    assert results["rest"].outcome is Outcome.FAILED


@LANGUAGES
def test_a_refused_port(language: Language) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    results = examine(config_at(f"127.0.0.1:{port}"), language=language)
    assert results["tls"].outcome is Outcome.FAILED
    assert str(port) in results["tls"].figure
    assert "443" in results["tls"].advice
    assert bool(HANGUL.search(results["tls"].advice)) is (language == "ko")
    assert results["rest"].outcome is Outcome.SKIPPED


@LANGUAGES
def test_an_authority_that_nobody_trusts(language: Language) -> None:
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA(organization_name="Curious Antivirus").issue_cert("127.0.0.1").configure_cert(serving)
    with SimulatedExchange(rate=200, ssl_context=serving) as exchange:
        results = examine(config_of(exchange), language=language)
    assert results["tls"].outcome is Outcome.FAILED
    assert "Curious Antivirus" in results["tls"].figure
    assert "SSL_CERT_FILE" in results["tls"].advice
    assert bool(HANGUL.search(results["tls"].advice)) is (language == "ko")
    assert results["socket"].outcome is Outcome.SKIPPED


@LANGUAGES
@pytest.mark.parametrize("status", [418, 429])
def test_a_limit_that_was_broken_is_explained_and_not_broken_further(status: int, language: Language) -> None:
    with SimulatedExchange(rate=200) as exchange:
        exchange.refuse_connections(status=status)
        results = examine(config_of(exchange), language=language)
        calls = len(exchange.rest_requests) + len(exchange.handshakes)
    assert results["rest"].outcome is Outcome.FAILED
    assert str(status) in results["rest"].advice
    assert bool(HANGUL.search(results["rest"].advice)) is (language == "ko")
    assert {results[name].outcome for name in BEHIND_REST} == {Outcome.SKIPPED}
    assert calls == 1


@LANGUAGES
@pytest.mark.parametrize(
    ("keys", "hinted"),
    [
        ({"access_key": "an-unknown-access-key"}, "Open API"),
        ({"secret_key": "another-secret-key-of-forty-characters-x"}, "Access Key"),
    ],
)
def test_wrong_keys(keys: dict[str, str], hinted: str, language: Language) -> None:
    with SimulatedExchange(rate=200) as exchange:
        results = examine(config_of(exchange, **keys), language=language)
    assert results["keys"].outcome is Outcome.FAILED
    assert hinted.lower() in results["keys"].advice.lower()
    assert bool(HANGUL.search(results["keys"].advice)) is (language == "ko")
    assert results["private_socket"].outcome is Outcome.SKIPPED
    assert results["socket"].outcome is Outcome.OK, "public data needs no keys"


@pytest.mark.parametrize("failure", ["expired_access_key", "no_authorization_ip"])
def test_each_refusal_of_keys_has_the_name_of_the_exchange(failure: str) -> None:
    with SimulatedExchange(rate=200) as exchange:
        exchange.set_auth_failure(failure)
        results = examine(config_of(exchange))
    assert results["keys"].outcome is Outcome.FAILED
    assert failure in results["keys"].figure


@LANGUAGES
def test_a_missing_permission_is_a_warning(language: Language) -> None:
    secret = "a-secret-key-of-forty-characters-for-orders"
    key = ApiKey(access_key="only-for-orders", secret_key=secret, scopes=frozenset({"view_orders"}))
    with SimulatedExchange(rate=200, options=SimulatorOptions(keys=(key,))) as exchange:
        config = config_of(exchange, access_key=key.access_key, secret_key=key.secret_key)
        results = examine(config, language=language)
    assert results["keys"].outcome is Outcome.WARNING
    assert "자산조회" in results["keys"].advice
    assert results["private_socket"].outcome is Outcome.OK


@LANGUAGES
@pytest.mark.parametrize("way", ["http", "frame"])
def test_keys_that_only_the_private_socket_refuses(way: Literal["http", "frame"], language: Language) -> None:
    with SimulatedExchange(rate=200, options=SimulatorOptions(private_auth_failure=way)) as exchange:

        def spoil_keys(result: CheckResult) -> None:
            if result.name == "keys":
                exchange.set_auth_failure("expired_access_key")

        config = config_of(exchange)
        passed = examine(config, tell=spoil_keys, language=language)
        exchange.set_auth_failure(None)
        well = examine(config)
    assert passed["keys"].outcome is Outcome.OK
    assert passed["private_socket"].outcome is Outcome.FAILED
    assert bool(HANGUL.search(passed["private_socket"].advice)) is (language == "ko")
    assert well["private_socket"].outcome is Outcome.OK


@LANGUAGES
@pytest.mark.parametrize("ahead", [3600.0, -3600.0])
def test_a_wrong_clock_is_a_warning(ahead: float, language: Language) -> None:
    with SimulatedExchange(rate=200) as exchange:
        results = examine(config_of(exchange), language=language, wall_clock=lambda: time.time() + ahead)
    assert results["clock"].outcome is Outcome.WARNING
    found = re.search(r"([+-]\d+\.\d)", results["clock"].figure)
    assert found is not None
    assert float(found[1]) == pytest.approx(ahead, abs=10)
    assert bool(HANGUL.search(results["clock"].advice)) is (language == "ko")
    assert results["keys"].outcome is Outcome.OK


@LANGUAGES
def test_an_exchange_that_accepts_and_says_nothing(language: Language) -> None:
    with SimulatedExchange(rate=0) as exchange:
        exchange.silence("KRW-BTC")
        results = examine(config_of(exchange), language=language, limits={"socket": 3.0})
    assert results["socket"].outcome is Outcome.FAILED
    assert re.search("no data within|동안 데이터 없음", results["socket"].figure)
    assert bool(HANGUL.search(results["socket"].advice)) is (language == "ko")
    assert results["keys"].outcome is Outcome.OK


def test_a_server_that_never_answers() -> None:
    with mute_server() as place:
        results = examine(config_at(place), limits={"rest": 0.5, "socket": 3.0})
        secure = examine(config_at(place, secure=True), limits={"tls": 0.5})
    assert results["tls"].outcome is Outcome.OK
    assert results["rest"].outcome is Outcome.FAILED
    assert results["socket"].outcome is Outcome.FAILED
    assert "no answer" in results["socket"].figure
    assert secure["tls"].outcome is Outcome.FAILED
    assert "firewall" in secure["tls"].advice


def test_a_market_that_is_refused_on_the_socket() -> None:
    with SimulatedExchange(rate=200) as exchange:
        exchange.poison("KRW-BTC", "INVALID_PARAM")
        results = examine(config_of(exchange))
    assert results["socket"].outcome is Outcome.FAILED
    assert "INVALID_PARAM" in results["socket"].figure
