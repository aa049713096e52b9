"""What the exchange calls its refusals, and what the user is told to do."""

from __future__ import annotations

import traceback

import pytest

from upbit_qt_ws.errors import AuthError
from upbit_qt_ws.testing.auth import Authenticator
from upbit_qt_ws.testing.options import SimulatorOptions
from upbit_qt_ws.wire.auth_errors import AuthProblem, error_of, problem_in, problem_of

OWN = {AuthProblem.NO_KEYS, AuthProblem.KEYS_UNREADABLE, AuthProblem.UNKNOWN}


@pytest.mark.parametrize("problem", [problem for problem in AuthProblem if problem not in OWN])
def test_every_name_of_the_exchange_is_known(problem: AuthProblem) -> None:
    assert problem_of(problem.value, 401) is problem
    assert problem_of(problem.value) is problem


@pytest.mark.parametrize("problem", list(AuthProblem))
def test_a_problem_is_known_by_the_name_of_its_error(problem: AuthProblem) -> None:
    assert problem_in(AuthError("refused", name=problem.value)) is problem
    assert problem_in(AuthError("refused", name="a_new_name")) is AuthProblem.UNKNOWN


def test_the_older_spelling_of_the_address_problem_means_the_same() -> None:
    assert problem_of("no_authorization_i_p", 401) is AuthProblem.NO_AUTHORIZATION_IP


@pytest.mark.parametrize("status", [401, 403])
def test_a_missing_permission_is_told_by_its_name_and_not_by_the_status(status: int) -> None:
    assert problem_of("out_of_scope", status) is AuthProblem.OUT_OF_SCOPE


@pytest.mark.parametrize(
    ("name", "status", "problem"),
    [
        ("", 401, AuthProblem.INVALID_AUTH),
        ("", 403, AuthProblem.UNKNOWN),
        ("", None, AuthProblem.UNKNOWN),
        ("something_new", 401, AuthProblem.UNKNOWN),
        ("NONCE_USED", 401, AuthProblem.UNKNOWN),
        ("no_keys", 401, AuthProblem.UNKNOWN),
    ],
)
def test_what_has_no_known_name(name: str, status: int | None, problem: AuthProblem) -> None:
    assert problem_of(name, status) is problem


def test_the_simulated_exchange_speaks_the_same_names() -> None:
    failure = Authenticator(SimulatorOptions()).check(None)
    assert failure is not None
    assert problem_of(failure.name, failure.status) is AuthProblem.NO_AUTHORIZATION_TOKEN


@pytest.mark.parametrize("problem", AuthProblem)
def test_every_problem_has_a_hint_in_both_languages(problem: AuthProblem) -> None:
    english, korean = problem.hint("en"), problem.hint("ko")
    assert problem.hint() == english
    assert english.endswith(".")
    assert korean.endswith(".")
    assert any("가" <= character <= "힣" for character in korean)


def test_no_two_problems_share_a_hint() -> None:
    for language in ("en", "ko"):
        assert len({problem.hint(language) for problem in AuthProblem}) == len(AuthProblem)


@pytest.mark.parametrize(
    ("problem", "words"),
    [
        (AuthProblem.NO_AUTHORIZATION_IP, ("IP address", "fixed")),
        (AuthProblem.OUT_OF_SCOPE, ("자산조회", "주문조회")),
        (AuthProblem.EXPIRED_ACCESS_KEY, ("new one",)),
        (AuthProblem.NO_KEYS, ("UPBIT_ACCESS_KEY", "UPBIT_SECRET_KEY")),
        (AuthProblem.JWT_VERIFICATION, ("secret key", "clock plays no part")),
    ],
)
def test_hints_name_the_thing_to_do(problem: AuthProblem, words: tuple[str, ...]) -> None:
    assert all(word in problem.hint() for word in words)


def test_only_what_the_user_must_mend_is_not_tried_again() -> None:
    assert {problem for problem in AuthProblem if not problem.transient} == {
        AuthProblem.INVALID_QUERY_PAYLOAD,
        AuthProblem.JWT_VERIFICATION,
        AuthProblem.EXPIRED_ACCESS_KEY,
        AuthProblem.NO_AUTHORIZATION_IP,
        AuthProblem.INVALID_ACCESS_KEY,
        AuthProblem.OUT_OF_SCOPE,
        AuthProblem.OPEN_API_WITHDRAW_LOCKED,
        AuthProblem.NO_KEYS,
    }


def test_a_missing_permission_concerns_one_call_and_an_expired_key_all_of_them() -> None:
    assert AuthProblem.OUT_OF_SCOPE.concerns_one_call
    assert not AuthProblem.EXPIRED_ACCESS_KEY.concerns_one_call


def test_an_error_says_what_the_exchange_said_and_shows_the_way_out_in_its_traceback() -> None:
    error = error_of("expired_access_key", 401, "만료된 API 키입니다.", language="ko")
    assert error.name == "expired_access_key"
    assert error.hint == AuthProblem.EXPIRED_ACCESS_KEY.hint("ko")
    assert str(error) == "the exchange refused the keys: expired_access_key, HTTP 401, 만료된 API 키입니다."
    assert error.hint in "".join(traceback.format_exception(error))


def test_an_error_without_anything_says_so() -> None:
    error = error_of("", None, "")
    assert str(error) == "the exchange refused the keys: it gave no reason"
    assert error.hint == AuthProblem.UNKNOWN.hint()
