"""The clock of the simulated exchange: what its times are counted by, and its ``Date`` headers."""

from __future__ import annotations

import time
from email.utils import formatdate
from typing import TYPE_CHECKING

from upbit_qt_ws.testing.encode import EMISSION_DELAY_MS

if TYPE_CHECKING:
    from upbit_qt_ws.testing.exchange import SimulatedMarket


class ExchangeClock:
    """Shows the time of the market; goes on with real time where the market stands still.

    Args:
        offset_s: how far it is ahead of this machine's clock at the start, in s; negative is behind.
        start_ms: what it shows at the start, in ms since 1970 UTC; None for this machine's clock with the offset.
    """

    def __init__(self, offset_s: float, start_ms: int | None) -> None:
        """Begin now."""
        present = round((time.time() + offset_s) * 1_000)
        self.start_ms = present - EMISSION_DELAY_MS if start_ms is None else start_ms
        self._started = time.monotonic()
        self.follows_real_time = False

    def date(self, market: SimulatedMarket) -> str:
        """Return the present as a ``Date`` header tells it."""
        passed = time.monotonic() - self._started if self.follows_real_time else 0.0
        present = max(market.now_ms, self.start_ms + round(passed * 1_000)) + EMISSION_DELAY_MS
        return formatdate(present / 1_000, usegmt=True)
