"""The limiter against an exact judge that looks at every rolling window."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from upbit_qt_ws.network.rate_limit import CONNECT_RATES, MARGIN, MESSAGE_RATES, Rate, RateLimiter

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


@pytest.mark.parametrize(
    "rate", [Rate(5, 1.0), Rate(10, 1.0), Rate(12, 1.0), Rate(30, 1.0), Rate(1, 2.0), Rate(100, 60.0)]
)
def test_steady_demand_uses_more_than_80_percent_of_a_limit_and_never_more_than_all(rate: Rate) -> None:
    calls = admitted(RateLimiter((rate,)), 1000.0, [0.0] * (20 * rate.limit))
    used = (len(calls) - rate.limit) / (calls[-1] - calls[0]) / (rate.limit / rate.window)
    assert 0.8 < used <= 1.0
    assert most_in_a_window(calls, rate.window + MARGIN) == rate.limit


@given(start=STARTS, gaps=GAPS, rates=st.sampled_from([CONNECT_RATES, MESSAGE_RATES]), data=st.data())
def test_jitter_up_to_the_margin_does_not_break_a_limit_at_the_receiver(
    start: float, gaps: list[float], rates: tuple[Rate, ...], data: st.DataObject
) -> None:
    calls = admitted(RateLimiter(rates), start, gaps)
    jitter = data.draw(st.lists(st.floats(0.0, MARGIN - 1e-3), min_size=len(calls), max_size=len(calls)))
    arrivals = sorted(call + late for call, late in zip(calls, jitter, strict=True))
    for rate in rates:
        assert most_in_a_window(arrivals, rate.window) <= rate.limit


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
    for _ in range(min(rate.limit for rate in rates)):
        assert limiter.delay(now) <= ROUNDING
        limiter.take(now)
    assert limiter.delay(now) > ROUNDING


@given(
    rates=st.lists(st.builds(Rate, st.integers(1, 12), st.floats(0.1, 60.0)), min_size=1, max_size=3).map(tuple),
    gaps=st.lists(st.floats(0.0, 2.0) | st.just(0.0), max_size=80),
    scale=st.floats(0.3, 1.0),
)
def test_any_set_of_limits_holds_in_every_window_also_when_it_is_scaled(
    rates: tuple[Rate, ...], gaps: list[float], scale: float
) -> None:
    limiter = RateLimiter(rates)
    calls = admitted(limiter, 0.0, gaps)
    limiter.scale = scale
    slow = admitted(limiter, calls[-1] if calls else 0.0, gaps)
    for rate in rates:
        assert most_in_a_window([*calls, *slow], rate.window) <= rate.limit
        assert most_in_a_window(slow, rate.window / scale) <= rate.limit


def test_a_hold_admits_nothing_and_a_shorter_one_does_not_end_it() -> None:
    limiter = RateLimiter(CONNECT_RATES)
    limiter.hold(10.0, 60.0)
    limiter.hold(11.0, 1.0)
    assert limiter.delay(20.0) == pytest.approx(50.0)
    assert limiter.delay(70.0) == 0.0


def test_without_limits_nothing_waits() -> None:
    limiter = RateLimiter(())
    limiter.take(5.0)
    assert limiter.delay(5.0) == 0.0
