"""The figures of the toolkit at one moment."""

from __future__ import annotations

from typing import Any

import msgspec

from upbit_qt_ws.faults import Fault
from upbit_qt_ws.health.latency import LatencySummary
from upbit_qt_ws.wire.topics import Topic


class PerformanceMetrics(msgspec.Struct, frozen=True, kw_only=True):
    """See the module. Rates are smoothed over about ten seconds, latencies cover the last half minute.

    Attributes:
        at: when they were taken, monotonic seconds.
        frames_in: data frames from the exchange, in 1/s.
        events: events received by all subscriptions together, in 1/s.
        deliveries: events delivered to subscriptions, in 1/s.
        flushes: frames delivered to the GUI, in 1/s.
        exchange_latency: from the exchange to the receipt, net of the clocks' difference as far as that is known.
        delivery_latency: from the receipt to the return of the last slot of the same frame.
        clock_offset: how far this machine's clock is ahead of the exchange's, in seconds; None while unknown.
        gui_lag, network_lag: how late the event loops of the two threads are.
        queue: most events that one trade or order topic had waiting since the last look, as a share of its bound.
        dropped: events dropped since the start.
        drops: the same in 1/s.
        lost: events of the account that there was no room for, since the last look.
        coalesce_ratio: share of the received events that newer ones replaced before they were delivered.
        error_rate: share of the frames that could not be used.
        reconnects: connections that had to be made anew in the last five minutes.
        silent_topics: topics that were busy and have been silent for long.
        faults: parts of the toolkit that have failed in the last minute, the newest at the end.
        memory: resident memory of the process in bytes; None where the operating system does not tell.
        memory_growth: its growth since a minute after the start, in bytes; None before that.
        cpu: share of one core that the process uses, smoothed; None where the operating system does not tell.
    """

    at: float = 0.0
    frames_in: float = 0.0
    events: float = 0.0
    deliveries: float = 0.0
    flushes: float = 0.0
    exchange_latency: LatencySummary = LatencySummary()
    delivery_latency: LatencySummary = LatencySummary()
    clock_offset: float | None = None
    gui_lag: LatencySummary = LatencySummary()
    network_lag: LatencySummary = LatencySummary()
    queue: float = 0.0
    dropped: int = 0
    drops: float = 0.0
    lost: int = 0
    coalesce_ratio: float = 0.0
    error_rate: float = 0.0
    reconnects: int = 0
    silent_topics: tuple[Topic, ...] = ()
    faults: tuple[Fault, ...] = ()
    memory: int | None = None
    memory_growth: int | None = None
    cpu: float | None = None


def performance_report(metrics: PerformanceMetrics) -> dict[str, Any]:
    """Return the figures as a mapping that can be written as JSON; latencies in ms, memory in MB."""
    return {
        "frames_in_per_s": round(metrics.frames_in, 1),
        "events_per_s": round(metrics.events, 1),
        "deliveries_per_s": round(metrics.deliveries, 1),
        "flushes_per_s": round(metrics.flushes, 1),
        "exchange_latency": latency_report(metrics.exchange_latency),
        "delivery_latency": latency_report(metrics.delivery_latency),
        "clock_offset_s": None if metrics.clock_offset is None else round(metrics.clock_offset, 3),
        "gui_lag": latency_report(metrics.gui_lag),
        "network_lag": latency_report(metrics.network_lag),
        "queue": round(metrics.queue, 3),
        "dropped": metrics.dropped,
        "drops_per_s": round(metrics.drops, 2),
        "lost": metrics.lost,
        "coalesce_ratio": round(metrics.coalesce_ratio, 3),
        "error_rate": round(metrics.error_rate, 4),
        "reconnects": metrics.reconnects,
        "silent_topics": [str(topic) for topic in metrics.silent_topics],
        "faults": len(metrics.faults),
        "memory_mb": _megabytes(metrics.memory),
        "memory_growth_mb": _megabytes(metrics.memory_growth),
        "cpu": None if metrics.cpu is None else round(metrics.cpu, 4),
    }


def latency_report(summary: LatencySummary) -> dict[str, object]:
    """Return percentiles in ms as a mapping; None instead of figures that nothing stands behind."""
    values = (summary.p50, summary.p95, summary.p99)
    shown = [round(value * 1000, 2) if summary.count else None for value in values]
    return {"count": summary.count, **dict(zip(("p50_ms", "p95_ms", "p99_ms"), shown, strict=True))}


def _megabytes(size: int | None) -> float | None:
    return None if size is None else round(size / 2**20, 2)
