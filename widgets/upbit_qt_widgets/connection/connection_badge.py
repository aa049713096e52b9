"""The state of one link to the exchange, for a status bar."""

from __future__ import annotations

import html
import time
from datetime import datetime
from typing import TYPE_CHECKING, Final

from PyQt6.QtCore import Qt, QTimer, pyqtSignal, pyqtSlot
from PyQt6.QtWidgets import QLabel, QWidget

from upbit_qt_widgets.base.qt_property import qt_property
from upbit_qt_widgets.base.texts import Language, parse_language, pick, system_language, text
from upbit_qt_widgets.connection.link_text import badge_tip, badge_words, parse_link, state_color
from upbit_qt_widgets.connection.words import WORDS
from upbit_qt_ws import GlobalWebSocketManager, LinkState, LinkStatus
from upbit_qt_ws.guard import guarded, guarded_returning, guarded_setter

if TYPE_CHECKING:
    from PyQt6.QtCore import QEvent
    from PyQt6.QtGui import QHideEvent, QShowEvent

_DISCONNECTED: Final = (LinkState.CONNECTING, LinkState.WAITING)
_SAMPLE: Final = LinkStatus(
    state=LinkState.CONNECTED, epoch=1, sockets_opened=1, requests_sent=3, listings=2, frames=48_213
)


class ConnectionBadge(QLabel):
    """A dot, the state in words, and since when there is no connection; the tool tip has the reason and the figures.

    It looks for the manager when it is shown for the first time. While there is no connection it tells the number of
    the attempt, from the second one on. Its clock runs only then, and only while it is visible.

    Signals:
        language_changed: the new language, ``"ko"`` or ``"en"``.
        link_changed: the name of the link that is shown now.
    """

    language_changed = pyqtSignal(str)
    link_changed = pyqtSignal(str)

    def __init__(self, parent: QWidget | None = None, *, manager: GlobalWebSocketManager | None = None) -> None:
        """Follow a manager; if None, that of the application from the first showing on."""
        super().__init__(parent)
        self._manager: GlobalWebSocketManager | None = None
        self._is_preview = False
        self._language: Language = system_language()
        self._link = "public"
        self._status = LinkStatus()
        self._attempts = 0
        self._lost_at = 0.0
        self._clock = QTimer(self)
        self._clock.setInterval(1000)
        self._clock.timeout.connect(self._write)
        self.setTextFormat(Qt.TextFormat.RichText)
        if manager is not None:
            self._follow(manager)
        self._write()

    def preview(self) -> None:
        """Show a sample from now on and never look for a manager: for Qt Designer, and for pictures."""
        self._is_preview = True
        if self._manager is not None:
            self._manager.link_changed.disconnect(self._on_link_changed)
            self._manager.stopped.disconnect(self._on_stopped)
            self._manager = None
        self._show(_SAMPLE)

    # -- properties -------------------------------------------------------------------------------------------

    def _get_language(self) -> str:
        return self._language

    @pyqtSlot(str)
    @guarded_setter
    def set_language(self, language: str) -> None:
        """Show the state in Korean (``"ko"``) or English (``"en"``).

        Raises:
            ConfigurationError: it is neither.
        """
        spoken = parse_language(language)
        if spoken != self._language:
            self._language = spoken
            self._write()
            self.language_changed.emit(spoken)

    language = qt_property(str, notify=language_changed)(_get_language).setter(set_language)

    def _get_link(self) -> str:
        return self._link

    @pyqtSlot(str)
    @guarded_setter
    def set_link(self, link: str) -> None:
        """Show another link: ``"public"`` (prices), ``"private"`` (own orders and assets) or ``"info"`` (indicators).

        Raises:
            ConfigurationError: there is none of that name; nothing has changed then.
        """
        if parse_link(link) == self._link:
            return
        self._link = link
        self._attempts = 0
        if self._manager is not None:
            self._show(self._manager.link(link))
        else:
            self._write()
        self.link_changed.emit(link)

    link = qt_property(str, notify=link_changed)(_get_link).setter(set_link)

    # -- life -------------------------------------------------------------------------------------------------

    @guarded
    def showEvent(self, a0: QShowEvent | None) -> None:
        """Look for the manager at the first time, and catch up."""
        super().showEvent(a0)
        if self._manager is None and not self._is_preview:
            self._follow(GlobalWebSocketManager.get_instance())
        self._write()
        self._set_clock()

    @guarded
    def hideEvent(self, a0: QHideEvent | None) -> None:
        """Rest."""
        super().hideEvent(a0)
        self._set_clock()

    @guarded_returning(False)
    def event(self, e: QEvent | None) -> bool:
        """Have the figures of the tool tip up to date when it is wanted."""
        if e is not None and e.type() == e.Type.ToolTip:
            if self._manager is not None:
                self._status = self._manager.link(self._link)
            self._write()
        return super().event(e)

    def _follow(self, manager: GlobalWebSocketManager) -> None:
        self._manager = manager
        manager.link_changed.connect(self._on_link_changed)
        manager.stopped.connect(self._on_stopped)
        self._show(manager.link(self._link))

    @pyqtSlot(str, object)
    @guarded
    def _on_link_changed(self, name: str, status: LinkStatus) -> None:
        if name == self._link:
            self._show(status)

    @pyqtSlot()
    @guarded
    def _on_stopped(self) -> None:
        if self._manager is not None:
            self._show(self._manager.link(self._link))

    def _show(self, status: LinkStatus) -> None:
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
    @guarded
    def _write(self) -> None:
        status, language, now = self._status, self._language, time.monotonic()
        lost_for = now - self._lost_at if status.state in _DISCONNECTED else None
        words = badge_words(status, language, self._attempts, lost_for)
        color = state_color(status.state, retries=status.retry_at is not None, reason=status.reason)
        self.setText(f'<span style="color:{color}">●</span> {html.escape(words)}')
        name = text("connection", language)
        if self._link != "public":
            name = f"{name} ({pick(WORDS[self._link], language)})"
        self.setAccessibleName(f"{name}: {words}")
        self.setToolTip(badge_tip(self._link, status, language, now, datetime.now().astimezone()))
