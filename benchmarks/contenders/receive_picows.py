"""The receive limit of another library: picows hands each frame to a method, which only decodes it."""

from __future__ import annotations

import asyncio
import json

import msgspec
from picows import WSFrame, WSListener, WSMsgType, WSTransport, ws_connect

from benchmarks.stage_bare import measure_bare
from benchmarks.ticker import Ticker


class Listener(WSListener):  # type: ignore[misc]
    count = 0
    decode = msgspec.json.Decoder(Ticker).decode

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type in (WSMsgType.BINARY, WSMsgType.TEXT):
            Listener.decode(frame.get_payload_as_memoryview())
            Listener.count += 1


async def run(url: str, codes: list[str]) -> None:
    transport, _ = await ws_connect(Listener, url)
    request = json.dumps([{"ticket": "bench"}, {"type": "ticker", "codes": codes}])
    transport.send(WSMsgType.TEXT, request.encode())
    await transport.wait_disconnected()


if __name__ == "__main__":
    asyncio.run(measure_bare(run, lambda: Listener.count))
