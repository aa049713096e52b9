from __future__ import annotations

import asyncio
import json
import socket
import time

import jwt
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidMessage, InvalidStatus

from tests.testing.support import START_MS, client, eventually, exchange, fast
from upbit_qt_ws.errors import ConfigurationError, SimulatorError
from upbit_qt_ws.testing import MockUpbitWebSocketServer, SimulatorOptions, SubscriptionEntry

pytestmark = pytest.mark.asyncio

TICKER = {"type": "ticker", "codes": ["KRW-BTC"]}


SECRET = SimulatorOptions().secret_key


def token(access: str = "simulated-access-key", secret: str = SECRET, nonce: str | None = "1") -> str:
    payload = {"access_key": access} if nonce is None else {"access_key": access, "nonce": nonce}
    return jwt.encode(payload, secret, "HS256")


def bearer(text: str) -> dict[str, dict[str, str]]:
    return {"additional_headers": {"Authorization": f"Bearer {text}"}}


async def test_an_error_frame_then_close_1000_a_little_later() -> None:
    async with exchange(options=fast(error_close_delay=0.1)) as server, client(server) as user:
        await user.send(TICKER)
        await user.next()
        await user.socket.send("{}")
        assert (await user.next())["error"]["name"] == "WRONG_FORMAT"
        began = time.monotonic()
        server.market.trade("KRW-BTC")
        with pytest.raises(ConnectionClosed):
            await user.next()  # The old subscription died with the request.
        assert time.monotonic() - began > 0.05
        assert user.socket.close_code == 1000
        await eventually(lambda: not server.connections[0].open)
        assert server.connections[0].close_code == 1000
        assert server.requests[-1].error == "WRONG_FORMAT"


async def test_status_frames_follow_the_clock_of_the_server_for_ever() -> None:
    async with exchange(options=fast(status_period=0.05)) as server, client(server) as user, client(server) as other:
        await user.socket.send("PING")
        assert await user.take(3) == [{"status": "UP"}] * 3
        assert server.requests[0].method == "PING"
        assert await other.all_sent() == []


async def test_silence_in_both_directions_cuts_without_a_close_frame() -> None:
    async with exchange(options=fast(idle_timeout=0.2)) as server, client(server) as user:
        assert await user.closed() == 1006
        await eventually(lambda: server.connections[0].close_code == 1006)


async def test_a_ping_is_traffic_and_is_answered() -> None:
    async with exchange(options=fast(idle_timeout=0.6)) as server, client(server) as user:
        for _ in range(9):
            await asyncio.wait_for(await user.socket.ping(), 5)
            await asyncio.sleep(0.1)
        assert server.connections[0].open
        assert user.socket.close_code is None


async def test_the_server_never_pings_and_compresses_only_on_offer() -> None:
    async with exchange() as server:
        async with client(server) as user:
            assert user.socket.protocol.extensions == []
        async with client(server, compression="deflate") as user:
            assert user.socket.protocol.extensions
            await user.send(TICKER)
            assert (await user.next())["type"] == "ticker"
        plain, squeezed = server.connections
        assert (plain.compressed, squeezed.compressed) == (False, True)
    async with (
        exchange(options=fast(permessage_deflate=False)) as server,
        client(server, compression="deflate") as user,
    ):
        assert user.socket.protocol.extensions == []


async def test_five_messages_a_second() -> None:
    async with exchange(options=fast(message_limits=True, error_close_delay=0.0)) as server, client(server) as user:
        await asyncio.sleep(1 - asyncio.get_running_loop().time() % 1)
        for _ in range(6):
            await user.send(TICKER)
        frames = await user.take(6)
        assert [frame.get("type") for frame in frames[:5]] == ["ticker"] * 5
        assert frames[5]["error"]["name"] == "Too Many Requests"
        assert await user.closed() == 1000


async def test_five_connects_a_second_and_the_headers_that_say_so() -> None:
    async with exchange(options=fast(connect_limits=True)) as server:
        await asyncio.sleep(1 - asyncio.get_running_loop().time() % 1)
        for left in range(4, -1, -1):
            async with client(server) as user:
                assert user.socket.response is not None
                headers = user.socket.response.headers
                assert headers["remaining-req"] == f"group=websocket; min=300; sec={left}"
                assert headers["limit-by-ip"] == "Yes"
        with pytest.raises(InvalidStatus) as caught:
            async with client(server):
                pass
        assert caught.value.response.status_code == 429
        assert [handshake.status for handshake in server.handshakes] == [101] * 5 + [429]


async def test_an_origin_header_leaves_one_connect_in_ten_seconds() -> None:
    async with exchange(options=fast(connect_limits=True)) as server:
        async with client(server, origin="https://example.com") as user:
            assert user.socket.response is not None
            assert user.socket.response.headers["remaining-req"] == "group=origin; min=6; sec=0"
        with pytest.raises(InvalidStatus, match="429"):
            async with client(server, origin="https://example.com"):
                pass
        assert [handshake.origin for handshake in server.handshakes] == ["https://example.com"] * 2


async def test_other_paths_are_not_routed() -> None:
    async with exchange() as server:
        with pytest.raises(InvalidStatus) as caught:
            async with connect(f"ws://127.0.0.1:{server.port}/websocket/v2", proxy=None):
                pass
        assert caught.value.response.status_code == 404
        assert b"no Route matched" in (caught.value.response.body or b"")


@pytest.mark.parametrize("algorithm", ["HS256", "HS512"])
async def test_private_streams_with_a_good_token(algorithm: str) -> None:
    secret = "x" * 64
    async with exchange(options=fast(access_key="access", secret_key=secret)) as server:
        good = jwt.encode({"access_key": "access", "nonce": "n"}, secret, algorithm)
        async with client(server, private=True, **bearer(good)) as user:
            await user.send({"type": "myOrder", "codes": ["KRW-BTC"]}, {"type": "myAsset"})
            assert await user.all_sent() == [], "there are no snapshots"
            server.push_order({"code": "KRW-ETH", "state": "wait"})
            server.push_order({"code": "KRW-BTC", "state": "wait", "uuid": "u", "price": 1.5})
            server.push_asset({"asset_uuid": "a", "assets": [{"currency": "KRW", "balance": 1, "locked": 0}]})
            order, asset = await user.take(2)
        assert (order["type"], order["code"], order["state"], order["stream_type"]) == (
            "myOrder",
            "KRW-BTC",
            "wait",
            "REALTIME",
        )
        assert list(order) == ["type", "code", "uuid", "state", "price", "timestamp", "stream_type"], "documented order"
        assert asset["assets"] == [{"currency": "KRW", "balance": 1, "locked": 0}]
        assert server.connections[0].headers["authorization"] == "Bearer ***"


async def test_account_events_in_simple_format_and_to_all_codes() -> None:
    async with exchange() as server, client(server, private=True, **bearer(token())) as user:
        await user.send({"type": "myOrder"}, {"type": "myAsset"}, form="SIMPLE")
        await user.all_sent()
        server.push_order({"code": "KRW-ETH", "avg_price": 2})
        server.push_asset({"assets": [{"currency": "BTC", "balance": 1, "locked": 0}]})
        order, asset = await user.take(2)
        assert (order["ty"], order["cd"], order["ap"]) == ("myOrder", "KRW-ETH", 2)
        assert asset["ast"] == [{"cu": "BTC", "b": 1, "l": 0}]
        assert server.connections[0].subscription == {
            SubscriptionEntry("myOrder", "", snapshot=False),
            SubscriptionEntry("myAsset", "", snapshot=False),
        }
        with pytest.raises(SimulatorError, match="code"):
            server.push_order({"state": "wait"})


@pytest.mark.parametrize(
    ("headers", "name"),
    [
        ({}, "no_authorization_token"),
        (bearer("nonsense"), "jwt_verification"),
        (bearer(token(secret="another secret of thirty-two characters")), "jwt_verification"),
        (bearer(token(access="wrong")), "invalid_access_key"),
        (bearer(token(nonce=None)), "jwt_verification"),
    ],
)
async def test_bad_tokens(headers: dict[str, dict[str, str]], name: str) -> None:
    async with exchange() as server:
        with pytest.raises(InvalidStatus) as caught:
            async with client(server, private=True, **headers):
                pass
        assert caught.value.response.status_code == 401
        assert json.loads(caught.value.response.body or b"")["error"]["name"] == name
        assert server.handshakes[0].status == 401


async def test_a_nonce_works_once() -> None:
    async with exchange() as server:
        async with client(server, private=True, **bearer(token(nonce="same"))):
            pass
        with pytest.raises(InvalidStatus) as caught:
            async with client(server, private=True, **bearer(token(nonce="same"))):
                pass
        assert json.loads(caught.value.response.body or b"")["error"]["name"] == "nonce_used"


async def test_bad_tokens_may_be_told_in_a_frame_instead() -> None:
    async with exchange(options=fast(private_auth_failure="frame")) as server, client(server, private=True) as user:
        assert await user.next() == {"error": {"name": "INVALID_AUTH", "message": "인증 정보가 올바르지 않습니다."}}
        assert await user.closed() == 1000


@pytest.mark.parametrize(
    ("how", "expected"), [({"code": 1001}, 1001), ({"code": 1012}, 1012), ({}, 1006), ({"abort": True}, 1006)]
)
async def test_dropped_connections(how: dict[str, int | bool], expected: int) -> None:
    async with exchange() as server, client(server) as user, client(server) as other:
        server.drop(1, **how)  # type: ignore[arg-type]
        assert await user.closed() == expected
        assert server.connections[1].open
        server.drop(**how)  # type: ignore[arg-type]
        assert await other.closed() == expected
        await eventually(lambda: not any(view.open for view in server.connections))
        with pytest.raises(SimulatorError, match="id 1"):
            server.drop(1)
        with pytest.raises(ConfigurationError, match="1001"):
            server.drop(code=1001, abort=True)
        with pytest.raises(ConfigurationError, match="1006"):
            server.drop(code=1006)


@pytest.mark.parametrize("status", [401, 418, 429, 503])
async def test_refused_connections_with_a_status(status: int) -> None:
    async with exchange() as server:
        server.refuse_connections(status=status)
        with pytest.raises(InvalidStatus) as caught:
            async with client(server):
                pass
        assert caught.value.response.status_code == status
        server.refuse_connections(False)
        async with client(server):
            pass
        assert [handshake.status for handshake in server.handshakes] == [status, 101]


async def test_refused_connections_without_an_answer() -> None:
    async with exchange() as server:
        server.refuse_connections()
        with pytest.raises((OSError, InvalidMessage, EOFError)):
            async with client(server):
                pass
        assert server.handshakes[0].status == 0


async def test_paused_data_waits_and_comes_with_the_snapshot_first() -> None:
    async with exchange(rate=500.0, realtime=True, start_ms=None) as server, client(server) as user:
        server.pause()
        await user.send(TICKER)
        assert await user.all_sent() == []
        await asyncio.sleep(0.05)
        assert await user.all_sent() == []
        server.resume()
        assert (await user.next())["stream_type"] == "SNAPSHOT"
        assert (await user.next())["stream_type"] == "REALTIME"


async def test_a_silenced_code_comes_back_with_a_snapshot_for_those_who_had_none() -> None:
    async with exchange() as server, client(server) as early, client(server) as late:
        await early.send(TICKER)
        await early.next()
        server.silence("KRW-BTC")
        await late.send(TICKER)
        assert await late.all_sent() == []
        server.market.trade("KRW-BTC")
        assert await early.all_sent() == []
        server.silence("KRW-BTC", False)
        server.market.trade("KRW-BTC")
        assert [frame["stream_type"] for frame in await early.all_sent()] == ["REALTIME"]
        assert [frame["stream_type"] for frame in await late.all_sent()] == ["SNAPSHOT", "REALTIME"]
        with pytest.raises(SimulatorError, match="'KRW-NOPE'"):
            server.silence("KRW-NOPE")


async def test_raw_bytes_and_odd_messages() -> None:
    async with exchange() as server, client(server) as user:
        await eventually(lambda: bool(server.connections))
        server.send_message(1, b"\x00garbage")
        server.send_message(1, "text")
        assert await asyncio.wait_for(user.socket.recv(), 5) == b"\x00garbage"
        assert await asyncio.wait_for(user.socket.recv(), 5) == "text"
        server.send_raw(1, b"\xff\xff\xff")
        assert await user.closed() in (1002, 1006)


async def test_a_client_that_does_not_read_is_cut() -> None:
    options = fast(send_buffer_limit=200_000)
    async with exchange(options=options) as server, client(server, max_queue=1, close_timeout=0.1) as user:
        await user.send(
            {"type": "orderbook", "codes": list(server.market.listings)}, {"type": "ticker", "codes": ["KRW-BTC"]}
        )
        await user.next()
        user.socket.transport.pause_reading()
        async with asyncio.timeout(20):
            while server.connections[0].open:
                for _ in range(500):
                    server.market.trade("KRW-BTC")
                await asyncio.sleep(0)
        assert server.connections[0].close_code == 1006


async def test_stopping_closes_everything_and_frees_the_port() -> None:
    server = MockUpbitWebSocketServer(options=fast(), rate=0)
    await server.start()
    with pytest.raises(SimulatorError, match="already"):
        await server.start()
    async with client(server) as user:
        began = time.monotonic()
        await server.stop()
        assert time.monotonic() - began < 2
        assert await user.closed() == 1001
    await server.stop()
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", server.port))


async def test_a_port_in_use_is_told_in_a_sentence() -> None:
    async with exchange() as server:
        with pytest.raises(SimulatorError, match=f"{server.port}.*choose another port"):
            await MockUpbitWebSocketServer(port=server.port).start()


async def test_records_of_requests() -> None:
    async with exchange() as server, client(server) as user:
        before = asyncio.get_running_loop().time()
        await user.send(TICKER, {"type": "trade", "codes": ["KRW-ETH"]})
        await user.take(2)
        (request,) = server.requests
        assert request.connection_id == 1
        assert request.path == "/websocket/v1"
        assert request.types == ("ticker", "trade")
        assert json.loads(request.text)[1] == TICKER
        assert before <= request.time <= asyncio.get_running_loop().time()
        view = server.connections[0]
        assert view.frames_sent == 2
        assert view.bytes_sent > 1_000


async def test_real_time_passes_by_itself() -> None:
    async with exchange(rate=2_000.0, realtime=True, start_ms=None) as server, client(server) as user:
        await user.send({**TICKER, "is_only_realtime": True})
        frames = await user.take(20)
        now_ms = time.time() * 1_000
        assert all(now_ms - 5_000 < frame["timestamp"] <= now_ms + 5 for frame in frames)
        server.set_rate(0)
        await asyncio.sleep(0.05)
        await user.all_sent()
        assert await user.all_sent() == []


async def test_a_flood_leaves_the_server_answering() -> None:
    async with (
        exchange(rate=float("inf"), realtime=True, start_ms=START_MS) as server,
        client(server, close_timeout=0.1) as user,
    ):
        await user.send(*({"type": name, "codes": list(server.market.listings)} for name in ("ticker", "trade")))
        await user.take(5_000)
        async with client(server) as other:
            await other.send(TICKER)
            assert (await other.next())["type"] == "ticker"
        assert server.connections[0].open


async def test_a_restarted_exchange_has_the_same_port_and_remembers() -> None:
    server = MockUpbitWebSocketServer(options=fast(), rate=0)
    await server.start()
    async with client(server) as user:
        await user.send(TICKER)
        await user.next()
        await server.stop()
        assert await user.closed() == 1001
    await server.start()
    async with client(server) as user:
        await user.send(TICKER)
        assert (await user.next())["stream_type"] == "SNAPSHOT"
        assert [view.id for view in server.connections] == [1, 2]
        assert [view.open for view in server.connections] == [False, True]
    await server.stop()
