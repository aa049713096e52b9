"""The state of the connection, for a status bar."""

from __future__ import annotations

import time

from PyQt6.QtCore import QTimer, pyqtSlot
from PyQt6.QtWidgets import QLabel, QWidget

from upbit_qt_widgets.formatting import age_text
from upbit_qt_widgets.texts import Language, system_language, text
from upbit_qt_ws import GlobalWebSocketManager, LinkState, LinkStatus

_DOTS = {
    LinkState.CONNECTED: "#2fa866",
    LinkState.CONNECTING: "#d9a400",
    LinkState.WAITING: "#d9534f",
    LinkState.IDLE: "#8d96a6",
    LinkState.STOPPED: "#8d96a6",
}


class ConnectionBadge(QLabel):
    """A dot, the state in words and since when; the tool tip has the figures."""

    def __init__(self, parent: QWidget | None = None, *, manager: GlobalWebSocketManager | None = None) -> None:
        """Follow a manager; the application's if None."""
        super().__init__(parent)
        self._manager = manager or GlobalWebSocketManager.get_instance()
        self._language: Language = system_language()
        self._manager.link_changed.connect(self._on_link_changed)
        self._since = QTimer(self)
        self._since.setInterval(1000)
        self._since.timeout.connect(self._show)
        self._show()

    def set_language(self, language: Language) -> None:
        """Show the state in Korean or English."""
        self._language = language
        self._show()

    @pyqtSlot(str, object)
    def _on_link_changed(self, _name: str, _status: LinkStatus) -> None:
        self._show()

    @pyqtSlot()
    def _show(self) -> None:
        status = self._manager.link()
        words = text(f"link.{status.state}", self._language)
        since = age_text(time.monotonic() - status.since, self._language)
        waits = status.state in (LinkState.WAITING, LinkState.CONNECTING)
        # The time only runs on where it matters; a good connection needs no wake-ups.
        if waits and not self._since.isActive():
            self._since.start()
        elif not waits:
            self._since.stop()
        suffix = f" · {since}" if waits else ""
        self.setText(f'<span style="color:{_DOTS[status.state]}">●</span> {words}{suffix}')
        self.setAccessibleName(f"{text('connection', self._language)}: {words}")
        lines = [
            f"{text('sockets', self._language)}: {status.sockets_opened}",
            f"{text('requests', self._language)}: {status.requests_sent}",
            f"{text('epoch', self._language)}: {status.epoch}",
        ]
        if status.reason:
            lines.append(f"{text('reason', self._language)}: {status.reason}")
        self.setToolTip("\n".join(lines))
