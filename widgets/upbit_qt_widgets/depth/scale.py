"""Where prices and sizes are on a depth chart, in pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import QPointF, QRectF
from PyQt6.QtGui import QPolygonF

from upbit_qt_widgets.depth.curve import MOST_LEVELS

if TYPE_CHECKING:
    from upbit_qt_widgets.depth.curve import DepthSide
    from upbit_qt_widgets.depth.range import DepthRange

_BEYOND = 8.0
"""How far outside a curve may go on, in pixels: enough for its pen not to be seen, and never too far to be painted."""


class DepthScale:
    """The prices and sizes of a range in a rectangle."""

    __slots__ = ("_across", "_low", "_up", "plot")

    def __init__(self, plot: QRectF, seen: DepthRange) -> None:
        """Take the place of the curves, and what is seen in it."""
        self.plot = plot
        self._low = seen.low
        self._across = plot.width() / (seen.high - seen.low) if seen.high > seen.low else 0.0
        self._up = plot.height() / seen.top if seen.top > 0 else 0.0

    def x(self, price: float) -> float:
        """Return where a price is."""
        return self.plot.left() + (price - self._low) * self._across

    def y(self, size: float) -> float:
        """Return where a size is."""
        return self.plot.bottom() - size * self._up

    def price(self, x: float) -> float:
        """Return which price is at ``x``."""
        return self._low + (x - self.plot.left()) / self._across if self._across else self._low

    def steps(self, side: DepthSide, is_ask: bool) -> QPolygonF:
        """Return the outline of a side, from its best price to its far end, both on the ground line; none if empty.

        It goes on to the edge where the book ends: there is nothing more to be had. Behind the last one of as many
        levels as the exchange tells nothing is known, so it ends with a step as wide as the others are.
        """
        if not side.prices:
            return QPolygonF()
        left, across, low, up = self.plot.left(), self._across, self._low, self._up
        ground, least, most = self.plot.bottom(), left - _BEYOND, self.plot.right() + _BEYOND
        xs = [left + (price - low) * across for price in side.prices]
        if len(xs) >= MOST_LEVELS:
            xs.append(xs[-1] + (xs[-1] - xs[0]) / (len(xs) - 1))
        else:
            xs.append(most if is_ask else max(least, self.x(0.0)))
        if not (least <= xs[0] <= most and least <= xs[-2] <= most):
            xs = [min(max(x, least), most) for x in xs]
        points = [QPointF(xs[0], ground)]
        for size, near, far in zip(side.sizes, xs, xs[1:], strict=False):
            y = ground - size * up
            points += (QPointF(near, y), QPointF(far, y))
        points.append(QPointF(xs[-1], ground))
        return QPolygonF(points)
