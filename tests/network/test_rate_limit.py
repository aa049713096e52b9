"""The limiter against an exact judge that looks at every rolling window."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from upbit_qt_ws.network.rate_limit import CONNECT_RATES, MESSAGE_RATES, Rate, RateLimiter

ROUNDING = 1e-6
"""Seconds: the arithmetic of floats near a large clock reading, far below what a network can tell apart."""

STARTS = st.sampled_from([0.0, 12.345, 86_400.0, 1e6])
GAP = st.one_of(st.just(0.0), st.floats(0.0, 0.4), st.floats(0.0, 3.0), st.sampled_from([1 / 3, 60 / 91, 1.0, 20.0]))
GAPS = st.lists(GAP, max_size=50) | st.lists(st.floats(0.0, 0.7) | st.just(0.0), min_size=110, max_size=250)


def most_in_a_window(calls: list[float], window: float) -> int:
    """Return the largest number of calls in any half-open window of ``window`` seconds."""
    most = first = 0
    for last, call in enumerate(calls):
        while call - calls[first] >= window - ROUNDING:
            first += 1
        most = max(most, last - first + 1)
    return most


def admitted(limiter: RateLimiter, start: float, gaps: list[float]) -> list[float]:
    """Ask at random times, wait as long as told, and return when the calls were made."""
    now, calls = start, []
    for gap in gaps:
        now += gap
        delay = limiter.delay(now)
        assert delay >= 0.0
        now += delay
        assert limiter.delay(now) <= ROUNDING, "after the wait that was told, the call is admitted"
        limiter.take(now)
        calls.append(now)
    return calls


@given(start=STARTS, gaps=GAPS)
def test_messages_never_exceed_5_in_any_second_nor_100_in_any_minute(start: float, gaps: list[float]) -> None:
    calls = admitted(RateLimiter(MESSAGE_RATES), start, gaps)
    assert most_in_a_window(calls, 1.0) <= 5
    assert most_in_a_window(calls, 60.0) <= 100


@given(start=STARTS, gaps=GAPS)
def test_connects_never_exceed_5_in_any_second(start: float, gaps: list[float]) -> None:
    assert most_in_a_window(admitted(RateLimiter(CONNECT_RATES), start, gaps), 1.0) <= 5


def test_a_flood_of_messages_uses_the_whole_minute_and_not_more() -> None:
    calls = admitted(RateLimiter(MESSAGE_RATES), 1000.0, [0.0] * 400)
    assert most_in_a_window(calls, 1.0) == 5
    assert most_in_a_window(calls, 60.0) == 99
    # The margin: calls may arrive 80 ms closer together than they were made.
    assert most_in_a_window(calls, 1.08) == 5
    assert most_in_a_window(calls, 60.08) == 100


@given(start=STARTS, rejected=st.lists(st.floats(0.0, 5.0), max_size=20))
def test_asking_costs_nothing(start: float, rejected: list[float]) -> None:
    asked, silent = RateLimiter(MESSAGE_RATES), RateLimiter(MESSAGE_RATES)
    for limiter in (asked, silent):
        limiter.take(start)
    for offset in rejected:
        asked.delay(start + offset)
    assert asked.delay(start) == silent.delay(start)


@pytest.mark.parametrize("rates", [MESSAGE_RATES, CONNECT_RATES])
@pytest.mark.parametrize("idle", [None, 60.0, 3600.0])
def test_the_burst_is_available_at_the_start_and_after_idle_time(rates: tuple[Rate, ...], idle: float | None) -> None:
    limiter = RateLimiter(rates)
    now = 1000.0
    if idle is not None:
        admitted(limiter, now, [0.0] * 50)
        now += 100.0 + idle
    burst = min(rate.burst for rate in rates)
    for _ in range(burst):
        assert limiter.delay(now) <= ROUNDING
        limiter.take(now)
    assert limiter.delay(now) > ROUNDING


@given(
    interval=st.floats(0.01, 5.0),
    burst=st.integers(1, 12),
    window=st.floats(0.5, 60.0),
    gaps=st.lists(st.floats(0.0, 2.0) | st.just(0.0), max_size=80),
)
def test_any_rate_admits_no_more_than_its_formula(
    interval: float, burst: int, window: float, gaps: list[float]
) -> None:
    calls = admitted(RateLimiter((Rate(interval, burst),)), 0.0, gaps)
    most = most_in_a_window(calls, window)
    assert most <= burst - 1 + -(-(window + ROUNDING) // interval)


def test_without_limits_nothing_waits() -> None:
    limiter = RateLimiter(())
    limiter.take(5.0)
    assert limiter.delay(5.0) == 0.0
