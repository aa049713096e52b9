"""The upper part of the panel: how the toolkit does, why, how much comes, and how late."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PyQt6.QtCore import QEvent, Qt
from PyQt6.QtGui import QFont, QPalette
from PyQt6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from upbit_qt_widgets.base.formatting import NOTHING
from upbit_qt_widgets.base.labels import PlainLabel, set_least_width, set_whole_text
from upbit_qt_widgets.base.state_line import AMBER, GREEN, GREY, RED
from upbit_qt_widgets.base.texts import Language, pick
from upbit_qt_widgets.connection.health_reading import PerformanceReading
from upbit_qt_widgets.connection.health_rows import reason_text, states_text
from upbit_qt_widgets.connection.latency_line import LatencyLine, milliseconds_text
from upbit_qt_widgets.connection.words import WORDS
from upbit_qt_ws import LinkState
from upbit_qt_ws.guard import guarded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from upbit_qt_widgets.connection.health_reading import HealthReading

_COLORS: Final = {"healthy": GREEN, "degraded": AMBER, "critical": RED, "stopped": GREY}
_RATES: Final = ("messages", "deliveries", "flushes", "dropped_rate")
_FIGURES: Final = (*_RATES, "process")
_DISCONNECTED: Final = (LinkState.CONNECTING, LinkState.WAITING)
_WIDEST: Final = "9,999.9 MB · 100 %"


class HealthSummary(QWidget):
    """Shows one reading after the other."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Show nothing yet."""
        super().__init__(parent)
        self._language: Language = "en"
        self.latency = LatencyLine(self)
        self._dot = QLabel(self)
        self._status = PlainLabel(self)
        self._reasons = PlainLabel(self)
        self._captions = {key: PlainLabel(self) for key in (*_FIGURES, "latency")}
        self._values = {key: PlainLabel(self) for key in (*_FIGURES, "latency")}
        self._bounds = PlainLabel(self)
        self._subscribed = PlainLabel(self)
        self._states = PlainLabel(self)
        self._lay_out()
        self._measure()

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self._dot)
        top.addWidget(self._status)
        top.addWidget(self._reasons, 1)
        for label in (self._reasons, self._states):
            label.setWordWrap(True)
        self._reasons.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        figures = QGridLayout()
        figures.setHorizontalSpacing(16)
        figures.setVerticalSpacing(3)
        for row, key in enumerate(_FIGURES):
            figures.addWidget(self._captions[key], row, 0)
            figures.addWidget(self._values[key], row, 1)
            self._values[key].setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        late = QVBoxLayout()
        late.setSpacing(3)
        heading = QHBoxLayout()
        heading.addWidget(self._captions["latency"])
        heading.addWidget(self._values["latency"], 1)
        self._values["latency"].setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        late.addLayout(heading)
        late.addWidget(self.latency)
        late.addWidget(self._bounds)
        late.addStretch(1)
        middle = QHBoxLayout()
        middle.setSpacing(28)
        middle.addLayout(figures)
        middle.addLayout(late, 1)
        below = QVBoxLayout()
        below.setSpacing(2)
        below.addWidget(self._subscribed)
        below.addWidget(self._states)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(top)
        layout.addLayout(middle)
        layout.addLayout(below)
        for label in (*self._captions.values(), self._bounds, self._states):
            label.setForegroundRole(QPalette.ColorRole.PlaceholderText)

    def _measure(self) -> None:
        """Give the labels widths that fit the longest texts, so that the layout stands still while figures change."""
        bold = QFont(self.font())
        bold.setBold(True)
        self._status.setFont(bold)
        words = (pick(WORDS[status], self._language) for status in _COLORS)
        self._status.setMinimumWidth(max(map(self._status.fontMetrics().horizontalAdvance, words)))
        for key in _FIGURES:
            set_least_width(self._values[key], _WIDEST)
        widest = pick(WORDS["latency_now"], "en").format(middle="9,999 ms", high="9,999 ms")
        set_least_width(self._values["latency"], widest)

    @guarded
    def changeEvent(self, a0: QEvent | None) -> None:
        """Follow a change of the font."""
        super().changeEvent(a0)
        if a0 is not None and a0.type() == QEvent.Type.FontChange:
            self._measure()

    def show_status(self, status: str, why: Sequence[str], language: Language) -> None:
        """Show a word and the reasons for it.

        Args:
            status: ``"healthy"``, ``"degraded"``, ``"critical"`` or ``"stopped"``.
            why: the reasons in the language; words of their own are shown for none.
            language: of the words.
        """
        word = pick(WORDS[status], language)
        self._dot.setText(f'<span style="color:{_COLORS[status]}">●</span>')
        self._status.setText(word)
        reasons = "\n".join(why)
        self._reasons.setText(reasons)
        self._status.setAccessibleName(f"{pick(WORDS['health'], language)}: {word}. {reasons}")

    def show_reading(self, reading: HealthReading, language: Language) -> None:
        """Show all figures."""
        performance = reading.performance if reading.is_measured else PerformanceReading()
        rates = (
            performance.frames_in_per_s,
            performance.deliveries_per_s,
            performance.flushes_per_s,
            performance.drops_per_s,
        )
        for key, rate in zip(_RATES, rates, strict=True):
            shown = pick(WORDS["per_second"], language).format(figure=f"{rate:,.1f}")
            set_whole_text(self._values[key], shown if reading.is_measured else NOTHING)
        memory = NOTHING if performance.memory_mb is None else f"{performance.memory_mb:,.1f} MB"
        cpu = NOTHING if performance.cpu is None else f"{performance.cpu * 100:.0f} %"
        set_whole_text(self._values["process"], f"{memory} · {cpu}")
        late = performance.exchange_latency
        now = pick(WORDS["latency_now"], language).format(
            middle=milliseconds_text(late.p50_ms), high=milliseconds_text(late.p95_ms)
        )
        set_whole_text(self._values["latency"], now)
        self._bounds.setText(self.latency.words(language))
        self.latency.setAccessibleDescription(f"{now}, {self._bounds.text()}")
        counts = reading.subscriptions
        self._subscribed.setText(
            pick(WORDS["subscribed_of"], language).format(
                components=f"{counts.components:,}",
                subscriptions=f"{counts.subscriptions:,}",
                topics=f"{counts.topics:,}",
            )
        )
        self._states.setText(states_text(counts.states, language) or NOTHING)

    def retranslate(self, language: Language) -> None:
        """Show the captions in a language."""
        self._language = language
        self._measure()
        for key, label in self._captions.items():
            label.setText(pick(WORDS[key], language))
        self.latency.setAccessibleName(pick(WORDS["latency"], language))


def reasons_of(reading: HealthReading, language: Language, *, is_stopped: bool) -> tuple[str, tuple[str, ...]]:
    """Return the word for a status, as a key, and the reasons for it in the language."""
    if is_stopped:
        return "stopped", (pick(WORDS["stopped_why"], language),)
    if reading.reasons:
        return reading.status, tuple(reason_text(reason, reading, language) for reason in reading.reasons)
    links = reading.connections.values()
    was_connected = any(link.epoch for link in links)
    # It is an illness only when it lasts, but nobody should read meanwhile that all is well.
    if any(link.state in _DISCONNECTED for link in links):
        why = "reconnecting_why" if was_connected else "connecting_why"
    else:
        why = "healthy_why" if was_connected else "unknown"
    return reading.status, (pick(WORDS[why], language),)
