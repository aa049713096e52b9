from __future__ import annotations

import json
import time

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests.testing.support import fast
from tests.testing.test_rest import Reply, get
from upbit_qt_ws.errors import ConfigurationError
from upbit_qt_ws.testing import SimulatedExchange
from upbit_qt_ws.testing.blocks import AddressBlocks


def test_a_block_meets_every_call_and_handshake_but_no_open_connection() -> None:
    with SimulatedExchange(options=fast(), realtime=False, rate=0) as running:
        with connect(running.websocket_url, proxy=None) as socket:
            running.block_address(30)
            reply = get(running, "/market/all")
            assert (reply.status, reply.value["error"]["name"]) == (418, "im_a_teapot")
            assert "30 seconds" in reply.value["error"]["message"]
            assert "Retry-After" not in reply.headers
            for url in (running.websocket_url, running.private_url):
                with pytest.raises(InvalidStatus) as caught:
                    connect(url, proxy=None)
                assert caught.value.response.status_code == 418
            socket.send(json.dumps([{"ticket": "t"}, {"type": "ticker", "codes": ["KRW-BTC"]}]))
            assert json.loads(socket.recv(5))["type"] == "ticker"
        assert running.rest_requests[-1].status == 418
        running.block_address(0)
        assert get(running, "/market/all").status == 200
        running.block_address(30, "10.0.0.1")
        assert get(running, "/market/all").status == 200
        began = time.monotonic()
        running.block_address(0.5, "127.0.0.1")
        while get(running, "/market/all").status == 418:
            time.sleep(0.02)
        assert 0.5 <= time.monotonic() - began < 10
        with pytest.raises(ConfigurationError, match="seconds"):
            running.block_address(-1)


def refused(status: int, **options: object) -> Reply:
    with SimulatedExchange(options=fast(**options), realtime=False, rate=0) as running:
        running.refuse_connections(status=status)
        return get(running, "/market/all")


@pytest.mark.parametrize(("status", "name"), [(429, "too_many_requests"), (418, "im_a_teapot")])
def test_the_body_of_a_limit_is_a_switch(status: int, name: str) -> None:
    assert refused(status).value["error"]["name"] == name
    assert refused(status, limit_error_body="status").value["error"]["name"] == status
    with pytest.raises(json.JSONDecodeError):
        refused(status, limit_error_body="text")


def test_the_time_of_a_block_may_be_told_in_the_text_in_a_header_or_not_at_all() -> None:
    assert "60" in refused(418).value["error"]["message"]
    silent = refused(418, block_message="no_number")
    assert not any(letter.isdigit() for letter in silent.value["error"]["message"])
    assert refused(418, retry_after=True).headers["Retry-After"] == "60"
    assert refused(429, retry_after=True).headers["Retry-After"] == "1"


def test_who_goes_on_after_refusals_is_blocked() -> None:
    with SimulatedExchange(options=fast(rest_limits=True, block_after=3), realtime=False, rate=0) as running:
        time.sleep(1 - running.call(lambda: time.monotonic()) % 1)
        statuses = [get(running, "/ticker?markets=KRW-BTC").status for _ in range(14)]
        assert statuses == [200] * 10 + [429] * 3 + [418]


def test_each_block_is_twice_as_long_as_the_one_before() -> None:
    blocks = AddressBlocks(after=2)
    for now, left in ((0.0, 0.0), (1.0, 60.0), (100.0, 0.0), (101.0, 120.0), (300.0, 0.0), (400.0, 0.0)):
        blocks.count_refusal("a", now)
        assert blocks.left("a", now) == left, "the last two refusals were more than a minute apart"
    assert blocks.left("b", 101.0) == 0
