"""The simulated exchange has a clock of its own: all its times are counted by it."""

from __future__ import annotations

import json
import time
import urllib.request
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
from websockets.sync.client import connect

from upbit_qt_ws.errors import ConfigurationError
from upbit_qt_ws.testing import SimulatedExchange, SimulatorOptions

PATIENCE = 30.0
"""Seconds that a test may take on a busy machine."""


def rest(exchange: SimulatedExchange, path: str) -> tuple[Any, float]:
    """Return a reply, and how far its header says that the exchange is ahead of this machine, in s."""
    with urllib.request.urlopen(f"{exchange.rest_url}{path}", timeout=PATIENCE) as reply:
        return json.loads(reply.read()), header_ahead(reply.headers["Date"])


def header_ahead(date: str) -> float:
    return parsedate_to_datetime(date).timestamp() - time.time()


def ahead(moment_ms: int) -> float:
    return moment_ms / 1000 - time.time()


@pytest.mark.parametrize("offset", [-86_400.0, -1.0, 0.0, 3_600.0, 86_400.0])
def test_every_time_is_told_by_the_exchanges_clock(offset: float) -> None:
    near = pytest.approx(offset, abs=PATIENCE)
    options = SimulatorOptions(clock_offset_s=offset, snapshot_delays=(0.0, 0.0))
    with SimulatedExchange(seed=3, rate=0, markets=["KRW-BTC"], options=options) as exchange:
        exchange.trade("KRW-BTC")
        (ticker,), header = rest(exchange, "/ticker?markets=KRW-BTC")
        assert header == near
        assert ahead(ticker["timestamp"]) == near
        assert ahead(ticker["trade_timestamp"]) == near
        (trade,), _ = rest(exchange, "/trades/ticks?market=KRW-BTC&count=1")
        assert ahead(trade["timestamp"]) == near
        (candle,), _ = rest(exchange, "/candles/seconds?market=KRW-BTC&count=1")
        start = datetime.fromisoformat(f"{candle['candle_date_time_utc']}+00:00").timestamp()
        assert start - time.time() == near
        with connect(exchange.websocket_url) as socket:
            assert socket.response is not None
            assert header_ahead(socket.response.headers["Date"]) == near
            assert len(socket.response.headers.get_all("Date")) == 1
            socket.send('[{"ticket":"t"},{"type":"ticker","codes":["KRW-BTC"]}]')
            assert ahead(json.loads(socket.recv(PATIENCE))["timestamp"]) == near


def test_the_header_follows_the_market_where_that_is_moved() -> None:
    with SimulatedExchange(rate=0, markets=["KRW-BTC"], start_ms=1_795_000_000_000, realtime=False) as exchange:
        first = parsedate_to_datetime(_date(exchange)).timestamp()
        assert first == 1_795_000_000
        exchange.advance(3_600)
        assert parsedate_to_datetime(_date(exchange)).timestamp() == first + 3_600


def _date(exchange: SimulatedExchange) -> str:
    with urllib.request.urlopen(f"{exchange.rest_url}/market/all", timeout=PATIENCE) as reply:
        return str(reply.headers["Date"])


def test_a_clock_that_cannot_be_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="clock_offset_s"):
        SimulatorOptions(clock_offset_s=float("nan"))
