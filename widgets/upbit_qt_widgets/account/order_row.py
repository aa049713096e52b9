"""One order as texts and raw values, made once when it changes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from upbit_qt_widgets.account.amounts import average_text, exact_text, share_text
from upbit_qt_widgets.account.row_model import Column, Row
from upbit_qt_widgets.account.words import WORDS
from upbit_qt_widgets.base.formatting import NOTHING, market_text
from upbit_qt_widgets.base.price_grid import PriceGrid
from upbit_qt_widgets.base.texts import pick
from upbit_qt_ws.events import Side
from upbit_qt_ws.wire.markets import base_of, quote_of
from upbit_qt_ws.wire.text import one_line

if TYPE_CHECKING:
    from upbit_qt_widgets.account.own_orders import OwnOrder
    from upbit_qt_widgets.base.texts import Language

NAME, SIDE, TYPE, PRICE, VOLUME, FILLED, AVERAGE, STATE, TIME = range(9)

COLUMNS: Final = (
    Column("name", is_left=True),
    Column("side", words=("BID", "ASK"), is_left=True),
    Column("type", words=("limit", "market", "best"), is_left=True, spare=2),
    Column("order_price", widest=("116,539,000", "0.00000140")),
    Column("volume", widest=("1,000,000.00000000", "100,000,000 USDT")),
    Column("filled", widest=("100%", "99.9%"), has_bar=True),
    Column("average", widest=("116,539,000", "0.00000140"), spare=3),
    Column("state", words=("wait", "watch", "part", "done", "cancel", "prevented", "gone"), is_left=True),
    Column("time", widest=("00-00 00:00:00",), tip="time_tip", spare=1),
)

_KST: Final = timezone(timedelta(hours=9), "KST")
_TONES: Final = {Side.BID: 1, Side.ASK: -1}
_UNKNOWN: Final = Decimal("-Infinity")


class OrderRow(Row):
    """What one row shows of an order.

    Attributes:
        order: the order as it stands.
    """

    __slots__ = ("order",)

    def __init__(self, order: OwnOrder) -> None:
        """Make a row; nothing is written yet."""
        super().__init__(order.uuid, len(COLUMNS))
        self.order = order

    def write(self, order: OwnOrder, name: str, language: Language) -> None:
        """Write an order; buying has the colour of up, selling that of down.

        Args:
            order: as it stands.
            name: of its market; empty if it is not known.
            language: of the words.
        """
        self.order, self.code = order, order.code
        # The directory's grid learns from the first price that it is asked about, which must be a present one.
        grid = PriceGrid(order.code)
        decimals = 0 if order.price is None else grid.decimals(float(order.price))
        state = _state(order)
        self.texts = [
            one_line(f"{name} {market_text(order.code)}"),
            pick(WORDS[order.side], language),
            pick(WORDS[order.kind], language) if order.kind in _KINDS else one_line(order.kind, 40),
            NOTHING if order.kind in _WITHOUT_LIMIT else exact_text(order.price, decimals),
            self._volume(),
            share_text(order.share),
            average_text(order.average, 0 if order.average is None else grid.decimals(float(order.average))),
            pick(WORDS[state], language) if state in WORDS else one_line(state, 40),
            _time(order.created_ms, "%m-%d %H:%M:%S"),
        ]
        self.raw = [
            self.texts[NAME],
            order.side,
            order.kind,
            _sortable(None if order.kind in _WITHOUT_LIMIT else order.price),
            _sortable(order.volume),
            _sortable(order.share),
            _sortable(order.average),
            (not order.is_open, self.texts[STATE]),
            order.created_ms,
        ]
        self.tones[SIDE] = self.bar_tone = _TONES[order.side]
        self.bar = float(order.share or 0)
        self.is_past = not order.is_open

    def tip(self, language: Language) -> str:
        """Return the exact amounts, and what a word of the state means."""
        order, base = self.order, base_of(self.order.code)
        parts = [self.texts[NAME], f"{self.texts[SIDE]} {self.texts[STATE]}"]
        parts.append(f"{pick(WORDS['executed'], language)} {exact_text(order.executed)} {base}")
        if order.remaining is not None:
            parts.append(f"{pick(WORDS['remaining'], language)} {exact_text(order.remaining)} {base}")
        if order.average is not None:
            parts.append(f"{pick(WORDS['average_tip'], language)} {self.texts[AVERAGE]} {quote_of(order.code)}")
        if order.created_ms:
            parts.append(_time(order.created_ms, "%Y-%m-%d %H:%M:%S KST"))
        if f"{order.state}_tip" in WORDS:
            parts.append(pick(WORDS[f"{order.state}_tip"], language))
        return " · ".join(map(one_line, parts))

    def _volume(self) -> str:
        order = self.order
        if order.kind == "price" and order.price is not None:
            # An amount of money, not of coins.
            return one_line(f"{exact_text(order.price)} {quote_of(order.code)}")
        return exact_text(order.volume)


_KINDS: Final = ("limit", "market", "price", "best")
_WITHOUT_LIMIT: Final = ("market", "price", "best")


def _state(order: OwnOrder) -> str:
    """Return the key of the word that says how an order stands."""
    if order.is_open and order.executed:
        return "part"
    if order.state == "cancel" and order.kind == "price" and order.executed:
        # What is left of the money is too little to buy anything, so such orders end by being cancelled.
        return "done"
    return "wait" if order.state == "trade" else order.state


def _sortable(amount: Decimal | None) -> Decimal:
    return _UNKNOWN if amount is None else amount


def _time(milliseconds: int, pattern: str) -> str:
    if not milliseconds:
        return NOTHING
    return datetime.fromtimestamp(milliseconds / 1000, UTC).astimezone(_KST).strftime(pattern)
