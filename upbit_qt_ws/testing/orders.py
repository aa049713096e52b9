"""One order of the account: its amounts, exactly, and how REST and ``myOrder`` tell them."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final, Literal, NamedTuple

from upbit_qt_ws.testing.encode import EMISSION_DELAY_MS, iso

OrderState = Literal["wait", "done", "cancel"]

_ZERO: Final = Decimal(0)
_EIGHT_DECIMALS: Final = Decimal("1e-8")


class Fill(NamedTuple):
    """One execution. ``maker`` tells whether the order rested in the book."""

    uuid: str
    time_ms: int
    price: Decimal
    volume: Decimal
    fee: Decimal
    maker: bool


@dataclass(slots=True, kw_only=True)
class Order:
    """An order and what became of it.

    Attributes:
        uuid: of the order.
        code: of the market.
        side: ``BID`` buys, ``ASK`` sells.
        kind: ``limit``, ``price`` (buys for an amount of money), ``market`` (sells at any price).
        price: the limit, or the amount of money of a ``price`` order; None for ``market``.
        volume: in coins; None for ``price``.
        fee_rate: fraction of the turnover.
        created_ms: when it was placed.
        identifier: given by the client, or None.
        fills: the executions, oldest first.
    """

    uuid: str
    code: str
    side: Literal["BID", "ASK"]
    kind: Literal["limit", "price", "market"]
    price: Decimal | None
    volume: Decimal | None
    fee_rate: Decimal
    created_ms: int
    identifier: str | None = None
    state: OrderState = "wait"
    fills: list[Fill] = field(default_factory=list)

    @property
    def executed(self) -> Decimal:
        """Coins that were traded."""
        return sum((fill.volume for fill in self.fills), _ZERO)

    @property
    def funds(self) -> Decimal:
        """Turnover of what was traded, without fees."""
        return sum((fill.volume * fill.price for fill in self.fills), _ZERO)

    @property
    def paid_fee(self) -> Decimal:
        """Fees of what was traded."""
        return sum((fill.fee for fill in self.fills), _ZERO)

    @property
    def remaining(self) -> Decimal | None:
        """Coins that are left; None for an amount of money."""
        return None if self.volume is None else self.volume - self.executed

    @property
    def _reserved_turnover(self) -> Decimal:
        if self.side == "ASK" or self.price is None:
            return _ZERO
        return self.price if self.volume is None else self.price * self.volume

    @property
    def _open_turnover(self) -> Decimal:
        if self.state != "wait" or self.side == "ASK" or self.price is None:
            return _ZERO
        return self.price - self.funds if self.remaining is None else self.price * self.remaining

    @property
    def locked(self) -> Decimal:
        """What it still locks: coins of a sale, money with its fee of a purchase."""
        if self.state != "wait":
            return _ZERO
        if self.side == "ASK":
            return self.remaining or _ZERO
        return self._open_turnover * (1 + self.fee_rate)

    def event(self, state: str, now_ms: int, fill: Fill | None = None) -> dict[str, Any]:
        """Return a ``myOrder`` event with full field names; with a ``fill``, price and volume are those of the fill."""
        executed = self.executed
        return {
            "type": "myOrder",
            "code": self.code,
            "uuid": self.uuid,
            "ask_bid": self.side,
            "order_type": self.kind,
            "state": state,
            "trade_uuid": fill.uuid if fill else None,
            "price": fill.price if fill else self.price,
            "avg_price": (self.funds / executed).quantize(_EIGHT_DECIMALS) if executed else _ZERO,
            "volume": fill.volume if fill else self.volume,
            "remaining_volume": self.remaining,
            "executed_volume": executed,
            "trades_count": len(self.fills),
            "reserved_fee": self._reserved_turnover * self.fee_rate,
            "remaining_fee": self._open_turnover * self.fee_rate,
            "paid_fee": self.paid_fee,
            "locked": self.locked,
            "executed_funds": self.funds,
            "time_in_force": None,
            "trade_fee": fill.fee if fill else None,
            "is_maker": fill.maker if fill else None,
            "identifier": self.identifier,
            "smp_type": None,
            "prevented_volume": _ZERO,
            "prevented_locked": _ZERO,
            "trade_timestamp": fill.time_ms if fill else None,
            "order_timestamp": self.created_ms,
            "timestamp": now_ms + EMISSION_DELAY_MS,
            "stream_type": "REALTIME",
        }

    def row(self) -> dict[str, Any]:
        """Return the order as REST lists it, with numbers as strings."""
        return {
            "uuid": self.uuid,
            "side": self.side.lower(),
            "ord_type": self.kind,
            "price": text(self.price),
            "state": self.state,
            "market": self.code,
            "created_at": _moment(self.created_ms),
            "volume": text(self.volume),
            "remaining_volume": text(self.remaining),
            "executed_volume": text(self.executed),
            "executed_funds": text(self.funds),
            "reserved_fee": text(self._reserved_turnover * self.fee_rate),
            "remaining_fee": text(self._open_turnover * self.fee_rate),
            "paid_fee": text(self.paid_fee),
            "locked": text(self.locked),
            "trades_count": len(self.fills),
            "time_in_force": None,
            "identifier": self.identifier,
            "smp_type": None,
            "prevented_volume": "0",
            "prevented_locked": "0",
        }

    def row_with_trades(self) -> dict[str, Any]:
        """Return the order as ``GET /v1/order`` tells it."""
        trades = [
            {
                "market": self.code,
                "uuid": fill.uuid,
                "price": text(fill.price),
                "volume": text(fill.volume),
                "funds": text(fill.price * fill.volume),
                "trend": "up" if (self.side == "BID") != fill.maker else "down",
                "created_at": _moment(fill.time_ms),
                "side": self.side.lower(),
            }
            for fill in self.fills
        ]
        return {**self.row(), "trades": trades}


def text(value: Decimal | None) -> str | None:
    """Spell an amount as REST does, exactly and without trailing zeros."""
    return None if value is None else f"{value.normalize():f}"


def _moment(time_ms: int) -> str:
    return f"{iso(time_ms, kst=True)}+09:00"
