"""The listing of the simulated exchange: which markets exist, their names, price levels and popularity.

The coins are real ones with their names on Upbit; prices and turnovers are plausible levels, varied by the
seed. BTC- and USDT-quoted prices follow from the KRW prices, so cross rates agree when the simulation starts.
"""

from __future__ import annotations

import math
from importlib import resources
from random import Random
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from upbit_qt_ws.errors import ConfigurationError
from upbit_qt_ws.testing.grid import PriceGrid
from upbit_qt_ws.testing.numbers import SCALE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Region = Literal["kr", "id", "sg", "th"]

LOCAL_CURRENCIES: Final[dict[Region, str]] = {"kr": "KRW", "id": "IDR", "sg": "SGD", "th": "THB"}
"""The money of each region. [A]"""
WON_PER_UNIT: Final = {"KRW": 1.0, "IDR": 1 / 13.31, "SGD": 1_050.0, "THB": 41.0}
"""What 1.0 of each is worth in KRW, roughly."""

CAUTIONS: Final = (
    "PRICE_FLUCTUATIONS",
    "TRADING_VOLUME_SOARING",
    "DEPOSIT_AMOUNT_SOARING",
    "GLOBAL_PRICE_DIFFERENCES",
    "CONCENTRATION_OF_SMALL_ACCOUNTS",
)
"""Kinds of ``market_event.caution``, in the order of ``GET /v1/market/all``."""

# Singapore had 12 markets and Thailand 270 in September 2026 [B]; how those divide among quotes is unknown [D].
_MOST_PER_QUOTE: Final[dict[Region, tuple[int, int, int]]] = {"sg": (12, 0, 0), "th": (90, 90, 90)}
_DOLLAR_COINS: Final = frozenset({"USDT", "USDC"})
_CALM: Final = {"BTC": 0.018, "ETH": 0.028, "XRP": 0.032, "SOL": 0.035}


class Listing(NamedTuple):
    """One market of the exchange.

    Attributes:
        code: ``KRW-BTC``, quote currency first.
        korean_name, english_name: names of the base coin.
        price: price at the start, in units of 1e-8 of the quote currency, on the market's grid.
        turnover: turnover of an average day in KRW; it decides how often the market trades.
        volatility: standard deviation of a day's return, as a fraction.
        quiet: the market never trades while the simulation runs; it has a snapshot only.
        warning: ``market_event.warning``.
        cautions: the kinds of ``market_event.caution`` that are set.
    """

    code: str
    korean_name: str
    english_name: str
    price: int
    turnover: float
    volatility: float
    quiet: bool
    warning: bool
    cautions: frozenset[str]

    @property
    def quote(self) -> str:
        """The quote currency: ``KRW``, ``BTC``, ``USDT`` (elsewhere ``IDR``, ``SGD`` or ``THB``)."""
        return self.code.partition("-")[0]

    @property
    def base(self) -> str:
        """The traded coin."""
        return self.code.partition("-")[2]


class _Coin(NamedTuple):
    symbol: str
    korean: str
    english: str
    price: float
    quotes: str
    turnover: float


def listings(seed: int, *, region: Region = "kr", codes: Iterable[str] | None = None) -> dict[str, Listing]:
    """Return the markets by code, most important quote currency first.

    Args:
        seed: varies prices, flags and which markets are quiet; the same seed gives the same listing.
        region: ``kr`` quotes in KRW, BTC and USDT, ``id`` in IDR, BTC and USDT, ``sg`` in SGD alone, ``th`` in
            THB, BTC and USDT.
        codes: keep only these markets; None keeps all.

    Raises:
        ConfigurationError: a code in ``codes`` is not listed.
    """
    rng = Random(f"listing {seed}")
    coins = _coins()
    won = {coin.symbol: coin.price * math.exp(rng.gauss(0, 0.03)) for coin in coins}
    won["USDC"] = won["USDT"] * 0.9995
    everything: dict[str, Listing] = {}
    for index, (quote, letter) in enumerate(((LOCAL_CURRENCIES[region], "K"), ("BTC", "B"), ("USDT", "U"))):
        rate = WON_PER_UNIT.get(quote) or won[quote]
        # A market whose price would be below two of the smallest units of its quote is not listed.
        traded = [coin for coin in coins if letter in coin.quotes and won[coin.symbol] / rate * SCALE >= 2]
        for coin in traded[: _MOST_PER_QUOTE[region][index]] if region in _MOST_PER_QUOTE else traded:
            listing = _listing(coin, quote, won[coin.symbol] / rate, rng)
            everything[listing.code] = listing
    return everything if codes is None else _only(everything, codes)


def _listing(coin: _Coin, quote: str, price: float, rng: Random) -> Listing:
    code = f"{quote}-{coin.symbol}"
    share = 1.0 if quote in WON_PER_UNIT else rng.uniform(0.0005, 0.01)
    turnover = coin.turnover * share * 1e6 * math.exp(rng.gauss(0, 0.2))
    volatility = 0.0015 if coin.symbol in _DOLLAR_COINS else _CALM.get(coin.symbol, rng.uniform(0.035, 0.06))
    return Listing(
        code=code,
        korean_name=coin.korean,
        english_name=coin.english,
        price=PriceGrid(code).nearest(price * SCALE),
        turnover=turnover,
        volatility=volatility,
        quiet=share < 1 and (coin.turnover <= 20 or rng.random() < 0.1),
        warning=rng.random() < 0.02 and coin.turnover < 2_000,
        cautions=frozenset(kind for kind in CAUTIONS if rng.random() < 0.015 and coin.turnover < 20_000),
    )


def _only(everything: Mapping[str, Listing], codes: Iterable[str]) -> dict[str, Listing]:
    wanted = tuple(codes)
    missing = [code for code in wanted if code not in everything]
    if missing:
        raise ConfigurationError(
            f"the simulated exchange does not list {', '.join(map(repr, missing))}; "
            f"leave the argument out to have all {len(everything)} markets, such as KRW-BTC"
        )
    return {code: everything[code] for code in wanted}


def _coins() -> list[_Coin]:
    text = resources.files("upbit_qt_ws.testing").joinpath("coins.tsv").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in text.splitlines() if line and not line.startswith("#"))
    return [_Coin(row[0], row[1], row[2], float(row[3]), row[4], float(row[5])) for row in rows]
