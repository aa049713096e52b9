"""Refusals: every documented name and status has its class, and a wait is read from wherever it is told."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.testing.support import sample
from upbit_qt_ws.errors import AuthError, RateLimitedError, RestError
from upbit_qt_ws.testing.api_keys import AUTH_FAILURES
from upbit_qt_ws.wire.rest_errors import refusal, remaining_in_second

CALL = "GET /ticker of KRW-NOPE"


def body(name: str | int, message: str) -> bytes:
    return json.dumps({"error": {"name": name, "message": message}}, ensure_ascii=False).encode()


def test_quotation_errors_have_integer_names() -> None:
    error = refusal(404, body(404, "Code not found"), call=CALL)
    assert type(error) is RestError
    assert (error.status, error.name) == (404, "404")
    assert str(error) == "GET /ticker of KRW-NOPE was refused with HTTP 404: Code not found"


@pytest.mark.parametrize(
    ("status", "name"),
    [
        (400, "validation_error"),
        (400, "invalid_parameter"),
        (403, "something_else"),
        (404, "not_found"),
        (404, "order_not_found"),
        (404, "pocket_not_found"),
    ],
)
def test_exchange_errors_have_names(status: int, name: str) -> None:
    error = refusal(status, body(name, "그렇다"), call=CALL)
    assert type(error) is RestError
    assert (error.status, error.name) == (status, name)
    assert "그렇다" in str(error)
    assert f"({name})" in str(error)


@pytest.mark.parametrize("name", [*sorted(AUTH_FAILURES), "no_authorization_i_p"])
@pytest.mark.parametrize("status", [401, 403])
def test_errors_of_keys_are_told_by_their_name(name: str, status: int) -> None:
    error = refusal(status, body(name, "아니다"), call=CALL)
    assert isinstance(error, AuthError)
    assert error.name == name
    assert "아니다" in str(error)


def test_any_401_is_about_keys() -> None:
    error = refusal(401, b"", call=CALL)
    assert isinstance(error, AuthError)
    assert error.name == ""


def test_the_error_of_keys_may_be_made_elsewhere() -> None:
    seen: list[tuple[str, int, str]] = []

    def make(name: str, status: int, message: str) -> AuthError:
        seen.append((name, status, message))
        return AuthError("mine", name=name, hint="do this")

    error = refusal(403, body("out_of_scope", "no"), call=CALL, auth_error=make)
    assert isinstance(error, AuthError)
    assert error.hint == "do this"
    assert [(name, status) for name, status, _ in seen] == [("out_of_scope", 403)]


def test_the_samples() -> None:
    price, quotation = sample("rest_error_docexample.jsonl")
    error = refusal(400, json.dumps(price).encode(), call=CALL)
    assert isinstance(error, RestError)
    assert error.name == "invalid_price_bid"
    assert price["error"]["message"] in str(error)
    error = refusal(400, json.dumps(quotation).encode(), call=CALL)
    assert isinstance(error, RestError)
    assert error.name == "400"


@pytest.mark.parametrize(
    "text", [b"", b"<html>\n<body>Bad  Gateway</body>", b"\xff\xfe", b"[]", b"null", b'{"error":1}']
)
def test_bodies_without_an_error_object(text: bytes) -> None:
    error = refusal(502, text, call=CALL)
    assert type(error) is RestError
    assert (error.status, error.name) == (502, "")
    assert "HTTP 502: Bad Gateway" in str(error)
    assert len(str(error)) < 250


@pytest.mark.parametrize(
    ("message", "header", "wait"),
    [
        ("Too many API requests.", None, 1.0),
        ("Too many API requests.", "3", 3.0),
        ("Too many API requests. Retry in 2 seconds", None, 2.0),
        ("Too many API requests. Retry in 0 seconds", None, 1.0),
    ],
)
def test_429_waits_for_the_next_second_at_least(message: str, header: str | None, wait: float) -> None:
    error = refusal(429, body("too_many_requests", message), call=CALL, retry_after=header)
    assert isinstance(error, RateLimitedError)
    assert (error.status, error.name, error.retry_after) == (429, "too_many_requests", wait)


@pytest.mark.parametrize(
    ("answer", "header", "wait"),
    [
        (body("im_a_teapot", "Too many API requests. Blocked for 45 seconds."), None, 45.0),
        (body(418, "Blocked for 90s"), "7", 90.0),
        (body(418, "10분 동안 차단되었습니다."), None, 600.0),
        (body(418, "30초 후에 다시 시도하세요"), None, 30.0),
        (body(418, "blocked, 2 hours"), None, 7_200.0),
        (body(418, "1시간 차단"), None, 3_600.0),
        (body(418, "retry after: 33"), None, 33.0),
        (body(418, "blocked until 1795412382605"), None, 60.0),
        (body(418, "blocked"), None, 60.0),
        (body(418, "blocked"), "120", 120.0),
        (body(418, "blocked"), "Mon, 23 Nov 2026 05:39:42 GMT", 60.0),
        (body(418, "blocked for 999999 hours"), None, 86_400.0),
        (b"<h1>418 I'm a teapot</h1>", None, 60.0),
        (b"<h1>418</h1> come back in 5 minutes", None, 300.0),
        (b"", None, 60.0),
    ],
)
def test_418_waits_as_long_as_it_says(answer: bytes, header: str | None, wait: float) -> None:
    error = refusal(418, answer, call=CALL, retry_after=header)
    assert isinstance(error, RateLimitedError)
    assert error.retry_after == wait


@given(st.integers(300, 599), st.binary(max_size=300), st.one_of(st.none(), st.text(max_size=9)))
def test_no_answer_is_too_strange(status: int, answer: bytes, header: str | None) -> None:
    error = refusal(status, answer, call=CALL, retry_after=header)
    assert isinstance(error, RestError | AuthError)
    assert str(error).startswith(CALL)
    if isinstance(error, RateLimitedError):
        assert 1.0 <= error.retry_after <= 86_400.0


@pytest.mark.parametrize(
    ("header", "left"),
    [
        ("group=market; min=1800; sec=9", 9),
        ("group=origin; min=6; sec=0", 0),
        ("group=candles;min=600;sec=29", 29),
        ("sec=5", 5),
        ("group=default; min=1800", None),
        ("group=market; min=600; sec=<7..9>", None),
        ("", None),
        (None, None),
    ],
)
def test_only_the_seconds_part_counts(header: str | None, left: int | None) -> None:
    assert remaining_in_second(header) == left


def test_the_recorded_headers() -> None:
    told = [remaining_in_second(row["headers"]["remaining-req"]) for row in sample("http_headers_recorded.jsonl")]
    assert told == [None, 0, 3, 4]
