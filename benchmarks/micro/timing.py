"""How long a call takes."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def microseconds(call: Callable[[], object], *, seconds: float, calls: int = 1) -> float:
    """Return what one call costs: the least of many tries, since nothing makes a computer faster than it is.

    Args:
        call: what to measure.
        seconds: how long to try.
        calls: so many things are done in one ``call``.
    """
    best, ends = float("inf"), time.perf_counter() + seconds
    while True:
        began = time.perf_counter()
        call()
        now = time.perf_counter()
        best = min(best, now - began)
        if now > ends:
            return best / calls * 1e6
