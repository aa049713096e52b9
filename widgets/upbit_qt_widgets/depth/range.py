"""Which prices and sizes a depth chart shows, and the round numbers on its axes. Pure."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from upbit_qt_widgets.depth.curve import DepthCurve

_AIR: Final = 1.1
_LOOSE: Final = 0.7
_DRIFT: Final = 0.1
_OUTLYING: Final = 4.0
_FEWEST_UNITS: Final = 4.0
_SIZE_AIR: Final = 1.12
_SIZE_LOOSE: Final = 0.6
_SHORT: Final = ((1e9, 1e9, "B"), (1e6, 1e6, "M"), (1e4, 1e3, "k"))


class DepthRange:
    """As far above the middle of the book as below it, so that both sides can be compared.

    It stays as it is while the book fits: it is made anew when something leaves it, fills too little of it, or when
    the middle of the book has gone a twentieth of the width away from its own.

    Attributes:
        low: price at the left edge; negative where the lowest price is nearer to 0 than the highest to the middle.
        high: price at the right edge.
        top: size at the upper edge, in the base currency.
    """

    __slots__ = ("high", "low", "top")

    def __init__(self) -> None:
        """Show nothing yet."""
        self.forget()

    def forget(self) -> None:
        """Fit the next book whatever was seen before."""
        self.low = self.high = self.top = 0.0

    def fit(self, curve: DepthCurve, unit: float) -> bool:
        """Fit a book; say whether the range is another one now.

        Args:
            curve: the book; an empty one changes nothing.
            unit: price unit in the middle of it, in the quote currency.
        """
        if curve.centre is None:
            return False
        before = (self.low, self.high, self.top)
        wanted = _reach(curve, unit)
        half, middle = (self.high - self.low) / 2, (self.high + self.low) / 2
        drifted = abs(curve.centre - middle) > _DRIFT * half
        if wanted > half or wanted < _LOOSE * half or drifted:
            self.low, self.high = curve.centre - wanted * _AIR, curve.centre + wanted * _AIR
        largest = curve.size_within(self.low, self.high)
        if largest > self.top or largest < _SIZE_LOOSE * self.top:
            self.top = largest * _SIZE_AIR
        return before != (self.low, self.high, self.top)


def _reach(curve: DepthCurve, unit: float) -> float:
    """Return how far from the middle a book is worth showing, with room for the step at its last level.

    A single order at a price that nobody means must not squeeze all others into a line.
    """
    centre = curve.centre or 0.0
    distances = sorted(abs(price - centre) for price in (*curve.asks.prices, *curve.bids.prices))
    reach = min(distances[-1], _OUTLYING * distances[len(distances) // 2])
    steps = max(len(curve.asks.prices), len(curve.bids.prices))
    return max(reach * (1 + 1 / steps), _FEWEST_UNITS * unit)


def ticks(low: float, high: float, least: float) -> list[float]:
    """Return the round numbers from ``low`` to ``high``, at steps of 1, 2 or 5 times a power of ten.

    Args:
        low: the first one is not below this, nor below 0.
        high: the last one is not above this.
        least: no step is smaller.
    """
    if not 0 < least < math.inf:
        return []
    power = 10.0 ** math.floor(math.log10(least))
    # A power of ten, and what it is a multiple of, differ in their last digits.
    step = next((step for factor in (1, 2, 5) if (step := factor * power) >= least * (1 - 1e-9)), 10 * power)
    digits = max(0, 1 - math.floor(math.log10(step)))
    first, last = math.ceil(max(low, 0.0) / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(number * step, digits) for number in range(first, last + 1)]


def size_texts(sizes: list[float]) -> list[str]:
    """Write the sizes of an axis, all with the same decimals and in the same unit: ``0``, ``0.5k``, ``1.0k``."""
    largest = max(sizes, default=0.0)
    divisor, letter = next(((each, letter) for least, each, letter in _SHORT if largest >= least), (1.0, ""))
    step = (sizes[1] - sizes[0] if len(sizes) > 1 else largest) / divisor
    decimals = max(0, -math.floor(math.log10(step) + 1e-9)) if step > 0 else 0
    return [f"{size / divisor:,.{decimals}f}{letter}" if size else "0" for size in sizes]
