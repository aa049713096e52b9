"""The table in which a tape is painted; who reads further down is left in peace."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from PyQt6.QtCore import QModelIndex, QPersistentModelIndex, Qt, pyqtSignal, pyqtSlot
from PyQt6.QtGui import QFontMetrics, QPainter
from PyQt6.QtWidgets import QToolButton, QWidget

from upbit_qt_widgets.base.cells import PADDING, width_of
from upbit_qt_widgets.base.flat_table import FlatTable
from upbit_qt_widgets.base.texts import Language, pick
from upbit_qt_widgets.trades.tape_cells import MARK, MARK_AIR, Column, TapeCells
from upbit_qt_widgets.trades.tape_row import AMOUNT, ARROWS, PRICE, SIDE, SIZE, TIME
from upbit_qt_widgets.trades.words import WORDS
from upbit_qt_ws.guard import guarded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PyQt6.QtGui import QKeyEvent, QPaintEvent, QResizeEvent

    from upbit_qt_widgets.base.colors import MarketColors
    from upbit_qt_widgets.trades.trades_model import TradesModel

_WIDEST: Final = {
    TIME: ("00:00:00", "00-00 00:00"),
    PRICE: ("116,539,000", "0.00000140"),
    SIZE: ("100.00000000", "100,000,000"),
    AMOUNT: ("1,000,000,000", "100.00000000"),
}
_LETTERS: Final = {column: max(map(len, samples)) for column, samples in _WIDEST.items()} | {SIDE: 99}
"""Texts of more letters may need more room than there is; to measure each one costs too much."""

_MOST_TOLD: Final = 999
_LEAST_ROWS: Final = 5


class TradesView(FlatTable):
    """Shows a tape. At the top it follows the newest trade; elsewhere the rows that are read keep their places.

    Signals:
        chosen: the index of a row that was clicked, or chosen with Enter.
    """

    chosen = pyqtSignal(QModelIndex)

    def __init__(self, model: TradesModel, colors: MarketColors, language: Language, parent: QWidget) -> None:
        """Show a model."""
        self._tape = model
        self._tape_cells = TapeCells(model, colors)
        self._widths: dict[int, int] = {}
        self._words_width = 0
        self._language = language
        self._unread = 0
        super().__init__(model, self._tape_cells, parent)
        self._newest = QToolButton(self)
        self._newest.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._newest.hide()
        self._newest.clicked.connect(self.go_to_newest)
        bar = self.verticalScrollBar()
        if bar is not None:
            bar.valueChanged.connect(self._show_way_back)
        aside = self.horizontalScrollBar()
        if aside is not None:
            aside.valueChanged.connect(self._place_cells)
        model.dataChanged.connect(self._on_data_changed)
        self.clicked.connect(self.chosen)
        self.activated.connect(self.chosen)
        self.set_language(language)

    def set_language(self, language: Language) -> None:
        """Take the language of the words."""
        self._language = language
        self._newest.setToolTip(pick(WORDS["newest_tip"], language))
        self.measure()
        self._show_way_back()

    # -- places -----------------------------------------------------------------------------------------------

    @property
    def is_at_newest(self) -> bool:
        """Whether the newest trade is seen."""
        bar = self.verticalScrollBar()
        return bar is None or bar.value() == 0

    @contextmanager
    def kept_in_place(self) -> Iterator[None]:
        """Keep what is seen where it is while rows come and go above, unless the newest one is seen."""
        bar, model = self.verticalScrollBar(), self.model()
        if bar is None or model is None or self.is_at_newest:
            yield
            return
        top = model.index(self.rowAt(0), 0)
        anchor, before = QPersistentModelIndex(top), self.rowViewportPosition(top.row())
        yield
        if anchor.isValid():
            now = model.index(anchor.row(), 0)
            self._unread += max(0, now.row() - top.row())
            bar.setValue(bar.value() + self.rowViewportPosition(now.row()) - before)
        self._show_way_back()

    @pyqtSlot()
    @guarded
    def go_to_newest(self) -> None:
        """Show the newest trade, and follow from now on."""
        self.scrollToTop()

    @guarded
    def rowsAboutToBeRemoved(self, parent: QModelIndex, start: int, end: int) -> None:
        """Choose no other row when the chosen one leaves the tape: the view would go there."""
        selection = self.selectionModel()
        if selection is not None and start <= self.currentIndex().row() <= end:
            selection.clear()
        super().rowsAboutToBeRemoved(parent, start, end)

    @guarded
    def keyPressEvent(self, e: QKeyEvent | None) -> None:
        """Go to the newest trade with Home, and to the oldest with End."""
        model = self.model()
        if e is not None and model is not None and model.rowCount() and not e.modifiers():
            if e.key() == Qt.Key.Key_Home:
                self.setCurrentIndex(model.index(0, 0))
                self.go_to_newest()
                return
            if e.key() == Qt.Key.Key_End:
                self.setCurrentIndex(model.index(model.rowCount() - 1, 0))
                return
        super().keyPressEvent(e)

    @pyqtSlot()
    @guarded
    def _show_way_back(self) -> None:
        if self.is_at_newest:
            self._unread = 0
            self._newest.hide()
            return
        words = f"↑ {pick(WORDS['newest'], self._language)}"
        if self._unread:
            words += f" +{self._unread}" if self._unread <= _MOST_TOLD else f" {_MOST_TOLD}+"
        if words != self._newest.text():
            self._newest.setText(words)
            self._newest.adjustSize()
        self._place_way_back()
        self._newest.show()

    def _place_way_back(self) -> None:
        viewport = self.viewport()
        if viewport is not None:
            area = viewport.geometry()
            self._newest.move(area.center().x() - self._newest.width() // 2, area.top() + PADDING // 2)

    # -- sizes ------------------------------------------------------------------------------------------------

    def measure(self) -> None:
        """Fit rows and columns to the font and to the captions."""
        cells = self._tape_cells
        cells.set_font(self.font())
        metrics = QFontMetrics(cells.large_font)
        height = metrics.height() + 7
        self.set_row_height(height)
        self._columns.setMinimumSectionSize(2 * PADDING)
        for column, samples in _WIDEST.items():
            self._widths[column] = width_of(metrics, *samples)
        # The padding at its right has room for the mark.
        self._widths[TIME] += QFontMetrics(cells.mark_font).horizontalAdvance(MARK) + MARK_AIR - PADDING
        self._widths[SIDE] = width_of(metrics, *ARROWS.values())
        sides = [f"{ARROWS[1]} {pick(WORDS[key], self._language)}" for key in ("BID", "ASK")]
        self._words_width = max(width_of(metrics, *sides), self._columns.caption_width(SIDE))
        least = sum(self._widths[column] for column in (TIME, PRICE, SIZE, SIDE))
        self.setMinimumWidth(least + self.bar_width() + 2 * self.frameWidth())
        self.setMinimumHeight(self._columns.sizeHint().height() + _LEAST_ROWS * height)
        self._fit_columns()

    @guarded
    def resizeEvent(self, e: QResizeEvent | None) -> None:
        """Show what there is room for."""
        super().resizeEvent(e)
        self._fit_columns()
        self._place_way_back()

    def _fit_columns(self) -> None:
        """Leave out the words of the side where there is too little room, then the amount; divide what is left."""
        viewport = self.viewport()
        if viewport is None:
            return
        room, shown = viewport.width(), dict(self._widths)
        if sum(shown.values()) > room:
            del shown[AMOUNT]
        words = self._words_width - shown[SIDE]
        cells = self._tape_cells
        cells.has_words = sum(shown.values()) + words <= room
        if cells.has_words:
            shown[SIDE] = self._words_width
        self.show_columns(shown, [column for column in (PRICE, SIZE, AMOUNT) if column in shown])
        self._place_cells()

    @pyqtSlot()
    @guarded
    def _place_cells(self) -> None:
        """Tell where the columns are: they have other places when the view is scrolled sideways."""
        viewport, rows = self.viewport(), self.verticalHeader()
        if viewport is None or rows is None:
            return
        places = [
            Column(column, self.columnViewportPosition(column), self.columnWidth(column), _LETTERS[column])
            for column in self._widths
            if not self.isColumnHidden(column)
        ]
        self._tape_cells.set_places(places, viewport.width(), rows.defaultSectionSize())

    # -- painting ---------------------------------------------------------------------------------------------

    def set_colors(self, colors: MarketColors) -> None:
        """Take other colours."""
        self._tape_cells.forget()
        super().set_colors(colors)

    def set_faded(self, faded: bool) -> None:
        """Make all values look old, or true again."""
        if faded != self._tape_cells.faded:
            self._tape_cells.forget()
        super().set_faded(faded)

    @pyqtSlot(QModelIndex, QModelIndex)
    @guarded
    def _on_data_changed(self, top_left: QModelIndex, bottom_right: QModelIndex) -> None:
        self._tape_cells.forget_rows(range(top_left.row(), bottom_right.row() + 1))

    def paint_all(self, e: QPaintEvent) -> None:
        """Paint the rows that are exposed."""
        viewport, model = self.viewport(), self._tape
        if viewport is None or self.is_blank:
            return
        first, last = self.rowAt(max(0, e.rect().top())), self.rowAt(e.rect().bottom())
        if first < 0:
            return
        if last < 0:
            last = model.rowCount() - 1
        painter = QPainter(viewport)
        selection = self.selectionModel()
        selected = self.currentIndex().row() if selection is not None and selection.hasSelection() else -1
        self._tape_cells.paint_rows(painter, range(first, last + 1), self.rowViewportPosition(first), selected)
        painter.end()
