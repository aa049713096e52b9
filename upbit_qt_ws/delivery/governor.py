"""The governor: fewer frames a second before the window feels slow, more again when it has time. Pure."""

from __future__ import annotations

import math
from collections import deque
from typing import Final

STEPS: Final = (60.0, 30.0, 10.0)
"""Frame rates below the configured one."""

_MOST_TIMES: Final = 4.0
"""By how much the load is expected to grow at most at the next higher rate: more frames have fewer events each."""

WINDOW: Final = 0.5
"""How far back the load is looked at, in seconds."""

TOO_BUSY: Final = 0.5
"""Share of the time that delivery and what delays it may take; above it the rate is lowered."""

IDLE_ENOUGH: Final = 0.25
"""Share that it would have to take at the next higher rate, so that the rate is raised."""

PATIENCE: Final = 2.0
"""How long it must be idle enough for that, in seconds. A rate that goes up too early goes down at once."""

_FEWEST_FRAMES: Final = 3


class FrameGovernor:
    """Chooses the frame rate by how busy the GUI thread is.

    What counts is the time that the delivery of a frame takes, with all callbacks and slots, and how much later than
    due a frame begins, because the window paints or the application does something else.

    Args:
        frame_rate: the configured one, in Hz, which is never exceeded.

    Attributes:
        rate: the present one, in Hz.
    """

    def __init__(self, frame_rate: float) -> None:
        """Begin with the configured rate."""
        self._rates = (frame_rate, *(step for step in STEPS if step < frame_rate))
        self._position = 0
        self._frames: deque[tuple[float, float, float]] = deque()
        self._ended = -math.inf
        self._idle_since: float | None = None
        self.rate = frame_rate

    def flushed(self, due: float, began: float, ended: float) -> bool:
        """Take a frame's times, in seconds of one clock; tell whether the rate has changed.

        Args:
            due: when it was to begin.
            began: when it began.
            ended: when all callbacks and slots had returned.
        """
        # What the frame before has taken is not counted twice.
        late = max(0.0, began - max(due, self._ended))
        self._ended = ended
        frames = self._frames
        frames.append((began, ended - began, late))
        while len(frames) > _FEWEST_FRAMES and frames[0][0] <= ended - WINDOW:
            frames.popleft()
        took, delayed = sum(frame[1] for frame in frames), sum(frame[2] for frame in frames)
        span = max(WINDOW, ended - frames[0][0])
        # One long call, or a window that was frozen for a while, is no lasting load.
        heavy = sum(frame[1] + frame[2] > TOO_BUSY / self.rate for frame in frames)
        if heavy >= _FEWEST_FRAMES and (took + delayed) / span > TOO_BUSY:
            return self._move(1)
        if self._position == 0:
            return False
        faster = min(self._rates[self._position - 1] / self.rate, _MOST_TIMES)
        if (took * faster + delayed) / span > IDLE_ENOUGH:
            self._idle_since = None
        elif self._idle_since is None:
            self._idle_since = ended
        elif ended - self._idle_since >= PATIENCE:
            return self._move(-1)
        return False

    def _move(self, steps: int) -> bool:
        """Go to a lower or higher rate, and look at the load anew."""
        self._frames.clear()
        self._idle_since = None
        position = min(self._position + steps, len(self._rates) - 1)
        changed = position != self._position
        self._position, self.rate = position, self._rates[position]
        return changed
