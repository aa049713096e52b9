"""Percentiles out of buckets, lags net of the clocks' difference, loops that are late."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from upbit_qt_ws.config import WebSocketConfig
from upbit_qt_ws.health.arrival import ArrivalMeter, ClockOffset
from upbit_qt_ws.health.frames import FrameMeter
from upbit_qt_ws.health.latency import BUCKET_ERROR, LatencyHistogram, LatencySummary
from upbit_qt_ws.health.loop_lag import LoopLag


@given(latencies=st.lists(st.floats(1.1e-5, 9_000.0), min_size=1, max_size=300))
def test_percentiles_are_within_half_a_bucket_of_the_exact_ones(latencies: list[float]) -> None:
    histogram = LatencyHistogram()
    for latency in latencies:
        histogram.record(latency, 100.0)
    summary = histogram.summary(100.0)
    assert summary.count == len(latencies)
    ranked = sorted(latencies)
    for share, shown in ((0.5, summary.p50), (0.95, summary.p95), (0.99, summary.p99)):
        exact = ranked[math.ceil(len(ranked) * share) - 1]
        assert shown == pytest.approx(exact, rel=BUCKET_ERROR + 1e-6)


@pytest.mark.parametrize(("latency", "shown"), [(-5.0, 1e-5), (0.0, 1e-5), (1e-9, 1e-5)])
def test_what_is_too_short_to_measure_counts_as_the_shortest(latency: float, shown: float) -> None:
    histogram = LatencyHistogram()
    histogram.record(latency, 0.0)
    assert histogram.summary(0.0).p99 == shown


def test_what_is_longer_than_all_buckets_counts_as_the_longest() -> None:
    histogram = LatencyHistogram()
    histogram.record(1e9, 0.0)
    assert histogram.summary(0.0).p50 == pytest.approx(1e4, rel=0.2)


def test_latencies_are_forgotten_after_a_window() -> None:
    histogram = LatencyHistogram(30.0)
    histogram.record(0.1, 0.0)
    histogram.record(0.2, 16.0)
    assert histogram.summary(17.0).count == 2
    assert histogram.summary(31.5).count == 1
    assert histogram.summary(47.0) == LatencySummary()
    assert histogram.summary(1e6) == LatencySummary()


def test_a_plausible_latency_is_not_taken_for_a_clock_that_is_off() -> None:
    clock = ClockOffset()
    assert clock.offset is None
    assert clock.lag(0.2, 1000.2, 0.0) == pytest.approx(0.2)
    assert clock.lag(0.05, 1001.0, 0.8) == pytest.approx(0.05)
    assert clock.offset == 0.0


@pytest.mark.parametrize("skew", [-3600.0, -0.5, 5.0, 3600.0])
def test_a_clock_that_is_off_is_told_from_latency(skew: float) -> None:
    clock = ClockOffset()
    latencies = [0.06, 0.05, 0.3, 0.05, 2.0]
    measured = [clock.lag(skew + latency, 1000.0 + at, at) for at, latency in enumerate(latencies)]
    assert clock.offset == pytest.approx(skew + 0.05)
    assert measured[3:] == pytest.approx([0.0, 1.95])


@pytest.mark.parametrize("ahead", [-2.0, -0.4, 0.4, 0.6, 0.93, 0.99, 1.5])
def test_a_clock_that_is_off_raises_no_alert_of_old_events(ahead: float) -> None:
    meter = ArrivalMeter()
    for event in range(400):
        latency = (0.03, 0.04, 0.06, 0.15)[event % 4]
        at = 50.0 + event / 40
        meter.record(1_700_000_000_000 + event * 25, 1_700_000_000.0 + event / 40 + latency + ahead, at)
    assert meter.summary(60.0).p95 < WebSocketConfig().alert_latency_s


def test_a_connection_that_falls_behind_is_latency_for_an_hour() -> None:
    clock = ClockOffset()
    assert clock.lag(0.05, 0.0, 0.0) == pytest.approx(0.05)
    for minute in range(1, 59):
        assert clock.lag(30.0, minute * 60.0, minute * 60.0) == pytest.approx(30.0)
    for minute in range(59, 130):
        clock.lag(30.0, minute * 60.0, minute * 60.0)
    assert clock.offset == 30.0


def test_a_clock_that_is_set_is_measured_anew() -> None:
    clock = ClockOffset()
    clock.lag(3600.0, 3600.0, 0.0)
    assert clock.offset == 3600.0
    assert clock.lag(0.1, 1.0, 1.0) == pytest.approx(0.1)
    assert clock.offset == 0.0


def test_arrivals_are_measured_from_the_time_that_the_exchange_wrote() -> None:
    meter = ArrivalMeter()
    meter.record(1_700_000_000_000, 1_700_000_000.1, 50.0)
    assert meter.summary(50.0).p50 == pytest.approx(0.1, rel=0.05)


def test_a_loop_is_late_by_what_its_beat_is_late() -> None:
    lag = LoopLag(0.25)
    for now in (0.0, 0.25, 0.5, 1.75, 2.0):
        lag.beat(now)
    summary = lag.summary(2.0)
    assert summary.count == 4
    assert summary.p50 == 1e-5
    assert summary.p99 == pytest.approx(1.0, rel=0.05)


def test_a_pause_is_not_lateness() -> None:
    lag = LoopLag(0.25)
    lag.beat(0.0)
    lag.pause()
    lag.beat(100.0)
    assert lag.summary(100.0).count == 0


def test_a_frame_counts_from_the_receipt_of_its_event_and_with_its_deepest_queue() -> None:
    meter = FrameMeter()
    meter.delivered(1_000_000_000, 3, 1_020_000_000)
    meter.delivered(2_000_000_000, 40, 2_010_000_000)
    meter.delivered(3_000_000_000, 1, 3_010_000_000)
    assert meter.summary(3.0).p99 == pytest.approx(0.02, rel=0.05)
    assert meter.take_deepest() == 40
    assert meter.take_deepest() == 0
