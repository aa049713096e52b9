from __future__ import annotations

import ssl

import pytest
import trustme
from websockets.asyncio.client import connect

from tests.testing.support import Client, exchange


@pytest.mark.asyncio
async def test_the_same_exchange_behind_tls() -> None:
    authority = trustme.CA()
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(serving)
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    async with exchange(ssl_context=serving) as server:
        assert server.websocket_url.startswith("wss://")
        assert server.private_url.startswith("wss://")
        assert server.rest_url.startswith("https://")
        async with connect(server.websocket_url, ssl=trusting, ping_interval=None, proxy=None) as socket:
            user = Client(socket)
            await user.send({"type": "ticker", "codes": ["KRW-BTC"]})
            assert (await user.next())["code"] == "KRW-BTC"
            server.drop(abort=True)
            assert await user.closed() == 1006
