"""A `websockets` client on stock qasync that emits a signal per message."""

from __future__ import annotations

import json

import qasync
from PyQt6.QtCore import QObject, pyqtSignal
from websockets.asyncio.client import connect

from benchmarks.stage import Stage


class Client(QObject):
    received = pyqtSignal(object)

    async def run(self, url: str, codes: list[str]) -> None:
        async for socket in connect(url):
            await socket.send(json.dumps([{"ticket": "bench"}, {"type": "ticker", "codes": codes}]))
            async for message in socket:
                self.received.emit(json.loads(message))


if __name__ == "__main__":
    stage = Stage()
    loop = qasync.QEventLoop(stage.app)
    client = Client()
    client.received.connect(stage.show_ticker)
    with loop:
        loop.run_until_complete(client.run(stage.job["url"], stage.codes))
