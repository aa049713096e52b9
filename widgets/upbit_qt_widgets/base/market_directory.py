"""What the exchange lists: names, warnings, price units. Fetched once for all widgets of a manager."""

from __future__ import annotations

import logging
import time
import weakref
from typing import TYPE_CHECKING, Final

from PyQt6 import sip
from PyQt6.QtCore import QObject, QTimer, pyqtSignal, pyqtSlot

from upbit_qt_widgets.base.answers import deliver
from upbit_qt_widgets.base.price_grid import PriceGrid
from upbit_qt_ws.errors import UpbitQtError
from upbit_qt_ws.guard import guarded
from upbit_qt_ws.system.repeats import Repeats

if TYPE_CHECKING:
    from collections.abc import Iterable

    from PyQt6.QtWidgets import QWidget

    from upbit_qt_ws import GlobalWebSocketManager
    from upbit_qt_ws.outcome import Outcome
    from upbit_qt_ws.wire.rest_records import MarketInfo, OrderbookInstrument

_log = logging.getLogger(__name__)

_RETRY_MILLISECONDS: Final = (1_000, 3_000, 10_000, 30_000, 60_000)
_DOUBT_MILLISECONDS: Final = 10_000
"""A list that is doubted is read again so long after the last time at the earliest."""
_RENEW_MILLISECONDS: Final = 10 * 60_000
"""Warnings come and go, and markets are listed and delisted, within minutes."""
_LISTING_MILLISECONDS: Final = 20_000
"""While somebody looks at a list of all markets: no stream tells of a new one, and the first minute is what counts."""


class MarketDirectory(QObject):
    """The markets of a manager's exchange; there is one for each manager, which all its widgets share.

    It asks when a widget first wants to know, tries again until it gets an answer, and asks anew every ten minutes
    while anybody listens, and every 20 s while a list of all markets can be seen. GUI thread only.

    Signals:
        changed: the list of markets has come, or is another one now.
        grids_changed: a tuple of the codes whose price unit or grouping levels became known or changed.
        failed: why the list did not come this time, in plain words; the next attempt follows by itself.
    """

    changed = pyqtSignal()
    grids_changed = pyqtSignal(object)
    failed = pyqtSignal(str)

    @classmethod
    def of(cls, manager: GlobalWebSocketManager) -> MarketDirectory:
        """Return the directory of a manager."""
        made: MarketDirectory | None = manager.findChild(cls)
        return cls(manager) if made is None else made

    def __init__(self, manager: GlobalWebSocketManager) -> None:
        """Ask nothing yet."""
        super().__init__(manager)
        self._manager = manager
        self._markets: dict[str, MarketInfo] = {}
        self._gone: set[str] = set()
        self._told_at = 0.0
        self._grids: dict[str, PriceGrid] = {}
        self._levels: dict[str, tuple[float, ...]] = {}
        self._wanted: set[str] = set()
        self._asked: set[str] = set()
        self._is_asking = False
        self._failures = 0
        self._followers: weakref.WeakSet[QWidget] = weakref.WeakSet()
        self._troubles = Repeats()
        self._no_units = Repeats()
        self._next = QTimer(self)
        self._next.setSingleShot(True)
        self._next.timeout.connect(self._ask)
        self._collect = QTimer(self)
        self._collect.setSingleShot(True)
        self._collect.timeout.connect(self._ask_instruments)
        manager.stopped.connect(self._stop)

    # -- what is known ----------------------------------------------------------------------------------------

    @property
    def markets(self) -> tuple[MarketInfo, ...]:
        """All markets in the exchange's order; empty before they have come."""
        return tuple(self._markets.values())

    def market(self, code: str) -> MarketInfo | None:
        """Return what the exchange tells of a market; None if it lists none of that code, or has told nothing yet."""
        return self._markets.get(code)

    @property
    def is_known(self) -> bool:
        """Whether the list has come."""
        return bool(self._markets)

    def is_gone(self, code: str) -> bool:
        """Tell whether a market was on the list and is no longer."""
        return code in self._gone

    def grid(self, code: str) -> PriceGrid:
        """Return the price grid of a market, which learns the exchange's price unit when that comes."""
        grid = self._grids.get(code)
        if grid is None:
            grid = self._grids[code] = PriceGrid(code)
        return grid

    def levels(self, code: str) -> tuple[float, ...]:
        """Return the grouping levels of a market's order book in ascending order, 0 first; empty if not known."""
        return self._levels.get(code, ())

    # -- asking -----------------------------------------------------------------------------------------------

    def load(self) -> None:
        """Have the markets fetched, unless that has been done or is under way."""
        if not self._markets and not self._is_asking and not self._next.isActive():
            self._ask()

    def follow_listings(self, widget: QWidget) -> None:
        """Have new markets found soon from now on, whenever this widget can be seen; it says so when it is shown."""
        self._followers.add(widget)
        self._renew_within(_LISTING_MILLISECONDS)

    def _pause(self) -> int:
        seen = any(not sip.isdeleted(widget) and widget.isVisible() for widget in self._followers)
        return min(_LISTING_MILLISECONDS, _RENEW_MILLISECONDS) if seen else _RENEW_MILLISECONDS

    def renew(self) -> None:
        """Have the list fetched again soon, because what is served contradicts it."""
        self._renew_within(_DOUBT_MILLISECONDS)

    def _renew_within(self, milliseconds: int) -> None:
        if self._is_asking or not self._markets or self._manager.is_shut_down:
            return
        passed = round((time.monotonic() - self._told_at) * 1000)
        wait = max(0, milliseconds - passed)
        if not self._next.isActive() or self._next.remainingTime() > wait:
            self._next.start(wait)

    def load_grids(self, codes: Iterable[str]) -> None:
        """Have price units and levels fetched, each once; those of markets that are not listed are left alone."""
        self._wanted.update(code for code in codes if code not in self._asked)
        self.load()
        if self._wanted and not self._collect.isActive():
            self._collect.start(0)

    @pyqtSlot()
    @guarded
    def _ask(self) -> None:
        if self._manager.is_shut_down:
            return
        if self._markets and not self.receivers(self.changed):
            self._next.start(_RENEW_MILLISECONDS)
            return
        self._manager.start()
        self._is_asking = True
        deliver(self._manager.snapshots.markets(), self._on_markets)

    def _on_markets(self, outcome: Outcome[tuple[MarketInfo, ...]]) -> None:
        self._is_asking = False
        if self._manager.is_shut_down:
            return
        try:
            listed = {info.market: info for info in outcome.result()}
        except UpbitQtError as error:
            self._failed(error)
            return
        self._failures = 0
        self._told_at = time.monotonic()
        self._troubles.worked(self._told_at)
        self._next.start(self._pause())
        if listed != self._markets:
            self._gone = (self._gone | self._markets.keys()) - listed.keys()
            self._markets = listed
            self.changed.emit()
        if self._wanted:
            self._collect.start(0)

    def _failed(self, error: UpbitQtError) -> None:
        wait = _RETRY_MILLISECONDS[min(self._failures, len(_RETRY_MILLISECONDS) - 1)]
        self._failures += 1
        self._next.start(wait)
        words = f"the list of markets did not come, trying again in {wait // 1000} s: {error}"
        self._complain(self._troubles, words)
        self.failed.emit(str(error))

    @staticmethod
    def _complain(repeats: Repeats, words: str) -> None:
        line = repeats.complain(words, time.monotonic())
        if line is not None:
            _log.info("%s", line)

    @pyqtSlot()
    @guarded
    def _ask_instruments(self) -> None:
        # One unknown code would fail the whole call.
        codes = tuple(sorted(self._wanted & self._markets.keys()))
        if not codes or self._manager.is_shut_down:
            return
        self._wanted.difference_update(codes)
        self._asked.update(codes)
        deliver(self._manager.snapshots.instruments(codes), self._on_instruments, codes)

    def _on_instruments(self, outcome: Outcome[tuple[OrderbookInstrument, ...]], codes: tuple[str, ...]) -> None:
        try:
            instruments = outcome.result()
        except UpbitQtError as error:
            # The tables of price units serve meanwhile; whoever asks next asks again.
            self._asked.difference_update(codes)
            self._complain(self._no_units, f"the price units of {len(codes)} markets did not come: {error}")
            return
        self._no_units.worked(time.monotonic())
        changed = []
        for instrument in instruments:
            levels = tuple(sorted({0.0, *map(float, instrument.supported_levels)}))
            learned = self.grid(instrument.market).learn(float(instrument.tick_size))
            if learned or levels != self._levels.get(instrument.market):
                self._levels[instrument.market] = levels
                changed.append(instrument.market)
        if changed:
            self.grids_changed.emit(tuple(changed))

    @pyqtSlot()
    @guarded
    def _stop(self) -> None:
        self._next.stop()
        self._collect.stop()
