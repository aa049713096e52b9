"""When REST stands in for a socket, and what it is asked, on a clock that the test moves."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from upbit_qt_ws.network.fallback import FallbackPolicy, Round, RoundPlan, UnknownMarkets
from upbit_qt_ws.network.questions import Question
from upbit_qt_ws.wire.topics import Stream, Topic, Want


def test_a_short_break_is_not_worth_a_question() -> None:
    policy = FallbackPolicy(after=10.0)
    assert policy.check(0.0, is_up=True)[0] is False
    assert policy.check(1.0, is_up=False) == (False, 11.0)
    assert policy.check(10.9, is_up=False)[0] is False
    assert policy.check(10.95, is_up=True)[0] is False
    assert not policy.is_on


def test_after_a_while_rounds_begin_and_keep_their_distance() -> None:
    policy = FallbackPolicy(after=10.0, every=2.0)
    policy.check(0.0, is_up=False)
    rounds = []
    for tenth in range(300):
        now = tenth / 10
        if policy.check(now, is_up=False)[0]:
            rounds.append(now)
            policy.asked(now, failed=False)
    assert rounds == [10.0, 12.0, 14.0, 16.0, 18.0, 20.0, 22.0, 24.0, 26.0, 28.0]


def test_it_rests_only_when_the_socket_has_been_up_for_a_while() -> None:
    policy = FallbackPolicy(after=1.0, every=1.0, recovered=3.0)
    policy.check(0.0, is_up=False)
    assert policy.check(1.0, is_up=False)[0]
    policy.check(1.5, is_up=True)
    assert policy.check(4.0, is_up=True)[0]
    assert policy.check(4.5, is_up=True)[0] is False
    assert not policy.is_on
    assert policy.check(100.0, is_up=True) == (False, float("inf"))


def test_failing_rounds_become_rare() -> None:
    policy = FallbackPolicy(after=0.0, every=2.0)
    policy.check(0.0, is_up=False)
    waits = []
    now = 0.0
    for _ in range(7):
        assert policy.check(now, is_up=False)[0]
        policy.asked(now, failed=True)
        due = policy.check(now, is_up=False)[1]
        waits.append(due - now)
        now = due
    assert waits == [4.0, 8.0, 16.0, 30.0, 30.0, 30.0, 30.0]
    policy.asked(now, failed=False)
    assert policy.check(now, is_up=False)[1] == now + 2.0


@given(steps=st.lists(st.tuples(st.floats(0.05, 5.0), st.booleans()), max_size=80))
def test_it_turns_only_after_the_socket_has_stood_differently_for_long_enough(
    steps: list[tuple[float, bool]],
) -> None:
    policy = FallbackPolicy(after=4.0, every=1.0, recovered=2.0)
    now, since, was_up = 0.0, 0.0, True
    policy.check(now, is_up=True)
    for pause, is_up in steps:
        now += pause
        if is_up is not was_up:
            was_up, since = is_up, now
        before = policy.is_on
        policy.check(now, is_up=is_up)
        if policy.is_on is not before:
            assert policy.is_on is not is_up
            assert now - since >= (2.0 if is_up else 4.0)


def test_a_round_asks_for_many_markets_at_once_and_for_the_others_in_turn() -> None:
    wants = {
        **{Topic("ticker", code): Want() for code in ("KRW-A", "KRW-B")},
        Topic("ticker", "KRW-S"): Want(Stream.SNAPSHOT),
        Topic("orderbook", "KRW-A"): Want(),
        Topic("orderbook", "KRW-B", 10.0): Want(),
        **{Topic("trade", f"KRW-{number:02}"): Want() for number in range(12)},
        Topic("candle.1m", "KRW-A"): Want(),
    }
    plan = RoundPlan()
    first = plan.next(wants)
    assert first[0].question == Question("tickers", (("KRW-A", "KRW-B"),))
    assert [part.question.options for part in first[1:3]] == [(("level", 0.0),), (("level", 10.0),)]
    asked = [part.question for part in first[3:]]
    for _ in range(20):
        later = [part.question for part in plan.next(wants)[3:]]
        assert len(later) == 8
        asked += later
    assert {asked.count(question) for question in asked} <= {12, 13, 14}
    assert len(set(asked)) == 13


def test_nothing_wanted_is_no_question() -> None:
    assert RoundPlan().next({}) == []


TICKERS = {Topic("ticker", f"KRW-{name}"): Want() for name in "ABCDEFGH"}


def ask(unknown: UnknownMarkets, exchange: set[str], listed: set[str], now: float) -> tuple[set[str], int]:
    """Ask as a round does; return the markets that were told, and how many questions that took."""
    told: set[str] = set()
    questions = 0
    parts = list(RoundPlan().next(unknown.without(TICKERS, now)))
    while parts:
        part = parts.pop()
        questions += 1
        if exchange.issuperset(part.codes):
            told.update(part.codes)
        else:
            parts += unknown.refused(part, listed, now)
    return told, questions


CODES = sorted(topic.code for topic in TICKERS)


@given(
    changes=st.lists(st.tuples(st.floats(0.1, 40.0), st.sets(st.sampled_from(CODES))), min_size=1, max_size=12),
)
def test_every_market_that_exists_is_told_in_each_round_but_one_that_has_just_come_back(
    changes: list[tuple[float, set[str]]],
) -> None:
    unknown = UnknownMarkets(recheck=30.0)
    now = 0.0
    missing_since: dict[str, float] = {}
    for pause, exchange in changes:
        now += pause
        told, questions = ask(unknown, exchange, exchange, now)
        assert told <= exchange
        for code in exchange - told:
            assert now < missing_since[code] + 30.0, "one that came back is asked for within that time"
        for code in CODES:
            if code not in exchange and not now < missing_since.get(code, -30.0) + 30.0:
                missing_since[code] = now
        assert questions <= 2, "the list tells all the unknown ones at once"


@given(exchange=st.sets(st.sampled_from(CODES)))
def test_a_list_that_is_wrong_costs_questions_and_no_market(exchange: set[str]) -> None:
    told, questions = ask(UnknownMarkets(), exchange, set(CODES), 0.0)
    assert told == exchange
    assert questions <= 2 * len(CODES)


def test_an_unknown_market_is_asked_for_again_after_a_while() -> None:
    unknown = UnknownMarkets(recheck=30.0)
    assert unknown.refused(Round("trade", ("KRW-A",)), {"KRW-B"}, 5.0) == ()
    assert Topic("ticker", "KRW-A") not in unknown.without(TICKERS, 34.9)
    assert unknown.without(TICKERS, 35.0) == TICKERS
