from __future__ import annotations

import asyncio
import math
from typing import TYPE_CHECKING

import pytest

from tests.testing.support import SAMPLES, client, eventually, exchange
from upbit_qt_ws.errors import ConfigurationError, SimulatorError

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.asyncio

TRADE = '{"ty":"trade","cd":"%s","tp":%s,"sid":1618678262000003,"pcp":123.00000000,"st":"REALTIME"}'
BOOK = (
    '{"ty":"orderbook","cd":"KRW-OLD","tms":1,"obu":['
    '{"ap":2.0,"bp":1.0,"as":3.50,"bs":4.0},{"ap":3.0,"bp":0.5,"as":1,"bs":1}],"st":"REALTIME"}'
)


def recording(folder: Path, *lines: str) -> Path:
    path = folder / "capture.tsv"
    path.write_text("\n".join(f"{index / 10}\t{line}" for index, line in enumerate(lines)) + "\n", encoding="utf-8")
    return path


async def test_frames_reach_those_who_want_them_in_their_own_format(tmp_path: Path) -> None:
    path = recording(
        tmp_path, TRADE % ("KRW-OLD", "127.0"), BOOK, TRADE % ("KRW-OTHER", "5"), TRADE % ("KRW-OLD", "1.28E8")
    )
    async with exchange() as server, client(server) as full, client(server) as short:
        await full.send({"type": "trade", "codes": ["KRW-OLD"]}, {"type": "orderbook", "codes": ["KRW-OLD.1"]})
        await short.send({"type": "trade", "codes": ["KRW-OLD"]}, form="SIMPLE_LIST")
        await eventually(lambda: len(server.requests) == 2)
        assert await asyncio.wait_for(server.play_capture(path, math.inf), 5) == 4
        snapshot = await full.raw()
        assert snapshot.startswith(b'{"type":"trade","code":"KRW-OLD","trade_price":127.0,')
        assert b'"prev_closing_price":123.00000000' in snapshot, "numbers are spelled as recorded"
        assert snapshot.endswith(b'"stream_type":"SNAPSHOT"}')
        frames = await full.take(4)
        assert [(frame["type"], frame["stream_type"]) for frame in frames] == [
            ("orderbook", "SNAPSHOT"),
            ("trade", "REALTIME"),
            ("orderbook", "REALTIME"),
            ("trade", "REALTIME"),
        ]
        assert frames[0]["orderbook_units"] == [{"ask_price": 2, "bid_price": 1, "ask_size": 3.5, "bid_size": 4}]
        assert frames[3]["trade_price"] == 1.28e8
        assert [(await short.next())[0]["tp"] for _ in range(3)] == [127, 127, 1.28e8]


async def test_the_market_is_silent_about_what_is_played(tmp_path: Path) -> None:
    path = recording(tmp_path, *[TRADE % ("KRW-BTC", "7")] * 4)
    async with exchange() as server, client(server) as user:
        playing = server.play_capture(path, 4.0)
        await asyncio.sleep(0)
        await user.send({"type": "trade", "codes": ["KRW-BTC"]}, {"type": "ticker", "codes": ["KRW-BTC"]})
        assert [frame["type"] for frame in await user.take(2)] == ["trade", "ticker"]
        server.market.trade("KRW-BTC")
        assert await asyncio.wait_for(playing, 5) == 4
        frames = await user.all_sent()
        assert {frame["trade_price"] for frame in frames if frame["type"] == "trade"} == {7}
        server.market.trade("KRW-BTC")
        assert (await user.all_sent())[-1]["trade_price"] > 7, "afterwards the market speaks again"


async def test_frames_keep_their_pace(tmp_path: Path) -> None:
    path = recording(tmp_path, *[TRADE % ("KRW-OLD", "7")] * 5)
    async with exchange() as server:
        loop = asyncio.get_running_loop()
        began = loop.time()
        await asyncio.wait_for(server.play_capture(path, 4.0), 5)
        assert 0.09 <= loop.time() - began < 1


async def test_the_recording_of_2021() -> None:
    path = SAMPLES / "capture_2021_simple.tsv"
    if not path.exists():
        pytest.skip(f"the samples are not at hand: {path}")
    async with exchange() as server, client(server) as user:
        codes = ["KRW-LAMB", "KRW-WAVES", "BTC-ITAM", "BTC-XTZ"]
        await user.send({"type": "trade", "codes": codes}, {"type": "orderbook", "codes": codes}, form="SIMPLE")
        await user.all_sent()
        count = await asyncio.wait_for(server.play_capture(path, math.inf), 20)
        frames = await user.all_sent()
        realtime = [frame for frame in frames if frame["st"] == "REALTIME"]
        assert len(realtime) == count
        assert {frame["cd"] for frame in realtime} == set(codes)


async def test_what_cannot_be_played_is_told(tmp_path: Path) -> None:
    async with exchange() as server:
        with pytest.raises(SimulatorError, match=r"missing\.tsv"):
            server.play_capture(tmp_path / "missing.tsv")
        with pytest.raises(SimulatorError, match="line 2"):
            server.play_capture(recording(tmp_path, TRADE % ("KRW-BTC", "7"), "nonsense"))
        with pytest.raises(ConfigurationError, match="speed"):
            server.play_capture(recording(tmp_path, TRADE % ("KRW-BTC", "7")), 0)
