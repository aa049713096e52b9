"""The figures out of the counters, and the level out of the figures."""

from __future__ import annotations

import math
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from upbit_qt_ws.health import HealthLevel, LatencySummary, LinkState, LinkStatus, PerformanceMonitor, judge
from upbit_qt_ws.health.level import Downtime
from upbit_qt_ws.health.metrics import PerformanceMetrics, performance_report
from upbit_qt_ws.health.monitor import Readings
from upbit_qt_ws.health.process import ProcessProbe, ProcessUse
from upbit_qt_ws.health.quiet import QuietTopics
from upbit_qt_ws.health.rates import EwmaRate, EwmaShare
from upbit_qt_ws.health.vitals import NetworkVitals
from upbit_qt_ws.wire.topics import Topic

TOPIC = Topic("ticker", "KRW-BTC")
UP = LinkStatus(LinkState.CONNECTED, 1, 0.0)


def readings(**changes: Any) -> Readings:
    plain = Readings(0, 0, 0, 0, 0, NetworkVitals({"public": UP}), {}, None)
    return plain._replace(**changes)


def vitals(**changes: Any) -> NetworkVitals:
    return NetworkVitals({"public": msgspec.structs.replace(UP, **changes)})


@given(rate=st.floats(0.0, 1e5), steps=st.lists(st.floats(0.1, 5.0), min_size=1, max_size=30))
def test_a_steady_rate_is_found_at_once_and_kept(rate: float, steps: list[float]) -> None:
    meter = EwmaRate()
    now = 0.0
    meter.update(0.0, now)
    for step in steps:
        now += step
        assert meter.update(rate * now, now) == pytest.approx(rate, abs=1e-6 * (1 + rate))


def test_a_change_shows_to_63_percent_after_the_time_constant() -> None:
    meter = EwmaRate(10.0)
    meter.update(0.0, 0.0)
    meter.update(0.0, 1.0)
    for second in range(1, 11):
        meter.update(100.0 * second, 1.0 + second)
    assert meter.value == pytest.approx(100 * (1 - math.exp(-1)), rel=1e-6)


def test_a_counter_that_begins_anew_is_no_negative_rate() -> None:
    meter = EwmaRate()
    meter.update(1000.0, 0.0)
    assert meter.update(1010.0, 1.0) == 10.0
    assert meter.update(0.0, 2.0) == 10.0
    assert meter.update(10.0, 3.0) == pytest.approx(10.0)


def test_a_share_of_nothing_is_zero() -> None:
    share = EwmaShare()
    assert share.update(0, 0, 0.0) == 0.0
    assert share.update(0, 0, 1.0) == 0.0
    assert share.update(25, 100, 2.0) == pytest.approx(0.25)


def test_a_busy_topic_that_falls_silent_is_found_and_a_quiet_one_is_not() -> None:
    quiet = QuietTopics(120.0)
    slow = Topic("trade", "KRW-SLOW")
    newest = {}
    for second in range(601):
        if second <= 300:
            newest[TOPIC] = float(second)
        newest[slow] = float(second // 50 * 50)
        silent = quiet.look(newest, 0.0, float(second))
        assert silent == ((TOPIC,) if second >= 420 else ())


def test_silence_counts_only_while_the_topic_could_be_heard() -> None:
    quiet = QuietTopics(120.0)
    for second in range(20):
        quiet.look({TOPIC: float(second)}, 0.0, float(second))
    assert quiet.look({TOPIC: 19.0}, math.inf, 1000.0) == ()
    assert quiet.look({TOPIC: 19.0}, 950.0, 1000.0) == ()
    assert quiet.look({TOPIC: 19.0}, 880.0, 1000.0) == (TOPIC,)
    assert quiet.look({}, 880.0, 1001.0) == ()
    assert quiet.look({TOPIC: 19.0}, 880.0, 1002.0) == ()


def test_the_monitor_turns_counters_into_rates() -> None:
    monitor = PerformanceMonitor(100, 120.0, 0.25)
    monitor.sample(readings(), 0.0)
    metrics = monitor.sample(
        readings(
            received=2000,
            delivered=500,
            coalesced=1400,
            dropped=100,
            flushes=60,
            vitals=vitals(frames=1000, malformed=20),
        ),
        1.0,
    )
    assert (metrics.frames_in, metrics.events, metrics.deliveries, metrics.flushes) == (1000, 2000, 500, 60)
    assert metrics.coalesce_ratio == pytest.approx(0.7)
    assert metrics.error_rate == pytest.approx(0.02)
    assert (metrics.dropped, metrics.drops) == (100, 100)
    assert monitor.metrics is metrics


def test_the_queue_is_a_share_of_its_bound() -> None:
    monitor = PerformanceMonitor(100, 120.0, 0.25)
    monitor.frames.delivered(0, 85, 10)
    assert monitor.sample(readings(), 1.0).queue == 0.85
    assert monitor.sample(readings(), 2.0).queue == 0.0


def test_reconnects_are_those_of_five_minutes_and_the_first_connection_is_none() -> None:
    monitor = PerformanceMonitor(100, 120.0, 0.25)
    counts = []
    for now, opened in ((0.0, 0), (1.0, 1), (2.0, 3), (200.0, 4), (303.0, 4), (600.0, 4)):
        counts.append(monitor.sample(readings(vitals=vitals(sockets_opened=opened)), now).reconnects)
    assert counts == [0, 0, 2, 3, 1, 0]


def test_memory_grows_from_what_it_was_after_a_minute() -> None:
    monitor = PerformanceMonitor(100, 120.0, 0.25)
    growth = [
        monitor.sample(readings(process=ProcessUse(memory, now / 10)), now).memory_growth
        for now, memory in ((0.0, 100), (59.0, 500), (60.0, 600), (61.0, 650), (62.0, 590))
    ]
    assert growth == [None, None, 0, 50, -10]
    assert monitor.metrics.cpu == pytest.approx(0.1)


def test_this_process_can_be_read() -> None:
    use = ProcessProbe().read()
    assert use is not None
    assert use.memory > 10 * 2**20
    assert use.cpu_seconds > 0.0


def test_figures_that_nothing_stands_behind_are_null_in_the_report() -> None:
    report = performance_report(PerformanceMetrics(gui_lag=LatencySummary(5, 0.001, 0.002, 0.003)))
    assert report["exchange_latency"] == {"count": 0, "p50_ms": None, "p95_ms": None, "p99_ms": None}
    assert report["gui_lag"] == {"count": 5, "p50_ms": 1.0, "p95_ms": 2.0, "p99_ms": 3.0}
    assert report["memory_mb"] is report["cpu"] is report["clock_offset_s"] is None


def test_downtime_lasts_through_all_attempts() -> None:
    downtime = Downtime()
    for now, state in ((0.0, LinkState.CONNECTED), (5.0, LinkState.WAITING), (6.0, LinkState.CONNECTING)):
        downtime.note("public", state, now)
    assert downtime.seconds(20.0) == {"public": 15.0}
    downtime.note("public", LinkState.CONNECTED, 21.0)
    assert downtime.seconds(22.0) == {}


SILENT = LinkStatus(LinkState.CONNECTED, 1, 0.0, "no sign of life")
WAITING = LinkStatus(LinkState.WAITING, 1, 0.0, "connection refused", retry_at=1.0)
NO_KEYS = LinkStatus(LinkState.UNAUTHORIZED, 0, 0.0, "there are no keys")
REFUSED = LinkStatus(LinkState.UNAUTHORIZED, 0, 0.0, "the key has expired", retry_at=300.0)


@pytest.mark.parametrize(
    ("links", "down", "unheard", "level", "words"),
    [
        ({"public": UP, "private": LinkStatus()}, {}, 0.0, HealthLevel.HEALTHY, ""),
        ({"public": UP, "private": NO_KEYS}, {}, 0.0, HealthLevel.HEALTHY, ""),
        ({"public": UP, "private": REFUSED}, {}, 0.0, HealthLevel.DEGRADED, "the key has expired"),
        ({"public": WAITING}, {"public": 9.9}, 0.0, HealthLevel.HEALTHY, ""),
        ({"public": WAITING}, {"public": 10.0}, 0.0, HealthLevel.DEGRADED, "connection refused"),
        ({"public": WAITING}, {"public": 60.0}, 0.0, HealthLevel.CRITICAL, "down for 60 s"),
        ({"public": UP, "info": WAITING}, {"info": 600.0}, 0.0, HealthLevel.DEGRADED, "info link"),
        ({"public": SILENT}, {}, 0.0, HealthLevel.DEGRADED, "not all of it is live: no sign of life"),
        ({"public": UP}, {}, 9.9, HealthLevel.HEALTHY, ""),
        ({"public": UP}, {}, 10.0, HealthLevel.CRITICAL, "network thread"),
    ],
)
def test_the_level_follows_the_rule(
    links: dict[str, LinkStatus], down: dict[str, float], unheard: float, level: HealthLevel, words: str
) -> None:
    health = judge(links, down, (), unheard)
    assert health.level is level
    assert bool(health.reasons) is (level is not HealthLevel.HEALTHY)
    assert words in " ".join(health.reasons)
