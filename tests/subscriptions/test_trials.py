"""Bisecting: whatever the exchange refuses, the culprits are found and everybody else is served (rule R10)."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from upbit_qt_ws.subscriptions.trials import LONGEST_QUARANTINE, Trials
from upbit_qt_ws.wire.topics import Topic, Want

TOPICS = [Topic("ticker", f"KRW-C{number}") for number in range(40)]


def wants(topics: list[Topic]) -> dict[Topic, Want]:
    return {topic: Want() for topic in topics}


def negotiate(trials: Trials, wanted: list[Topic], bad: set[Topic], now: float = 0.0) -> tuple[set[Topic], int]:
    """Ask until nothing changes any more; return what is served in the end, and how many requests were refused."""
    refusals = 0
    served: set[Topic] = set()
    for _ in range(4 * len(TOPICS)):
        asked = trials.admitted(wants(wanted), now)
        if set(asked) == served:
            break
        trials.sent(asked)
        if bad & set(asked):
            refusals += 1
            trials.refused(now)
            served = set()
        else:
            trials.accepted()
            served = set(asked)
    return served, refusals


@given(bad=st.sets(st.sampled_from(TOPICS), max_size=5), first=st.integers(0, len(TOPICS)))
def test_the_culprits_are_found_and_the_others_served(bad: set[Topic], first: int) -> None:
    trials = Trials()
    negotiate(trials, TOPICS[:first], bad)
    served, refusals = negotiate(trials, TOPICS, bad)
    assert served == set(TOPICS) - bad
    assert refusals <= len(bad) * (math.ceil(math.log2(len(TOPICS))) + 1)


@given(bad=st.sampled_from(TOPICS[20:]))
def test_topics_that_were_accepted_before_are_in_every_later_request(bad: Topic) -> None:
    trials = Trials()
    trials.sent(TOPICS[:20])
    trials.accepted()
    for _ in range(20):
        asked = trials.admitted(wants(TOPICS), 0.0)
        assert set(TOPICS[:20]) <= set(asked)
        trials.sent(asked)
        if bad in asked:
            trials.refused(0.0)
        else:
            trials.accepted()


def test_a_refusal_without_newcomers_blames_nobody() -> None:
    trials = Trials()
    trials.sent(TOPICS)
    trials.accepted()
    trials.sent(TOPICS)
    assert trials.refused(0.0) == (False, ())
    assert trials.admitted(wants(TOPICS), 0.0) == wants(TOPICS)


def test_a_culprit_is_tried_again_ever_more_rarely() -> None:
    trials = Trials(first_quarantine=100.0)
    bad = {TOPICS[3]}
    negotiate(trials, TOPICS, bad, now=0.0)
    assert TOPICS[3] not in trials.admitted(wants(TOPICS), 99.0)
    assert trials.next_release(0.0) == 100.0
    assert TOPICS[3] in trials.admitted(wants(TOPICS), 100.0)
    served, refusals = negotiate(trials, TOPICS, bad, now=100.0)
    assert (served, refusals) == (set(TOPICS) - bad, 1)
    assert trials.next_release(100.0) == 300.0
    now = 300.0
    for _ in range(10):
        negotiate(trials, TOPICS, bad, now)
        assert trials.next_release(now) - now <= LONGEST_QUARANTINE
        now = trials.next_release(now)


def test_a_culprit_that_is_accepted_later_is_forgiven() -> None:
    trials = Trials(first_quarantine=100.0)
    negotiate(trials, TOPICS, {TOPICS[3]}, now=0.0)
    served, refusals = negotiate(trials, TOPICS, set(), now=100.0)
    assert (served, refusals) == (set(TOPICS), 0)
    assert trials.next_release(100.0) == math.inf


@given(
    bad=st.sampled_from(TOPICS),
    keep=st.sets(st.sampled_from(TOPICS), min_size=1),
    after=st.integers(1, 4),
)
def test_suspects_that_are_cancelled_in_mid_trial_keep_nobody_waiting(bad: Topic, keep: set[Topic], after: int) -> None:
    trials = Trials()
    for _ in range(after):
        asked = trials.admitted(wants(TOPICS), 0.0)
        trials.sent(asked)
        if bad in asked:
            trials.refused(0.0)
        else:
            trials.accepted()
    served, _ = negotiate(trials, sorted(keep), {bad})
    assert served == keep - {bad}


def test_a_connection_that_is_lost_without_a_verdict_proves_nothing() -> None:
    trials = Trials()
    trials.sent(TOPICS[:2])
    trials.abandoned()
    assert not trials.under_way
    trials.sent(TOPICS[:2])
    assert trials.can_bisect
    assert trials.refused(0.0) == (True, ())
