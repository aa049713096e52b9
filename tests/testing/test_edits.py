"""What the exchange sends can be changed on its way out."""

from __future__ import annotations

import json
import urllib.request

from websockets.sync.client import connect

from upbit_qt_ws.testing import SimulatedExchange, SimulatorOptions

SUBSCRIBE = '[{"ticket":"t"},{"type":"ticker","codes":["KRW-BTC"]}]'


def markets(exchange: SimulatedExchange) -> list[object]:
    with urllib.request.urlopen(f"{exchange.rest_url}/market/all?is_details=true", timeout=10) as reply:
        listed: list[object] = json.loads(reply.read())
    return listed


def test_replies_and_frames_are_changed_until_nothing_is() -> None:
    paths: list[str] = []

    def reply(path: str, body: str) -> str:
        paths.append(path)
        return json.dumps([*json.loads(body), {"market": "KRW-btc"}])

    options = SimulatorOptions(snapshot_delays=(0.0, 0.0))
    with (
        SimulatedExchange(rate=0, markets=["KRW-BTC"], options=options) as exchange,
        connect(exchange.websocket_url) as socket,
    ):
        before = markets(exchange)
        exchange.edit_replies(reply)
        assert markets(exchange) == [*before, {"market": "KRW-btc"}]
        exchange.edit_replies(None)
        assert markets(exchange) == before
        assert paths == ["/market/all"]

        exchange.edit_frames(lambda text: text.replace('"SNAPSHOT"', '"ODD"'))
        socket.send(SUBSCRIBE)
        assert json.loads(socket.recv(10))["stream_type"] == "ODD"
        exchange.edit_frames(None)
        socket.send(SUBSCRIBE)
        assert json.loads(socket.recv(10))["stream_type"] == "SNAPSHOT"
