"""What a proxy with one subscription costs in memory: by how much the process grows, divided."""

from __future__ import annotations

import gc
import json
import time

import psutil
from PyQt6.QtCore import QCoreApplication, QObject

from upbit_qt_ws import GlobalWebSocketManager, QtWebSocketProxy, WebSocketConfig

PROXIES = 5000
CODES = [f"KRW-A{number}" for number in range(200)]


def main() -> None:
    application = QCoreApplication(["memory"])
    manager = GlobalWebSocketManager(WebSocketConfig(public_url="ws://127.0.0.1:9/", rest_url="http://127.0.0.1:9"))
    owner = QObject()

    def make(count: int) -> list[object]:
        made: list[object] = []
        for number in range(count):
            proxy = QtWebSocketProxy(parent=owner, manager=manager)
            made.append((proxy, proxy.subscribe_ticker(CODES[number % len(CODES)])))
        return made

    # All codes, and whatever is made once; the network thread loads its modules meanwhile.
    kept = make(1000)
    ends = time.monotonic() + 2.0
    while time.monotonic() < ends:
        application.processEvents()
        time.sleep(0.01)
    process = psutil.Process()
    gc.collect()
    before = process.memory_info().rss
    kept += make(PROXIES)
    gc.collect()
    print(
        json.dumps({"proxy with one subscription": (process.memory_info().rss - before) / PROXIES / 1024}), flush=True
    )
    manager.shutdown()
    del kept, application


if __name__ == "__main__":
    main()
