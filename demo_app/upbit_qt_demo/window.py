"""The window of the demo."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import Qt, QTimer, pyqtSlot
from PyQt6.QtWidgets import QMainWindow, QMenuBar, QStatusBar, QToolBar, QVBoxLayout, QWidget

from upbit_qt_demo.areas import TABS, Area
from upbit_qt_demo.arrangement import Arrangement
from upbit_qt_demo.choices import Choice
from upbit_qt_demo.menus import Menus
from upbit_qt_demo.navigation import Navigation
from upbit_qt_demo.pane import Pane
from upbit_qt_demo.panels import Panels
from upbit_qt_demo.preferences import Preferences
from upbit_qt_demo.qt_words import QtWords
from upbit_qt_demo.sign import SimulatedSign
from upbit_qt_demo.theme import Theme, ThemeSwitch
from upbit_qt_demo.words import say
from upbit_qt_widgets import ColorScheme
from upbit_qt_widgets.base.formatting import market_text
from upbit_qt_widgets.base.texts import Language, parse_language
from upbit_qt_ws import GlobalWebSocketManager
from upbit_qt_ws.guard import guarded

if TYPE_CHECKING:
    from PyQt6.QtGui import QCloseEvent, QKeyEvent, QPaintEvent

    from upbit_qt_demo.preference_file import PreferenceFile


class DemoWindow(QMainWindow):
    """A small trading terminal: all markets, and everything about the chosen one.

    Attributes:
        panels: the widgets with live data.
        arrangement: where they are.
        navigation: how the keyboard gets to them.
    """

    def __init__(self, preferences: Preferences, *, live: bool, file: PreferenceFile | None = None) -> None:
        """Build the window; nothing is asked for before it is shown.

        Args:
            preferences: what the user has chosen.
            live: whether the prices are real; else a sign says that they are not.
            file: where the choices are kept when the window is closed; None keeps none.
        """
        super().__init__()
        self._language: Language = preferences.language
        self._is_live, self._file = live, file
        self._is_complete = False
        self._qt_words = QtWords(self)
        self._theme = ThemeSwitch(preferences.theme, self)
        self.panels = Panels(preferences, self)
        self._panes = {area: Pane(scrolls=area in TABS) for area in Area}
        self.arrangement = Arrangement(self.panels.ticker, self._panes)
        self.navigation = Navigation(self.arrangement, self._panes, self)
        self._languages = Choice("language", ("ko", "en"), preferences.language, self)
        self._themes = Choice("theme", list(Theme), preferences.theme, self)
        self._colors = Choice("colors", list(ColorScheme), preferences.colors, self)
        self._sign = SimulatedSign()
        self._toolbar = QToolBar(self)
        self._lay_out()
        bar = QMenuBar(self)
        self.setMenuBar(bar)
        self._menus = Menus(bar, self._toolbar, (self._languages, self._themes, self._colors), self)
        self._connect()
        self._set_language(preferences.language)
        self.arrangement.restore(preferences.sizes, preferences.tabs, preferences.tab)
        self.navigation.go(Area.MARKETS)

    def _lay_out(self) -> None:
        # The menu that hides toolbars would hide the sign.
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self._toolbar.setMovable(False)
        if not self._is_live:
            self._toolbar.addWidget(self._sign)
            self._toolbar.addSeparator()
        self.addToolBar(self._toolbar)
        for area, widget in (
            (Area.MARKETS, self.panels.table),
            (Area.BOOK, self.panels.book),
            (Area.TRADES, self.panels.trades),
            (Area.DEPTH, self.panels.depth),
        ):
            self._panes[area].fill(widget)
        central = QWidget()
        # A splitter with margins of its own forgets them when it is asked for its least size.
        around = QVBoxLayout(central)
        around.setContentsMargins(4, 4, 4, 0)
        around.addWidget(self.arrangement)
        self.setCentralWidget(central)
        status = QStatusBar(self)
        status.addWidget(self.panels.strip, 1)
        status.addPermanentWidget(self.panels.badge)
        self.setStatusBar(status)

    def _connect(self) -> None:
        self._languages.chosen.connect(self._set_language)
        self._themes.chosen.connect(self._set_theme)
        self._colors.chosen.connect(self._set_colors)
        self._menus.area_chosen.connect(self.navigation.go)
        self._menus.command_chosen.connect(self._on_command)
        self.panels.link.market_changed.connect(self._show_title)

    def preferences(self) -> Preferences:
        """Return what the user has chosen by now."""
        return Preferences(
            language=self._language,
            theme=self._theme.theme,
            colors=ColorScheme(self._colors.value),
            market=self.panels.link.market,
            quote=self.panels.table.quote,
            interval=self.panels.interval,
            tabs=self.arrangement.tabs,
            tab=self.arrangement.tab,
            sizes=self.arrangement.chosen_sizes,
            geometry=self.saveGeometry().data(),
        )

    # -- what the user chooses --------------------------------------------------------------------------------

    @pyqtSlot(str)
    @guarded
    def _set_language(self, language: str) -> None:
        self._language = parse_language(language)
        self._qt_words.set_language(self._language)
        self.panels.set_language(self._language)
        self.arrangement.retranslate(self._language)
        self._menus.retranslate(self._language)
        self._sign.set_language(self._language)
        self._show_title()

    @pyqtSlot(str)
    @guarded
    def _set_theme(self, theme: str) -> None:
        self._theme.set_theme(Theme(theme))

    @pyqtSlot(str)
    @guarded
    def _set_colors(self, colors: str) -> None:
        self.panels.set_colors(ColorScheme(colors))

    @pyqtSlot(str)
    @guarded
    def _on_command(self, command: str) -> None:
        if command == "search":
            self.navigation.search()
        elif command == "next_area":
            self.navigation.step(1)
        elif command == "previous_area":
            self.navigation.step(-1)
        elif command == "reset":
            self.arrangement.restore({}, TABS, Area.DEPTH)
        else:
            self.close()

    @pyqtSlot()
    @guarded
    def _show_title(self) -> None:
        title = f"{market_text(self.panels.link.market)} · {say('title', self._language)}"
        simulated = "" if self._is_live else f" ({say('simulated_title', self._language)})"
        self.setWindowTitle(f"{title}{simulated} — upbit_qt_ws")

    # -- life -------------------------------------------------------------------------------------------------

    @guarded
    def paintEvent(self, a0: QPaintEvent | None) -> None:
        """Make what is not seen at once when the first picture has been painted."""
        super().paintEvent(a0)
        if not self._is_complete:
            self._is_complete = True
            QTimer.singleShot(0, self._complete)

    @pyqtSlot()
    @guarded
    def _complete(self) -> None:
        for area, widget in self.panels.complete(GlobalWebSocketManager.get_instance()).items():
            self._panes[area].fill(widget)
        panes = (self._panes[area] for area in (Area.MARKETS, Area.CHART, Area.BOOK, Area.TRADES))
        self.navigation.order([*panes, self.arrangement.tab_widget, self.panels.strip])

    @guarded
    def keyPressEvent(self, a0: QKeyEvent | None) -> None:
        """Leave the search with Esc."""
        if a0 is None or a0.key() != Qt.Key.Key_Escape or not self.navigation.escape():
            super().keyPressEvent(a0)

    @guarded
    def closeEvent(self, a0: QCloseEvent | None) -> None:
        """Keep what was chosen."""
        if self._file is not None:
            self._file.save(self.preferences())
        super().closeEvent(a0)
