"""Plays a script against an exchange and the proxy in front of it."""

from __future__ import annotations

import heapq
import itertools
import math
import threading
import time
from typing import TYPE_CHECKING

from upbit_qt_ws.testing.faults.transcript import Transcript
from upbit_qt_ws.testing.faults.vocabulary import BAD_MESSAGES, Fault, FaultKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from upbit_qt_ws.testing.faults.proxy import FaultProxy
    from upbit_qt_ws.testing.faults.script import FaultScript
    from upbit_qt_ws.testing.thread import SimulatedExchange

_JUNK = bytes(range(256))

_SHARED = {
    kind: kinds
    for kinds in (
        {FaultKind.REFUSE, FaultKind.RESTART},
        {FaultKind.FREEZE, FaultKind.MUTE},
        {FaultKind.DEAF, FaultKind.PAUSE},
        {FaultKind.SLOW},
        {FaultKind.SLOW_WRITES},
        {FaultKind.LAG},
        {FaultKind.STATUS},
        {FaultKind.BLACK_HOLE},
    )
    for kind in kinds
}
"""Kinds that use the same part of the proxy or of the exchange."""


class FaultPlayer:
    """Begins each fault when its time has come, and lifts those that last.

    Call :meth:`step` regularly, or :meth:`play` in a thread of its own. A fault that begins while another of its kind
    lasts prolongs that.

    Args:
        script: what to play.
        exchange: a running exchange.
        proxy: in front of it.
        transcript: gets a line for each beginning and end; None makes one.

    Attributes:
        transcript: what has happened.
        played: how many faults have begun.
    """

    def __init__(
        self,
        script: FaultScript,
        exchange: SimulatedExchange,
        proxy: FaultProxy,
        transcript: Transcript | None = None,
    ) -> None:
        """Begin with the first step."""
        self._exchange = exchange
        self._proxy = proxy
        self.transcript = transcript or Transcript()
        self.played = 0
        self._steps = list(reversed(script.steps))
        self._duration = script.duration
        self._numbers = itertools.count()
        self._ends: list[tuple[float, int, Fault]] = []
        self._flap_at = math.inf
        self._stopped = threading.Event()

    @property
    def is_calm(self) -> bool:
        """Whether no fault lasts at this moment."""
        return not self._ends

    def step(self, elapsed: float) -> float:
        """Do what is due; return when to come back, ``inf`` when the script is over.

        Args:
            elapsed: seconds since the start of the script.
        """
        while self._ends and self._ends[0][0] <= elapsed:
            self._end(heapq.heappop(self._ends)[2])
        while self._steps and self._steps[-1].at <= elapsed:
            step = self._steps.pop()
            self._begin(step.fault, step.at)
        if elapsed >= self._flap_at:
            self._proxy.reset()
            self._flap_at = elapsed + self._flap_seconds()
        moments = [self._flap_at, self._ends[0][0] if self._ends else math.inf]
        moments.append(self._steps[-1].at if self._steps else math.inf)
        if self._ends or self._steps:
            return min(moments)
        return self._duration if elapsed < self._duration else math.inf

    def play(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Play the whole script in real time; returns when it is over or :meth:`stop` was called."""
        start = clock()
        while (due := self.step(clock() - start)) < math.inf:
            if self._stopped.wait(max(0.0, due - (clock() - start))):
                break
        self.lift()

    def stop(self) -> None:
        """End :meth:`play` early."""
        self._stopped.set()

    def lift(self) -> None:
        """End every fault that lasts."""
        while self._ends:
            self._end(heapq.heappop(self._ends)[2])

    def _begin(self, fault: Fault, at: float) -> None:
        self.played += 1
        self.transcript.note(f"{fault} ({self._proxy.connections} connections)")
        if fault.seconds:
            heapq.heappush(self._ends, (at + fault.seconds, next(self._numbers), fault))
        if fault.kind is FaultKind.FLAP:
            self._flap_at = at
        if fault.kind is FaultKind.RESTART:
            self._exchange.drop(code=1012)
        self._apply(fault, on=True)

    def _end(self, fault: Fault) -> None:
        lasting = [other for _, _, other in self._ends]
        if any((other.kind, other.value) == (fault.kind, fault.value) for other in lasting):
            return
        if fault.kind is FaultKind.FLAP and not any(other.kind is FaultKind.FLAP for other in lasting):
            self._flap_at = math.inf
        self.transcript.note(f"end of {fault}")
        self._apply(fault, on=False)
        # Some pull the same lever, as SLOW of two speeds or RESTART and REFUSE do.
        for other in lasting:
            if other.kind in _SHARED.get(fault.kind, ()):
                self._apply(other, on=True)

    def _flap_seconds(self) -> float:
        flapping = [fault for _, _, fault in self._ends if fault.kind is FaultKind.FLAP]
        return int(flapping[0].value) / 1000 if flapping else math.inf

    def _apply(self, fault: Fault, *, on: bool) -> None:
        """Begin a fault, or end one that lasts."""
        exchange, proxy, kind, value = self._exchange, self._proxy, fault.kind, fault.value
        match kind:
            case FaultKind.CUT:
                proxy.cut()
            case FaultKind.RESET:
                proxy.reset()
            case FaultKind.CUT_IN_FRAME:
                proxy.cut_after(int(value))
            case FaultKind.JUNK:
                proxy.inject(_JUNK)
            case FaultKind.REFUSE:
                proxy.refuse(on)
            case FaultKind.MUTE:
                proxy.mute(on)
            case FaultKind.FREEZE:
                proxy.freeze(on)
            case FaultKind.SLOW:
                proxy.slow(int(value) if on else 0)
            case FaultKind.SLOW_WRITES:
                proxy.slow_writes(int(value) if on else 0)
            case FaultKind.FRAGMENT:
                proxy.fragment(on)
            case FaultKind.LAG:
                proxy.lag(int(value) / 1000 if on else 0.0)
            case FaultKind.FLAP:
                pass
            case FaultKind.CUT_HANDSHAKES:
                proxy.cut_handshakes(on)
            case FaultKind.CUT_FIRST_READ:
                proxy.cut_first_read(on)
            case FaultKind.CLOSE:
                exchange.drop(code=int(value))
            case FaultKind.STATUS:
                exchange.refuse_connections(on, status=int(value) if on else None, seconds=fault.seconds)
            case FaultKind.RESTART:
                proxy.refuse(on)
            case FaultKind.DEAF:
                exchange.deafen(on)
            case FaultKind.SILENCE:
                exchange.silence(value, on)
            case FaultKind.FORGET:
                exchange.forget(value)
            case FaultKind.PAUSE:
                if on:
                    exchange.pause()
                else:
                    exchange.resume()
            case FaultKind.BAD_MESSAGE:
                exchange.broadcast(BAD_MESSAGES[value])
            case FaultKind.ERROR:
                exchange.fail(value)
            case FaultKind.REPEAT:
                exchange.repeat_trades()
            case FaultKind.BLACK_HOLE:
                proxy.black_hole(value if on else None)
            case FaultKind.STARVE:
                exchange.starve(value, on)
            case FaultKind.STALL:
                exchange.stall(value, on)
