"""pyupbit's WebSocketManager in a QThread that emits a signal per message: the recipe of its tutorials.

The address of the exchange is fixed in pyupbit, so what it connects with is given another one.
"""

from __future__ import annotations

import functools
from typing import Any

import websockets
from PyQt6.QtCore import QThread, pyqtSignal
from pyupbit import WebSocketManager, websocket_api

from benchmarks.stage import Stage, job


class Worker(QThread):
    received = pyqtSignal(dict)

    def __init__(self, codes: list[str]) -> None:
        super().__init__()
        self.manager = WebSocketManager("ticker", codes)

    def run(self) -> None:
        while True:
            self.received.emit(self.manager.get())


def _connect(url: str, _given: str, **options: Any) -> Any:
    return websockets.connect(url, proxy=None, **options)


class _Websockets:
    """What pyupbit uses of the library, at another address."""

    ConnectionClosed = websockets.ConnectionClosed
    connect = staticmethod(functools.partial(_connect, job()["url"]))


if __name__ == "__main__":
    websocket_api.websockets = _Websockets
    stage = Stage()
    worker = Worker(stage.codes)
    worker.received.connect(stage.show_ticker)
    worker.start()
    stage.app.exec()
