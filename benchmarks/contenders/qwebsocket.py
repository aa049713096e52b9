"""Written by hand with what comes with PyQt6: a QWebSocket, the json module, and the table in the slot."""

from __future__ import annotations

import json

from PyQt6.QtCore import QByteArray, QUrl, pyqtSlot
from PyQt6.QtWebSockets import QWebSocket

from benchmarks.stage import Stage


class QWebSocketStage(Stage):
    def __init__(self) -> None:
        super().__init__()
        self.socket = QWebSocket()
        self.socket.connected.connect(self.subscribe)
        self.socket.binaryMessageReceived.connect(self.take)
        self.socket.open(QUrl(self.job["url"]))

    @pyqtSlot()
    def subscribe(self) -> None:
        self.socket.sendTextMessage(json.dumps([{"ticket": "bench"}, {"type": "ticker", "codes": self.codes}]))

    @pyqtSlot(QByteArray)
    def take(self, message: QByteArray) -> None:
        self.show_ticker(json.loads(message.data()))


if __name__ == "__main__":
    stage = QWebSocketStage()
    stage.app.exec()
