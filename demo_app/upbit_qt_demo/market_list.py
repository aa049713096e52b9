"""The list of markets, over REST."""

from __future__ import annotations

import json

from PyQt6.QtCore import QObject, QTimer, QUrl, pyqtSignal, pyqtSlot
from PyQt6.QtNetwork import QNetworkAccessManager, QNetworkReply, QNetworkRequest

from upbit_qt_widgets import Market

_TIMEOUT_MILLISECONDS = 10_000
_RETRY_MILLISECONDS = 3_000


class MarketList(QObject):
    """Fetches the markets of one quote currency, and tries again until it succeeds.

    Signals:
        loaded: a list of :class:`Market`.
        failed: why it failed this time, in plain words.
    """

    loaded = pyqtSignal(object)
    failed = pyqtSignal(str)

    def __init__(self, rest_url: str, quote: str, parent: QObject | None = None) -> None:
        """Take the address; nothing is fetched before :meth:`fetch`."""
        super().__init__(parent)
        self._url = QUrl(f"{rest_url}/market/all?is_details=true")
        self._quote = quote
        self._network = QNetworkAccessManager(self)
        self._network.finished.connect(self._on_finished)
        self._retry = QTimer(self)
        self._retry.setSingleShot(True)
        self._retry.timeout.connect(self.fetch)

    @pyqtSlot()
    def fetch(self) -> None:
        """Ask for the list; no ``Origin`` header is sent, which would lower Upbit's limit."""
        request = QNetworkRequest(self._url)
        request.setTransferTimeout(_TIMEOUT_MILLISECONDS)
        self._network.get(request)

    @pyqtSlot(QNetworkReply)
    def _on_finished(self, reply: QNetworkReply) -> None:
        reply.deleteLater()
        if reply.error() != QNetworkReply.NetworkError.NoError:
            self._fail(reply.errorString())
            return
        try:
            entries = json.loads(bytes(reply.readAll().data()))
            markets = [
                Market(entry["market"], entry.get("korean_name", ""), entry.get("english_name", ""))
                for entry in entries
                if entry["market"].startswith(f"{self._quote}-")
            ]
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            self._fail(f"the answer is no list of markets ({error})")
            return
        self.loaded.emit(markets)

    def _fail(self, reason: str) -> None:
        self.failed.emit(reason)
        self._retry.start(_RETRY_MILLISECONDS)
