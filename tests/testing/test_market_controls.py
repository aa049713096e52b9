from __future__ import annotations

from typing import Any

import pytest

from tests.testing.support import client, exchange
from upbit_qt_ws.errors import SimulatorError

pytestmark = pytest.mark.asyncio


def status(frame: dict[str, Any]) -> tuple[Any, ...]:
    return frame["market_state"], frame["is_trading_suspended"], frame["delisting_date"]


async def test_a_suspended_market_says_so_at_once_and_stands_still_until_trading_begins_again() -> None:
    async with exchange() as server, client(server) as user:
        await user.send({"type": "ticker", "codes": ["KRW-BTC", "KRW-ETH"]})
        assert {status(frame) for frame in await user.take(2)} == {("ACTIVE", False, None)}
        server.set_market_state("KRW-BTC", suspended=True, delisting_date="2026-12-01")
        told = await user.next()
        assert (told["code"], told["stream_type"], *status(told)) == (
            "KRW-BTC", "REALTIME", "ACTIVE", True, "2026-12-01",
        )  # fmt: skip
        server.market.advance(60, trades=2_000)
        assert {frame["code"] for frame in await user.all_sent()} == {"KRW-ETH"}
        with pytest.raises(SimulatorError, match="KRW-BTC does not trade"):
            server.market.trade("KRW-BTC")
        server.set_market_state("KRW-BTC")
        server.market.trade("KRW-BTC")
        frames = await user.all_sent()
        assert [status(frame) for frame in frames] == [("ACTIVE", False, None)] * 2


@pytest.mark.parametrize("state", ["PREVIEW", "DELISTED"])
async def test_only_an_active_market_trades(state: Any) -> None:
    async with exchange(markets=["KRW-BTC"]) as server, client(server) as user:
        server.set_market_state("KRW-BTC", state)
        await user.send({"type": "ticker", "codes": ["KRW-BTC"]}, form="SIMPLE")
        snapshot = await user.next()
        assert (snapshot["ms"], snapshot["its"], snapshot["dd"]) == (state, False, None)
        server.market.advance(5, trades=50)
        assert await user.all_sent() == []
        with pytest.raises(SimulatorError, match="KRW-NOSUCH"):
            server.set_market_state("KRW-NOSUCH")


async def test_a_book_without_orders_is_all_zeros_and_comes_back() -> None:
    async with exchange() as server, client(server) as user:
        await user.send({"type": "orderbook", "codes": ["KRW-BTC.5"]})
        assert all(unit["ask_price"] for unit in (await user.next())["orderbook_units"])
        server.empty_book("KRW-BTC")
        server.market.advance(0.3)
        (empty,) = await user.all_sent()
        zeros = {"ask_price": 0, "bid_price": 0, "ask_size": 0, "bid_size": 0}
        assert empty["orderbook_units"] == [zeros] * 5
        assert (empty["total_ask_size"], empty["total_bid_size"]) == (0, 0)
        async with client(server) as other:
            await other.send({"type": "orderbook", "codes": ["KRW-BTC"], "level": 10_000})
            assert (await other.next())["total_ask_size"] == 0
        server.empty_book("KRW-BTC", False)
        server.market.advance(0.3)
        assert all(unit["bid_price"] for unit in (await user.all_sent())[-1]["orderbook_units"])
