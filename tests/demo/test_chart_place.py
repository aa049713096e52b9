"""In the place of a chart that cannot be: what is missing, and the command that brings it."""

from __future__ import annotations

import builtins
import sys
from typing import TYPE_CHECKING, Any

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QApplication, QLabel

import upbit_qt_widgets
from tests.demo.test_switches import click
from tests.helpers import hands
from tests.helpers.numpy import needs_numpy
from upbit_qt_demo.areas import Area
from upbit_qt_demo.chart_place import NoChart
from upbit_qt_demo.preferences import Preferences
from upbit_qt_demo.theme import Theme

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytestqt.qtbot import QtBot

    from upbit_qt_demo.window import DemoWindow


@pytest.fixture
def no_charts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Has the libraries of the chart not be there."""
    monkeypatch.delattr(upbit_qt_widgets, "CandleChartWidget", raising=False)
    for name in [name for name in sys.modules if name.startswith(("pyqtgraph", "upbit_qt_widgets.chart."))]:
        monkeypatch.delitem(sys.modules, name)
    original = builtins.__import__

    def without(name: str, *arguments: Any, **named: Any) -> Any:
        if name.partition(".")[0] == "pyqtgraph":
            raise ModuleNotFoundError("No module named 'pyqtgraph' <b>here</b>")
        return original(name, *arguments, **named)

    monkeypatch.setattr(builtins, "__import__", without)


@needs_numpy
def test_the_window_says_what_to_install_in_its_language(
    qtbot: QtBot, no_charts: None, open_window: Callable[..., DemoWindow]
) -> None:
    window = open_window(Preferences(language="en", theme=Theme.DARK, interval="5m"))

    notice = window.panels.chart
    assert isinstance(notice, NoChart)
    labels = notice.findChildren(QLabel)
    qtbot.waitUntil(lambda: all(label.isVisible() for label in labels))
    words = [label.text() for label in labels]
    assert 'pip install "upbit-qt-ws[charts]"' in words
    assert "No module named 'pyqtgraph' <b>here</b>" in words
    assert any("needs pyqtgraph" in line for line in words)
    assert {label.textFormat() for label in labels} == {Qt.TextFormat.PlainText}
    click(window, "한국어")
    assert any("설치하세요" in label.text() for label in labels)
    # What was chosen for the chart is kept for the day on which it is there.
    assert window.preferences().interval == "5m"


@needs_numpy
def test_the_keyboard_gets_to_the_command_to_copy_it(no_charts: None, window: DemoWindow) -> None:
    window.navigation.go(Area.CHART)

    focus = QApplication.focusWidget()
    assert isinstance(focus, QLabel)
    assert window.navigation.current is Area.CHART
    hands.press(focus, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert focus.selectedText() == 'pip install "upbit-qt-ws[charts]"'
