"""A network that swallows packets for a while, and how long it takes then."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from tests.reliability.world import WATCHED
from upbit_qt_ws.testing.faults import FaultScript

if TYPE_CHECKING:
    from tests.reliability.world import World

RETURN_SECONDS: Final = 5.0
"""Longest time from the network's return to live data."""


def heard(world: World) -> int:
    """Return how many events of public data have come over the socket."""
    return sum(sum(world.components.witnesses[name].counts.values()) for name in WATCHED)


async def black_out(world: World, script: str) -> tuple[float, float]:
    """Let packets vanish for a while; return the seconds from their return to data, and to all that is live."""
    await world.begin(FaultScript.parse(script)).playing
    back, before = time.monotonic(), heard(world)
    await world.until(lambda: heard(world) > before, "data")
    data = time.monotonic() - back
    await world.until(lambda: not world.components.sleeping, "all live")
    return data, time.monotonic() - back
