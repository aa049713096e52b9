"""The areas of the window that the keyboard can be sent to."""

from __future__ import annotations

import enum
from typing import Final


class Area(enum.StrEnum):
    """A part of the window; the number of its key is its place here, from 1 on."""

    MARKETS = "markets"
    CHART = "chart"
    BOOK = "book"
    TRADES = "trades"
    DEPTH = "depth"
    ORDERS = "orders"
    ASSETS = "assets"
    HEALTH = "health"


TABS: Final = (Area.DEPTH, Area.ORDERS, Area.ASSETS, Area.HEALTH)
"""Those that lie behind tabs, in the order in which they lie at first."""
