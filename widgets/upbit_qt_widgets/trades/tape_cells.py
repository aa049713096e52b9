"""How the rows of a tape are painted: each once, and then moved as a picture while new ones come on top.

A table paints all cells anew when rows are inserted, and to write a text is what costs: 170 cells take 3 ms, which is
too much for something that happens in every frame. A trade never changes, so its row is kept as a picture.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from PyQt6.QtCore import QPoint, QRect, QSize, Qt
from PyQt6.QtGui import QFont, QFontMetrics, QPainter, QPixmap, QStaticText, QTransform

from upbit_qt_widgets.base.cells import CENTRE, LEFT, PADDING
from upbit_qt_widgets.base.flat_table import FlatCells
from upbit_qt_widgets.base.numerals import Numerals
from upbit_qt_widgets.trades.tape_row import ARROWS, PRICE, SIDE, TIME, GapRow, TradeRow
from upbit_qt_widgets.trades.trades_model import ALIGNMENTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from upbit_qt_widgets.base.colors import MarketColors
    from upbit_qt_widgets.trades.trades_model import TradesModel

MARK: Final = "R"
MARK_AIR: Final = 4
_REPEATED: Final = (TIME, PRICE, SIDE)
"""Columns whose texts often are those of the row before, so that it pays to keep them laid out."""

_MOST_TEXTS: Final = 256
_MARK_SIZE: Final = 0.7


class Column(NamedTuple):
    """Where a column is painted.

    Attributes:
        column: which one.
        left: its left edge in the view, in pixels.
        width: in pixels.
        letters: texts of more than these may be too long for it.
    """

    column: int
    left: int
    width: int
    letters: int


class _Picture(NamedTuple):
    """A row as it was painted: a part of a picture of several rows."""

    rows: QPixmap
    top: int


class TapeCells(FlatCells):
    """Paints rows of a tape.

    Attributes:
        large_font: of large trades.
        mark_font: of the mark of what REST has told.
        has_words: whether the side is told in words, and not by its arrow alone.
    """

    def __init__(self, model: TradesModel, colors: MarketColors) -> None:
        """Paint rows of a model."""
        super().__init__(colors)
        self._model = model
        self._columns: tuple[Column, ...] = ()
        self._width = self._height = 0
        self.has_words = True
        self._pictures: dict[TradeRow, _Picture] = {}
        self._texts: dict[tuple[str, bool], tuple[QStaticText, QSize]] = {}
        self.set_font(QFont())

    def set_font(self, font: QFont) -> None:
        """Take the font of the view."""
        self._font = QFont(font)
        self.large_font = QFont(font)
        self.large_font.setBold(True)
        self.mark_font = QFont(font)
        self.mark_font.setPointSizeF(max(5.0, font.pointSizeF() * _MARK_SIZE))
        self._numerals, self._large_numerals = Numerals(font), Numerals(self.large_font)
        self._texts.clear()
        self.forget()

    def set_places(self, columns: Sequence[Column], width: int, height: int) -> None:
        """Take the places of the columns, the width of the view and the height of a row."""
        self._columns, self._width, self._height = tuple(columns), width, height
        self.forget()

    def forget(self) -> None:
        """Paint all rows anew when they are seen next."""
        self._pictures.clear()

    def forget_rows(self, numbers: range) -> None:
        """Paint these rows anew when they are seen next: their texts have changed."""
        for number in numbers:
            row = self._model.row(number)
            if isinstance(row, TradeRow):
                self._pictures.pop(row, None)

    # -- painting ---------------------------------------------------------------------------------------------

    def paint_rows(self, painter: QPainter, numbers: range, top: int, selected: int) -> None:
        """Paint some rows.

        Args:
            painter: of the view.
            numbers: of the rows, one below the other.
            top: upper edge of the first of them.
            selected: number of the chosen row; -1 for none.
        """
        rows = [self._model.row(number) for number in numbers]
        device = painter.device()
        ratio = 1.0 if device is None else device.devicePixelRatioF()
        # Where a pixel of ours is not a whole number of the screen's, a picture would be blurred.
        if ratio.is_integer():
            new = [row for row in rows if isinstance(row, TradeRow) and row not in self._pictures]
            if new:
                self._take_pictures(new, int(ratio))
        painter.setFont(self._font)
        for number, row in zip(numbers, rows, strict=True):
            if isinstance(row, GapRow):
                self._paint_gap(painter, number, top, is_selected=number == selected)
            elif number != selected and (picture := self._pictures.get(row)) is not None:
                source = QRect(0, picture.top, picture.rows.width(), round(self._height * ratio))
                painter.drawPixmap(QPoint(0, top), picture.rows, source)
            else:
                self._paint_trade(painter, row, top, is_selected=number == selected)
            top += self._height
        if len(self._pictures) > 3 * len(rows) + 20:
            kept = ((row, self._pictures.get(row)) for row in rows if isinstance(row, TradeRow))
            self._pictures = {row: picture for row, picture in kept if picture is not None}

    def _take_pictures(self, rows: list[TradeRow], ratio: int) -> None:
        pixmap = QPixmap(self._width * ratio, len(rows) * self._height * ratio)
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(self.colors.base)
        painter = QPainter(pixmap)
        painter.setFont(self._font)
        for number, row in enumerate(rows):
            self._paint_trade(painter, row, number * self._height, is_selected=False)
            self._pictures[row] = _Picture(pixmap, number * self._height * ratio)
        painter.end()

    def _paint_trade(self, painter: QPainter, row: TradeRow, top: int, *, is_selected: bool) -> None:
        height, colors, ground = self._height, self.colors, self._model.ground(row)
        if ground is not None:
            painter.fillRect(0, top, self._width, height, ground)
        if is_selected:
            painter.fillRect(0, top, self._width, height, colors.selection)
        if row.is_large:
            painter.setFont(self.large_font)
        numerals = self._large_numerals if row.is_large else self._numerals
        ink = None
        for column, left, width, letters in self._columns:
            wanted = colors.faded if self.faded else self._model.ink(row, column)
            if wanted is not ink:
                painter.setPen(wanted)
                ink = wanted
            words = row.texts[column] if column != SIDE or self.has_words else ARROWS[row.side]
            left, width = left + PADDING, width - 2 * PADDING
            if len(words) > letters:
                # A number that is cut must not look like another one.
                words = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, width)
            if column not in _REPEATED:
                numerals.paint(painter, left, top, width, height, ALIGNMENTS[column], words)
                continue
            text, size = self._text(words, row.is_large)
            if ALIGNMENTS[column] != LEFT:
                left += width - size.width()
            painter.drawStaticText(left, top + (height - size.height()) // 2, text)
            if column == TIME and row.is_backfilled:
                self._paint_mark(painter, left + size.width() + MARK_AIR, top)
        if row.is_large:
            painter.setFont(self._font)

    def _paint_mark(self, painter: QPainter, left: int, top: int) -> None:
        font = painter.font()
        painter.setFont(self.mark_font)
        painter.drawText(QRect(left, top, self._width, self._height), LEFT, MARK)
        painter.setFont(font)

    def _text(self, words: str, is_large: bool) -> tuple[QStaticText, QSize]:
        """Return a text that is laid out already, and its size."""
        known = self._texts.get((words, is_large))
        if known is None:
            if len(self._texts) >= _MOST_TEXTS:
                self._texts.clear()
            text = QStaticText(words)
            text.setTextFormat(Qt.TextFormat.PlainText)
            text.prepare(QTransform(), self.large_font if is_large else self._font)
            known = self._texts[words, is_large] = text, text.size().toSize()
        return known

    def _paint_gap(self, painter: QPainter, number: int, top: int, *, is_selected: bool) -> None:
        painter.fillRect(0, top, self._width, self._height, self.colors.stripe)
        if is_selected:
            painter.fillRect(0, top, self._width, self._height, self.colors.selection)
        room = QRect(PADDING, top, self._width - 2 * PADDING, self._height)
        words, metrics = self._model.gap_words(number), QFontMetrics(self._font)
        if metrics.horizontalAdvance(words) > room.width():
            words = self._model.gap_words(number, short=True)
        words = metrics.elidedText(words, Qt.TextElideMode.ElideRight, room.width())
        painter.setPen(self.colors.faded if self.faded else self.colors.warn)
        painter.drawText(room, CENTRE, words)
        beside = (room.width() - metrics.horizontalAdvance(words)) // 2 - PADDING
        if beside > 0:
            middle = room.center().y()
            painter.drawLine(room.left(), middle, room.left() + beside, middle)
            painter.drawLine(room.right() - beside, middle, room.right(), middle)
