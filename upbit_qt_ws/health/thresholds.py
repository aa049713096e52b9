"""Which figures are bad, and what to say about them. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from upbit_qt_ws.health.alerts import AlertKind, Condition

if TYPE_CHECKING:
    from upbit_qt_ws.config import WebSocketConfig
    from upbit_qt_ws.health.metrics import PerformanceMetrics

_MEGABYTE = 2**20


def conditions(metrics: PerformanceMetrics, config: WebSocketConfig, oldest_silence: float) -> list[Condition]:
    """Return all figures that alerts are about, with the thresholds of the configuration.

    Args:
        metrics: the figures.
        config: the thresholds, see its attributes ``alert_*``.
        oldest_silence: for how long the first of the silent topics has said nothing, in seconds; 0 without one.
    """
    growth = (metrics.memory_growth or 0) / _MEGABYTE
    silent = ", ".join(map(str, metrics.silent_topics[:3]))
    more = len(metrics.silent_topics) - 3
    failed = metrics.faults[-1].place if metrics.faults else "none"
    return [
        Condition(
            AlertKind.ERROR_RATE,
            metrics.error_rate,
            config.alert_error_rate,
            f"{metrics.error_rate:.0%} of the frames cannot be used",
            "The log names each kind once. The exchange may have changed its format: look for an update.",
        ),
        Condition(
            AlertKind.LATENCY,
            metrics.exchange_latency.p95,
            config.alert_latency_s,
            f"events are {metrics.exchange_latency.p95:.1f} s old when they come (95th percentile)",
            "The network is slow or the computer's clock jumps: try another network, and run `upbit-qt doctor`.",
        ),
        Condition(
            AlertKind.DELIVERY,
            metrics.delivery_latency.p95,
            config.alert_latency_s,
            f"events wait {metrics.delivery_latency.p95:.1f} s for the window (95th percentile)",
            "A slot or another part of the program keeps the window busy: move long work out of the GUI thread.",
        ),
        Condition(
            AlertKind.QUEUE,
            metrics.queue,
            config.alert_queue,
            f"a queue of events was {metrics.queue:.0%} full",
            "The window takes events too slowly, and the oldest trades will be dropped: make the slots faster.",
        ),
        Condition(
            AlertKind.RECONNECTS,
            metrics.reconnects,
            # As many as the setting says are too many, not one more.
            config.alert_reconnects - 0.5,
            f"the connection was lost {metrics.reconnects} times in 5 minutes",
            "The network is unstable: check the cable, the wireless reception and any VPN.",
        ),
        Condition(
            AlertKind.INACTIVITY,
            oldest_silence,
            # Topics are listed as silent from the setting on.
            config.alert_inactivity_s * 0.999,
            f"nothing came for {oldest_silence:.0f} s from {silent}" + (f" and {more} more" if more > 0 else ""),
            "The market may be suspended; look at the exchange's announcements. `manager.reconnect()` asks anew.",
        ),
        Condition(
            AlertKind.MEMORY,
            growth,
            config.alert_memory_mb,
            f"the program has grown by {growth:.0f} MB",
            "Events are kept somewhere, or windows are not destroyed: look for lists that only grow.",
        ),
        Condition(
            AlertKind.OVERFLOW,
            metrics.lost,
            0.5,
            f"{metrics.lost} events of own orders or balances were lost",
            "The application takes them too slowly: make the callback faster, and read the state anew with a snapshot.",
        ),
        Condition(
            AlertKind.FAULT,
            len(metrics.faults),
            0.5,
            f"parts of the toolkit that have failed: {len(metrics.faults)}, the last one {failed}",
            "The log has the traceback. The program goes on, but what that part shows may be wrong: please report it.",
        ),
    ]
