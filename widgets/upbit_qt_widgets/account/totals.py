"""The foot of the list of balances: what everything is worth."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PyQt6.QtCore import QEvent, Qt
from PyQt6.QtGui import QPalette
from PyQt6.QtWidgets import QGridLayout, QWidget

from upbit_qt_widgets.account.amounts import money_text
from upbit_qt_widgets.account.asset_row import signed_rate
from upbit_qt_widgets.account.words import WORDS
from upbit_qt_widgets.base.cells import PADDING, RIGHT
from upbit_qt_widgets.base.formatting import NOTHING
from upbit_qt_widgets.base.labels import PlainLabel, set_least_width, set_whole_text
from upbit_qt_widgets.base.texts import pick
from upbit_qt_ws.guard import guarded

if TYPE_CHECKING:
    from upbit_qt_widgets.account.valuation import Portfolio
    from upbit_qt_widgets.base.colors import MarketColors
    from upbit_qt_widgets.base.texts import Language

_WIDEST: Final = {
    "total": "10,000,000,000",
    "cash": "10,000,000,000",
    "total_profit": "▲ +1,000,000,000 (+100.00%)",
}


class Totals(QWidget):
    """Shows the total, the cash and the profit; its places keep their widths whatever the figures are."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Make an empty foot."""
        super().__init__(parent)
        self._captions = {key: PlainLabel(self) for key in _WIDEST}
        self._values = {key: PlainLabel(self) for key in _WIDEST}
        layout = QGridLayout(self)
        layout.setContentsMargins(PADDING, 2, PADDING, 2)
        layout.setHorizontalSpacing(2 * PADDING)
        layout.setVerticalSpacing(1)
        for column, key in enumerate(_WIDEST):
            layout.setColumnStretch(column, 1)
            for row, label in enumerate((self._captions[key], self._values[key])):
                label.setAlignment(Qt.AlignmentFlag(RIGHT))
                layout.addWidget(label, row, column)
            self._captions[key].setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self._measure()

    def show_totals(
        self, portfolio: Portfolio | None, colors: MarketColors, language: Language, *, is_true: bool
    ) -> None:
        """Show the totals.

        Args:
            portfolio: the valued balances; None while they are not known.
            colors: of gains and losses.
            language: of the captions.
            is_true: whether balances and prices are those of now.
        """
        texts = dict.fromkeys(_WIDEST, NOTHING)
        if portfolio is not None:
            texts["total"], texts["cash"] = money_text(portfolio.total), money_text(portfolio.cash)
            texts["total_profit"] = _profit(portfolio)
        for key, words in texts.items():
            caption = pick(WORDS[key], language)
            self._captions[key].setText(caption)
            spoken = f"{caption} {words}"
            if self._values[key].accessibleName() != spoken:
                set_whole_text(self._values[key], words)
                self._values[key].setAccessibleName(spoken)
            ink = colors.even if is_true else colors.faded
            if key == "total_profit" and is_true and portfolio is not None:
                profit = portfolio.profit or 0
                ink = colors.of((profit > 0) - (profit < 0))
            palette = self._values[key].palette()
            if palette.color(QPalette.ColorRole.WindowText) != ink:
                palette.setColor(QPalette.ColorRole.WindowText, ink)
                self._values[key].setPalette(palette)

    @guarded
    def changeEvent(self, a0: QEvent | None) -> None:
        """Follow a change of the font."""
        super().changeEvent(a0)
        if a0 is not None and a0.type() == QEvent.Type.FontChange:
            self._measure()

    def _measure(self) -> None:
        for key, sample in _WIDEST.items():
            set_least_width(self._values[key], sample)


def _profit(portfolio: Portfolio) -> str:
    if portfolio.profit is None:
        return NOTHING
    rate = signed_rate(portfolio.rate)
    arrow, _, percent = rate.rpartition(" ")
    return f"{arrow} {money_text(portfolio.profit, signed=True)} ({percent})".strip()
