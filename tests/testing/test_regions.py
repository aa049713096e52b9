from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from tests.testing.support import client, exchange, fast
from tests.testing.test_rest import get, signed
from upbit_qt_ws.testing import SimulatedExchange
from upbit_qt_ws.testing.coins import LOCAL_CURRENCIES, Region, listings


@pytest.mark.parametrize(("region", "counts"), [("sg", {"SGD": 12}), ("th", {"THB": 90, "BTC": 90, "USDT": 90})])
def test_the_listing_of_a_region(region: Region, counts: dict[str, int]) -> None:
    found = listings(1, region=region)
    assert Counter(listing.quote for listing in found.values()) == counts
    assert f"{LOCAL_CURRENCIES[region]}-BTC" in found


@pytest.mark.asyncio
@pytest.mark.parametrize("region", ["id", "sg", "th"])
async def test_every_stream_in_every_region(region: Region) -> None:
    async with exchange(options=fast(region=region)) as server, client(server) as user:
        code = f"{LOCAL_CURRENCIES[region]}-BTC"
        await user.send(*({"type": name, "codes": [code, "KRW-BTC"]} for name in ("ticker", "trade", "orderbook")))
        frames = await user.all_sent()
        assert [frame["code"] for frame in frames] == [code] * 3
        assert "level" not in frames[2]
        units = frames[2]["orderbook_units"]
        assert units[0]["bid_price"] < units[0]["ask_price"]
        server.market.advance(5, trades=300)
        assert len(await user.all_sent()) > 3
        await user.send({"type": "nope", "codes": [code]})
        assert (await user.next())["error"]["message"] == "type nope is not supported."


@pytest.mark.asyncio
@pytest.mark.parametrize("region", ["sg", "th"])
async def test_the_level_of_a_region_is_a_switch(region: Region) -> None:
    code = f"{LOCAL_CURRENCIES[region]}-ETH"
    book: dict[str, Any] = {"type": "orderbook", "codes": [code], "level": 0}
    async with exchange(options=fast(region=region)) as server, client(server) as user:
        await user.send(book)
        assert (await user.next())["error"]["message"] == "Requested using wrong format."
    async with exchange(options=fast(region=region, regional_level="served")) as server, client(server) as user:
        await user.send(book, {**book, "codes": [f"{LOCAL_CURRENCIES[region]}-BTC"], "level": 10})
        assert [(frame["code"], frame["level"]) for frame in await user.all_sent()] == [(code, 0)]


@pytest.mark.parametrize("region", ["id", "sg", "th"])
def test_rest_and_the_account_of_a_region(region: Region) -> None:
    money = LOCAL_CURRENCIES[region]
    with SimulatedExchange(options=fast(region=region), realtime=False, rate=0) as running:
        row = get(running, "/market/all?is_details=true").value[0]
        assert row == {"market": f"{money}-BTC", "english_name": "Bitcoin", "market_warning": "NONE"}
        assert get(running, f"/ticker/all?quote_currencies={money}").value[0]["market"] == f"{money}-BTC"
        account = get(running, "/accounts", Authorization=signed()).value
        assert [row["currency"] for row in account] == [money, "BTC", "ETH", "XRP"]
        assert {row["unit_currency"] for row in account} == {money}
        running.place_order(f"{money}-ETH", "ASK", volume="0.5")
        assert get(running, "/orders/open", Authorization=signed()).value
        running.list_market(f"{money}-NEWCOIN")
        assert get(running, f"/ticker?markets={money}-NEWCOIN").status == 200
