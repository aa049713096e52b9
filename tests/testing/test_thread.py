from __future__ import annotations

import json
import threading
import time
from contextlib import suppress
from inspect import signature
from typing import TYPE_CHECKING, Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from tests.testing.support import fast
from upbit_qt_ws.errors import SimulatorError
from upbit_qt_ws.testing import ApiKey, SimulatedExchange
from upbit_qt_ws.testing.controls import ControlledExchange

if TYPE_CHECKING:
    from pathlib import Path


def subscribe(socket: ClientConnection, *types: str) -> None:
    objects = [{"type": name, "codes": ["KRW-BTC"]} for name in types]
    socket.send(json.dumps([{"ticket": "t"}, *objects]))


def receive(socket: ClientConnection) -> Any:
    return json.loads(socket.recv(timeout=5))


def names_of_threads() -> set[str]:
    return {thread.name for thread in threading.enumerate()}


def drain(socket: ClientConnection) -> None:
    with suppress(ConnectionClosed):
        while True:
            socket.recv(timeout=5)


def test_a_synchronous_program_uses_the_exchange() -> None:
    with (
        SimulatedExchange(options=fast(), rate=0) as exchange,
        connect(exchange.websocket_url, proxy=None) as socket,
    ):
        subscribe(socket, "trade")
        assert receive(socket)["stream_type"] == "SNAPSHOT"
        trade = exchange.trade("KRW-BTC", side="BID")
        assert receive(socket)["sequential_id"] == trade.sequential_id
        assert exchange.connections[0].frames_sent == 2
        assert exchange.requests[0].types == ("trade",)
        assert exchange.handshakes[0].status == 101
        assert exchange.advance(2, trades=7) == 7
        exchange.drop(code=1012)
        drain(socket)
        assert socket.close_code == 1012


def test_stopping_is_quick_and_leaves_no_thread() -> None:
    exchange = SimulatedExchange(rate=2_000, options=fast())
    exchange.start()
    with connect(exchange.websocket_url, proxy=None) as socket:
        subscribe(socket, "ticker", "trade", "orderbook")
        receive(socket)
        began = time.monotonic()
        exchange.stop()
        assert time.monotonic() - began < 2
        assert "simulated-upbit" not in names_of_threads()
    exchange.stop()
    assert exchange.requests, "the records stay readable"
    assert not exchange.connections[0].open


def test_an_exchange_that_cannot_start_says_so_and_leaves_no_thread() -> None:
    with SimulatedExchange(options=fast()) as exchange:
        with pytest.raises(SimulatorError, match="choose another port"):
            SimulatedExchange(port=exchange.port).start()
        with pytest.raises(SimulatorError, match="already"):
            exchange.start()
    assert "simulated-upbit" not in names_of_threads()


def test_calls_run_in_the_thread_of_the_server() -> None:
    exchange = SimulatedExchange(options=fast())
    with pytest.raises(SimulatorError, match="does not run"):
        exchange.call(lambda: None)
    with exchange:
        assert exchange.call(lambda: threading.current_thread().name) == "simulated-upbit"
        assert exchange.call(lambda: exchange.call(lambda: 7)) == 7
        with pytest.raises(ZeroDivisionError):
            exchange.call(lambda: 1 // 0)


def test_every_switch_can_be_thrown_from_outside(tmp_path: Path) -> None:
    path = tmp_path / "capture.tsv"
    path.write_text('1.0\t{"ty":"trade","cd":"KRW-OLD","tp":5,"st":"REALTIME"}\n')
    with SimulatedExchange(options=fast(), rate=0) as exchange, connect(exchange.websocket_url, proxy=None) as socket:
        subscribe(socket, "trade")
        receive(socket)
        exchange.pause()
        exchange.resume()
        exchange.silence("KRW-ETH")
        exchange.silence("KRW-ETH", False)
        exchange.set_rate(10)
        exchange.set_rate(0)
        exchange.push_order({"code": "KRW-BTC"})
        exchange.push_asset({"assets": []})
        exchange.refuse_connections()
        exchange.refuse_connections(False)
        assert exchange.play_capture(path, 100.0).result(5) == 1
        exchange.send_message(1, b"{}")
        exchange.send_raw(1, b"\x82\x02[]")
        texts = []
        while b"[]" not in texts:
            texts.append(socket.recv(timeout=5))
        assert b"{}" in texts


def test_records_may_be_read_while_they_are_written() -> None:
    with SimulatedExchange(options=fast(), rate=500) as exchange:
        for _ in range(5):
            with connect(exchange.websocket_url, proxy=None) as socket:
                subscribe(socket, "ticker")
                receive(socket)
                assert all(view.id for view in exchange.connections)
        assert len(exchange.requests) == 5


def test_faults_are_at_hand_in_other_threads() -> None:
    with (
        SimulatedExchange(options=fast(), rate=0, realtime=False) as exchange,
        connect(exchange.websocket_url, proxy=None) as socket,
    ):
        subscribe(socket, "ticker")
        receive(socket)
        assert exchange.forget("KRW-BTC") == 1
        exchange.unlist("KRW-ETH")
        exchange.list_market("KRW-ETH")
        exchange.poison("KRW-BTC")
        subscribe(socket, "ticker")
        assert receive(socket)["error"]["name"] == "INVALID_PARAM"


def test_every_control_of_the_server_is_at_hand_in_other_threads() -> None:
    inherited = {name for name in dir(ControlledExchange) if not name.startswith("_")} - {"market", "options"}
    assert inherited <= set(dir(SimulatedExchange))
    for name in inherited:
        mine, theirs = signature(getattr(SimulatedExchange, name)), signature(getattr(ControlledExchange, name))
        assert mine.parameters == theirs.parameters, name


def test_events_of_the_account_and_the_exchange_from_other_threads() -> None:
    with SimulatedExchange(options=fast(), rate=0, realtime=False) as exchange:
        assert exchange.info_url.endswith("/websocket/v1/info")
        exchange.cancel_order(exchange.place_order("KRW-XRP", "BID", 1_000, 10))
        exchange.push_announcement({"category": "trade"})
        exchange.push_indicator({"code": "KRW-BTC", "timeframe": "5m", "indicator": "rsi"})
        exchange.set_key(ApiKey(access_key="second", secret_key="s"))
        exchange.delete_key("second")
        exchange.block_address(1)
