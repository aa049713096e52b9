"""The receive limit: a bare `websockets` loop that only decodes, as fast as it gets."""

from __future__ import annotations

import asyncio
import json

import msgspec
from websockets.asyncio.client import connect

from benchmarks.stage_bare import measure_bare
from benchmarks.ticker import Ticker


class Loop:
    def __init__(self) -> None:
        self.count = 0

    async def run(self, url: str, codes: list[str]) -> None:
        decode = msgspec.json.Decoder(Ticker).decode
        async with connect(url, compression=None, proxy=None) as socket:
            await socket.send(json.dumps([{"ticket": "bench"}, {"type": "ticker", "codes": codes}]))
            async for message in socket:
                decode(message)
                self.count += 1


if __name__ == "__main__":
    loop = Loop()
    asyncio.run(measure_bare(loop.run, lambda: loop.count))
