from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import jwt
import pytest
from websockets.exceptions import InvalidStatus

from tests.testing.support import Client, client, eventually, exchange, fast
from tests.testing.test_rest import get
from upbit_qt_ws.errors import ConfigurationError, SimulatorError
from upbit_qt_ws.testing import ApiKey, MockUpbitWebSocketServer, SimulatedExchange, SimulatorOptions
from upbit_qt_ws.testing.api_keys import AUTH_FAILURES

MAIN = ApiKey(access_key=SimulatorOptions().access_key, secret_key=SimulatorOptions().secret_key)
VIEWER = ApiKey(access_key="viewer", secret_key="v" * 40, scopes=frozenset({"view_orders"}))
ELSEWHERE = ApiKey(access_key="elsewhere", secret_key="e" * 40, addresses=frozenset({"10.0.0.1"}))
OLD = ApiKey(access_key="old", secret_key="o" * 40, expired=True)


def bearer(key: ApiKey = MAIN, nonce: str | None = None) -> str:
    return "Bearer " + jwt.encode({"access_key": key.access_key, "nonce": nonce or str(uuid4())}, key.secret_key)


def headers(key: ApiKey = MAIN, nonce: str | None = None) -> dict[str, Any]:
    return {"additional_headers": {"Authorization": bearer(key, nonce)}}


async def refusal(server: MockUpbitWebSocketServer, key: ApiKey = MAIN, nonce: str | None = None) -> tuple[int, str]:
    with pytest.raises(InvalidStatus) as caught:
        async with client(server, private=True, **headers(key, nonce)):
            pass
    response = caught.value.response
    return response.status_code, json.loads(response.body or b"")["error"]["name"]


async def subscribed(user: Client) -> list[str]:
    await user.socket.send('[{"ticket":"mine"},{"method":"LIST_SUBSCRIPTIONS"}]')
    return [entry["type"] for entry in (await user.next())["result"]]


@pytest.mark.asyncio
@pytest.mark.parametrize("name", list(AUTH_FAILURES))
async def test_every_error_of_authentication_on_the_handshake(name: str) -> None:
    async with exchange() as server:
        server.set_auth_failure(name)
        assert await refusal(server) == (AUTH_FAILURES[name][0], name)
        server.set_auth_failure(None)
        async with client(server, private=True, **headers()):
            pass
    async with exchange(options=fast(private_auth_failure="frame")) as server:
        server.set_auth_failure(name)
        async with client(server, private=True, **headers()) as user:
            assert (await user.next())["error"]["name"] == "INVALID_AUTH"
            assert await user.closed() == 1000


def test_every_error_of_authentication_on_rest() -> None:
    with SimulatedExchange(options=fast(keys=(VIEWER,)), realtime=False, rate=0) as running:
        for name, (status, _) in AUTH_FAILURES.items():
            running.set_auth_failure(name)
            reply = get(running, "/accounts", Authorization=bearer())
            assert (reply.status, reply.value["error"]["name"]) == (status, name)
        running.set_auth_failure(None)
        running.set_auth_failure("jwt_verification", "viewer")
        assert get(running, "/orders/open", Authorization=bearer(VIEWER)).status == 401
        assert get(running, "/accounts", Authorization=bearer()).status == 200
        with pytest.raises(ConfigurationError, match="nonce_used"):
            running.set_auth_failure("nonsense")
        with pytest.raises(SimulatorError, match="viewer"):
            running.set_auth_failure("nonce_used", "nobody")


@pytest.mark.parametrize("status", [403, 401])
def test_scopes_on_rest(status: int) -> None:
    options = fast(keys=(VIEWER,), out_of_scope_status=status)
    with SimulatedExchange(options=options, realtime=False, rate=0) as running:
        assert get(running, "/orders/open", Authorization=bearer(VIEWER)).status == 200
        reply = get(running, "/accounts", Authorization=bearer(VIEWER))
        assert (reply.status, reply.value["error"]["name"]) == (status, "out_of_scope")


@pytest.mark.asyncio
@pytest.mark.parametrize("reading", ["INVALID_AUTH", "out_of_scope"])
async def test_scopes_of_private_streams(reading: str) -> None:
    options = fast(keys=(VIEWER,), scope_error=reading)
    async with exchange(options=options) as server, client(server, private=True, **headers(VIEWER)) as user:
        await user.send({"type": "myOrder"})
        assert await subscribed(user) == ["myOrder"]
        await user.send({"type": "myOrder"}, {"type": "myAsset"})
        assert (await user.next())["error"]["name"] == reading
        assert await user.closed() == 1000


@pytest.mark.asyncio
async def test_a_missing_scope_may_be_met_with_silence() -> None:
    options = fast(keys=(VIEWER,), scope_error="silence")
    async with exchange(options=options) as server, client(server, private=True, **headers(VIEWER)) as user:
        await user.send({"type": "myOrder"}, {"type": "myAsset"})
        assert await subscribed(user) == ["myOrder"]
        server.push_asset({"assets": []})
        assert await user.all_sent() == []


@pytest.mark.asyncio
@pytest.mark.parametrize("name", ["no_authorization_ip", "no_authorization_i_p"])
async def test_addresses_and_expiry_and_mending(name: str) -> None:
    async with exchange(options=fast(keys=(ELSEWHERE, OLD), address_error_name=name)) as server:
        assert await refusal(server, ELSEWHERE) == (401, name)
        assert await refusal(server, OLD) == (401, "expired_access_key")
        mended = ApiKey(access_key="old", secret_key="n" * 40, addresses=frozenset({"127.0.0.1"}))
        server.set_key(mended)
        assert await refusal(server, OLD) == (401, "jwt_verification")
        async with client(server, private=True, **headers(mended)):
            pass


@pytest.mark.parametrize("first", ["rest", "socket"])
def test_a_nonce_is_used_once_over_rest_and_websocket_together(first: str) -> None:
    from websockets.sync.client import connect

    with SimulatedExchange(options=fast(), realtime=False, rate=0) as running:
        token = bearer(nonce="one")
        if first == "rest":
            assert get(running, "/accounts", Authorization=token).status == 200
            with pytest.raises(InvalidStatus, match="401"):
                connect(running.private_url, proxy=None, additional_headers={"Authorization": token})
        else:
            with connect(running.private_url, proxy=None, additional_headers={"Authorization": token}):
                pass
            assert get(running, "/accounts", Authorization=token).value["error"]["name"] == "nonce_used"


@pytest.mark.asyncio
async def test_a_deleted_key_opens_nothing_more_but_keeps_its_sockets() -> None:
    async with exchange(options=fast(keys=(VIEWER,))) as server:
        async with client(server, private=True, **headers(VIEWER)) as user:
            await user.send({"type": "myOrder"})
            await user.all_sent()
            server.delete_key("viewer")
            server.push_order({"code": "KRW-BTC", "state": "wait"})
            assert (await user.next())["type"] == "myOrder"
            assert await refusal(server, VIEWER) == (401, "invalid_access_key")
        with pytest.raises(SimulatorError, match="viewer"):
            server.delete_key("viewer")


@pytest.mark.asyncio
async def test_a_deleted_key_may_close_its_own_sockets() -> None:
    options = fast(keys=(VIEWER,), sockets_of_deleted_key="closed")
    async with exchange(options=options) as server, client(server, private=True, **headers()) as other:
        async with client(server, private=True, **headers(VIEWER)) as user:
            await eventually(lambda: len(server.connections) == 2)
            server.delete_key("viewer")
            assert (await user.next())["error"]["name"] == "INVALID_AUTH"
            assert await user.closed() == 1000
        await other.send({"type": "myAsset"})
        assert await subscribed(other) == ["myAsset"]


def test_keys_that_cannot_work_are_named_and_secrets_are_not_shown() -> None:
    assert "v" * 40 not in repr(VIEWER)
    for arguments in ({"access_key": ""}, {"scopes": frozenset({"withdraw"})}, {"failure": "nonsense"}):
        with pytest.raises(ConfigurationError):
            ApiKey(**{"access_key": "a", "secret_key": "s", **arguments})  # type: ignore[arg-type]
