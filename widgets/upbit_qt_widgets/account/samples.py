"""A made-up account in place of one's own: for Qt Designer, and for pictures that are the same each time."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Final

from upbit_qt_widgets.base.samples import NOW
from upbit_qt_ws.events import MyOrderEvent, Side
from upbit_qt_ws.wire.rest_records import Balance

# Market, side, type, price, volume, traded, state, minutes ago.
_ORDERS: Final = (
    ("KRW-BTC", Side.BID, "limit", "115900000", "0.0125", "0", "wait", 4),
    ("KRW-ETH", Side.ASK, "limit", "3451000", "0.85", "0.31875", "wait", 11),
    ("KRW-XRP", Side.BID, "limit", "2251", "1500", "1420.5", "wait", 26),
    ("KRW-SHIB", Side.BID, "limit", "0.01217", "12500000", "0", "watch", 48),
    ("KRW-SOL", Side.ASK, "market", None, "3.4", "3.4", "done", 75),
    ("BTC-XRP", Side.BID, "limit", "0.00001926", "840", "0", "cancel", 160),
    ("KRW-DOGE", Side.BID, "price", "250000", None, "1168.22429906", "cancel", 1_530),
)

# Currency, balance, locked, average buy price.
_BALANCES: Final = (
    ("KRW", "4820165.37231066771348207123", "1449474.375", "0"),
    ("BTC", "0.05213477", "0", "109845200"),
    ("ETH", "1.25", "0.53125", "3512000"),
    ("XRP", "1420.5", "0", "2251"),
    ("SHIB", "31250000", "0", "0.01102"),
    ("DOGE", "1168.22429906", "0", "214"),
    ("APENFT", "1204.5", "0", "0"),
    ("ADA", "0.00042", "0", "640"),
)


def sample_orders() -> tuple[MyOrderEvent, ...]:
    """Return orders as the stream would tell them, oldest first."""
    return tuple(_order(number, *order) for number, order in reversed(list(enumerate(_ORDERS))))


def sample_balances() -> tuple[Balance, ...]:
    """Return balances; one of them has no market, and one is too small to be seen."""
    return tuple(
        Balance(
            currency=currency,
            balance=Decimal(balance),
            locked=Decimal(locked),
            avg_buy_price=Decimal(average),
            avg_buy_price_modified=False,
            unit_currency="KRW",
        )
        for currency, balance, locked, average in _BALANCES
    )


def _order(
    number: int,
    code: str,
    side: Side,
    kind: str,
    price: str | None,
    volume: str | None,
    traded: str,
    state: str,
    minutes: int,
) -> MyOrderEvent:
    executed, paid = Decimal(traded), Decimal(price or "182300")
    average = Decimal(214) if kind == "price" else paid
    placed = round((NOW - timedelta(minutes=minutes)).timestamp() * 1000)
    return MyOrderEvent(
        type="myOrder",
        code=code,
        uuid=f"00000000-0000-4000-8000-{number:012d}",
        ask_bid=side,
        order_type=kind,
        state=state,
        price=None if price is None else Decimal(price),
        volume=None if volume is None else Decimal(volume),
        remaining_volume=None if volume is None else Decimal(volume) - executed,
        executed_volume=executed,
        executed_funds=executed * average,
        avg_price=average if executed else None,
        order_timestamp=placed,
        timestamp=placed + 1_000,
    )
