"""When keys are read anew and when they are given up, by a clock that the tests turn."""

from __future__ import annotations

import json
import traceback
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from upbit_qt_ws.errors import AuthError, ConfigurationError
from upbit_qt_ws.network.jwt_manager import AuthState, JWTManager
from upbit_qt_ws.network.keys import ApiKeys
from upbit_qt_ws.testing.auth import Authenticator
from upbit_qt_ws.testing.options import SimulatorOptions
from upbit_qt_ws.wire.auth_errors import AuthProblem, error_of

OPTIONS = SimulatorOptions()
KEYS = ApiKeys(OPTIONS.access_key, OPTIONS.secret_key)
OTHER = ApiKeys("another-access-key", "another-secret-key-of-forty-characters--")
NO_KEYS, VALID, RENEWING, DEGRADED = AuthState.NO_KEYS, AuthState.VALID, AuthState.RENEWING, AuthState.DEGRADED


@dataclass
class Source:
    """A provider whose answer the test sets, and that counts how often it was asked."""

    answer: ApiKeys | Exception | None = KEYS
    asked: int = 0

    def __call__(self) -> ApiKeys | None:
        self.asked += 1
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@dataclass
class Bench:
    """A manager with a source and a clock; ``run_to`` does what a shell does."""

    source: Source = field(default_factory=Source)
    now: float = 0.0
    lifetime: float = 1000.0

    def __post_init__(self) -> None:
        self.states: list[AuthState] = []
        self.manager = JWTManager(
            self.source, lifetime=self.lifetime, clock=lambda: self.now, on_change=self.states.append
        )

    def run_to(self, end: float) -> list[float]:
        """Turn the clock to ``end``, read the keys whenever it is due, and return when that was."""
        times = []
        while (due := self.manager.next_attempt()) is not None and due <= end:
            self.now = due
            assert self.manager.renewal_due()
            times.append(self.now)
            self.manager.renew()
        self.now = end
        return times

    def refuse(self, name: str, generation: int | None = None) -> None:
        self.manager.refused(error_of(name, 401, "no"), generation=generation)

    def stands(self) -> tuple[AuthState, AuthProblem | None]:
        return self.manager.state, self.manager.problem

    def works(self) -> bool:
        try:
            authorization = self.manager.authorization()
        except AuthError:
            return False
        return Authenticator(OPTIONS).check(authorization) is None


def ready(answer: ApiKeys | Exception | None = KEYS) -> Bench:
    bench = Bench(Source(answer))
    assert bench.run_to(0.0) == [0.0]
    bench.states.clear()
    return bench


def test_the_constructor_reads_nothing_and_the_first_reading_is_due_at_once() -> None:
    bench = Bench()
    assert bench.source.asked == 0
    assert bench.manager.state is NO_KEYS
    assert bench.manager.problem is AuthProblem.NO_KEYS
    assert bench.manager.renewal_due()
    with pytest.raises(AuthError, match="no API keys"):
        bench.manager.authorization()


def test_keys_that_were_read_make_tokens_that_the_exchange_takes_each_with_a_nonce_of_its_own() -> None:
    bench = ready()
    exchange = Authenticator(OPTIONS)
    assert bench.stands() == (VALID, None)
    assert bench.manager.hint == ""
    for _ in range(3):
        assert exchange.check(bench.manager.authorization()) is None
        assert exchange.check(bench.manager.authorization("market=KRW-BTC"), "market=KRW-BTC") is None


def test_without_keys_there_are_no_tokens_but_a_hint_and_no_further_reading() -> None:
    bench = ready(None)
    assert bench.manager.state is NO_KEYS
    assert bench.manager.next_attempt() is None
    assert not bench.manager.renewal_due()
    with pytest.raises(AuthError) as caught:
        bench.manager.authorization()
    assert caught.value.hint == AuthProblem.NO_KEYS.hint()
    assert caught.value.hint in "".join(traceback.format_exception(caught.value))


def test_keys_are_read_anew_at_80_percent_of_their_lifetime() -> None:
    bench = ready()
    assert bench.manager.next_attempt() == 800.0
    assert not bench.manager.renewal_due(799.9)
    assert bench.run_to(2500.0) == [800.0, 1600.0, 2400.0]
    assert bench.manager.state is VALID
    assert bench.manager.generation == 1


def test_a_reading_that_was_slept_through_is_due_now_and_not_in_the_past() -> None:
    bench = ready()
    assert bench.manager.next_attempt(5000.0) == 5000.0


@pytest.mark.parametrize("lifetime", [0.0, -1.0, float("inf"), float("nan")])
def test_a_lifetime_that_cannot_be_is_refused(lifetime: float) -> None:
    with pytest.raises(ConfigurationError, match="lifetime"):
        JWTManager(Source(), lifetime=lifetime)


def test_a_provider_that_fails_gets_three_more_tries_and_then_one_every_five_minutes() -> None:
    bench = Bench(Source(AuthError("the key ring is locked", hint="unlock it")))
    assert bench.run_to(7.5) == [0.0, 1.0, 3.0, 7.0]
    assert bench.stands() == (DEGRADED, AuthProblem.KEYS_UNREADABLE)
    assert bench.manager.hint == "unlock it"
    with pytest.raises(AuthError, match="no token can be made: the key ring is locked"):
        bench.manager.authorization()
    assert bench.run_to(1000.0) == [307.0, 607.0, 907.0]
    bench.source.answer = KEYS
    assert bench.run_to(1207.0) == [1207.0]
    assert bench.manager.state is VALID
    assert bench.works()


def test_a_provider_that_works_again_in_time_has_degraded_nothing() -> None:
    bench = ready()
    bench.source.answer = OSError("no bus")
    assert bench.run_to(801.5) == [800.0, 801.0]
    assert bench.manager.state is RENEWING
    assert bench.works()
    bench.source.answer = KEYS
    assert bench.run_to(804.0) == [803.0]
    assert bench.stands() == (VALID, None)
    assert DEGRADED not in bench.states
    bench.source.answer = OSError("no bus")
    assert bench.run_to(1604.5) == [1603.0, 1604.0]


def test_a_wrong_set_up_is_not_tried_again_quickly() -> None:
    bench = Bench(Source(ConfigurationError("UPBIT_SECRET_KEY is not set")))
    assert bench.run_to(200.0) == [0.0]
    assert bench.manager.state is DEGRADED
    assert bench.manager.report()["reason"] == "UPBIT_SECRET_KEY is not set"


@pytest.mark.parametrize("name", ["nonce_used", "no_authorization_token", "INVALID_AUTH", "", "something_new"])
def test_a_refusal_that_may_pass_is_tried_again_after_1_2_and_4_seconds(name: str) -> None:
    bench = ready()
    for wait in (1.0, 2.0, 4.0):
        bench.refuse(name)
        assert bench.manager.state is RENEWING
        assert bench.run_to(bench.now + wait) == [bench.now]
        assert bench.works()
    bench.refuse(name)
    assert bench.manager.state is DEGRADED
    assert not bench.works()
    assert bench.manager.next_attempt() == 307.0


@pytest.mark.parametrize("name", ["expired_access_key", "no_authorization_ip", "no_authorization_i_p", "out_of_scope"])
def test_what_only_the_user_can_mend_is_given_up_at_once_and_tried_again_slowly(name: str) -> None:
    bench = ready()
    bench.refuse(name)
    assert bench.manager.state is DEGRADED
    with pytest.raises(AuthError) as caught:
        bench.manager.authorization()
    assert caught.value.name == name
    assert caught.value.hint == bench.manager.hint
    assert bench.run_to(300.0) == [300.0]
    assert bench.manager.state is RENEWING
    assert bench.works()
    bench.refuse(name)
    assert bench.manager.state is DEGRADED
    assert bench.manager.next_attempt() == 600.0


def test_refused_keys_are_called_valid_again_only_by_the_exchange() -> None:
    bench = ready()
    bench.refuse("no_authorization_ip")
    bench.run_to(300.0)
    assert bench.stands() == (RENEWING, AuthProblem.NO_AUTHORIZATION_IP)
    bench.manager.accepted()
    assert bench.stands() == (VALID, None)
    assert bench.manager.next_attempt() == 300.0 + 800.0
    assert bench.states == [DEGRADED, RENEWING, VALID]


def test_an_acceptance_starts_the_count_of_refusals_anew() -> None:
    bench = ready()
    for _ in range(10):
        bench.refuse("nonce_used")
        assert bench.run_to(bench.now + 1.0) == [bench.now]
        bench.manager.accepted()
        assert bench.manager.state is VALID


def test_refusals_that_arrive_together_count_as_one() -> None:
    bench = ready()
    for _ in range(20):
        bench.refuse("nonce_used")
    assert bench.manager.state is RENEWING
    assert bench.manager.next_attempt() == 1.0


def test_late_refusals_do_not_put_the_next_try_off() -> None:
    bench = ready()
    bench.refuse("expired_access_key")
    bench.now = 200.0
    bench.refuse("expired_access_key")
    bench.refuse("nonce_used")
    assert bench.manager.next_attempt() == 300.0
    assert bench.manager.problem is AuthProblem.EXPIRED_ACCESS_KEY


def test_other_keys_are_read_at_once_and_start_with_a_clean_record() -> None:
    bench = ready()
    bench.refuse("expired_access_key")
    bench.source.answer = OTHER
    bench.now = 10.0
    bench.manager.keys_changed()
    assert bench.run_to(10.0) == [10.0]
    assert bench.manager.state is VALID
    assert bench.manager.generation == 2
    assert bench.manager.next_attempt() == 810.0


def test_another_provider_is_asked_at_once_and_the_old_one_no_more() -> None:
    bench = ready(None)
    bench.manager.set_provider(Source(KEYS))
    assert bench.run_to(5.0) == [0.0]
    assert bench.works()
    assert bench.source.asked == 1


def test_an_acceptance_or_a_refusal_in_between_does_not_swallow_the_reading_that_was_asked_for() -> None:
    bench = ready()
    bench.manager.keys_changed()
    bench.manager.accepted()
    assert bench.manager.renewal_due()
    bench.refuse("expired_access_key")
    assert bench.manager.renewal_due()


def test_the_same_keys_after_a_change_are_tried_again_but_not_called_valid() -> None:
    bench = ready()
    bench.refuse("out_of_scope")
    bench.manager.keys_changed()
    assert bench.run_to(0.0) == [0.0]
    assert bench.manager.state is RENEWING
    assert bench.works()


def test_a_change_brings_the_quick_tries_back() -> None:
    bench = ready()
    for _ in range(4):
        bench.refuse("nonce_used")
        bench.run_to(bench.now + 4.0)
    assert not bench.works()
    bench.manager.keys_changed()
    bench.run_to(bench.now)
    bench.refuse("nonce_used")
    assert bench.manager.next_attempt() == bench.now + 1.0
    bench.source.answer = OSError("no bus")
    bench.run_to(bench.now + 10.0)
    assert bench.stands() == (DEGRADED, AuthProblem.KEYS_UNREADABLE)
    bench.manager.keys_changed()
    assert bench.run_to(bench.now + 1.5) == [bench.now - 1.5, bench.now - 0.5]


def test_keys_that_were_taken_away_are_not_used_any_more() -> None:
    bench = ready()
    bench.source.answer = None
    bench.run_to(800.0)
    assert bench.manager.state is NO_KEYS
    assert not bench.works()
    assert bench.manager.generation == 2
    bench.refuse("nonce_used")
    bench.manager.accepted()
    assert bench.manager.state is NO_KEYS


def test_a_late_answer_to_older_keys_says_nothing_about_their_successors() -> None:
    bench = ready()
    old = bench.manager.generation
    bench.source.answer = OTHER
    bench.manager.keys_changed()
    bench.run_to(0.0)
    bench.refuse("expired_access_key", generation=old)
    assert bench.manager.state is VALID
    bench.refuse("expired_access_key", generation=bench.manager.generation)
    assert bench.manager.state is DEGRADED
    bench.manager.accepted(generation=old)
    assert bench.manager.state is DEGRADED


def test_while_a_thread_reads_the_old_keys_serve_and_nothing_else_is_due() -> None:
    bench = ready()
    bench.now = 800.0
    reading = bench.manager.begin()
    assert bench.manager.state is RENEWING
    assert bench.manager.next_attempt() is None
    assert bench.works()
    bench.manager.accepted()
    assert bench.manager.state is RENEWING
    reading.read()
    bench.manager.finish(reading)
    assert bench.manager.state is VALID


def test_a_reading_that_was_overtaken_changes_nothing() -> None:
    bench = ready()
    slow = bench.manager.begin()
    slow.read()
    bench.manager.set_provider(Source(OTHER))
    assert bench.manager.renewal_due()
    bench.manager.renew()
    bench.manager.finish(slow)
    assert bench.manager.state is VALID
    assert bench.manager.report()["access_key"] == OTHER.masked
    bench.source.answer = OSError()
    newer = [bench.manager.begin(), bench.manager.begin()]
    for reading in newer:
        reading.read()
    bench.manager.finish(newer[1])
    assert bench.manager.state is VALID
    bench.manager.finish(newer[0])
    assert bench.manager.state is VALID


def test_keys_that_were_refused_stay_refused_when_they_cannot_be_read_for_a_while() -> None:
    bench = ready()
    bench.refuse("no_authorization_ip")
    bench.source.answer = OSError("no bus")
    bench.run_to(300.0)
    assert bench.stands() == (RENEWING, AuthProblem.KEYS_UNREADABLE)
    bench.manager.accepted()
    bench.refuse("no_authorization_ip")
    bench.source.answer = KEYS
    bench.run_to(1000.0)
    assert bench.stands() == (RENEWING, AuthProblem.NO_AUTHORIZATION_IP)


def test_changes_are_told_once_each() -> None:
    bench = Bench()
    bench.run_to(0.0)
    assert bench.states == [RENEWING, VALID]
    bench.manager.accepted()
    bench.manager.accepted()
    assert bench.states == [RENEWING, VALID]
    bench.refuse("expired_access_key")
    bench.refuse("expired_access_key")
    assert bench.states == [RENEWING, VALID, DEGRADED]


def test_the_report_is_json_and_tells_times_from_now() -> None:
    bench = ready()
    bench.now = 10.0
    bench.manager.accepted()
    bench.now = 25.0
    report = json.loads(json.dumps(bench.manager.report()))
    assert report == {
        "state": "valid",
        "problem": None,
        "reason": "",
        "hint": "",
        "access_key": "simu****",
        "generation": 1,
        "failed_reads": 0,
        "refusals": 0,
        "lifetime_s": 1000.0,
        "read_s_ago": 25.0,
        "accepted_s_ago": 15.0,
        "next_attempt_in_s": 775.0,
    }
    assert Bench(Source(None)).manager.report()["next_attempt_in_s"] == 0.0


SECRETS = st.text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=24, max_size=64)


@given(access=SECRETS, secret=SECRETS)
def test_no_text_of_the_manager_holds_the_keys(access: str, secret: str) -> None:
    keys = ApiKeys(access, secret)
    bench = ready(keys)
    texts = [repr(bench.manager), json.dumps(bench.manager.report())]
    bench.source.answer = ValueError(f"cannot parse {access} {secret}")
    bench.run_to(810.0)
    with pytest.raises(AuthError) as caught:
        bench.manager.authorization()
    texts += [repr(bench.manager), json.dumps(bench.manager.report()), repr(caught.value), repr(caught.value.args)]
    assert caught.tb.tb_next is not None  # Below this test, whose own variables hold the keys.
    trace = traceback.TracebackException(AuthError, caught.value, caught.tb.tb_next, capture_locals=True)
    texts.append("".join(trace.format()))
    assert not any(access in text or secret in text for text in texts)


STEPS = st.one_of(
    st.tuples(st.just("wait"), st.floats(0.0, 400.0)),
    st.tuples(st.just("answer"), st.sampled_from([KEYS, OTHER, None, OSError("no bus"), ConfigurationError("bad")])),
    st.tuples(st.just("refuse"), st.sampled_from([*AuthProblem])),
    st.tuples(st.sampled_from(["accept", "change"]), st.none()),
)


@given(st.lists(STEPS, max_size=40))
def test_whatever_happens_the_state_is_true_and_a_way_back_is_open(steps: list[tuple[str, object]]) -> None:
    bench = Bench()
    manager = bench.manager
    for step, value in steps:
        if step == "wait" and isinstance(value, float):
            before = bench.source.asked
            bench.run_to(bench.now + value)
            # Four quick readings after a failure at most, then none for five minutes.
            assert bench.source.asked - before <= 7
        elif step == "answer":
            bench.source.answer = value  # type: ignore[assignment]
        elif step == "refuse":
            bench.refuse(str(value))
        elif step == "accept":
            manager.accepted()
        else:
            manager.keys_changed()
        assert (manager.problem is None) <= (manager.hint == "")
        assert (manager.state is VALID) <= (manager.problem is None)
        assert (manager.state in (NO_KEYS, DEGRADED)) <= (manager.problem is not None)
        if manager.state in (NO_KEYS, DEGRADED):
            assert not bench.works()
        if manager.state is not NO_KEYS:
            due = manager.next_attempt()
            assert due is not None
            assert bench.now <= due <= bench.now + 800.0
    bench.source.answer = KEYS
    manager.keys_changed()
    bench.run_to(bench.now)
    assert bench.works()
    manager.accepted()
    assert manager.state is VALID
