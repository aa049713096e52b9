"""Numbers painted without being laid out anew each time.

To lay out a text takes twice as long as to paint it, and the numbers of a busy table are other ones in each frame. But
where all digits are equally wide, all numbers of one shape, such as ``0,000.0``, have their glyphs at the same places.
"""

from __future__ import annotations

from math import floor
from typing import Final, NamedTuple

from PyQt6.QtCore import QPointF, QRectF, QSizeF, Qt
from PyQt6.QtGui import QFont, QGlyphRun, QPainter, QTextLayout

_DIGITS: Final = "0123456789"
_SHAPE: Final = str.maketrans(_DIGITS, "0" * len(_DIGITS))
_MOST_KEPT: Final = 512
_LEFT, _RIGHT = int(Qt.AlignmentFlag.AlignLeft), int(Qt.AlignmentFlag.AlignRight)


class _Shape(NamedTuple):
    """How the numbers of one shape are painted; without a run they are laid out each time.

    Attributes:
        run: glyphs that are exchanged for those of a number, at their places.
        width: of the number, in pixels.
        height: of its line, in pixels.
        glyphs: of all characters that the numbers may hold.
    """

    run: QGlyphRun | None
    width: float
    height: float
    glyphs: dict[str, int]


class Numerals:
    """Paints single lines of text in one font, those of digits and punctuation fast, all others as Qt does."""

    def __init__(self, font: QFont) -> None:
        """Take the font, which the painter must have too."""
        self._font = QFont(font)
        self._shapes: dict[str, _Shape] = {}
        self._glyphs: dict[str, int] = {}
        # Narrow ones, and digits that are moved towards each other in pairs, have to be laid out.
        self._is_regular = all(self._is_like_zeros(digit) for digit in _DIGITS)

    def paint(
        self, painter: QPainter, left: float, top: float, width: float, height: float, flags: int, words: str
    ) -> None:
        """Paint as ``QPainter.drawText`` does in the same place, with its pen.

        Args:
            painter: with the font.
            left: of the place, in pixels.
            top: of the place.
            width: of the place.
            height: of the place.
            flags: how the words stand in it, of :class:`Qt.AlignmentFlag`: in the middle of the height, and at the
                left, at the right or in the middle.
            words: a line of text.
        """
        key = words.translate(_SHAPE)
        shape = self._shapes.get(key)
        if shape is None:
            shape = self._new_shape(key)
        run = shape.run
        if run is None or shape.width > width:
            painter.drawText(QRectF(left, top, width, height), flags, words)
            return
        glyphs = shape.glyphs
        run.setGlyphIndexes([glyphs[character] for character in words])
        x = left
        if not flags & _LEFT:
            x += (width - shape.width) / (1 if flags & _RIGHT else 2)
        painter.drawGlyphRun(QPointF(x, top + floor((height - shape.height) * 32) / 64), run)

    def _new_shape(self, key: str) -> _Shape:
        if len(self._shapes) >= _MOST_KEPT:
            self._shapes.clear()
        shape = self._shapes[key] = self._measured(key)
        return shape

    def _measured(self, key: str) -> _Shape:
        runs, size = self._laid_out(key)
        # Several fonts, or fewer glyphs than characters: what stands where depends on the neighbours.
        if not self._is_regular or len(runs) != 1 or len(runs[0].glyphIndexes()) != len(key):
            return _Shape(None, size.width(), size.height(), self._glyphs)
        glyphs = dict(zip(key, runs[0].glyphIndexes(), strict=True))
        if "0" in glyphs:
            glyphs |= dict(zip(_DIGITS, runs[0].rawFont().glyphIndexesForString(_DIGITS), strict=True))
        self._glyphs |= glyphs
        return _Shape(runs[0], size.width(), size.height(), glyphs)

    def _is_like_zeros(self, digit: str) -> bool:
        """Whether numbers of this digit have the same places as numbers of zeros."""
        places = []
        for one in (digit, "0"):
            runs, size = self._laid_out(f"-{one}{one}{one},{one}.{one}{one}%")
            places.append(([run.positions() for run in runs], size))
        return places[0] == places[1]

    def _laid_out(self, words: str) -> tuple[list[QGlyphRun], QSizeF]:
        layout = QTextLayout(words, self._font)
        layout.beginLayout()
        line = layout.createLine()
        layout.endLayout()
        return layout.glyphRuns(), QSizeF(line.naturalTextWidth(), line.ascent() + line.descent())

