"""How much two pictures differ, told coarsely: what a font's edges or a pixel more here and there do not change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QImage, QPainter

from tests.helpers.numpy import HAS_NUMPY

if HAS_NUMPY:
    import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_CELL: Final = 6
"""Side of the squares whose mean colours are compared, in pixels."""
_CLEAR: Final = 0.16
"""From here on, as a share of the largest possible one, a square differs so much that anybody sees it."""


class Difference(NamedTuple):
    """How two pictures differ.

    Attributes:
        mean: mean distance of the squares' colours, 0 to 1.
        seen: share of the squares whose difference anybody sees, 0 to 1.
    """

    mean: float
    seen: float


def difference(one: QImage, other: QImage) -> Difference:
    """Compare two pictures; one of another size is drawn to the size of the first."""
    columns, rows = max(1, one.width() // _CELL), max(1, one.height() // _CELL)
    distance = np.abs(_cells(one, columns, rows) - _cells(other, columns, rows)).max(axis=2)
    return Difference(float(distance.mean()), float((distance > _CLEAR).mean()))


def _cells(image: QImage, columns: int, rows: int) -> NDArray[np.float64]:
    """Return the mean colours of squares, from 0 to 1, shape (rows, columns, 3); what is transparent is grey."""
    ground = QImage(image.size(), QImage.Format.Format_RGB32)
    ground.fill(Qt.GlobalColor.gray)
    plain = QImage(image)
    plain.setDevicePixelRatio(1.0)
    painter = QPainter(ground)
    painter.drawImage(0, 0, plain)
    painter.end()
    small = ground.scaled(
        columns, rows, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
    ).convertToFormat(QImage.Format.Format_RGB32)
    bits = small.constBits()
    assert bits is not None
    data = bytes(bits.asarray(small.sizeInBytes()))
    pixels = np.frombuffer(data, np.uint8).reshape(rows, small.bytesPerLine() // 4, 4)
    shares: NDArray[np.float64] = pixels[:, :columns, :3].astype(np.float64) / 255
    return shares
