from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.testing.support import START_MS, client, eventually, exchange, fast
from tests.testing.test_keys import bearer, headers
from tests.testing.test_rest import get, signed
from upbit_qt_ws.errors import SimulatorError
from upbit_qt_ws.testing import SimulatedExchange, SimulatedMarket
from upbit_qt_ws.testing.account import Account
from upbit_qt_ws.wire.keys import SIMPLE_KEYS

ORDERS = {"type": "myOrder"}
ASSETS = {"type": "myAsset"}


def states(frames: list[Any]) -> list[str]:
    return [frame["state"] if frame["type"] == "myOrder" else "asset" for frame in frames]


@pytest.mark.asyncio
async def test_a_resting_order_fills_as_the_market_trades_at_its_price() -> None:
    async with exchange() as server, client(server, private=True, **headers()) as user:
        await user.send(ORDERS, ASSETS)
        await user.all_sent()
        uuid = server.place_order("KRW-XRP", "BID", 2_000, "500")
        server.market.trade("KRW-XRP", price=2_001)
        server.market.trade("KRW-XRP", price=2_000, side="ASK", volume=200)
        server.market.trade("KRW-XRP", price=2_000, side="ASK", volume=9_000)
        server.market.trade("KRW-XRP", price=2_000, side="ASK", volume=9_000)
        frames = await user.all_sent()
        assert states(frames) == ["wait", "asset", "trade", "asset", "trade", "done", "asset"]
        wait, locked, first, bought, second, done, _ = frames
        assert list(wait) == list(SIMPLE_KEYS["myOrder"])
        assert {frame["uuid"] for frame in (wait, first, second, done)} == {uuid}
        assert (wait["price"], wait["volume"], wait["locked"], wait["trade_uuid"]) == (2_000, 500, 1_000_500, None)
        assert (wait["order_timestamp"], wait["trade_timestamp"]) == (START_MS, None)
        assert [asset["currency"] for asset in locked["assets"]] == ["KRW"], "only what changed"
        assert (first["price"], first["volume"], first["remaining_volume"]) == (2_000, 200, 300)
        assert (first["trade_fee"], first["is_maker"], first["trades_count"]) == (200, True, 1)
        assert first["locked"] == 600_300
        assert [asset["currency"] for asset in bought["assets"]] == ["KRW", "XRP"]
        assert (second["volume"], second["remaining_volume"], second["executed_volume"]) == (300, 0, 500)
        assert first["trade_uuid"] != second["trade_uuid"]
        assert (done["price"], done["volume"], done["trade_uuid"], done["locked"]) == (2_000, 500, None, 0)
        assert (done["executed_funds"], done["paid_fee"], done["avg_price"]) == (1_000_000, 500, 2_000)


@pytest.mark.asyncio
async def test_a_market_that_trades_beyond_the_price_fills_the_rest() -> None:
    async with exchange() as server, client(server, private=True, **headers()) as user:
        await user.send(ORDERS)
        await user.all_sent()
        server.place_order("KRW-XRP", "ASK", 3_000, 1_000)
        server.market.trade("KRW-XRP", price=3_010, side="BID", volume=1)
        wait, trade, done = await user.all_sent()
        assert (wait["locked"], wait["reserved_fee"]) == (1_000, 0)
        assert (trade["price"], trade["volume"], trade["paid_fee"]) == (3_000, 1_000, 1_500)
        assert done["state"] == "done"


@pytest.mark.asyncio
async def test_an_order_that_crosses_the_book_trades_at_once_as_a_taker() -> None:
    async with exchange() as server, client(server, private=True, **headers()) as user, client(server) as public:
        await user.send(ORDERS)
        await public.send({"type": "trade", "codes": ["KRW-ETH"], "is_only_realtime": True})
        await user.all_sent()
        await public.all_sent()
        server.place_order("KRW-ETH", "BID", 4_000_000, 0.1)
        wait, trade, done = await user.all_sent()
        (seen,) = await public.all_sent()
        assert trade["is_maker"] is False
        assert trade["price"] == seen["trade_price"] < 4_000_000
        assert (trade["volume"], seen["trade_volume"], seen["ask_bid"]) == (0.1, 0.1, "BID")
        assert (wait["state"], done["state"], done["locked"]) == ("wait", "done", 0)


@pytest.mark.asyncio
async def test_orders_without_a_price_or_without_a_volume() -> None:
    async with exchange() as server, client(server, private=True, **headers()) as user:
        await user.send(ORDERS)
        await user.all_sent()
        server.place_order("KRW-XRP", "ASK", volume=500)
        server.place_order("KRW-XRP", "BID", price=10_001)
        frames = await user.all_sent()
        assert states(frames) == ["wait", "trade", "done", "wait", "trade", "cancel"]
        assert [frame["order_type"] for frame in frames] == ["market"] * 3 + ["price"] * 3
        assert (frames[0]["price"], frames[3]["volume"]) == (None, None)
        assert frames[5]["executed_funds"] < 10_001


@pytest.mark.asyncio
async def test_cancelled_orders_free_what_they_locked() -> None:
    async with exchange() as server, client(server, private=True, **headers()) as user:
        await user.send(ORDERS, ASSETS)
        await user.all_sent()
        uuid = server.place_order("KRW-XRP", "BID", 2_000, 500)
        server.market.trade("KRW-XRP", price=2_000, side="ASK", volume=200)
        server.cancel_order(uuid)
        server.market.trade("KRW-XRP", price=2_000, side="ASK", volume=200)
        frames = await user.all_sent()
        assert states(frames) == ["wait", "asset", "trade", "asset", "cancel", "asset"]
        before, after = frames[1]["assets"][0], frames[5]["assets"][0]
        assert after["balance"] == before["balance"] + 600_300
        assert after["locked"] == before["locked"] - 1_000_500
        with pytest.raises(SimulatorError, match=uuid):
            server.cancel_order(uuid)


@pytest.mark.asyncio
async def test_codes_of_my_order() -> None:
    async with (
        exchange() as server,
        client(server, private=True, **headers()) as everything,
        client(server, private=True, **headers()) as empty,
        client(server, private=True, **headers()) as filtered,
    ):
        await everything.send(ORDERS)
        await empty.send({**ORDERS, "codes": []})
        await filtered.send({**ORDERS, "codes": ["KRW-ETH"]})
        for user in (everything, empty, filtered):
            await user.all_sent()
        server.place_order("KRW-XRP", "BID", 1_000, 10)
        server.place_order("KRW-ETH", "BID", 1_000_000, 0.1)
        assert len(await everything.all_sent()) == len(await empty.all_sent()) == 2
        assert [frame["code"] for frame in await filtered.all_sent()] == ["KRW-ETH"]
        await filtered.send({**ASSETS, "codes": ["KRW-ETH"]})
        assert (await filtered.next())["error"]["name"] == "WRONG_FORMAT"


@pytest.mark.asyncio
@pytest.mark.parametrize(("reading", "expected"), [("none", []), ("orders", [2]), ("both", [2, 1])])
async def test_snapshots_of_the_account_are_a_switch(reading: str, expected: list[int]) -> None:
    options = fast(account_snapshots=reading)
    async with exchange(options=options) as server, client(server, private=True, **headers()) as user:
        await user.send(ORDERS, ASSETS)
        frames = await user.all_sent()
        assert [frame["stream_type"] for frame in frames] == ["SNAPSHOT"] * sum(expected)
        assert [frame["state"] for frame in frames if frame["type"] == "myOrder"] == ["wait"] * sum(expected[:1])
        assets = [frame["assets"] for frame in frames if frame["type"] == "myAsset"]
        assert [asset["currency"] for entry in assets for asset in entry] == ["KRW", "BTC", "ETH", "XRP"] * len(assets)
        server.place_order("KRW-XRP", "BID", 1_000, 10)
        assert [frame["stream_type"] for frame in await user.all_sent()] == ["REALTIME"] * 2


@pytest.mark.asyncio
async def test_the_first_use_of_my_asset_ever_is_silent_until_a_reconnect() -> None:
    async with exchange(options=fast(first_asset_delay=300.0)) as server:
        async with client(server, private=True, **headers()) as user:
            await user.send(ORDERS, ASSETS)
            await user.all_sent()
            server.place_order("KRW-XRP", "BID", 1_000, 10)
            assert states(await user.all_sent()) == ["wait"]
        async with client(server, private=True, **headers()) as user:
            await user.send(ASSETS)
            await user.all_sent()
            server.place_order("KRW-XRP", "BID", 1_000, 10)
            assert states(await user.all_sent()) == ["asset"]


@pytest.mark.asyncio
async def test_the_first_use_of_my_asset_works_after_a_while() -> None:
    options = fast(first_asset_delay=0.05)
    async with exchange(options=options) as server, client(server, private=True, **headers()) as user:
        await user.send(ASSETS)
        assert await user.all_sent() == []
        await asyncio.sleep(0.06)
        server.place_order("KRW-XRP", "BID", 1_000, 10)
        assert states(await user.all_sent()) == ["asset"]


@pytest.mark.asyncio
async def test_amounts_are_exact_to_the_last_of_many_decimals() -> None:
    async with exchange() as server, client(server, private=True, **headers()) as user:
        await user.send(ASSETS)
        await user.all_sent()
        server.push_asset(
            {"assets": [{"currency": "KRW", "balance": Decimal("1386929.37231066771348207123"), "locked": Decimal(0)}]}
        )
        assert b'"balance":1386929.37231066771348207123,' in await user.raw()
        server.place_order("KRW-XRP", "BID", 1_999, "3.33333333")
        row = json.loads(await user.raw(), parse_float=Decimal)["assets"][0]
        assert row["balance"] + row["locked"] == 5_000_000


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("KRW-NOPE", "BID", 1, 1), "does not list"),
        (("KRW-BTC", "BUY", 1, 1), "side"),
        (("KRW-BTC", "BID", 100_000_500, 1), "price grid"),
        (("KRW-BTC", "BID", 100_000_000, 1), "needs"),
        (("KRW-BTC", "ASK", 100_000_000, 1), "needs"),
        (("KRW-BTC", "BID", 100_000_000, "0.000000001"), "volume"),
        (("KRW-XRP", "BID", 1_000, 4), "least"),
        (("KRW-XRP", "BID"), "price"),
        (("KRW-XRP", "ASK", 1_000), "volume"),
    ],
)
def test_orders_that_the_exchange_would_refuse(arguments: tuple[Any, ...], words: str) -> None:
    with (
        SimulatedExchange(options=fast(), realtime=False, rate=0) as running,
        pytest.raises(SimulatorError, match=words),
    ):
        running.place_order(*arguments)


def test_rest_agrees_with_what_was_streamed() -> None:
    with SimulatedExchange(options=fast(), realtime=False, rate=0, start_ms=START_MS) as running:
        before = {row["currency"]: row for row in get(running, "/accounts", Authorization=bearer()).value}
        uuid = running.place_order("KRW-ETH", "BID", 3_000_000, "0.5")
        opened = get(running, "/orders/open", Authorization=bearer()).value
        assert opened[0]["uuid"] == uuid
        running.trade("KRW-ETH", price=2_999_000)
        assert uuid not in {row["uuid"] for row in get(running, "/orders/open", Authorization=bearer()).value}
        after = {row["currency"]: row for row in get(running, "/accounts", Authorization=bearer()).value}
        spent = Decimal(before["KRW"]["balance"]) - Decimal(after["KRW"]["balance"])
        # The resting order of the beginning at 5 % below the price was passed as well; it was locked already.
        assert spent == Decimal("1500750")
        assert Decimal(after["ETH"]["balance"]) == Decimal(before["ETH"]["balance"]) + Decimal("0.55")
        assert Decimal(after["ETH"]["avg_buy_price"]) < Decimal(before["ETH"]["avg_buy_price"])
        closed = get(running, "/orders/closed?market=KRW-ETH", Authorization=signed("market=KRW-ETH")).value
        assert [row["state"] for row in closed] == ["done", "done"]
        query = f"uuid={uuid}"
        order = get(running, f"/order?{query}", Authorization=signed(query)).value
        assert (order["executed_volume"], order["paid_fee"], order["trades_count"]) == ("0.5", "750", 1)
        assert order["trades"][0]["funds"] == "1500000"
        running.cancel_order(running.place_order("KRW-ETH", "ASK", 9_000_000, 1))
        query = "state=cancel&limit=1"
        (row,) = get(running, f"/orders/closed?{query}", Authorization=signed(query)).value
        assert (row["side"], row["state"], row["locked"]) == ("ask", "cancel", "0")
        query = f"uuids[]={uuid}&uuids[]=nobody"
        (row,) = get(running, f"/orders/uuids?{query}", Authorization=signed(query)).value
        assert row["uuid"] == uuid
        assert get(running, "/orders/uuids", Authorization=bearer()).value["error"]["name"] == "invalid_parameter"
        assert get(running, "/order", Authorization=bearer()).value["error"]["name"] == "invalid_parameter"
        query = "state=wait"
        assert get(running, f"/orders/closed?{query}", Authorization=signed(query)).status == 400


@pytest.mark.asyncio
async def test_the_account_trades_by_itself_while_real_time_passes() -> None:
    async with (
        exchange(rate=2_000.0, realtime=True, start_ms=None, markets=["KRW-XRP"]) as server,
        client(server, private=True, **headers()) as user,
    ):
        await user.send(ORDERS)
        await user.all_sent()
        book = server.market.market("KRW-XRP").book
        # Wherever the price goes, it meets one of them.
        for side, levels in (("BID", book.bids), ("ASK", book.asks)):
            server.place_order("KRW-XRP", side, levels[0][0] / 1e8, 100)
        await eventually(lambda: any(view.frames_sent >= 3 for view in server.connections))
        frames = await user.take(3)
        assert states(frames) == ["wait", "wait", "trade"]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["place", "sell", "cancel", "trade"]),
            st.integers(1_900, 2_600),
            st.decimals("0.00000001", 2_000, places=8),
        ),
        max_size=30,
    )
)
def test_what_is_locked_is_what_open_orders_need_and_nothing_is_ever_lost(
    steps: list[tuple[str, int, Decimal]],
) -> None:
    market = SimulatedMarket(seed=1, start_ms=START_MS, rate=0, codes=["KRW-XRP"])
    account = Account(market)
    events: list[tuple[str, Any]] = []
    account.publish = lambda kind, _, event: events.append((kind, event))
    for step, price, volume in steps:
        with suppress(SimulatorError):
            if step == "trade":
                market.trade("KRW-XRP", price=price, volume=float(volume))
            elif step == "cancel" and account.open_orders:
                account.cancel(account.open_orders[int(volume) % len(account.open_orders)].uuid)
            elif step in ("place", "sell"):
                account.place("KRW-XRP", "BID" if step == "place" else "ASK", Decimal(price), volume)
    rows = {row["currency"]: row for row in account.accounts()}
    orders = (*account.open_orders, *account.closed_orders)
    bought = sum((order.executed * (1 if order.side == "BID" else -1) for order in orders), Decimal(0))
    earned = sum((order.funds * (-1 if order.side == "BID" else 1) - order.paid_fee for order in orders), Decimal(0))
    for currency, side, begun, change in (("KRW", "BID", 5_000_000, earned), ("XRP", "ASK", 1_500, bought)):
        row = rows.get(currency, {"balance": "0", "locked": "0"})
        locked = sum((order.locked for order in account.open_orders if order.side == side), Decimal(0))
        assert Decimal(row["locked"]) == locked
        assert Decimal(row["balance"]) >= 0
        assert Decimal(row["balance"]) + locked == begun + change
    told = [event["state"] for kind, event in events if kind == "myOrder"]
    assert told.count("wait") == len(orders)
    assert told.count("done") + told.count("cancel") == len(account.closed_orders)
    assert told.count("trade") == sum(len(order.fills) for order in orders)
