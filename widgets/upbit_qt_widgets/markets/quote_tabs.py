"""The tabs above the list of markets: quote currencies, and the starred ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PyQt6.QtCore import pyqtSignal, pyqtSlot
from PyQt6.QtWidgets import QTabBar, QWidget

from upbit_qt_widgets.base.texts import Language, pick
from upbit_qt_widgets.markets.words import WORDS
from upbit_qt_ws.errors import SubscriptionError
from upbit_qt_ws.guard import guarded
from upbit_qt_ws.wire.markets import parse_code, quote_of
from upbit_qt_ws.wire.text import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable

FAVOURITES: Final = "favourites"
"""Stands for the starred markets where a quote currency is meant otherwise."""

_USUAL: Final = ("KRW", "BTC", "USDT")


def parse_quote(quote: str) -> str:
    """Return a quote currency that is spelt like one, ``"favourites"``, or nothing for all.

    Raises:
        SubscriptionError: it is none of these.
    """
    if quote in ("", FAVOURITES):
        return quote
    try:
        return quote_of(parse_code(f"{quote}-BTC"))
    except SubscriptionError:
        raise SubscriptionError(
            f"quote currency {quote!r} is not known: write it as 'KRW', or {FAVOURITES!r}, or nothing for all"
        ) from None


class QuoteTabs(QTabBar):
    """Lets somebody choose a quote currency, the starred markets, or all.

    Signals:
        chosen: the quote currency, ``"favourites"``, or nothing for all.
    """

    chosen = pyqtSignal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Make it without tabs."""
        super().__init__(parent)
        self._language: Language = "en"
        self.setDrawBase(False)
        self.setExpanding(False)
        self.setUsesScrollButtons(False)
        self.currentChanged.connect(self._on_current_changed)

    def offer(self, quotes: Iterable[str], current: str, *, has_all: bool) -> None:
        """Offer some tabs, without the signal.

        Args:
            quotes: the quote currencies of the markets; the usual ones if there are none yet.
            current: the tab that is shown.
            has_all: whether there is a tab of all markets.
        """
        known = list(quotes) or list(_USUAL)
        known.sort(key=lambda quote: _USUAL.index(quote) if quote in _USUAL else len(_USUAL))
        wanted = [*([""] if has_all else []), *known, FAVOURITES]
        self.blockSignals(True)
        if wanted != [self.tabData(place) for place in range(self.count())]:
            while self.count():
                self.removeTab(0)
            for place, quote in enumerate(wanted):
                self.addTab(self._caption(quote))
                self.setTabData(place, quote)
        self.setCurrentIndex(wanted.index(current) if current in wanted else -1)
        self.blockSignals(False)

    def retranslate(self, language: Language) -> None:
        """Show the captions in another language."""
        self._language = language
        self.setAccessibleName(pick(WORDS["quotes"], language))
        for place in range(self.count()):
            self.setTabText(place, self._caption(self.tabData(place)))

    def _caption(self, quote: str) -> str:
        if quote == FAVOURITES:
            return f"★ {pick(WORDS['favourites'], self._language)}"
        # A single & would underline the letter behind it.
        return one_line(quote, 20).replace("&", "&&") or pick(WORDS["all"], self._language)

    @pyqtSlot(int)
    @guarded
    def _on_current_changed(self, place: int) -> None:
        if place >= 0:
            self.chosen.emit(self.tabData(place))
