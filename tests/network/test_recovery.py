"""When a link is tried again: at once, then politely, for ever."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from upbit_qt_ws.network.recovery import EpochManager, RecoveryEngine, RecoveryPolicy

POLICY = RecoveryPolicy(base=1.0, cap=60.0, stable_after=10.0)


class Top(Random):
    """Draws the upper bound every time."""

    def uniform(self, a: float, b: float) -> float:
        return b


def engine(random: Random | None = None, policy: RecoveryPolicy = POLICY) -> RecoveryEngine:
    return RecoveryEngine(policy, random or Random(1))


def test_the_first_attempt_and_the_first_retry_come_at_once() -> None:
    recovery = engine(Top())
    assert recovery.delay(0.0) == 0.0
    recovery.opened(0.0)
    recovery.lost(100.0)
    assert recovery.delay(100.0) == 0.0


def test_the_bound_doubles_from_the_second_retry_up_to_the_cap() -> None:
    recovery = engine(Top())
    bounds = []
    for _ in range(10):
        recovery.lost(None)
        bounds.append(recovery.delay(0.0))
    assert bounds == [0.0, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0, 60.0]


@given(seed=st.integers(), failures=st.integers(0, 10_000), base=st.floats(0.0, 10.0), cap=st.floats(0.0, 100.0))
def test_every_wait_is_between_zero_and_its_bound(seed: int, failures: int, base: float, cap: float) -> None:
    recovery = engine(Random(seed), RecoveryPolicy(base, cap, 10.0))
    recovery.failures = failures
    bound = 0.0 if failures < 2 else min(cap, base * 2.0 ** min(failures - 2, 60))
    assert 0.0 <= recovery.delay(5.0) <= bound


def test_the_jitter_is_full_and_different_for_different_clients() -> None:
    waits = []
    for seed in range(200):
        recovery = engine(Random(seed))
        recovery.failures = 20
        waits.append(recovery.delay(0.0))
    assert len(set(waits)) > 190
    assert min(waits) < 6.0
    assert max(waits) > 54.0


@pytest.mark.parametrize(
    ("opened_at", "last_data_at", "stable"),
    [
        (100.0, 110.0, True),
        (100.0, 500.0, True),
        (100.0, 109.9, False),
        (100.0, 100.0, False),
        (100.0, None, False),
        (None, None, False),
    ],
)
def test_only_a_connection_that_delivered_for_long_enough_ends_an_outage(
    opened_at: float | None, last_data_at: float | None, stable: bool
) -> None:
    recovery = engine(Top())
    for _ in range(5):
        recovery.lost(None)
    if opened_at is not None:
        recovery.opened(opened_at)
    recovery.lost(last_data_at)
    assert recovery.failures == (1 if stable else 6)
    assert recovery.delay(500.0) == (0.0 if stable else 16.0)


def test_opening_alone_resets_nothing_and_flapping_grows_the_wait() -> None:
    recovery = engine(Top())
    waits = []
    for second in range(0, 60, 10):
        recovery.opened(float(second))
        recovery.lost(second + 1.0)
        waits.append(recovery.delay(second + 1.0))
    assert waits == [0.0, 1.0, 2.0, 4.0, 8.0, 16.0]


def test_an_opening_counts_for_one_loss_only() -> None:
    recovery = engine(Top())
    recovery.opened(0.0)
    recovery.lost(100.0)
    recovery.lost(100.0)
    assert recovery.failures == 2


def test_a_refusal_holds_the_next_attempt_and_counts_as_a_failure() -> None:
    recovery = engine(Top())
    recovery.refused(1000.0, status=418, retry_after=60.0)
    assert recovery.failures == 1
    assert recovery.delay(1000.0) == 60.0
    assert recovery.delay(1045.0) == 15.0
    assert recovery.delay(1060.0) == 0.0
    assert recovery.delay(2000.0) == 0.0


def test_a_refusal_without_a_pause_waits_like_any_failure() -> None:
    recovery = engine(Top())
    waits = []
    for _ in range(4):
        recovery.refused(0.0, status=503)
        waits.append(recovery.delay(0.0))
    assert waits == [0.0, 1.0, 2.0, 4.0]


@pytest.mark.parametrize(("status", "pauses"), [(418, [60.0, 120.0, 240.0]), (429, [1.0, 2.0, 4.0])])
def test_a_limit_that_names_no_time_doubles_its_pause_until_a_connection_opens(
    status: int, pauses: list[float]
) -> None:
    recovery = engine(Top(), RecoveryPolicy(0.0, 0.0, 10.0))
    waits = []
    for _ in pauses:
        recovery.refused(0.0, status=status)
        waits.append(recovery.delay(0.0))
    assert waits == pauses
    recovery.opened(500.0)
    recovery.lost(None)
    recovery.refused(500.0, status=status)
    assert recovery.delay(500.0) == pauses[0]


def test_the_longest_block_is_an_hour_and_another_refusal_in_between_begins_anew() -> None:
    recovery = engine(Top(), RecoveryPolicy(0.0, 0.0, 10.0))
    for _ in range(50):
        recovery.refused(0.0, status=418)
    assert recovery.delay(0.0) == 3600.0
    recovery.refused(0.0, status=503)
    recovery.refused(0.0, status=418)
    assert recovery.delay(0.0) == 60.0


def test_after_a_sleep_the_next_attempt_comes_at_once_but_a_pause_that_was_asked_for_stays() -> None:
    recovery = engine(Top())
    for _ in range(9):
        recovery.lost(None)
    recovery.forgive()
    assert recovery.delay(0.0) == 0.0
    recovery.refused(0.0, status=418, retry_after=100.0)
    recovery.forgive()
    assert recovery.delay(40.0) == 60.0


@given(hold=st.floats(0.1, 1000.0), failures=st.integers(0, 50), elapsed=st.floats(0.0, 1000.0))
def test_a_hold_is_never_cut_short_by_the_jitter(hold: float, failures: int, elapsed: float) -> None:
    recovery = engine(Random(7))
    recovery.failures = failures
    recovery.refused(0.0, status=429, retry_after=hold)
    assert recovery.delay(elapsed) >= hold - elapsed
    assert recovery.delay(elapsed) <= max(60.0, hold - elapsed)


def test_epochs_count_from_one_and_only_the_newest_is_current() -> None:
    epochs = EpochManager()
    assert epochs.current == 0
    assert [epochs.advance() for _ in range(3)] == [1, 2, 3]
    assert [epoch for epoch in range(5) if epochs.is_current(epoch)] == [3]


def test_waits_stay_short_while_the_exchange_cannot_be_reached() -> None:
    recovery = engine(Top())
    recovery.opened(0.0)
    recovery.lost(100.0)
    bounds = []
    for _ in range(50):
        recovery.unreachable()
        bounds.append(recovery.delay(100.0))
    assert bounds[:3] == [1.0, 2.0, 3.0]
    assert set(bounds[2:]) == {3.0}


def test_an_attempt_that_has_waited_for_an_answer_has_waited_already() -> None:
    recovery = engine(Top())
    recovery.opened(0.0)
    recovery.lost(100.0)
    for waited, wait in ((0.25, 0.75), (10.0, 0.0), (1.0, 2.0), (0.0, 3.0)):
        recovery.unreachable(waited)
        assert recovery.delay(100.0) == wait
    recovery.unreachable(10.0)
    recovery.refused(100.0, status=503)
    assert recovery.delay(100.0) == 1.0, "an answer that says no is waited after as always"


def test_an_answer_after_an_outage_of_the_network_is_the_first_failure_that_counts() -> None:
    recovery = engine(Top())
    for _ in range(50):
        recovery.unreachable()
    recovery.refused(0.0, status=503)
    recovery.refused(0.0, status=503)
    assert recovery.delay(0.0) == 1.0


def test_a_cap_below_that_of_an_unreachable_exchange_holds() -> None:
    recovery = engine(Top(), RecoveryPolicy(base=0.1, cap=0.5, stable_after=10.0))
    for _ in range(50):
        recovery.unreachable()
    assert recovery.delay(0.0) == 0.5


def test_a_pause_that_the_exchange_asked_for_outlasts_an_outage_of_the_network() -> None:
    recovery = engine(Top())
    recovery.refused(0.0, status=418, retry_after=100.0)
    recovery.unreachable()
    assert recovery.delay(1.0) == 99.0
