"""Makes the figures of the toolkit out of counters and measurements, once a second. Pure."""

from __future__ import annotations

import math
from collections import deque
from typing import TYPE_CHECKING, Final, NamedTuple

from upbit_qt_ws.health.frames import FrameMeter
from upbit_qt_ws.health.loop_lag import LoopLag
from upbit_qt_ws.health.metrics import PerformanceMetrics
from upbit_qt_ws.health.quiet import QuietTopics
from upbit_qt_ws.health.rates import EwmaRate, EwmaShare
from upbit_qt_ws.health.status import LinkState

if TYPE_CHECKING:
    from collections.abc import Mapping

    from upbit_qt_ws.faults import Fault
    from upbit_qt_ws.health.process import ProcessUse
    from upbit_qt_ws.health.vitals import NetworkVitals
    from upbit_qt_ws.wire.topics import Topic

RECONNECT_SECONDS: Final = 300.0
_WARM_UP_SECONDS: Final = 60.0


class Readings(NamedTuple):
    """What is read once a second; all counters are totals since the start.

    Attributes:
        received, delivered, coalesced, dropped: the sum of all accounts.
        flushes: frames delivered to the GUI.
        vitals: what the network side has measured.
        newest: when the newest event of each public topic was received, monotonic seconds.
        process: what the process uses, None where the operating system does not tell.
        lost: events of the account that there was no room for.
        faults: parts of the toolkit that have failed in the last minute.
    """

    received: int
    delivered: int
    coalesced: int
    dropped: int
    flushes: int
    vitals: NetworkVitals
    newest: Mapping[Topic, float]
    process: ProcessUse | None
    lost: int = 0
    faults: tuple[Fault, ...] = ()


class PerformanceMonitor:
    """Watches the rates, the latencies and the queues.

    Args:
        ring_size: bound of the events that one trade or order topic may have waiting.
        silence: how long a busy topic may be silent, in seconds.
        beat: pause between two beats of the GUI thread, in seconds.

    Attributes:
        frames: takes what the delivery measures.
        gui: takes the beats of the GUI thread.
        metrics: the newest figures.
    """

    def __init__(self, ring_size: int, silence: float, beat: float) -> None:
        """Start without figures."""
        self.frames = FrameMeter()
        self.gui = LoopLag(beat)
        self.metrics = PerformanceMetrics()
        self._ring_size = ring_size
        self._quiet = QuietTopics(silence)
        self._frames_in, self._events, self._deliveries = EwmaRate(), EwmaRate(), EwmaRate()
        self._flushes, self._drops, self._cpu = EwmaRate(), EwmaRate(), EwmaRate()
        self._coalesced, self._errors = EwmaShare(), EwmaShare()
        self._opened: dict[str, int] = {}
        self._lost = 0
        self._reconnects: deque[float] = deque()
        self._warm_at: float | None = None
        self._baseline: int | None = None

    def sample(self, readings: Readings, now: float) -> PerformanceMetrics:
        """Take the readings of the moment ``now`` (monotonic) and return the figures."""
        vitals = readings.vitals
        frames = sum(link.frames for link in vitals.links.values())
        unusable = sum(link.malformed for link in vitals.links.values())
        self.metrics = PerformanceMetrics(
            at=now,
            frames_in=self._frames_in.update(frames, now),
            events=self._events.update(readings.received, now),
            deliveries=self._deliveries.update(readings.delivered, now),
            flushes=self._flushes.update(readings.flushes, now),
            exchange_latency=vitals.exchange_latency,
            delivery_latency=self.frames.summary(now),
            clock_offset=vitals.clock_offset,
            gui_lag=self.gui.summary(now),
            network_lag=vitals.loop_lag,
            queue=min(1.0, self.frames.take_deepest() / self._ring_size),
            dropped=readings.dropped,
            drops=self._drops.update(readings.dropped, now),
            lost=readings.lost - self._lost,
            coalesce_ratio=self._coalesced.update(readings.coalesced, readings.received, now),
            error_rate=self._errors.update(unusable, frames, now),
            reconnects=self._count_reconnects(vitals, now),
            silent_topics=self._silent(readings, now),
            faults=readings.faults,
            memory=None if readings.process is None else readings.process.memory,
            memory_growth=self._growth(readings.process, now),
            cpu=None if readings.process is None else self._cpu.update(readings.process.cpu_seconds, now),
        )
        self._lost = readings.lost
        return self.metrics

    def _count_reconnects(self, vitals: NetworkVitals, now: float) -> int:
        for name, link in vitals.links.items():
            before = self._opened.get(name, 0)
            self._opened[name] = link.sockets_opened
            # The first connection of a link is none that had to be made anew.
            self._reconnects.extend([now] * (link.sockets_opened - max(before, 1)))
        while self._reconnects and self._reconnects[0] <= now - RECONNECT_SECONDS:
            self._reconnects.popleft()
        return len(self._reconnects)

    def _silent(self, readings: Readings, now: float) -> tuple[Topic, ...]:
        public = readings.vitals.links.get("public")
        # While the link is down the reason is known, and it is another one.
        since = public.since if public is not None and public.state is LinkState.CONNECTED else math.inf
        return self._quiet.look(readings.newest, since, now)

    def _growth(self, process: ProcessUse | None, now: float) -> int | None:
        if process is None:
            return None
        if self._warm_at is None:
            self._warm_at = now + _WARM_UP_SECONDS
        if now < self._warm_at:
            return None
        if self._baseline is None:
            self._baseline = process.memory
        return process.memory - self._baseline
