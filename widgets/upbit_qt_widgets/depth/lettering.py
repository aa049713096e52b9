"""The fonts of a depth chart, and words in them."""

from __future__ import annotations

import enum
from typing import Final

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QFont, QFontMetricsF, QPainter, QStaticText

_MOST_KEPT: Final = 256


class At(enum.Enum):
    """Where words stand in their row."""

    LEFT = 0.0
    CENTRE = 0.5
    RIGHT = 1.0


class Lettering:
    """A font and its bold one.

    To lay words out costs more than to paint them, and most are the same in the next frame: layouts are kept.

    Attributes:
        plain: the font.
        line_height: of a line of text, in pixels.
    """

    def __init__(self, font: QFont) -> None:
        """Take a font."""
        self.plain = QFont(font)
        strong = QFont(font)
        strong.setBold(True)
        self._fonts = {False: self.plain, True: strong}
        self._kept: dict[tuple[str, bool], tuple[QStaticText, float, float]] = {}
        self.line_height = float(round(max(QFontMetricsF(each).height() for each in self._fonts.values()))) + 1.0

    def width(self, words: str, strong: bool = False) -> float:
        """Return how wide words are, in pixels."""
        return self._layout(words, strong)[1]

    def fitting(self, variants: tuple[str, ...], width: float, strong: bool = False) -> str:
        """Return the first way to say a thing that fits into a width; nothing if none does, for half a number lies."""
        return next((words for words in variants if self.width(words, strong) <= width), "")

    def paint(self, painter: QPainter, row: QRectF, at: At, words: str, strong: bool = False) -> None:
        """Paint words with the painter's pen, in the middle of a row's height."""
        text, width, height = self._layout(words, strong)
        painter.setFont(self._fonts[strong])
        left = row.left() + at.value * (row.width() - width)
        painter.drawStaticText(QPointF(left, row.top() + (row.height() - height) / 2), text)

    def _layout(self, words: str, strong: bool) -> tuple[QStaticText, float, float]:
        kept = self._kept.get((words, strong))
        if kept is None:
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            text = QStaticText(words)
            text.setTextFormat(Qt.TextFormat.PlainText)
            text.prepare(font=self._fonts[strong])
            size = text.size()
            kept = self._kept[words, strong] = (text, size.width(), size.height())
        return kept
