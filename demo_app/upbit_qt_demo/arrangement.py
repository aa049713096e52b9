"""Where the areas of the window are: the lines between them can be moved, and so can the tabs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PyQt6.QtCore import Qt, pyqtSlot
from PyQt6.QtWidgets import QSplitter, QTabWidget, QVBoxLayout, QWidget

from upbit_qt_demo.areas import TABS, Area
from upbit_qt_demo.words import say
from upbit_qt_ws.guard import guarded

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from PyQt6.QtGui import QResizeEvent

    from upbit_qt_demo.pane import Pane
    from upbit_qt_widgets.base.texts import Language

_HANDLE_PIXELS: Final = 5
_LEAST_CHART: Final = 300
"""In a narrower one nothing can be seen, in pixels."""


class Arrangement(QSplitter):
    """The ticker across the top, the chart above the tabs, the book above the trades, all markets at the right.

    The area at the right of a line, or below it, keeps its size when the window gets larger or smaller, so that the
    chart gets all that is left. The health panel needs more height than the other tabs: the line above it has a
    place of its own.

    Attributes:
        tab_widget: what the areas behind tabs are in.
    """

    def __init__(self, ticker: QWidget, panes: Mapping[Area, Pane]) -> None:
        """Lay everything out at its usual place."""
        super().__init__(Qt.Orientation.Horizontal)
        self._panes = panes
        self._sizes: dict[str, int] = {}
        self.tab_widget = QTabWidget()
        self.tab_widget.setMovable(True)
        self.tab_widget.setDocumentMode(True)
        for area in TABS:
            self.tab_widget.addTab(panes[area], "")
        panes[Area.CHART].setMinimumWidth(_LEAST_CHART)
        vertical = Qt.Orientation.Vertical
        charts = _split(vertical, panes[Area.CHART], self.tab_widget)
        books = _split(vertical, panes[Area.BOOK], panes[Area.TRADES])
        body = _split(Qt.Orientation.Horizontal, charts, books)
        market = QWidget()
        column = QVBoxLayout(market)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(_HANDLE_PIXELS)
        column.addWidget(ticker)
        column.addWidget(body, 1)
        _fill(self, market, panes[Area.MARKETS])
        self._lines: dict[str, QSplitter] = {"table": self, "book": body, "tabs": charts, "trades": books}
        for splitter in self._lines.values():
            splitter.splitterMoved.connect(self._on_moved)
        self.tab_widget.currentChanged.connect(self._on_tab_changed)

    # -- what the user has chosen -----------------------------------------------------------------------------

    @property
    def chosen_sizes(self) -> dict[str, int]:
        """The sizes that the user has given to areas, in pixels, by the name of the line."""
        return dict(self._sizes)

    @property
    def tabs(self) -> tuple[Area, ...]:
        """The areas behind tabs, in their order."""
        return tuple(self._area_of(self.tab_widget.widget(place)) for place in range(self.tab_widget.count()))

    @property
    def tab(self) -> Area:
        """The one in front."""
        return self._area_of(self.tab_widget.currentWidget())

    def restore(self, sizes: Mapping[str, int], tabs: Sequence[Area], tab: Area) -> None:
        """Bring lines and tabs to where the user had them; without sizes to their usual places."""
        self._sizes = dict(sizes)
        bar = self.tab_widget.tabBar()
        assert bar is not None
        for place, area in enumerate(tabs):
            bar.moveTab(self.tab_widget.indexOf(self._panes[area]), place)
        self.bring_forward(tab)
        self._place_lines()

    def bring_forward(self, area: Area) -> None:
        """Show an area that may lie behind a tab."""
        if area in TABS:
            self.tab_widget.setCurrentWidget(self._panes[area])

    def retranslate(self, language: Language) -> None:
        """Show the captions of the tabs in this language."""
        for area in TABS:
            self.tab_widget.setTabText(self.tab_widget.indexOf(self._panes[area]), say(area, language))

    def _area_of(self, page: QWidget | None) -> Area:
        return next(area for area in TABS if self._panes[area] is page)

    # -- lines ------------------------------------------------------------------------------------------------

    @guarded
    def resizeEvent(self, a0: QResizeEvent | None) -> None:
        """Have each area as large as it was wished, as far as there is room."""
        super().resizeEvent(a0)
        self._place_lines()

    def _place_lines(self) -> None:
        for name in self._lines:
            self._place_line(name)

    def _place_line(self, name: str) -> None:
        splitter, key = self._lines[name], self._key(name)
        wished = self._sizes.get(key) or usual_size(key, self.width(), self.height())
        whole = sum(splitter.sizes()) or wished
        splitter.setSizes([max(0, whole - wished), wished])

    def _key(self, name: str) -> str:
        return "tall_tabs" if name == "tabs" and self.tab is Area.HEALTH else name

    @pyqtSlot(int, int)
    @guarded
    def _on_moved(self, _place: int, _line: int) -> None:
        name = next(name for name, splitter in self._lines.items() if splitter is self.sender())
        self._sizes[self._key(name)] = self._lines[name].sizes()[1]

    @pyqtSlot(int)
    @guarded
    def _on_tab_changed(self, _place: int) -> None:
        self._place_line("tabs")


def usual_size(line: str, width: int, height: int) -> int:
    """Return the size of the area at the right of a line, or below it, in pixels.

    Args:
        line: its name, see :data:`upbit_qt_demo.preferences.LINES`.
        width: of the whole arrangement, in pixels.
        height: likewise.
    """
    share, least, most = {
        "table": (0.272 * width, 340, 480),
        "book": (0.28 * width, 450, 520),
        "tabs": (0.27 * height, 204, 300),
        "tall_tabs": (0.66 * height, 150, 720),
        "trades": (0.32 * height, 150, 400),
    }[line]
    return round(min(max(share, least), most))


def _split(orientation: Qt.Orientation, first: QWidget, second: QWidget) -> QSplitter:
    splitter = QSplitter(orientation)
    _fill(splitter, first, second)
    return splitter


def _fill(splitter: QSplitter, first: QWidget, second: QWidget) -> None:
    splitter.addWidget(first)
    splitter.addWidget(second)
    splitter.setStretchFactor(0, 1)
    splitter.setStretchFactor(1, 0)
    splitter.setChildrenCollapsible(False)
    splitter.setHandleWidth(_HANDLE_PIXELS)
