from __future__ import annotations

import json
from typing import Any

import pytest

from tests.testing.support import Client, client, exchange, fast
from tests.testing.test_keys import headers
from upbit_qt_ws.errors import SimulatorError
from upbit_qt_ws.testing import SubscriptionEntry

pytestmark = pytest.mark.asyncio


def wanted(name: str, *codes: str, **fields: Any) -> dict[str, Any]:
    return {"type": name, "codes": list(codes), **fields}


async def listed(user: Client, form: str | None = None) -> Any:
    objects = [{"ticket": "mine"}, {"method": "LIST_SUBSCRIPTIONS"}, *([{"format": form}] if form else [])]
    await user.socket.send(json.dumps(objects))
    return (await user.next())["result" if form in (None, "DEFAULT", "JSON_LIST") else "rslt"]


async def test_a_forgotten_code_is_silent_and_not_listed_until_it_is_asked_for_again() -> None:
    async with exchange() as server, client(server) as user:
        request = [wanted("ticker", "KRW-BTC", "KRW-ETH"), wanted("trade", "KRW-BTC")]
        await user.send(*request)
        await user.take(3)
        assert server.forget("KRW-BTC") == 2
        server.market.trade("KRW-BTC")
        server.market.trade("KRW-ETH")
        assert [frame["code"] for frame in await user.all_sent()] == ["KRW-ETH"]
        assert await listed(user) == [{"type": "ticker", "codes": ["KRW-ETH"]}]
        assert server.connections[0].subscription == {SubscriptionEntry("ticker", "KRW-ETH")}
        await user.send(*request)
        assert len(await user.take(3)) == 3


async def test_one_type_of_one_connection_can_be_forgotten() -> None:
    async with exchange() as server, client(server) as one, client(server) as other:
        for user in (one, other):
            await user.send(wanted("ticker", "KRW-BTC"), wanted("orderbook", "KRW-BTC.5"), wanted("trade", "KRW-BTC"))
            await user.take(3)
        assert server.forget("KRW-BTC", "orderbook", connection_id=2) == 1
        assert server.forget("KRW-XRP") == 0
        server.market.trade("KRW-BTC")
        server.market.advance(0.3)
        assert {frame["type"] for frame in await one.all_sent()} == {"ticker", "trade", "orderbook"}
        assert {frame["type"] for frame in await other.all_sent()} == {"ticker", "trade"}


async def test_a_code_is_forgotten_before_its_snapshot_was_sent() -> None:
    async with exchange(options=fast(snapshot_delays=(0.0, 0.05))) as server, client(server) as user:
        await user.send(wanted("ticker", "KRW-BTC", "KRW-ETH", "KRW-XRP", "KRW-SOL"))
        await user.take(2)
        server.forget("KRW-XRP")
        assert (await user.next())["code"] == "KRW-SOL"


async def test_a_poisoned_code_kills_every_request_that_names_it() -> None:
    async with exchange() as server:
        server.poison("KRW-ETH")
        async with client(server) as user:
            await user.send(wanted("ticker", "KRW-BTC"))
            await user.next()
            await user.send(wanted("ticker", "KRW-BTC"), wanted("orderbook", "KRW-ETH.5"))
            error = (await user.next())["error"]
            assert (error["name"], error["message"]) == ("INVALID_PARAM", "KRW-ETH 은 지원하지 않는 타입입니다.")
            assert await user.closed() == 1000
        assert server.requests[-1].error == "INVALID_PARAM"
        server.poison("KRW-ETH", "WRONG_FORMAT")
        async with client(server) as user:
            await user.send(wanted("ticker", "KRW-ETH"))
            assert (await user.next())["error"]["name"] == "WRONG_FORMAT"
        server.poison("KRW-ETH", None)
        async with client(server) as user:
            await user.send(wanted("ticker", "KRW-ETH"))
            assert (await user.next())["code"] == "KRW-ETH"


async def test_an_unlisted_market_stops_without_notice_and_goes_on_when_listed_again() -> None:
    async with exchange() as server, client(server) as early, client(server) as late:
        await early.send(wanted("ticker", "KRW-BTC"), wanted("orderbook", "KRW-BTC"))
        await early.take(2)
        server.market.trade("KRW-BTC")
        server.unlist("KRW-BTC")
        await late.send(wanted("ticker", "KRW-BTC"))
        server.market.advance(5, trades=500)
        frames = await early.all_sent()
        assert [frame["type"] for frame in frames] == ["ticker"], "what had happened before"
        assert await late.all_sent() == []
        with pytest.raises(SimulatorError, match="KRW-BTC"):
            server.market.trade("KRW-BTC")
        with pytest.raises(SimulatorError, match="KRW-BTC"):
            server.unlist("KRW-BTC")
        server.list_market("KRW-BTC")
        server.market.trade("KRW-BTC")
        server.market.advance(0.3)
        assert {frame["stream_type"] for frame in await early.all_sent()} == {"REALTIME"}
        assert [frame["stream_type"] for frame in await late.all_sent()] == ["SNAPSHOT", "REALTIME"]
        with pytest.raises(SimulatorError, match="already"):
            server.list_market("KRW-BTC")


async def test_a_code_begins_to_flow_when_it_is_listed_while_subscribed() -> None:
    async with exchange(markets=["KRW-BTC"]) as server, client(server) as user:
        await user.send(wanted("ticker", "KRW-ETH", "KRW-NEWCOIN", "USDT-NEWCOIN"))
        assert await user.all_sent() == []
        server.list_market("KRW-ETH")
        server.list_market("KRW-NEWCOIN", 250.0)
        server.list_market("USDT-NEWCOIN")
        frames = await user.take(3)
        assert [frame["code"] for frame in frames] == ["KRW-ETH", "KRW-NEWCOIN", "USDT-NEWCOIN"]
        assert frames[1]["trade_price"] == 250
        server.market.advance(60, trades=300)
        assert {frame["code"] for frame in await user.all_sent()} == {"KRW-ETH", "KRW-NEWCOIN", "USDT-NEWCOIN"}
        with pytest.raises(SimulatorError, match="quote currency"):
            server.list_market("EUR-BTC")


@pytest.mark.parametrize(
    ("policy", "levels"), [("both", [0, 10_000]), ("first", [0]), ("last", [10_000]), ("neither", [])]
)
async def test_what_becomes_of_several_levels_is_what_is_listed(policy: str, levels: list[int]) -> None:
    books = [wanted("orderbook", "KRW-BTC"), wanted("orderbook", "KRW-BTC", level=10_000)]
    async with exchange(options=fast(several_levels=policy)) as server, client(server) as user:
        await user.send(wanted("ticker", "KRW-BTC"), *books)
        assert (await user.next())["type"] == "ticker"
        assert [frame["level"] for frame in await user.all_sent()] == levels
        assert [entry["level"] for entry in await listed(user) if entry["type"] == "orderbook"] == levels


async def test_several_levels_can_be_refused() -> None:
    async with exchange(options=fast(several_levels="refuse")) as server, client(server) as user:
        await user.send(wanted("orderbook", "KRW-BTC", "KRW-ETH"), wanted("orderbook", "KRW-XRP", level=1))
        assert len(await user.take(3)) == 3
        await user.send(wanted("orderbook", "KRW-BTC"), wanted("orderbook", "KRW-BTC.5"))
        assert (await user.next())["error"]["name"] == "INVALID_PARAM"
        assert await user.closed() == 1000


@pytest.mark.parametrize(("reading", "codes"), [("as_asked", ["KRW-BTC", "KRW-NOPE"]), ("only_known", ["KRW-BTC"])])
async def test_unknown_codes_in_the_list(reading: str, codes: list[str]) -> None:
    async with exchange(options=fast(unknown_in_list=reading)) as server, client(server) as user:
        await user.send(wanted("ticker", "KRW-BTC", "KRW-NOPE"), wanted("trade", "KRW-NOPE"))
        await user.next()
        expected = [{"type": "ticker", "codes": codes}]
        if reading == "as_asked":
            expected.append({"type": "trade", "codes": ["KRW-NOPE"]})
        assert await listed(user) == expected


@pytest.mark.parametrize("form", ["DEFAULT", "SIMPLE", "JSON_LIST", "SIMPLE_LIST"])
async def test_the_list_in_every_format_switches_the_streams(form: str) -> None:
    async with exchange() as server, client(server) as user:
        await user.send(wanted("ticker", "KRW-BTC"), wanted("orderbook", "KRW-ETH.5", "KRW-ETH"))
        await user.take(3)
        keys = ("ty", "cds", "lv") if form.startswith("SIMPLE") else ("type", "codes", "level")
        assert await listed(user, form) == [
            {keys[0]: "ticker", keys[1]: ["KRW-BTC"]},
            {keys[0]: "orderbook", keys[1]: ["KRW-ETH"], keys[2]: 0},
        ]
        assert server.connections[0].format == form
        server.market.trade("KRW-BTC")
        frame = await user.next()
        assert isinstance(frame, list) == form.endswith("LIST")
        assert (frame[0] if isinstance(frame, list) else frame)[keys[0]] == "ticker"


async def test_a_starved_exchange_answers_and_feeds_nothing_old_or_new() -> None:
    async with exchange() as server, client(server) as old:
        await old.send(wanted("ticker", "KRW-BTC"), wanted("trade", "KRW-BTC"))
        await old.take(2)
        server.starve("public")
        server.market.trade("KRW-BTC")
        assert await old.all_sent() == []
        assert {entry["type"] for entry in await listed(old)} == {"ticker", "trade"}
        await (await old.socket.ping())
        async with client(server) as new:
            await new.send(wanted("ticker", "KRW-BTC"))
            assert await new.all_sent() == []
            server.starve("public", False)
            (late,) = await new.all_sent()
            assert late["stream_type"] == "SNAPSHOT", "no stream begins without one"
        assert await old.all_sent() == [], "what was kept back is never sent"
        server.market.trade("KRW-BTC")
        assert {frame["type"] for frame in await old.all_sent()} == {"ticker", "trade"}


async def test_a_stalled_connection_is_fed_nothing_and_a_new_one_is() -> None:
    async with exchange() as server, client(server) as old:
        await old.send(wanted("ticker", "KRW-BTC"))
        await old.take(1)
        server.stall("public")
        async with client(server) as new:
            await new.send(wanted("ticker", "KRW-BTC"))
            await new.take(1)
            await old.send(wanted("ticker", "KRW-BTC", "KRW-ETH"))
            server.market.trade("KRW-BTC")
            assert len(await new.all_sent()) == 1
            assert await old.all_sent() == [], "a new request does not help either"
            server.stall("public", False)
            assert [frame["stream_type"] for frame in await old.all_sent()] == ["SNAPSHOT"] * 2
            server.market.trade("KRW-BTC")
            assert len(await old.all_sent()) == 1


async def test_one_topic_starves_and_no_other() -> None:
    async with exchange() as server, client(server) as user:
        await user.send(wanted("ticker", "KRW-BTC", "KRW-ETH"), wanted("trade", "KRW-BTC"))
        await user.take(3)
        server.starve("ticker KRW-BTC")
        server.market.trade("KRW-BTC")
        server.market.trade("KRW-ETH")
        told = {(frame["type"], frame["code"]) for frame in await user.all_sent()}
        assert told == {("trade", "KRW-BTC"), ("ticker", "KRW-ETH")}


async def test_the_private_socket_starves_alone() -> None:
    async with (
        exchange() as server,
        client(server) as public,
        client(server, private=True, **headers()) as private,
    ):
        await public.send(wanted("ticker", "KRW-BTC"))
        await public.take(1)
        await private.send({"type": "myOrder"}, {"type": "myAsset"})
        assert await private.all_sent() == []
        server.starve("private")
        server.place_order("KRW-BTC", "BID", "10000", None)
        assert await private.all_sent() == []
        assert len(await public.all_sent()) == 1
        server.starve("private", False)
        server.place_order("KRW-BTC", "BID", "10000", None)
        assert {frame["type"] for frame in await private.all_sent()} == {"myOrder", "myAsset"}


async def test_what_cannot_starve_is_refused() -> None:
    async with exchange() as server:
        for what in ("", "info", "KRW-BTC", "ticker"):
            with pytest.raises(SimulatorError, match="cannot starve"):
                server.starve(what)
