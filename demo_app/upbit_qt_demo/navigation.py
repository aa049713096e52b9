"""Where the keyboard is, and how it gets from area to area."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, Qt, pyqtSlot
from PyQt6.QtWidgets import QApplication, QLineEdit, QWidget

from upbit_qt_demo.areas import TABS, Area
from upbit_qt_ws.guard import guarded

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from upbit_qt_demo.arrangement import Arrangement
    from upbit_qt_demo.pane import Pane


class Navigation(QObject):
    """Sends the keyboard to areas, and has each show whether it is there."""

    def __init__(self, arrangement: Arrangement, panes: Mapping[Area, Pane], parent: QObject) -> None:
        """Follow the keyboard."""
        super().__init__(parent)
        self._arrangement = arrangement
        self._panes = panes
        self._before_search = Area.CHART
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self._on_focus_changed)

    @property
    def current(self) -> Area | None:
        """The area that has the keyboard; None if it is elsewhere."""
        return self._area_of(QApplication.focusWidget())

    def go(self, area: Area) -> None:
        """Give the keyboard to an area, and bring it to the front if it lies behind a tab."""
        self._arrangement.bring_forward(area)
        self._panes[area].give_focus()

    def step(self, step: int) -> None:
        """Give the keyboard to the next area that can be seen (1), or the one before (-1)."""
        shown = [area for area in Area if area not in TABS or area is self._arrangement.tab]
        current = self.current
        place = shown.index(current) + step if current in shown else min(0, step)
        self.go(shown[place % len(shown)])

    def search(self) -> None:
        """Give the keyboard to the search among the markets."""
        current = self.current
        if current is not None and current is not Area.MARKETS:
            self._before_search = current
        self.go(Area.MARKETS)

    def escape(self) -> bool:
        """Empty the search, and if it is empty go back to the area from before; tell whether that was meant."""
        field = QApplication.focusWidget()
        if not isinstance(field, QLineEdit) or self.current is not Area.MARKETS:
            return False
        if field.text():
            field.clear()
        else:
            self.go(self._before_search)
        return True

    def order(self, parts: Iterable[QWidget]) -> None:
        """Have the Tab key go through parts of the window in this order, whenever they were made."""
        stops = [stop for part in parts for stop in _stops_in(part)]
        for stop, following in pairwise(stops):
            QWidget.setTabOrder(stop, following)

    def _area_of(self, widget: QWidget | None) -> Area | None:
        if widget is None:
            return None
        return next((area for area, pane in self._panes.items() if pane.isAncestorOf(widget)), None)

    @pyqtSlot(QWidget, QWidget)
    @guarded
    def _on_focus_changed(self, _old: QWidget | None, new: QWidget | None) -> None:
        current = self._area_of(new)
        for area, pane in self._panes.items():
            pane.set_active(area is current)


def _stops_in(part: QWidget) -> list[QWidget]:
    """Return where the Tab key stops in a part of a window, in the present order."""
    window = part.window()
    chain: list[QWidget] = []
    widget: QWidget | None = window
    while widget is not None and (not chain or widget is not window):
        chain.append(widget)
        widget = widget.nextInFocusChain()
    by_tab = Qt.FocusPolicy.TabFocus.value
    return [stop for stop in chain if (stop is part or part.isAncestorOf(stop)) and stop.focusPolicy().value & by_tab]
