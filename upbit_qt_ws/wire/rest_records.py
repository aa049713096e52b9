"""What only REST tells: markets, price units, balances and orders, one frozen class each, with Upbit's field names.

Amounts are :class:`decimal.Decimal`, exact: Upbit writes them as strings.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Final, Literal

import msgspec

from upbit_qt_ws.events import MyOrderEvent, Record, Side, Source, StreamType
from upbit_qt_ws.wire.text import one_line

_NAME: Final = 80
"""Most characters of a name that is shown."""


class MarketInfo(Record, frozen=True, gc=False, kw_only=True, eq=False):
    """One market of the exchange. Source: the reference page of ``GET /market/all``.

    Attributes:
        market: its code, for example ``KRW-BTC``.
        korean_name: None on the exchanges outside Korea.
        english_name: name of the base currency.
        warning: whether the exchange warns of the market; None when the details were not asked for.
        caution: per kind of caution (``PRICE_FLUCTUATIONS`` ...) whether it is in force; empty without details, and
            outside Korea.
    """

    market: str
    korean_name: str | None = None
    english_name: str | None = None
    warning: bool | None = None
    caution: dict[str, bool] = {}  # noqa: RUF012  msgspec gives each record a dict of its own.

    def name(self, language: str) -> str:
        """Return the Korean name (``"ko"``) or the English one as one line that can be shown.

        The other one if there is only that, empty without any.
        """
        korean, english = one_line(self.korean_name or "", _NAME), one_line(self.english_name or "", _NAME)
        return korean or english if language == "ko" else english or korean


class Amounts(Record, frozen=True, gc=False, kw_only=True, eq=False):
    """Base of the records with amounts, all of which are finite."""

    def __post_init__(self) -> None:
        """Refuse amounts such as "NaN"; msgspec turns the error into one about the reply.

        Raises:
            ValueError: an amount is not finite.
        """
        for name in self.__struct_fields__:
            value = getattr(self, name)
            for amount in value if isinstance(value, tuple) else (value,):
                if isinstance(amount, Decimal) and not amount.is_finite():
                    raise ValueError(f"{name} is not an amount")


class OrderbookInstrument(Amounts, frozen=True, gc=False, kw_only=True, eq=False):
    """The price unit of a market's order book. Source: the reference page of ``GET /orderbook/instruments``.

    Attributes:
        market: its code.
        quote_currency: currency of the prices.
        tick_size: the price unit at the present price, in the quote currency.
        supported_levels: the grouping units that the book may be asked for; 0 is no grouping.
    """

    market: str
    quote_currency: str
    tick_size: Decimal
    supported_levels: tuple[Decimal, ...] = ()


class Balance(Amounts, frozen=True, gc=False, kw_only=True, eq=False):
    """One currency of the account. Source: the reference page of ``GET /accounts``.

    Attributes:
        currency: for example ``BTC``.
        balance: what is free to use.
        locked: what is bound in orders and withdrawals.
        avg_buy_price: average price of what was bought, in ``unit_currency``.
        avg_buy_price_modified: whether the owner changed that average by hand.
        unit_currency: currency of ``avg_buy_price``; None if it is not told.
    """

    currency: str
    balance: Decimal
    locked: Decimal
    avg_buy_price: Decimal | None = None
    avg_buy_price_modified: bool | None = None
    unit_currency: str | None = None


class OrderTrade(Amounts, frozen=True, gc=False, kw_only=True, eq=False):
    """One fill of an order; ``funds`` is price times volume, ``created_at`` ISO 8601 with the offset of Korea."""

    market: str
    uuid: str
    price: Decimal
    volume: Decimal
    funds: Decimal | None = None
    trend: str | None = None
    created_at: str | None = None
    side: Literal["ask", "bid"] | None = None


class Order(Amounts, frozen=True, gc=False, kw_only=True, eq=False):
    """One of the account's own orders as REST shows it. Source: the reference pages of ``GET /order`` and its lists.

    ``price`` and ``volume`` are None where an order has none, as market orders do. ``created_at`` is ISO 8601 with an
    offset. ``trades`` is told of single orders only, and empty in lists.
    """

    uuid: str
    side: Literal["ask", "bid"]
    ord_type: str
    state: str
    market: str
    created_at: str | None = None
    price: Decimal | None = None
    volume: Decimal | None = None
    remaining_volume: Decimal | None = None
    executed_volume: Decimal | None = None
    executed_funds: Decimal | None = None
    reserved_fee: Decimal | None = None
    remaining_fee: Decimal | None = None
    paid_fee: Decimal | None = None
    locked: Decimal | None = None
    trades_count: int | None = None
    time_in_force: str | None = None
    identifier: str | None = None
    smp_type: str | None = None
    prevented_volume: Decimal | None = None
    prevented_locked: Decimal | None = None
    trades: tuple[OrderTrade, ...] = ()

    def __post_init__(self) -> None:
        """Check the amounts, and that the time is one.

        Raises:
            ValueError: an amount is not finite, or ``created_at`` is not ISO 8601.
        """
        super().__post_init__()
        if self.created_at is not None:
            datetime.fromisoformat(self.created_at)

    def to_event(self, *, received_ns: int = 0) -> MyOrderEvent:
        """Return the order as the private socket would show it, with ``source`` REST.

        REST does not tell when an order last changed, so ``timestamp`` is 0; ``order_timestamp`` is its creation. The
        fields of a single fill (``trade_uuid``, ``trade_fee``, ``is_maker`` ...) are None.

        Args:
            received_ns: reading of ``time.monotonic_ns`` when the reply was read.
        """
        shared = {name: getattr(self, name) for name in _SHARED}
        return MyOrderEvent(
            type="myOrder",
            code=self.market,
            ask_bid=Side(self.side.upper()),
            order_type=self.ord_type,
            order_timestamp=_milliseconds(self.created_at),
            stream_type=StreamType.SNAPSHOT,
            source=Source.REST,
            received_ns=received_ns,
            **shared,
        )


_SHARED = tuple(
    field.name
    for field in msgspec.structs.fields(Order)
    if field.name in {other.name for other in msgspec.structs.fields(MyOrderEvent)}
)


def _milliseconds(moment: str | None) -> int | None:
    return None if moment is None else round(datetime.fromisoformat(moment).timestamp() * 1_000)
