from __future__ import annotations

from contextlib import asynccontextmanager
from decimal import Decimal
from itertools import islice
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import jwt
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from tests.testing.support import START_MS, Client, exchange, fast, sample
from upbit_qt_ws.errors import SimulatorError
from upbit_qt_ws.testing import MockUpbitWebSocketServer, SimulatorOptions
from upbit_qt_ws.wire.keys import SIMPLE_KEYS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

pytestmark = pytest.mark.asyncio

FIVE = 300_000
RSI = {"type": "rsi", "params": {"period": 14}}
MACD = {"type": "macd", "params": {"fast": 12, "slow": 26, "signal_period": 9}}
EVERY = [
    {"type": "volume", "params": {"period": 20}},
    RSI,
    {"type": "moving_average", "params": {"type": "SMA", "period": 20}},
    {"type": "ma_crossover", "params": {"type": "EMA", "short_period": 5, "long_period": 20}},
    {"type": "bollinger_bands", "params": {"period": 20, "multiplier": 2.5}},
    MACD,
]
ABOVE = {"type": "moving_average", "params": {"type": "SMA", "period": 5}, "trigger": "price_cross_above"}


def indicator(*indicators: dict[str, Any], codes: list[str] | None = None, timeframe: str = "5m") -> dict[str, Any]:
    signal = any("trigger" in entry for entry in indicators)
    return {
        "type": "indicator_signal" if signal else "indicator",
        "codes": codes or ["KRW-BTC"],
        "timeframe": timeframe,
        "indicators": list(indicators),
    }


@asynccontextmanager
async def listener(server: MockUpbitWebSocketServer) -> AsyncIterator[Client]:
    keys = SimulatorOptions()
    token = jwt.encode({"access_key": keys.access_key, "nonce": str(uuid4())}, keys.secret_key)
    headers = {"Authorization": f"Bearer {token}"}
    async with connect(server.info_url, proxy=None, compression=None, additional_headers=headers) as socket:
        yield Client(socket)


def to_close(server: MockUpbitWebSocketServer, period_ms: int = FIVE) -> float:
    """Seconds until the values of the running candle have been sent."""
    return (period_ms - server.market.now_ms % period_ms + 1_100) / 1_000


async def test_values_come_at_the_close_of_a_candle_and_there_is_no_snapshot() -> None:
    async with exchange() as server, listener(server) as user:
        await user.send(indicator(*EVERY))
        assert await user.all_sent() == []
        server.market.trade("KRW-BTC", price=120_000_000, volume=3)
        server.market.advance(to_close(server) - 2)
        assert await user.all_sent() == []
        server.market.advance(2)
        frames = await user.all_sent()
        assert [frame["indicator"] for frame in frames] == [entry["type"] for entry in EVERY]
        start = START_MS - START_MS % FIVE
        for frame, asked in zip(frames, EVERY, strict=True):
            assert list(frame) == list(SIMPLE_KEYS["indicator"])
            assert frame["params"] == asked["params"]
            assert (frame["code"], frame["timeframe"], frame["stream_type"]) == ("KRW-BTC", "5m", "REALTIME")
            assert frame["candle_date_time_utc"] == "2026-11-23T05:35:00"
            assert frame["timestamp"] == start + FIVE + 1_095
        volume, rsi, average, crossover, bands, macd = (frame["value"] for frame in frames)
        assert volume["volume"] > 3
        assert volume["ratio"] == pytest.approx(volume["volume"] / volume["avg_volume"])
        assert 50 < rsi["rsi"] < 100
        bars = islice(server.market.market("KRW-BTC").candles_newest_first("5m", start + 1), 20)
        assert average["value"] == pytest.approx(sum(bar.close for bar in bars) / 20 / 1e8)
        assert crossover["ma_short"] > crossover["ma_long"]
        assert bands["bb_lower"] < bands["bb_middle"] == average["value"] < bands["bb_upper"]
        assert macd["histogram"] == pytest.approx(macd["macd"] - macd["macd_signal"])


async def test_a_period_without_trades_has_no_value() -> None:
    async with exchange() as server, listener(server) as user:
        await user.send(indicator(RSI))
        await user.all_sent()
        server.market.advance(to_close(server))
        assert len(await user.all_sent()) == 1, "the candle that was running had trades before the start"
        server.market.advance(1_800)
        assert await user.all_sent() == []


@pytest.mark.parametrize(("timeframe", "minutes"), [("15m", 15), ("60m", 60), ("240m", 240), ("1d", 1_440)])
async def test_longer_candles(timeframe: str, minutes: int) -> None:
    async with exchange() as server, listener(server) as user:
        await user.send(indicator(RSI, timeframe=timeframe))
        await user.all_sent()
        server.market.trade("KRW-BTC")
        server.market.advance(to_close(server, minutes * 60_000))
        (frame,) = await user.all_sent()
        assert frame["timeframe"] == timeframe
        assert 0 < frame["value"]["rsi"] < 100


async def test_a_signal_comes_only_when_its_condition_begins_to_hold() -> None:
    async with exchange() as server, listener(server) as user:
        await user.send(indicator(ABOVE, {**ABOVE, "trigger": "price_cross_below"}))
        await user.all_sent()
        seen: list[list[str]] = []
        for price in (100_000_000, 90_000_000, 130_000_000, 140_000_000, 80_000_000, 70_000_000, 150_000_000):
            server.market.trade("KRW-BTC", price=price)
            server.market.advance(to_close(server))
            frames = await user.all_sent()
            assert all(list(frame) == list(SIMPLE_KEYS["indicator_signal"]) for frame in frames)
            assert all(frame["event_params"] == {} for frame in frames)
            seen.append([frame["trigger"] for frame in frames])
        assert seen[2:] == [["price_cross_above"], [], ["price_cross_below"], [], ["price_cross_above"]]


@pytest.mark.parametrize("form", ["SIMPLE", "SIMPLE_LIST", "JSON_LIST"])
async def test_other_formats(form: str) -> None:
    async with exchange() as server, listener(server) as user:
        await user.send(indicator(MACD), indicator({**RSI, "trigger": "overbought", "event_params": {"threshold": 70}}),
                        form=form)  # fmt: skip
        await user.all_sent()
        server.market.trade("KRW-BTC")
        server.market.advance(to_close(server))
        frame = await user.next()
        if form.endswith("LIST"):
            (frame,) = frame
        if form.startswith("SIMPLE"):
            (example,) = (line for line in sample("indicator_docexample.jsonl") if "ty" in line)
            assert list(frame) == list(example)
            assert (list(frame["p"]), list(frame["v"])) == (list(example["p"]), list(example["v"]))
        else:
            assert list(frame["value"]) == ["macd", "macd_signal", "histogram"]
        server.push_indicator(
            {
                "code": "KRW-BTC", "timeframe": "5m", "indicator": "rsi", "trigger": "overbought",
                "value": {"rsi": Decimal("71.000000000000000000001")},
            }
        )  # fmt: skip
        text = await user.raw()
        assert b":71.000000000000000000001}" in text
        names = SIMPLE_KEYS["indicator_signal"]
        key = names["event_params"] if form.startswith("SIMPLE") else "event_params"
        assert f'"{key}":{{"threshold":70}}'.encode() in text


async def test_a_pushed_event_reaches_only_those_who_asked_for_it() -> None:
    async with exchange() as server, listener(server) as user:
        await user.send(indicator(RSI, MACD), indicator(RSI, codes=["KRW-ETH"], timeframe="15m"))
        await user.all_sent()
        event = {"code": "KRW-BTC", "timeframe": "5m", "indicator": "rsi", "value": {"rsi": 58.75323648}}
        server.push_indicator(event)
        server.push_indicator({**event, "timeframe": "15m"})
        server.push_indicator({**event, "code": "KRW-ETH"})
        server.push_indicator({**event, "params": {"period": 7}})
        server.push_indicator({**event, "trigger": "overbought"})
        (frame,) = await user.all_sent()
        example = sample("indicator_docexample.jsonl")[0]
        assert frame["value"] == example["value"]
        assert frame["params"] == example["params"]
        with pytest.raises(SimulatorError, match="timeframe"):
            server.push_indicator({"code": "KRW-BTC"})
        server.forget("KRW-BTC", "indicator")
        server.push_indicator(event)
        assert await user.all_sent() == []


async def test_unknown_and_foreign_codes_are_silent_until_they_are_listed() -> None:
    async with exchange(markets=["KRW-BTC", "KRW-ETH", "BTC-ETH"]) as server, listener(server) as user:
        await user.send(indicator(RSI, codes=["KRW-XRP", "BTC-ETH"]))
        assert await user.all_sent() == []
        for code in ("BTC-ETH", "KRW-ETH"):
            server.market.trade(code)
        server.market.advance(to_close(server))
        assert await user.all_sent() == []
        server.list_market("KRW-XRP")
        server.market.trade("KRW-XRP")
        server.market.advance(to_close(server))
        assert [frame["code"] for frame in await user.all_sent()] == ["KRW-XRP"]


async def test_foreign_quotes_may_be_refused_and_other_values_allowed() -> None:
    options = fast(indicator_other_quotes="refuse", indicator_params="any")
    async with exchange(options=options) as server, listener(server) as user:
        await user.send(indicator({"type": "rsi", "params": {"period": 17}}))
        assert await user.all_sent() == []
        await user.send(indicator(RSI, codes=["BTC-ETH"]))
        assert (await user.next())["error"]["name"] == "INVALID_PARAM"


async def test_at_most_a_hundred_combinations() -> None:
    async with exchange() as server:
        codes = [f"KRW-COIN{number}" for number in range(50)]
        async with listener(server) as user:
            await user.send(indicator(RSI, codes=codes), indicator(ABOVE, codes=codes))
            assert await user.all_sent() == []
        async with listener(server) as user:
            await user.send(indicator(RSI, codes=codes), indicator(ABOVE, codes=[*codes, "KRW-BTC"]))
            assert (await user.next())["error"]["name"] == "TOO_MANY_REQUEST"
            assert await user.closed() == 1000


@pytest.mark.parametrize(
    ("request_object", "name"),
    [
        ({"type": "ticker", "codes": ["KRW-BTC"]}, "INVALID_PARAM"),
        ({"type": "myAsset"}, "INVALID_PARAM"),
        ({**indicator(RSI), "codes": []}, "NO_CODES"),
        ({**indicator(RSI), "timeframe": "1m"}, "INVALID_PARAM"),
        ({"type": "indicator", "codes": ["KRW-BTC"], "indicators": [RSI]}, "INVALID_PARAM"),
        ({**indicator(RSI), "indicators": []}, "INVALID_PARAM"),
        ({**indicator(RSI), "indicators": "rsi"}, "WRONG_FORMAT"),
        ({**indicator(RSI), "indicators": ["rsi"]}, "WRONG_FORMAT"),
        (indicator({"type": "stochastic", "params": {}}), "INVALID_PARAM"),
        (indicator({"type": "rsi"}), "INVALID_PARAM"),
        (indicator({"type": "rsi", "params": {"period": "14"}}), "INVALID_PARAM"),
        (indicator({"type": "rsi", "params": {"period": 17}}), "INVALID_PARAM"),
        (indicator({"type": "rsi", "params": {"period": True}}), "INVALID_PARAM"),
        (indicator({"type": "macd", "params": {"fast": 12, "slow": 26, "signal_period": 5}}), "INVALID_PARAM"),
        (indicator({"type": "moving_average", "params": {"type": "WMA", "period": 20}}), "INVALID_PARAM"),
        (indicator({**RSI, "trigger": "golden_cross"}), "INVALID_PARAM"),
        (indicator({**RSI, "trigger": "overbought"}), "INVALID_PARAM"),
        (indicator({**RSI, "trigger": "overbought", "event_params": {"threshold": 75}}), "INVALID_PARAM"),
        ({**indicator(RSI), "type": "indicator_signal"}, "INVALID_PARAM"),
    ],
)
async def test_what_is_wrong_has_a_name(request_object: dict[str, Any], name: str) -> None:
    async with exchange() as server, listener(server) as user:
        await user.send(request_object)
        assert (await user.next())["error"]["name"] == name


async def test_the_path_needs_a_token_and_exists_in_korea_only() -> None:
    for region, status in (("kr", 401), ("id", 404)):
        async with exchange(options=fast(region=region)) as server:
            with pytest.raises(InvalidStatus) as caught:
                async with connect(server.info_url, proxy=None):
                    pass
            assert caught.value.response.status_code == status


async def test_what_is_subscribed_is_listed() -> None:
    async with exchange() as server, listener(server) as user:
        await user.send(indicator(RSI), indicator(ABOVE, codes=["KRW-ETH"]))
        await user.socket.send('[{"ticket":"mine"},{"method":"LIST_SUBSCRIPTIONS"}]')
        assert (await user.next())["result"] == [
            {"type": "indicator", "codes": ["KRW-BTC"]},
            {"type": "indicator_signal", "codes": ["KRW-ETH"]},
        ]
