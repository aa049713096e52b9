"""Tokens, as the simulated exchange checks them."""

from __future__ import annotations

import copy
import json
import traceback
from base64 import urlsafe_b64decode
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from upbit_qt_ws.errors import ConfigurationError
from upbit_qt_ws.network.auth import Algorithm, UpbitAuthenticator, query_text
from upbit_qt_ws.network.keys import ApiKeys
from upbit_qt_ws.testing.auth import Authenticator
from upbit_qt_ws.testing.options import SimulatorOptions

OPTIONS = SimulatorOptions()
KEYS = ApiKeys(OPTIONS.access_key, OPTIONS.secret_key)
ALGORITHMS: tuple[Algorithm, ...] = ("HS512", "HS256")
SECRETS = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=16, max_size=80)
NAMES = st.text("abcdefghijklmnopqrstuvwxyz_", min_size=1, max_size=8)


def parts_of(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    header, payload, _ = token.split(".")
    read = [json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4))) for part in (header, payload)]
    return read[0], read[1]


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_the_exchange_takes_a_token_once(algorithm: Algorithm) -> None:
    exchange = Authenticator(OPTIONS)
    authorization = UpbitAuthenticator(KEYS, algorithm=algorithm).authorization()
    assert exchange.check(authorization) is None
    again = exchange.check(authorization)
    assert again is not None
    assert again.name == "nonce_used"


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_token_for_a_query_holds_its_hash(algorithm: Algorithm) -> None:
    exchange = Authenticator(OPTIONS)
    authenticator = UpbitAuthenticator(KEYS, algorithm=algorithm)
    query = query_text([("market", "KRW-BTC"), ("states", ["wait", "watch"])])
    assert exchange.check(authenticator.authorization(query), query) is None
    other = exchange.check(authenticator.authorization(query), "market=KRW-ETH")
    assert other is not None
    assert other.name == "invalid_query_payload"


def test_a_token_of_another_secret_is_refused() -> None:
    other = UpbitAuthenticator(ApiKeys(OPTIONS.access_key, "another-secret-key-of-forty-characters--"))
    failure = Authenticator(OPTIONS).check(other.authorization())
    assert failure is not None
    assert failure.name == "jwt_verification"


def test_a_token_of_a_socket_holds_the_access_key_and_a_nonce_and_no_time() -> None:
    header, payload = parts_of(UpbitAuthenticator(KEYS, nonce=lambda: "a nonce").token())
    assert header == {"alg": "HS512", "typ": "JWT"}
    assert payload == {"access_key": OPTIONS.access_key, "nonce": "a nonce"}


def test_a_token_of_a_query_also_names_the_hash() -> None:
    _, payload = parts_of(UpbitAuthenticator(KEYS, algorithm="HS256").token("market=KRW-BTC"))
    assert set(payload) == {"access_key", "nonce", "query_hash", "query_hash_alg"}
    assert payload["query_hash_alg"] == "SHA512"
    assert len(payload["query_hash"]) == 128


def test_no_nonce_comes_twice_also_from_copies() -> None:
    authenticator = UpbitAuthenticator(KEYS)
    makers = [authenticator, copy.copy(authenticator), UpbitAuthenticator(KEYS)]
    nonces = {parts_of(maker.token())[1]["nonce"] for _ in range(200) for maker in makers}
    assert len(nonces) == 600


def test_an_unknown_algorithm_is_refused_by_name() -> None:
    with pytest.raises(ConfigurationError, match="'none' is unknown: choose one of HS256, HS512"):
        UpbitAuthenticator(KEYS, algorithm="none")  # type: ignore[arg-type]


# The names of the first two are what PyJWT takes for a certificate and for a JSON key, and refuses.
@pytest.mark.parametrize("secret", ['{"kty":"oct","k":"c2VjcmV0"}', "ssh-rsa", "x", "1234567890", "k" * 40, "k" * 200])
@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_any_secret_signs_as_it_is_and_without_a_warning(secret: str, algorithm: Algorithm) -> None:
    options = SimulatorOptions(secret_key=secret)
    authenticator = UpbitAuthenticator(ApiKeys(options.access_key, secret), algorithm=algorithm)
    assert Authenticator(options).check(authenticator.authorization()) is None


@given(
    secret=SECRETS,
    algorithm=st.sampled_from(ALGORITHMS),
    params=st.lists(st.tuples(NAMES, st.text(max_size=12) | st.integers() | st.lists(NAMES, max_size=3)), max_size=5),
)
def test_the_exchange_takes_every_query_that_is_sent_percent_encoded(
    secret: str, algorithm: Algorithm, params: list[tuple[str, str | int | list[str]]]
) -> None:
    options = SimulatorOptions(secret_key=secret)
    authenticator = UpbitAuthenticator(ApiKeys(options.access_key, secret), algorithm=algorithm)
    query = query_text(params)
    assert Authenticator(options).check(authenticator.authorization(query), quote(query, safe="=&[]")) is None


@given(secret=SECRETS, algorithm=st.sampled_from(ALGORITHMS))
def test_the_secret_is_in_no_text_of_the_authenticator(secret: str, algorithm: Algorithm) -> None:
    def broken() -> str:
        raise RuntimeError("no nonce")

    authenticator = UpbitAuthenticator(ApiKeys("access-key", secret), algorithm=algorithm, nonce=broken)
    with pytest.raises(RuntimeError) as caught:
        authenticator.token("market=KRW-BTC")
    assert caught.tb.tb_next is not None  # Below this test, whose own variables hold the secret.
    trace = traceback.TracebackException(RuntimeError, caught.value, caught.tb.tb_next, capture_locals=True)
    for text in (repr(authenticator), str(authenticator), "".join(trace.format()), repr(caught.value.args)):
        assert secret not in text


@pytest.mark.parametrize(
    ("params", "text"),
    [
        ({}, ""),
        ({"market": "KRW-BTC"}, "market=KRW-BTC"),
        ([("b", "1"), ("a", "2")], "b=1&a=2"),
        ({"states": ["wait", "watch"]}, "states[]=wait&states[]=watch"),
        ({"states[]": ["wait"]}, "states[]=wait"),
        ({"uuids": (), "limit": 5}, "limit=5"),
        ({"pairs": "KRW-BTC,KRW-ETH"}, "pairs=KRW-BTC,KRW-ETH"),
        ({"volume": Decimal("1E-8"), "price": Decimal("1E+3")}, "volume=0.00000001&price=1000"),
        ({"is_details": True, "all": False}, "is_details=true&all=false"),
        ({"to": "2026-01-01T00:00:00+09:00"}, "to=2026-01-01T00:00:00+09:00"),
    ],
)
def test_a_query_is_written_in_its_order_and_not_percent_encoded(params: Any, text: str) -> None:
    assert query_text(params) == text


@pytest.mark.parametrize("value", [0.1, None, b"wait", {"wait"}, ["wait", 1.5]])
def test_a_value_without_one_spelling_is_refused_by_name(value: Any) -> None:
    with pytest.raises(TypeError, match=r"states is (float|NoneType|bytes|set)"):
        query_text({"states": value})


@given(st.lists(st.tuples(NAMES, NAMES | st.lists(NAMES, min_size=1, max_size=3)), max_size=5))
def test_a_query_is_what_upbits_own_example_makes_of_it(params: list[tuple[str, str | list[str]]]) -> None:
    spelled = [(f"{name}[]" if isinstance(value, list) else name, value) for name, value in params]
    assert query_text(params) == unquote(urlencode(spelled, doseq=True))
    flat = [(name, item) for name, value in spelled for item in (value if isinstance(value, list) else [value])]
    assert parse_qsl(query_text(params)) == flat
