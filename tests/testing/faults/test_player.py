"""The player begins and lifts each fault when the script says so, and writes down what it does."""

from __future__ import annotations

import asyncio
import json
import math
from typing import TYPE_CHECKING

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from upbit_qt_ws.testing import SimulatedExchange
from upbit_qt_ws.testing.faults import FaultKind, FaultPlayer, FaultProxy, FaultScript, Transcript

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def exchange() -> Iterator[SimulatedExchange]:
    with SimulatedExchange(rate=200, markets=["KRW-BTC", "KRW-ETH"]) as running:
        yield running


@pytest.fixture
def proxy(exchange: SimulatedExchange) -> Iterator[FaultProxy]:
    with FaultProxy(exchange) as running:
        yield running


def player(text: str, exchange: SimulatedExchange, proxy: FaultProxy) -> FaultPlayer:
    return FaultPlayer(FaultScript.parse(text), exchange, proxy, Transcript("a run", clock=lambda: 0.0))


def test_faults_begin_and_end_at_their_times(exchange: SimulatedExchange, proxy: FaultProxy) -> None:
    play = player("+1 s refuse for 2 s\n+1.5 s silence KRW-BTC for 1 s\n+2 s refuse for 2 s", exchange, proxy)
    assert play.step(0.0) == 1.0
    assert play.is_calm
    assert play.step(1.0) == 1.5
    assert play.step(1.5) == 2.0
    assert play.step(2.0) == 2.5
    assert play.step(3.0) == 4.0
    assert play.step(4.0) == math.inf
    assert play.played == 3
    assert [line.partition(" s  ")[2] for line in play.transcript.lines] == [
        "refuse for 2 s (0 connections)",
        "silence KRW-BTC for 1 s (0 connections)",
        "refuse for 2 s (0 connections)",
        "end of silence KRW-BTC for 1 s",
        "end of refuse for 2 s",
    ]
    assert str(play.transcript).startswith("a run\n+   0.000 s")


def test_every_kind_can_be_played_without_a_target(exchange: SimulatedExchange, proxy: FaultProxy) -> None:
    script = FaultScript.from_seed(5, 60.0, every=0.2, codes=("KRW-BTC",))
    assert {step.fault.kind for step in script} == set(FaultKind)
    play = FaultPlayer(script, exchange, proxy)
    elapsed = 0.0
    while (elapsed := play.step(elapsed)) < math.inf:
        pass
    assert play.is_calm
    assert play.played == len(script)


@pytest.mark.asyncio
async def test_every_kind_is_felt_by_a_client_and_none_lasts(exchange: SimulatedExchange, proxy: FaultProxy) -> None:
    script = FaultScript.from_seed(11, 2.0, every=0.05, codes=("KRW-BTC",), longest=0.3)
    play = FaultPlayer(script, exchange, proxy)
    task = asyncio.get_running_loop().run_in_executor(None, play.play)
    while not task.done():
        try:
            async with asyncio.timeout(0.3):
                async with connect(proxy.websocket_url, proxy=None, close_timeout=0.1) as socket:
                    await socket.send('[{"ticket":"t"},{"type":"trade","codes":["KRW-BTC"]}]')
                    async for _ in socket:
                        pass
        except (OSError, TimeoutError, EOFError, WebSocketException):
            pass
        # The exchange takes five connections a second.
        await asyncio.sleep(0.25)
    await task
    async with connect(proxy.websocket_url, proxy=None) as socket:
        await socket.send('[{"ticket":"t"},{"type":"trade","codes":["KRW-BTC"]}]')
        async with asyncio.timeout(5.0):
            assert json.loads(await socket.recv())["code"] == "KRW-BTC"


def test_stopping_early_lifts_what_lasts(exchange: SimulatedExchange, proxy: FaultProxy) -> None:
    play = player("+0 s refuse for 100 s\n+0 s freeze for 100 s", exchange, proxy)
    play.stop()
    play.play()
    assert play.is_calm
    assert "end of freeze" in str(play.transcript)
