from __future__ import annotations

from collections import Counter

import pytest

from upbit_qt_ws.errors import ConfigurationError
from upbit_qt_ws.testing.coins import listings
from upbit_qt_ws.testing.grid import PriceGrid
from upbit_qt_ws.testing.numbers import SCALE

LISTED = listings(1)


def test_there_are_hundreds_of_markets_over_three_quote_currencies() -> None:
    count = Counter(listing.quote for listing in LISTED.values())
    assert count["KRW"] >= 200
    assert count["BTC"] >= 100
    assert count["USDT"] >= 100


def test_coins_have_their_korean_and_english_names() -> None:
    assert (LISTED["KRW-BTC"].korean_name, LISTED["KRW-BTC"].english_name) == ("비트코인", "Bitcoin")
    assert (LISTED["BTC-ETH"].korean_name, LISTED["BTC-ETH"].english_name) == ("이더리움", "Ethereum")
    assert all(listing.korean_name and listing.english_name for listing in LISTED.values())


def test_prices_are_on_the_grid_and_span_all_classes() -> None:
    assert all(PriceGrid(listing.code).contains(listing.price) for listing in LISTED.values())
    won = [listing.price for listing in LISTED.values() if listing.quote == "KRW"]
    assert min(won) < SCALE // 1_000
    assert max(won) > 100_000_000 * SCALE


@pytest.mark.parametrize("coin", ["ETH", "XRP", "SOL", "LINK", "AAVE"])
def test_cross_rates_agree_at_the_start(coin: str) -> None:
    for quote in ("BTC", "USDT"):
        implied = LISTED[f"KRW-{coin}"].price / LISTED[f"KRW-{quote}"].price * SCALE
        assert LISTED[f"{quote}-{coin}"].price == pytest.approx(implied, rel=2e-3)


def test_a_few_markets_are_quiet_or_carry_warnings() -> None:
    listed = list(LISTED.values())
    assert 10 <= sum(listing.quiet for listing in listed) <= len(listed) // 4
    assert not any(listing.quiet for listing in listed if listing.quote == "KRW")
    assert 1 <= sum(listing.warning for listing in listed) <= 40
    assert 1 <= sum(bool(listing.cautions) for listing in listed) <= 90


def test_the_seed_decides_the_listing() -> None:
    assert listings(5) == listings(5)
    assert listings(5) != listings(6)


def test_only_the_wanted_markets() -> None:
    assert list(listings(1, codes=["KRW-ETH", "KRW-BTC"])) == ["KRW-ETH", "KRW-BTC"]
    with pytest.raises(ConfigurationError, match="'KRW-NOPE'"):
        listings(1, codes=["KRW-BTC", "KRW-NOPE"])


def test_indonesia_quotes_in_rupiah() -> None:
    quotes = {listing.quote for listing in listings(1, region="id").values()}
    assert quotes == {"IDR", "BTC", "USDT"}
