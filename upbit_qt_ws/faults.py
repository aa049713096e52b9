"""Defects that a guard has caught: each place is logged once, and counted from then on. Pure.

A slot, an event handler or a paint event that raises would end the program, so a guard catches what they raise (see
:mod:`upbit_qt_ws.guard`). Nothing is hidden by that: the first failure of a place is logged with its traceback, and the
health status lists all of them.
"""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING, Final, NamedTuple

from upbit_qt_ws.errors import UpbitQtError

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

_log = logging.getLogger(__name__)

MOST_PLACES: Final = 100
"""Places that are remembered; what fails at others is counted without its place."""

_ELSEWHERE: Final = "elsewhere"
_LONGEST: Final = 200


class Fault(NamedTuple):
    """What has failed at one place.

    Attributes:
        place: the guarded function and the line that raised, as ``"TickerWidget._on_ticker (ticker_widget.py:290)"``.
        error: the newest error there, as ``"ValueError: ..."``, at most 200 characters.
        times: how often that place has failed.
        last_at: when it did so last, monotonic seconds.
    """

    place: str
    error: str
    times: int
    last_at: float

    def report(self, now: float) -> dict[str, object]:
        """Return it as a mapping that can be written as JSON; ``now`` is monotonic."""
        ago = round(max(0.0, now - self.last_at), 1)
        return {"place": self.place, "error": self.error, "times": self.times, "ago_s": ago}


class FaultLog:
    """Remembers what failed, by place. Any thread.

    Args:
        clock: gives monotonic seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Begin with none."""
        self._clock = clock
        self._lock = threading.Lock()
        self._faults: dict[str, Fault] = {}

    def note(self, function: str, error: BaseException) -> Fault:
        """Remember that a guarded function raised this; it is logged if that place has not failed before.

        Args:
            function: its qualified name.
            error: what it raised, with its traceback.

        Returns:
            What is known of the place now.
        """
        place = f"{function} ({_line_of(error.__traceback__)})"
        described = _described(error)
        with self._lock:
            if place not in self._faults and len(self._faults) >= MOST_PLACES:
                place = _ELSEWHERE
            known = self._faults.get(place)
            times = 1 if known is None else known.times + 1
            fault = self._faults[place] = Fault(place, described, times, self._clock())
        if known is None:
            # What refuses a bad value says all in its text; a defect needs its traceback.
            trace = None if isinstance(error, UpbitQtError) else error
            _log.error("%s failed, and the program goes on: %s", place, described, exc_info=trace)
        return fault

    @property
    def all(self) -> tuple[Fault, ...]:
        """All places that have failed, the one that failed last at the end."""
        with self._lock:
            return tuple(sorted(self._faults.values(), key=lambda fault: fault.last_at))

    def since(self, moment: float) -> tuple[Fault, ...]:
        """Return the places that have failed since a moment, in monotonic seconds."""
        return tuple(fault for fault in self.all if fault.last_at >= moment)

    def clear(self) -> tuple[Fault, ...]:
        """Forget all, and return what was known."""
        found = self.all
        with self._lock:
            self._faults.clear()
        return found


FAULTS: Final = FaultLog()
"""Those of this process."""


def _line_of(trace: TracebackType | None) -> str:
    """Return file and line of the innermost frame; what raised there tells failures of one function apart."""
    if trace is None:
        return "no line"
    while trace.tb_next is not None:
        trace = trace.tb_next
    path = trace.tb_frame.f_code.co_filename.replace("\\", "/")
    return f"{path.rsplit('/', 1)[-1]}:{trace.tb_lineno}"


def _described(error: BaseException) -> str:
    try:
        text = f"{type(error).__name__}: {error}"
    except Exception:
        # Its own __str__ fails.
        text = type(error).__name__
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"
