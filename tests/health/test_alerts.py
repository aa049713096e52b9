"""Alerts are raised once, do not flap, cool down, and are resolved once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from upbit_qt_ws import WebSocketConfig
from upbit_qt_ws.health import AlertKind, LatencySummary, PerformanceMetrics
from upbit_qt_ws.health.alerts import (
    CALM_SECONDS,
    COOLDOWN_SECONDS,
    RESOLVE_SHARE,
    Alert,
    AlertBook,
    Condition,
    alert_report,
)
from upbit_qt_ws.health.thresholds import conditions
from upbit_qt_ws.wire.topics import Topic


def judge(book: AlertBook, value: float, now: float) -> list[Alert]:
    return book.judge([Condition(AlertKind.LATENCY, value, 1.0, "it is slow", "do something")], now)


def test_an_alert_is_raised_once_and_resolved_once() -> None:
    book = AlertBook()
    assert judge(book, 0.9, 0.0) == []
    (raised,) = judge(book, 1.5, 1.0)
    assert raised.is_active
    assert (raised.value, raised.threshold, raised.raised_at) == (1.5, 1.0, 1.0)
    assert judge(book, 2.0, 2.0) == []
    assert list(book.active) == [raised]
    assert judge(book, 0.5, 3.0) == []
    (resolved,) = judge(book, 0.5, 3.0 + CALM_SECONDS)
    assert resolved.resolved_at == 3.0 + CALM_SECONDS
    assert not resolved.is_active
    assert not book.active
    assert list(book.past) == [resolved]


def test_a_value_between_the_thresholds_changes_nothing() -> None:
    book = AlertBook()
    judge(book, 1.5, 0.0)
    for second in range(1, 100):
        assert judge(book, 0.9, float(second)) == []
    assert len(book.active) == 1


def test_a_short_calm_does_not_resolve() -> None:
    book = AlertBook()
    judge(book, 1.5, 0.0)
    for second in range(1, 100):
        assert judge(book, 0.1 if second % 8 else 1.5, float(second)) == []


def test_an_alert_is_not_raised_again_before_it_has_cooled_down() -> None:
    book = AlertBook()
    judge(book, 1.5, 0.0)
    judge(book, 0.0, 1.0)
    assert judge(book, 0.0, 1.0 + CALM_SECONDS)[0].resolved_at
    assert judge(book, 5.0, COOLDOWN_SECONDS - 1.0) == []
    assert judge(book, 5.0, COOLDOWN_SECONDS)[0].is_active


@given(values=st.lists(st.floats(0.0, 3.0), max_size=400))
def test_alerts_alternate_and_never_flap(values: list[float]) -> None:
    book = AlertBook()
    raised_at = -COOLDOWN_SECONDS
    is_active = False
    calm_since: float | None = None
    for second, value in enumerate(values):
        for alert in judge(book, value, float(second)):
            assert alert.is_active is not is_active
            is_active = alert.is_active
            if is_active:
                assert value > 1.0
                assert second - raised_at >= COOLDOWN_SECONDS
                raised_at = second
            else:
                assert calm_since is not None
                assert second - calm_since >= CALM_SECONDS
        calm_since = None if value >= RESOLVE_SHARE else second if calm_since is None else calm_since
    assert len(book.active) == int(is_active)


def test_kinds_do_not_know_of_each_other() -> None:
    book = AlertBook()
    both = [Condition(kind, 2.0, 1.0, kind.value, "") for kind in (AlertKind.MEMORY, AlertKind.QUEUE)]
    assert [alert.kind for alert in book.judge(both, 0.0)] == [AlertKind.MEMORY, AlertKind.QUEUE]


def test_only_the_last_alerts_are_kept() -> None:
    book = AlertBook()
    for turn in range(150):
        start = turn * 2 * COOLDOWN_SECONDS
        for value, now in ((2.0, start), (0.0, start + 1.0), (0.0, start + 1.0 + CALM_SECONDS)):
            judge(book, value, now)
    assert len(book.past) == 100


def test_a_report_counts_back_from_now() -> None:
    alert = Alert(
        kind=AlertKind.QUEUE,
        message="full",
        hint="be fast",
        raised_value=0.95,
        value=0.9,
        threshold=0.8,
        raised_at=10.0,
        resolved_at=15.0,
    )
    report = alert_report(alert, 20.0)
    assert (report["kind"], report["raised_s_ago"], report["resolved_s_ago"]) == ("queue", 10.0, 5.0)
    assert (report["raised_value"], report["value"]) == (0.95, 0.9)


def test_an_alert_that_is_over_knows_how_bad_it_was() -> None:
    book = AlertBook()
    for value, now in ((2.0, 0.0), (0.5, 1.0), (0.25, 1.0 + CALM_SECONDS)):
        judge(book, value, now)
    (past,) = book.past
    assert (past.raised_value, past.value) == (2.0, 0.25)


SLOW = LatencySummary(10, 1.2, 1.5, 2.0)
TOPIC = Topic("trade", "KRW-BTC")


@pytest.mark.parametrize(
    ("metrics", "silence", "kind", "words"),
    [
        (PerformanceMetrics(error_rate=0.06), 0.0, AlertKind.ERROR_RATE, "6%"),
        (PerformanceMetrics(exchange_latency=SLOW), 0.0, AlertKind.LATENCY, "1.5 s"),
        (PerformanceMetrics(delivery_latency=SLOW), 0.0, AlertKind.DELIVERY, "1.5 s"),
        (PerformanceMetrics(queue=0.85), 0.0, AlertKind.QUEUE, "85%"),
        (PerformanceMetrics(reconnects=3), 0.0, AlertKind.RECONNECTS, "3 times"),
        (PerformanceMetrics(silent_topics=(TOPIC,)), 120.0, AlertKind.INACTIVITY, "trade KRW-BTC"),
        (PerformanceMetrics(memory_growth=101 * 2**20), 0.0, AlertKind.MEMORY, "101 MB"),
    ],
)
def test_each_threshold_of_the_configuration_has_its_alert(
    metrics: PerformanceMetrics, silence: float, kind: AlertKind, words: str
) -> None:
    (alert,) = AlertBook().judge(conditions(metrics, WebSocketConfig(), silence), 0.0)
    assert alert.kind is kind
    assert words in alert.message
    assert alert.hint


def test_good_figures_raise_nothing() -> None:
    good = PerformanceMetrics(
        error_rate=0.05,
        exchange_latency=LatencySummary(10, 0.1, 0.9, 1.5),
        queue=0.8,
        reconnects=2,
        memory_growth=100 * 2**20,
    )
    assert AlertBook().judge(conditions(good, WebSocketConfig(), 0.0), 0.0) == []
