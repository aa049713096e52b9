from __future__ import annotations

import asyncio
import json
from itertools import pairwise
from typing import Any

import pytest

from tests.testing.support import START_MS, client, eventually, exchange, fast, sample
from upbit_qt_ws.testing import SubscriptionEntry
from upbit_qt_ws.wire.keys import NESTED_SIMPLE_KEYS, SIMPLE_KEYS

pytestmark = pytest.mark.asyncio

ALL_CANDLES = [f"candle.{name}" for name in ("1s", "1m", "3m", "5m", "10m", "15m", "30m", "60m", "240m")]
BTC = ["KRW-BTC"]


def wanted(*types: str, codes: list[str] | None = None, **fields: Any) -> list[dict[str, Any]]:
    return [{"type": name, "codes": codes or BTC, **fields} for name in types]


async def test_one_snapshot_per_topic_then_realtime() -> None:
    async with exchange() as server, client(server) as user:
        types = ["ticker", "trade", "orderbook", *ALL_CANDLES]
        await user.send(*wanted(*types))
        assert [frame["type"] for frame in await user.take(len(types))] == types
        assert await user.all_sent() == []
        server.market.trade("KRW-BTC")
        server.market.advance(1.1)
        frames = await user.all_sent()
        assert {frame["type"] for frame in frames} == set(types)
        assert all(frame["stream_type"] == "REALTIME" and frame["code"] == "KRW-BTC" for frame in frames)


async def test_a_request_replaces_the_whole_subscription() -> None:
    async with exchange() as server, client(server) as user:
        await user.send(*wanted("ticker", "trade"), *wanted("orderbook", codes=["KRW-ETH"]))
        await user.take(3)
        await user.send(*wanted("ticker", codes=["KRW-XRP"]))
        assert (await user.next())["code"] == "KRW-XRP"
        for code in ("KRW-BTC", "KRW-ETH", "KRW-XRP"):
            server.market.trade(code)
        server.market.advance(1)
        assert {(frame["type"], frame["code"]) for frame in await user.all_sent()} == {("ticker", "KRW-XRP")}
        assert server.connections[0].subscription == {SubscriptionEntry("ticker", "KRW-XRP")}


async def test_snapshots_come_in_two_bursts_and_never_after_realtime() -> None:
    codes = ["KRW-BTC", "KRW-ETH", "KRW-XRP", "KRW-SOL"]
    async with exchange(options=fast(snapshot_delays=(0.01, 0.3))) as server, client(server) as user:
        loop = asyncio.get_running_loop()
        began = loop.time()
        await user.send(*wanted("ticker", codes=codes))
        times: list[float] = []
        kinds: dict[str, list[str]] = {code: [] for code in codes}
        while len(times) < 4:
            for code in codes:
                server.market.trade(code)
            frame = await user.next()
            kinds[frame["code"]].append(frame["stream_type"])
            if frame["stream_type"] == "SNAPSHOT":
                times.append(loop.time() - began)
        for frame in await user.all_sent():
            kinds[frame["code"]].append(frame["stream_type"])
        assert all(kind[0] == "SNAPSHOT" and kind.count("SNAPSHOT") == 1 for kind in kinds.values())
        assert times[1] < 0.29 < times[2]


@pytest.mark.parametrize("late", [0, 1, 2])
async def test_late_frames_of_the_old_subscription(late: int) -> None:
    async with exchange(options=fast(snapshot_delays=(0.05, 0.05), late_frames=late)) as server, client(server) as user:
        await user.send(*wanted("trade"))
        await user.next()
        await user.send(*wanted("ticker"))
        await eventually(lambda: len(server.requests) == 2)
        for _ in range(5):
            server.market.trade("KRW-BTC")
        frames = await user.take(late + 1)
        assert [frame["type"] for frame in frames] == ["trade"] * late + ["ticker"]


async def test_snapshot_only_and_realtime_only() -> None:
    async with exchange() as server, client(server) as user:
        await user.send(
            *wanted("ticker", is_only_snapshot=True), *wanted("trade", is_only_realtime=True), *wanted("candle.1m")
        )
        assert [frame["type"] for frame in await user.take(2)] == ["ticker", "candle.1m"]
        server.market.trade("KRW-BTC")
        frames = await user.all_sent()
        assert [(frame["type"], frame["stream_type"]) for frame in frames] == [("trade", "REALTIME")]
        assert server.connections[0].subscription == {
            SubscriptionEntry("ticker", "KRW-BTC", realtime=False),
            SubscriptionEntry("trade", "KRW-BTC", snapshot=False),
            SubscriptionEntry("candle.1m", "KRW-BTC"),
        }


async def test_unknown_and_lower_case_codes_are_silent() -> None:
    async with exchange() as server, client(server) as user:
        await user.send(*wanted("ticker", codes=["KRW-NOPE", "krw-btc", "KRW-ETH", "nonsense"]))
        assert [frame["code"] for frame in await user.all_sent()] == ["KRW-ETH"]
        assert server.connections[0].open


async def test_depths_and_levels_of_books() -> None:
    async with exchange() as server, client(server) as user:
        await user.send(
            *wanted("orderbook", codes=["KRW-BTC.5"]),
            *wanted("orderbook", codes=["KRW-ETH.1"], level=1_000),
            *wanted("orderbook", codes=["KRW-XRP"]),
            *wanted("orderbook", codes=["KRW-SOL.2"]),
            *wanted("orderbook", codes=["KRW-DOGE"], level=7),
            *wanted("orderbook", codes=["BTC-ETH"], level=1),
        )
        frames = await user.all_sent()
        assert [(frame["code"], len(frame["orderbook_units"]), frame["level"]) for frame in frames] == [
            ("KRW-BTC", 5, 0),
            ("KRW-ETH", 1, 1_000),
            ("KRW-XRP", 30, 0),
            ("KRW-SOL", 30, 0),
        ]
        for frame in frames:
            for side in ("ask", "bid"):
                total = sum(unit[f"{side}_size"] for unit in frame["orderbook_units"])
                assert frame[f"total_{side}_size"] == pytest.approx(total, abs=1e-7)
        assert frames[1]["orderbook_units"][0]["ask_price"] % 1_000 == 0


async def test_thin_sides_are_padded_with_zeros() -> None:
    async with exchange() as server, client(server) as user:
        codes = [code for code in server.market.listings if code.startswith("BTC-")]
        await user.send(*wanted("orderbook", codes=codes))
        frames = await user.take(len(codes))
        assert all(len(frame["orderbook_units"]) == 30 for frame in frames)
        padded = [unit for frame in frames for unit in frame["orderbook_units"] if unit["bid_price"] == 0]
        assert padded
        assert all(unit["bid_size"] == 0 for unit in padded)


@pytest.mark.parametrize("form", ["DEFAULT", "SIMPLE", "JSON_LIST", "SIMPLE_LIST"])
async def test_formats_and_their_keys(form: str) -> None:
    async with exchange() as server, client(server) as user:
        await user.send(*wanted("ticker", "trade", "orderbook", "candle.1m"), form=form)
        for name in ("ticker", "trade", "orderbook", "candle"):
            frame = await user.next()
            if form.endswith("_LIST"):
                (frame,) = frame
            table = SIMPLE_KEYS[name]
            assert list(frame) == list(table.values() if form.startswith("SIMPLE") else table)
            unit = NESTED_SIMPLE_KEYS["orderbook_units"]
            if name == "orderbook":
                units = frame["obu" if form.startswith("SIMPLE") else "orderbook_units"]
                assert list(units[0]) == list(unit.values() if form.startswith("SIMPLE") else unit)
        assert server.connections[0].format == form


@pytest.mark.parametrize(
    ("name", "file", "form"),
    [
        ("ticker", "ticker_docexample.jsonl", "DEFAULT"),
        ("trade", "trade_docexample.jsonl", "DEFAULT"),
        ("orderbook", "orderbook_docexample.jsonl", "DEFAULT"),
        ("orderbook", "orderbook_SIMPLE_recorded_probe_kr_2026.jsonl", "SIMPLE"),
        ("candle.1s", "candle_docexample.jsonl", "DEFAULT"),
        ("candle.1s", "candle_SIMPLE_docexample.jsonl", "SIMPLE"),
    ],
)
async def test_frames_have_the_shape_of_the_documented_ones(name: str, file: str, form: str) -> None:
    example = sample(file)[-1]
    async with exchange() as server, client(server) as user:
        await user.send(*wanted(name), form=form)
        frame = await user.next()
        assert list(frame) == list(example)
        for key, value in example.items():
            if isinstance(value, str | bool | list) or value is None:
                assert isinstance(frame[key], type(value)), key
            else:
                assert isinstance(frame[key], int | float), key
            if isinstance(value, str) and key not in ("type", "code", "ty", "cd"):
                assert len(frame[key]) == len(value) or not value[0].isdigit(), key


async def test_numbers_are_spelled_as_recorded() -> None:
    async with exchange() as server, client(server) as user:
        server.market.trade("KRW-BTC", price=116_539_000, side="BID", volume=0.00079276)
        await user.send(*wanted("ticker", "candle.1s"), form="DEFAULT")
        ticker, candle = await user.raw(), await user.raw()
        assert b'"trade_price":1.16539E8,' in ticker
        assert b'"trade_volume":0.00079276,' in ticker
        assert b'"trade_price":116539000.00000000,' in candle
        await user.send(*wanted("ticker", "orderbook"), form="SIMPLE")
        ticker, book = await user.raw(), await user.raw()
        assert b'"tp":116539000,' in ticker
        assert b'"tv":7.9276E-4,' in ticker
        assert b'"lv":0}' in book


async def test_plain_spelling_is_a_switch() -> None:
    async with exchange(options=fast(number_spelling="plain")) as server, client(server) as user:
        server.market.trade("KRW-BTC", price=116_539_000, side="BID", volume=0.00079276)
        await user.send(*wanted("ticker"))
        text = await user.raw()
        assert b'"trade_price":116539000.0,' in text
        assert b'"trade_volume":0.00079276,' in text


async def test_a_trade_moves_the_ticker_before_and_beside_its_own_frame() -> None:
    async with exchange() as server, client(server) as user:
        await user.send(*wanted("ticker", "trade"))
        snapshot, _ = await user.take(2)
        server.market.trade("KRW-BTC", price=200_000_000, volume=1.5, side="BID")
        ticker, trade = await user.take(2)
        assert (ticker["trade_price"], trade["trade_price"]) == (2e8, 2e8)
        assert ticker["high_price"] == ticker["highest_52_week_price"] == 2e8
        assert ticker["acc_trade_volume"] == pytest.approx(snapshot["acc_trade_volume"] + 1.5)
        assert ticker["acc_bid_volume"] + ticker["acc_ask_volume"] == pytest.approx(ticker["acc_trade_volume"])
        assert ticker["acc_trade_price"] == pytest.approx(snapshot["acc_trade_price"] + 3e8)
        assert ticker["change"] == trade["change"] == "RISE"
        assert ticker["change_price"] == 2e8 - ticker["prev_closing_price"] == trade["change_price"]
        assert ticker["change_rate"] == pytest.approx(ticker["change_price"] / ticker["prev_closing_price"])
        assert trade["sequential_id"] == trade["trade_timestamp"] * 10_000
        assert trade["best_ask_price"] == 200_000_000
        assert 40 <= trade["timestamp"] - trade["trade_timestamp"] <= 60
        assert (trade["trade_date"], trade["trade_time"]) == ("2026-11-23", "05:39:42")
        assert (ticker["trade_date"], ticker["trade_time"]) == ("20261123", "053942")


async def test_candles_come_once_a_second_and_only_after_trades() -> None:
    async with exchange() as server, client(server) as user:
        await user.send(*wanted("candle.1s", "candle.1m"))
        await user.take(2)
        server.market.trade("KRW-BTC", price=110_000_000)
        server.market.trade("KRW-BTC", price=120_000_000)
        server.market.trade("KRW-BTC", price=115_000_000)
        server.market.advance(10)
        second, minute = await user.all_sent()
        assert second["candle_date_time_utc"] == "2026-11-23T05:39:42"
        assert second["candle_date_time_kst"] == "2026-11-23T14:39:42"
        assert (second["high_price"], second["low_price"], second["trade_price"]) == (1.2e8, 1.1e8, 1.15e8)
        assert minute["candle_date_time_utc"] == "2026-11-23T05:39:00"
        server.market.advance(120)
        assert await user.all_sent() == []
        await user.send(*wanted("candle.1m"))
        assert (await user.next())["candle_date_time_utc"] == "2026-11-23T05:39:00", "the newest that exists"


async def test_the_last_second_of_a_minute_is_sent_after_its_end() -> None:
    async with exchange(start_ms=START_MS - START_MS % 60_000 + 59_500) as server, client(server) as user:
        await user.send(*wanted("candle.1m"))
        await user.next()
        server.market.trade("KRW-BTC")
        server.market.advance(1)
        (frame,) = await user.all_sent()
        assert frame["candle_date_time_utc"] == "2026-11-23T05:39:00"


async def test_books_come_on_a_raster_of_100_ms() -> None:
    async with exchange() as server, client(server) as user:
        await user.send(*wanted("orderbook", codes=["KRW-BTC.1"]))
        await user.next()
        server.market.advance(30, trades=3_000)
        times = [frame["timestamp"] for frame in await user.all_sent()]
        assert len(times) > 50
        assert len({time_ms % 100 for time_ms in times}) == 1
        assert all(later > earlier for earlier, later in pairwise(times))


async def test_one_type_in_several_objects() -> None:
    async with exchange() as server, client(server) as user:
        await user.send(*wanted("ticker", codes=["KRW-BTC", "KRW-BTC"]), *wanted("ticker", codes=["KRW-ETH"]))
        assert [frame["code"] for frame in await user.all_sent()] == ["KRW-BTC", "KRW-ETH"]


async def test_a_book_in_two_levels_at_once() -> None:
    async with exchange() as server, client(server) as user:
        await user.send(*wanted("orderbook"), *wanted("orderbook", level=10_000))
        assert [frame["level"] for frame in await user.take(2)] == [0, 10_000]
        server.market.trade("KRW-BTC")
        server.market.advance(0.2)
        assert {frame["level"] for frame in await user.all_sent()} == {0, 10_000}


async def test_list_subscriptions_tells_and_does_not_replace() -> None:
    async with exchange() as server, client(server) as user:
        await user.send(
            *wanted("ticker", codes=["KRW-BTC", "KRW-ETH"]), *wanted("orderbook", codes=["KRW-BTC.15"], level=10_000)
        )
        await user.take(3)
        await user.socket.send('[{"ticket":"mine"},{"method":"LIST_SUBSCRIPTIONS"}]')
        assert await user.next() == {
            "method": "LIST_SUBSCRIPTIONS",
            "result": [
                {"type": "ticker", "codes": ["KRW-BTC", "KRW-ETH"]},
                {"type": "orderbook", "codes": ["KRW-BTC"], "level": 10_000},
            ],
            "ticket": "mine",
        }
        server.market.trade("KRW-ETH")
        assert (await user.next())["code"] == "KRW-ETH"
        assert server.requests[-1].method == "LIST_SUBSCRIPTIONS"


async def test_list_subscriptions_in_another_format_switches_the_streams() -> None:
    async with exchange() as server, client(server) as user:
        await user.send(*wanted("ticker"))
        await user.next()
        await user.socket.send('[{"ticket":"mine"},{"method":"LIST_SUBSCRIPTIONS"},{"format":"SIMPLE"}]')
        reply = await user.next()
        assert reply == {"mthd": "LIST_SUBSCRIPTIONS", "rslt": [{"ty": "ticker", "cds": BTC}], "tckt": "mine"}
        server.market.trade("KRW-BTC")
        assert (await user.next())["ty"] == "ticker"


async def test_suffix_in_the_list_is_a_switch() -> None:
    async with exchange(options=fast(suffix_in_list=True)) as server, client(server) as user:
        await user.send(*wanted("orderbook", codes=["KRW-BTC.15"]))
        await user.next()
        await user.socket.send('[{"ticket":"mine"},{"method":"LIST_SUBSCRIPTIONS"}]')
        assert (await user.next())["result"][0]["codes"] == ["KRW-BTC.15"]


async def test_control_frames_can_be_wrapped_in_list_formats() -> None:
    async with exchange(options=fast(wrap_control_frames=True)) as server, client(server) as user:
        await user.send(*wanted("ticker"), form="JSON_LIST")
        await user.next()
        await user.socket.send("nonsense")
        assert (await user.next())[0]["error"]["name"] == "WRONG_FORMAT"


async def test_binary_requests_and_every_connection_for_itself() -> None:
    async with exchange() as server, client(server) as one, client(server) as other:
        await one.socket.send(json.dumps([{"ticket": "t"}, *wanted("ticker")]).encode())
        await one.next()
        await other.send(*wanted("trade"), form="SIMPLE")
        await other.next()
        server.market.trade("KRW-BTC")
        assert (await one.next())["type"] == "ticker"
        assert (await other.next())["ty"] == "trade"
        assert [view.id for view in server.connections] == [1, 2]


async def test_all_markets_at_once() -> None:
    async with exchange() as server, client(server) as user:
        codes = list(server.market.listings)
        await user.send(*wanted("ticker", codes=codes), form="SIMPLE")
        frames = await user.take(len(codes))
        assert {frame["cd"] for frame in frames} == set(codes)
        assert all(frame["lp"] <= frame["tp"] <= frame["hp"] for frame in frames)
        assert all(frame["l52wp"] <= frame["lp"] and frame["hp"] <= frame["h52wp"] for frame in frames)
        assert all(frame["atv24h"] >= frame["atv"] and frame["atp24h"] >= frame["atp"] for frame in frames)
        assert all(frame["aav"] + frame["abv"] == pytest.approx(frame["atv"]) for frame in frames)


async def test_some_trades_are_overtaken_by_the_next_one() -> None:
    async with exchange(options=fast(reorder=0.5)) as server, client(server) as user:
        await user.send(*wanted("trade", is_only_realtime=True))
        await user.all_sent()
        sent = []
        for _ in range(40):
            sent.append(server.market.trade("KRW-BTC").sequential_id)
            server.market.advance(0.01)
        server.market.advance(1)
        received = [frame["sequential_id"] for frame in await user.all_sent()]
        assert received != sent
        assert sorted(received) == sent, "none is lost"


async def test_the_indonesian_exchange() -> None:
    async with exchange(options=fast(region="id")) as server, client(server) as user:
        await user.send(*wanted("orderbook", codes=["IDR-BTC", "KRW-BTC"]))
        (book,) = await user.all_sent()
        assert book["code"] == "IDR-BTC"
        assert "level" not in book
        await user.send(*wanted("orderbook", codes=["IDR-BTC"], level=0))
        assert (await user.next())["error"] == {"message": "Requested using wrong format.", "name": "WRONG_FORMAT"}
