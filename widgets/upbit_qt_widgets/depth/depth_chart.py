"""The depth chart of one market: how much is wanted and offered up to each price."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import pyqtSlot
from PyQt6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from upbit_qt_widgets.base.cells import PADDING
from upbit_qt_widgets.base.texts import pick
from upbit_qt_widgets.depth.canvas import DepthCanvas
from upbit_qt_widgets.depth.curve import DepthCurve
from upbit_qt_widgets.depth.texts import name, spoken
from upbit_qt_widgets.depth.words import WORDS
from upbit_qt_widgets.orderbook.book_widget import BookWidget
from upbit_qt_ws.guard import guarded

if TYPE_CHECKING:
    from upbit_qt_ws import GlobalWebSocketManager


class DepthChartWidget(BookWidget):
    """Shows a market's cumulative order book as two stepped areas: bids to the left, asks to the right.

    As much of the prices is shown above the middle as below it. A cursor, moved by mouse or keys, tells what lies
    between the middle and a price: the sum of the sizes, and what they are worth.

    An order book is served at one level at a time. So beside an order book in which the user may choose one, connect
    the two; they share one stream then::

        depth.level = book.level
        book.level_changed.connect(depth.set_level)

    See :class:`BookWidget` for ``level`` and the signals.
    """

    def __init__(
        self, market: str | None = None, parent: QWidget | None = None, *, manager: GlobalWebSocketManager | None = None
    ) -> None:
        """Make the widget; see :class:`BookWidget`."""
        super().__init__(market, parent, manager=manager)
        self._canvas = DepthCanvas(self._colors, self._language, self.grid(self._market), self)
        below = QHBoxLayout()
        below.setContentsMargins(PADDING, 0, PADDING, 0)
        below.addWidget(self._state_line)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self._canvas, 1)
        layout.addLayout(below)
        self._canvas.price_chosen.connect(self.price_clicked)
        self._canvas.cursor_moved.connect(self._describe)
        self.setFocusProxy(self._canvas)
        self.retranslate()

    # -- BookWidget -------------------------------------------------------------------------------------------

    def show_sample(self) -> None:
        """Show a sample of a book."""
        super().show_sample()
        self._canvas.set_grid(self.grid(self._market))
        self._name()

    def directory_changed(self) -> None:
        """Write prices with the decimals that the exchange tells."""
        self._canvas.set_grid(self.grid(self._market))
        self._describe()

    def empty(self) -> None:
        """Show no book."""
        self._canvas.forget()
        self._say_why_empty()
        self._describe()

    def clear(self) -> None:
        """Show no book, and group nothing."""
        super().clear()
        self._canvas.set_grid(self.grid(self._market))
        self.empty()
        self._name()

    def retranslate(self) -> None:
        """Show the captions in the current language."""
        self._canvas.set_look(self._colors, self._language)
        self._canvas.setWhatsThis(pick(WORDS["keys"], self._language))
        self._name()
        self._describe()

    def recolor(self) -> None:
        """Show the book in the current colours."""
        self._canvas.set_look(self._colors, self._language)

    def fade(self, faded: bool) -> None:
        """Grey the book; in place of an empty one say why it is empty."""
        self._canvas.set_faded(faded)
        self._say_why_empty()

    def refresh(self) -> None:
        """Show the newest book."""
        self._canvas.show_curve(DepthCurve(self._event))
        self._say_why_empty()
        self._describe()

    def _say_why_empty(self) -> None:
        """Show how the data stands; and if a book has come that has no orders, that it has none."""
        words = self._state_line.accessibleName()
        known = self._event is not None and self._canvas.curve.is_empty
        self._canvas.set_message(f"{pick(WORDS['none'], self._language)}\n{words}" if known else words)

    def _name(self) -> None:
        self._canvas.setAccessibleName(name(self._market, self._language))

    @pyqtSlot()
    @guarded
    def _describe(self) -> None:
        canvas = self._canvas
        said = spoken(canvas.curve, canvas.heading, canvas.readout, self.grid(self._market), self._language)
        if said != canvas.accessibleDescription():
            canvas.setAccessibleDescription(said)
