"""The state of the connection, for a status bar."""

from __future__ import annotations

import html
import time
from typing import TYPE_CHECKING, Final

from PyQt6.QtCore import QTimer, pyqtSlot
from PyQt6.QtWidgets import QLabel, QWidget

from upbit_qt_widgets.base.formatting import age_text
from upbit_qt_widgets.base.qt_property import qt_property
from upbit_qt_widgets.base.state_line import AMBER, GREEN, GREY, RED
from upbit_qt_widgets.base.texts import Language, system_language, text
from upbit_qt_ws import GlobalWebSocketManager, LinkState, LinkStatus

if TYPE_CHECKING:
    from PyQt6.QtGui import QHideEvent, QShowEvent

_DOTS: Final = {
    LinkState.CONNECTED: GREEN,
    LinkState.CONNECTING: AMBER,
    LinkState.WAITING: RED,
    LinkState.IDLE: GREY,
    LinkState.STOPPED: GREY,
}
_DISCONNECTED: Final = (LinkState.CONNECTING, LinkState.WAITING)


class ConnectionBadge(QLabel):
    """A dot, the state in words, and since when there is no connection; the tool tip has the reason and the figures.

    While there is no connection it tells the number of the attempt, from the second one on. Its clock runs only
    then, and only while it is visible.
    """

    def __init__(self, parent: QWidget | None = None, *, manager: GlobalWebSocketManager | None = None) -> None:
        """Follow a manager; the application's if None."""
        super().__init__(parent)
        self._manager = manager or GlobalWebSocketManager.get_instance()
        self._language: Language = system_language()
        self._status = self._manager.link()
        self._attempts = 0
        self._lost_at = time.monotonic()
        self._clock = QTimer(self)
        self._clock.setInterval(1000)
        self._clock.timeout.connect(self._write)
        self._manager.link_changed.connect(self._on_link_changed)
        self._write()

    def _get_language(self) -> str:
        return self._language

    def set_language(self, language: str) -> None:
        """Show the state in Korean or English."""
        self._language = "ko" if language == "ko" else "en"
        self._write()

    language = qt_property(str)(_get_language).setter(set_language)

    def showEvent(self, a0: QShowEvent | None) -> None:
        """Catch up."""
        super().showEvent(a0)
        self._write()
        self._set_clock()

    def hideEvent(self, a0: QHideEvent | None) -> None:
        """Rest."""
        super().hideEvent(a0)
        self._set_clock()

    @pyqtSlot(str, object)
    def _on_link_changed(self, _name: str, status: LinkStatus) -> None:
        before, self._status = self._status.state, status
        if status.state not in _DISCONNECTED:
            self._attempts = 0
        elif before not in _DISCONNECTED:
            self._lost_at = status.since
        if status.state is LinkState.CONNECTING and before is not LinkState.CONNECTING:
            self._attempts += 1
        self._write()
        self._set_clock()

    def _set_clock(self) -> None:
        # A good connection needs no wake-ups.
        if self._status.state not in _DISCONNECTED or not self.isVisible():
            self._clock.stop()
        elif not self._clock.isActive():
            self._clock.start()

    @pyqtSlot()
    def _write(self) -> None:
        status, language = self._status, self._language
        parts = [text(f"link.{status.state}", language)]
        if self._attempts > 1:
            parts.append(text("link.attempt", language).format(number=self._attempts))
        if status.state in _DISCONNECTED:
            parts.append(age_text(time.monotonic() - self._lost_at, language))
        words = " · ".join(parts)
        self.setText(f'<span style="color:{_DOTS[status.state]}">●</span> {html.escape(words)}')
        self.setAccessibleName(f"{text('connection', language)}: {words}")
        lines = [
            f"{text('sockets', language)}: {status.sockets_opened}",
            f"{text('requests', language)}: {status.requests_sent}",
            f"{text('epoch', language)}: {status.epoch}",
        ]
        if status.reason:
            lines.insert(0, html.escape(f"{text('reason', language)}: {status.reason}"))
        self.setToolTip("<br>".join(lines))
