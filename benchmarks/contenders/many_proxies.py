"""This toolkit without a window: some proxies that share the codes, and slots that do nothing but count."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import QCoreApplication, QObject, pyqtSlot

from benchmarks.stage import Phases, job
from upbit_qt_ws import GlobalWebSocketManager, QtWebSocketProxy, WebSocketConfig

if TYPE_CHECKING:
    from upbit_qt_ws import TickerEvent


class Component(QObject):
    def __init__(self, manager: GlobalWebSocketManager, codes: list[str]) -> None:
        super().__init__()
        self.shown = 0
        self.proxy = QtWebSocketProxy(parent=self, manager=manager)
        self.proxy.ticker_received.connect(self.show)
        self.prices = self.proxy.subscribe_ticker(codes)

    @pyqtSlot(object)
    def show(self, event: TickerEvent) -> None:
        self.shown += 1


if __name__ == "__main__":
    app = QCoreApplication(["contender"])
    task = job()
    manager = GlobalWebSocketManager(WebSocketConfig(public_url=task["url"], rest_url=task["rest"]))
    count, codes = task["proxies"], task["codes"]
    # One proxy wants them all; of many, each wants one, so that each code is wanted by as many.
    parts = [codes] if count == 1 else [[codes[number % len(codes)]] for number in range(count)]
    components = [Component(manager, part) for part in parts]
    phases = Phases(
        task,
        is_ready=lambda: all(component.shown >= 1 for component in components),
        counted=lambda: manager.account.received,
    )
    app.exec()
