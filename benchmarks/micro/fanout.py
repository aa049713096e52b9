"""What a delivery costs when 1,000 proxies want one topic, the signal and its slot included."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from PyQt6.QtCore import QCoreApplication, QObject, pyqtSlot

from benchmarks.micro.timing import microseconds
from upbit_qt_ws import GlobalWebSocketManager, QtWebSocketProxy, TickerEvent, WebSocketConfig
from upbit_qt_ws.delivery.mailbox import Letter
from upbit_qt_ws.wire.topics import Topic

if TYPE_CHECKING:
    from upbit_qt_ws import Event

PROXIES = 1000


class Component(QObject):
    def __init__(self, manager: GlobalWebSocketManager) -> None:
        super().__init__()
        self.shown = 0
        self.proxy = QtWebSocketProxy(parent=self, manager=manager)
        self.proxy.ticker_received.connect(self.show)
        self.proxy.subscribe_ticker("KRW-BTC")

    @pyqtSlot(object)
    def show(self, event: Event) -> None:
        self.shown += 1


def main(seconds: float) -> None:
    application = QCoreApplication(["fanout"])
    # Nobody listens there: what is measured begins behind the network.
    manager = GlobalWebSocketManager(WebSocketConfig(public_url="ws://127.0.0.1:9/", rest_url="http://127.0.0.1:9"))
    components = [Component(manager) for _ in range(PROXIES)]
    event = TickerEvent(type="ticker", code="KRW-BTC", trade_price=1.0, timestamp=1, epoch=1, received_ns=1)
    letters = [Letter(Topic("ticker", "KRW-BTC"), ((event, 1),))]
    router = manager.registry.router
    found = microseconds(lambda: router.route(letters), seconds=seconds, calls=PROXIES)
    assert all(component.shown for component in components)
    print(json.dumps({"delivery": found}), flush=True)
    manager.shutdown()
    del components, application


if __name__ == "__main__":
    main(float(sys.argv[1]))
