"""All that the toolkit knows of itself in one window: status, figures, links, alerts, components."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PyQt6.QtCore import QEvent, Qt, QTimer, pyqtSignal, pyqtSlot
from PyQt6.QtGui import QGuiApplication
from PyQt6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from upbit_qt_widgets.base.colors import market_colors
from upbit_qt_widgets.base.labels import PlainLabel
from upbit_qt_widgets.base.qt_property import qt_property
from upbit_qt_widgets.base.texts import Language, parse_language, pick, system_language
from upbit_qt_widgets.connection.component_accounts import ComponentAccount, ComponentFinder, rest_of
from upbit_qt_widgets.connection.diagnostics import diagnostics_text
from upbit_qt_widgets.connection.figure_model import FigureModel
from upbit_qt_widgets.connection.figure_view import FigureView
from upbit_qt_widgets.connection.health_reading import HealthReading, read_health
from upbit_qt_widgets.connection.health_rows import (
    ALERT_COLUMNS,
    COMPONENT_COLUMNS,
    LINK_COLUMNS,
    alert_rows,
    component_rows,
    link_rows,
)
from upbit_qt_widgets.connection.health_sample import sample_accounts, sample_latencies, sample_status
from upbit_qt_widgets.connection.health_summary import HealthSummary, reasons_of
from upbit_qt_widgets.connection.words import WORDS
from upbit_qt_ws import GlobalWebSocketManager
from upbit_qt_ws.guard import guarded, guarded_setter
from upbit_qt_ws.wire.topics import Endpoint

if TYPE_CHECKING:
    from PyQt6.QtGui import QHideEvent, QShowEvent

_SECOND_MILLISECONDS: Final = 1000
_NAME: Final = 0
_COPIED_BEATS: Final = 2
"""Until the second reading from then on the button says that it has copied: for one second at least."""


class HealthPanel(QWidget):
    """Shows how the toolkit does, and why; a button copies all of it for a report, without secrets.

    It looks for the manager when it is shown for the first time, and reads it once a second while it is visible. The
    line of latencies has gaps for the time in which nobody looked.

    Signals:
        language_changed: the new language, ``"ko"`` or ``"en"``.
    """

    language_changed = pyqtSignal(str)

    def __init__(self, parent: QWidget | None = None, *, manager: GlobalWebSocketManager | None = None) -> None:
        """Make the panel; the application's manager is asked if ``manager`` is None."""
        super().__init__(parent)
        self._manager = manager
        self._finder: ComponentFinder | None = None
        self._is_following = False
        self._is_preview = False
        self._language: Language = system_language()
        self._status: dict[str, object] = {}
        self._accounts: list[ComponentAccount] = []
        self._copied_beats = 0
        colors = market_colors(self)
        self._summary = HealthSummary(self)
        self._models = {
            "link": FigureModel(LINK_COLUMNS, self._language, self),
            "alerts": FigureModel(ALERT_COLUMNS, self._language, self),
            "components": FigureModel(COMPONENT_COLUMNS, self._language, self),
        }
        self._views = {
            "link": FigureView(self._models["link"], colors, self, least_rows=len(Endpoint), is_whole=True),
            "alerts": FigureView(self._models["alerts"], colors, self, lines=2),
            "components": FigureView(self._models["components"], colors, self, least_rows=3),
        }
        self._views["components"].set_sortable(_NAME, Qt.SortOrder.AscendingOrder)
        self._captions = {key: PlainLabel(self) for key in ("alerts", "components")}
        self._copy = QPushButton(self)
        self._copy.clicked.connect(self.copy_diagnostics)
        self._clock = QTimer(self)
        self._clock.setInterval(_SECOND_MILLISECONDS)
        self._clock.timeout.connect(self._read)
        self._lay_out()
        self._retranslate()

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 10, 12, 10)
        layout.addWidget(self._summary)
        self._views["link"].setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        layout.addWidget(self._views["link"])
        for key in ("alerts", "components"):
            self._captions[key].setBuddy(self._views[key])
            layout.addWidget(self._captions[key])
            layout.addWidget(self._views[key], 1)
        below = QHBoxLayout()
        below.addStretch(1)
        below.addWidget(self._copy)
        layout.addLayout(below)

    def preview(self) -> None:
        """Show sample figures from now on and never look for a manager: for Qt Designer, and for pictures."""
        self._is_preview = True
        self._clock.stop()
        self._summary.latency.set_values(sample_latencies())
        self._status, self._accounts = sample_status(), sample_accounts()
        self._show()

    # -- properties -------------------------------------------------------------------------------------------

    def _get_language(self) -> str:
        return self._language

    @pyqtSlot(str)
    @guarded_setter
    def set_language(self, language: str) -> None:
        """Show all words in Korean (``"ko"``) or English (``"en"``).

        Raises:
            ConfigurationError: it is neither.
        """
        spoken = parse_language(language)
        if spoken == self._language:
            return
        self._language = spoken
        self._retranslate()
        self._show()
        self.language_changed.emit(spoken)

    language = qt_property(str, notify=language_changed)(_get_language).setter(set_language)

    # -- what is copied ---------------------------------------------------------------------------------------

    def diagnostics(self) -> str:
        """Return the state of the toolkit and all versions as indented JSON, without keys, tokens and user names."""
        config = None if self._manager is None else self._manager.config
        secrets = () if config is None else (config.access_key, config.secret_key)
        return diagnostics_text(self._status, self._accounts, filter(None, secrets))

    @pyqtSlot()
    @guarded
    def copy_diagnostics(self) -> None:
        """Put :meth:`diagnostics` on the clipboard, as they are at this moment."""
        self._take()
        clipboard = QGuiApplication.clipboard()
        if clipboard is not None:
            clipboard.setText(self.diagnostics())
            self._copied_beats = _COPIED_BEATS
            self._name_button()

    # -- life -------------------------------------------------------------------------------------------------

    @guarded
    def showEvent(self, a0: QShowEvent | None) -> None:
        """Look for the manager at the first time, and catch up."""
        super().showEvent(a0)
        if self._is_preview:
            return
        if self._manager is None:
            self._manager = GlobalWebSocketManager.get_instance()
        if not self._is_following:
            self._is_following = True
            self._manager.stopped.connect(self._on_stopped)
        self._summary.latency.add(None)
        self._read()
        if not self._manager.is_shut_down:
            self._clock.start()

    @guarded
    def hideEvent(self, a0: QHideEvent | None) -> None:
        """Rest."""
        super().hideEvent(a0)
        self._clock.stop()

    @guarded
    def changeEvent(self, a0: QEvent | None) -> None:
        """Follow a change between light and dark, and of the font."""
        super().changeEvent(a0)
        if a0 is not None and a0.type() == QEvent.Type.PaletteChange:
            for view in self._views.values():
                view.set_colors(market_colors(self))

    @pyqtSlot()
    @guarded
    def _on_stopped(self) -> None:
        self._clock.stop()
        if self.isVisible():
            self._read()

    @pyqtSlot()
    @guarded
    def _read(self) -> None:
        """Show what is so now."""
        if self._copied_beats:
            self._copied_beats -= 1
            self._name_button()
        self._take()
        if self._status and not self._is_preview:
            reading = read_health(self._status)
            late = reading.performance.exchange_latency.p50_ms
            self._summary.latency.add(late if reading.is_measured else None)
        self._show()

    def _take(self) -> None:
        if self._manager is None or self._is_preview:
            return
        if self._finder is None:
            self._finder = ComponentFinder(self._manager)
        self._status = self._manager.health_status()
        self._accounts = self._finder.accounts()

    # -- what is shown ----------------------------------------------------------------------------------------

    @property
    def _is_stopped(self) -> bool:
        return self._manager is not None and self._manager.is_shut_down and not self._is_preview

    def _show(self) -> None:
        if not self._status:
            return
        reading, language = read_health(self._status), self._language
        self._summary.show_status(*reasons_of(reading, language, is_stopped=self._is_stopped), language)
        self._summary.show_reading(reading, language)
        self._models["link"].show(link_rows(reading, language))
        self._models["alerts"].show(alert_rows(reading, language))
        self._models["components"].show(component_rows(self._with_rest(reading), language))

    def _with_rest(self, reading: HealthReading) -> list[ComponentAccount]:
        rest = None if self._is_preview else rest_of(reading.events, self._accounts)
        return self._accounts if rest is None else [*self._accounts, rest]

    def _retranslate(self) -> None:
        language = self._language
        self.setAccessibleName(pick(WORDS["health"], language))
        self._summary.retranslate(language)
        for key, model in self._models.items():
            model.set_language(language)
            self._views[key].measure()
            self._views[key].setAccessibleName(pick(WORDS[key], language))
        for key, label in self._captions.items():
            label.setText(pick(WORDS[key], language))
            self._views[key].set_message(pick(WORDS[f"no_{key}"], language))
        self._copy.setToolTip(pick(WORDS["copy_tip"], language))
        self._name_button()

    def _name_button(self) -> None:
        words = {key: pick(WORDS[key], self._language) for key in ("copy", "copied")}
        metrics = self._copy.fontMetrics()
        self._copy.setMinimumWidth(max(map(metrics.horizontalAdvance, words.values())) + 4 * metrics.averageCharWidth())
        self._copy.setText(words["copied" if self._copied_beats else "copy"])
