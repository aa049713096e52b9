"""How many trades and changes of books are due in a stretch of simulated time."""

from __future__ import annotations

import math
from typing import Final

from upbit_qt_ws.errors import ConfigurationError

_CHURN_PER_TRADE: Final = 2.0
_MOST_CHURN_PER_SECOND: Final = 1_500.0


class Pace:
    """Turns a rate into whole numbers; what is left over counts in the next stretch."""

    def __init__(self, rate: float) -> None:
        """Begin at ``rate`` trades per second.

        Raises:
            ConfigurationError: a negative rate.
        """
        if not rate >= 0:
            raise ConfigurationError(f"rate is trades per second, 0 or more, not {rate!r}")
        self.rate: Final = rate
        self._trades = 0.0
        self._churn = 0.0

    def trades(self, seconds: float) -> int:
        """Return the trades of the next ``seconds``; none at an infinite rate, whose pace the server sets."""
        if math.isinf(self.rate):
            return 0
        self._trades += self.rate * seconds
        due = int(self._trades)
        self._trades -= due
        return due

    def churn(self, seconds: float, trades: int) -> int:
        """Return the changes of books beside ``trades`` in the next ``seconds``."""
        self._churn += min(trades * _CHURN_PER_TRADE, _MOST_CHURN_PER_SECOND * seconds)
        due = int(self._churn)
        self._churn -= due
        return due
