"""One line that tells how the data stands, in words, with a dot in the colour of the state."""

from __future__ import annotations

import html
import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from PyQt6.QtCore import Qt, QTimer, pyqtSlot
from PyQt6.QtGui import QHideEvent, QPalette, QShowEvent
from PyQt6.QtWidgets import QLabel, QSizePolicy, QWidget

from upbit_qt_widgets.base.formatting import age_text
from upbit_qt_widgets.base.labels import tip_text
from upbit_qt_widgets.base.texts import Language, text
from upbit_qt_ws import AuthError, LinkState, Source, SubscriptionState
from upbit_qt_ws.guard import guarded
from upbit_qt_ws.wire.auth_errors import problem_in

if TYPE_CHECKING:
    from upbit_qt_ws import LinkStatus, UpbitQtError

GREEN: Final = "#2fa866"
AMBER: Final = "#d9a400"
RED: Final = "#d9534f"
GREY: Final = "#8d96a6"

_SECOND_MILLISECONDS: Final = 1000
_DISCONNECTED: Final = ("state.waiting", "state.reconnecting")
_EXPLAINED: Final = (*_DISCONNECTED, "state.silent")
_OLD: Final = (*_EXPLAINED, "state.stale", "state.stopped", "state.rest")
_BETWEEN: Final = (
    "state.pending", "state.connecting", "state.stale", "state.silent", "state.rest", "state.suspended",
    "state.preview",
)  # fmt: skip
_KEYS: Final = {"no_keys": "state.no_keys", "out_of_scope": "state.no_permission"}
_REFUSED: Final = ("state.rejected", "state.keys_refused", "state.no_permission", "state.fault")


@dataclass(frozen=True, slots=True)
class DataState:
    """How the data of a widget stands: its subscription, the link below it, and when it last received anything.

    Attributes:
        subscription: the state of the subscription; None when there is nothing to subscribe to.
        link: what the link is doing; None when there is none yet.
        received_ns: reading of ``time.monotonic_ns`` when the newest value was received; None for no value yet.
        source: where the newest value came from.
        error: why the exchange serves nothing of it; None when it does, or may.
        halt: why nobody can trade in the market: ``suspended``, ``preview``, ``delisted`` or ``unlisted``; empty if one
            can. A stream is live then, but its values are not those of a market at work.
        fault: what went wrong inside the widget in the last seconds, in words; empty for nothing.
    """

    subscription: SubscriptionState | None = None
    link: LinkStatus | None = None
    received_ns: int | None = None
    source: Source = Source.WEBSOCKET
    error: UpbitQtError | None = None
    halt: str = ""
    fault: str = ""

    @property
    def is_true(self) -> bool:
        """Whether the values may look true; those of a lost connection must look old."""
        if self._link_state is LinkState.STOPPED or self.halt or self.fault:
            return False
        live = (SubscriptionState.LIVE, SubscriptionState.PENDING, None)
        return self.subscription in live or self.key == "state.rest"

    @property
    def ticks(self) -> bool:
        """Whether the words change by themselves: they hold the age of the newest value, or the time to the retry."""
        return self._shows_age or self.key == "state.waiting"

    @property
    def key(self) -> str:
        """Which words describe it. Without data, what the link does says more than that one is waiting."""
        if self.fault:
            return "state.fault"
        if self.subscription is None:
            return "no_market"
        link = self._link_state
        if link is LinkState.STOPPED:
            return "state.stopped"
        if isinstance(self.error, AuthError):
            return _KEYS.get(self.error.name, "state.keys_refused")
        if self.subscription in (SubscriptionState.PENDING, SubscriptionState.STALE):
            lost = link in (LinkState.WAITING, LinkState.CONNECTING)
            if lost and self.source is Source.REST and self.received_ns is not None:
                return "state.rest"
            if link is LinkState.WAITING:
                return "state.waiting"
            if link is LinkState.CONNECTING:
                first = self.link is not None and self.link.epoch == 0 and not self.link.reason
                return "state.connecting" if first else "state.reconnecting"
        doubtful = self.link is not None and link is LinkState.CONNECTED and bool(self.link.reason)
        if doubtful and self.subscription is SubscriptionState.STALE:
            return "state.silent"
        if self.halt and self.subscription is SubscriptionState.LIVE:
            return f"state.{self.halt}"
        return f"state.{self.subscription}"

    def reason(self, language: Language) -> str:
        """Return why there is no data, or what to do about it; empty when there is nothing to say."""
        if self.fault:
            return self.fault
        if isinstance(self.error, AuthError):
            return problem_in(self.error).hint(language)
        if self.error is not None:
            return str(self.error)
        return self.link.reason if self.link is not None and self.key in _EXPLAINED else ""

    @property
    def color(self) -> str:
        """The colour of the dot, which only repeats what the words say."""
        key = self.key
        if key == "state.live":
            return GREEN
        if key in _DISCONNECTED or key in _REFUSED:
            return RED
        return AMBER if key in _BETWEEN else GREY

    def words(self, language: Language, now_ns: int) -> str:
        """Describe it; ``now_ns`` is a reading of ``time.monotonic_ns``."""
        key = self.key
        described = text(key, language)
        if key == "state.waiting":
            retry_at = self.link.retry_at if self.link is not None and self.link.retry_at is not None else 0.0
            described = described.format(seconds=max(0, math.ceil(retry_at - now_ns / 1e9)))
        if not self._shows_age or self.received_ns is None:
            return described
        age = age_text((now_ns - self.received_ns) / 1e9, language)
        return f"{described} · {text('last_value', language).format(age=age)}"

    @property
    def _link_state(self) -> LinkState | None:
        return None if self.link is None else self.link.state

    @property
    def _shows_age(self) -> bool:
        return self.received_ns is not None and self.key in _OLD


class StateLine(QLabel):
    """Shows a :class:`DataState`; its clock runs only while it is visible and its words hold a time."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Make an empty line."""
        super().__init__(parent)
        self._state = DataState()
        self._language: Language = "en"
        self._suffix = ""
        self._clock = QTimer(self)
        self._clock.setInterval(_SECOND_MILLISECONDS)
        self._clock.timeout.connect(self._write)
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        # The longest sentence must not widen the window.
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def show_state(self, state: DataState, language: Language, suffix: str = "") -> None:
        """Show how the data stands.

        Args:
            state: what to describe.
            language: of the words.
            suffix: added to the words, for example a number of markets.
        """
        self._state, self._language, self._suffix = state, language, suffix
        self._write()
        self._set_clock()

    @guarded
    def showEvent(self, a0: QShowEvent | None) -> None:
        """Catch up."""
        super().showEvent(a0)
        self._write()
        self._set_clock()

    @guarded
    def hideEvent(self, a0: QHideEvent | None) -> None:
        """Rest."""
        super().hideEvent(a0)
        self._set_clock()

    def _set_clock(self) -> None:
        if not self._state.ticks or not self.isVisible():
            self._clock.stop()
        elif not self._clock.isActive():
            self._clock.start()

    @pyqtSlot()
    @guarded
    def _write(self) -> None:
        words = self._state.words(self._language, time.monotonic_ns()) + self._suffix
        self.setText(f'<span style="color:{self._state.color}">●</span> {html.escape(words)}')
        self.setAccessibleName(words)
        reason = self._state.reason(self._language)
        self.setToolTip(tip_text(f"{words} ({reason})" if reason else words))
