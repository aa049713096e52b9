"""How thoroughly to measure."""

from __future__ import annotations

import sys
from typing import NamedTuple


class Settings(NamedTuple):
    """What the command line chose.

    Attributes:
        rounds: how often everything is measured; the contenders take turns in each.
        seconds: how long a measurement lasts.
        warm_up: how long a contender runs before it begins, in seconds.
        contenders: the Python that has the libraries of other projects.
        smoke: only whether everything runs; the figures mean nothing.
    """

    rounds: int = 5
    seconds: float = 5.0
    warm_up: float = 2.0
    contenders: str = sys.executable
    smoke: bool = False


SMOKE = Settings(rounds=1, seconds=0.3, warm_up=0.1, smoke=True)
