"""Language, theme and colours: a click changes all of the window at once."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QAction, QColor, QPalette
from PyQt6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QLabel,
    QLineEdit,
    QTabBar,
    QTableView,
    QToolBar,
    QToolTip,
    QWidget,
)

from tests.demo.conftest import LONG_MS
from tests.helpers import hands
from tests.helpers.numpy import HAS_NUMPY
from upbit_qt_demo.areas import Area
from upbit_qt_demo.preferences import Preferences
from upbit_qt_demo.sign import SimulatedSign
from upbit_qt_demo.theme import Theme, is_dark_theme
from upbit_qt_widgets import ColorScheme
from upbit_qt_widgets.base.colors import is_dark
from upbit_qt_widgets.base.styled_widget import StyledWidget

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytestqt.qtbot import QtBot

    from upbit_qt_demo.window import DemoWindow

HANGUL = re.compile("[\\uac00-\\ud7a3\\u3131-\\u318e]+")


def words_of(window: DemoWindow) -> Iterator[str]:
    """Yield all that is written in the window, or read out."""
    yield window.windowTitle()
    for action in window.findChildren(QAction):
        yield action.text()
        yield action.toolTip()
    for widget in window.findChildren(QWidget):
        yield widget.accessibleName()
        yield widget.accessibleDescription()
        yield widget.toolTip()
        if isinstance(widget, QLabel | QAbstractButton):
            yield widget.text()
        elif isinstance(widget, QLineEdit):
            yield widget.placeholderText()
        elif isinstance(widget, QTabBar):
            yield from (widget.tabText(place) for place in range(widget.count()))
        elif isinstance(widget, QTableView) and (model := widget.model()) is not None:
            columns = range(model.columnCount())
            yield from (str(model.headerData(column, Qt.Orientation.Horizontal) or "") for column in columns)


def korean(window: DemoWindow) -> set[str]:
    """Return what is written in Korean letters, but for the name of the language itself."""
    return {word for words in words_of(window) for word in HANGUL.findall(words)} - {"한국어"}


def click(window: DemoWindow, words: str) -> None:
    """Click the button of the toolbar with these words."""
    toolbar = window.findChild(QToolBar)
    assert toolbar is not None
    (button,) = (found for found in toolbar.findChildren(QAbstractButton) if found.text() == words)
    assert button.isVisible()
    hands.click(button)
    assert button.isChecked()


def see_all(qtbot: QtBot, window: DemoWindow) -> None:
    """Look at each area, so that each has something to say."""
    for area in Area:
        window.navigation.go(area)
    qtbot.waitUntil(lambda: window.panels.table.state == "live", timeout=LONG_MS)


def test_the_language_changes_everywhere_at_once_and_back(qtbot: QtBot, window: DemoWindow) -> None:
    see_all(qtbot, window)
    assert not korean(window)

    click(window, "한국어")

    assert {"모의", "종목", "차트", "호가", "체결", "내", "주문", "자산", "연결", "실시간", "비트코인"} <= korean(
        window
    )
    assert window.preferences().language == "ko"

    click(window, "English")

    assert not korean(window)
    assert window.preferences().language == "en"


def test_the_menu_of_a_text_field_speaks_the_language_too(window: DemoWindow) -> None:
    field = window.panels.table.findChild(QLineEdit)
    assert field is not None

    def first_entry() -> str:
        menu = field.createStandardContextMenu()
        assert menu is not None
        text = menu.actions()[0].text()
        menu.deleteLater()
        return text

    assert "Undo" in first_entry()
    click(window, "한국어")
    assert HANGUL.search(first_entry())
    click(window, "English")
    assert "Undo" in first_entry()


def test_the_theme_changes_every_widget_at_once(qtbot: QtBot, window: DemoWindow) -> None:
    see_all(qtbot, window)
    for words, dark, theme in (("Light", False, Theme.LIGHT), ("Dark", True, Theme.DARK)):
        click(window, words)

        # Qt tells the widgets in the next turn of the event loop.
        others = [widget for widget in window.findChildren(QWidget) if not isinstance(widget, SimulatedSign)]
        qtbot.waitUntil(lambda: {is_dark(widget.palette()) for widget in others} == {dark})
        assert is_dark(QToolTip.palette()) is dark
        assert window.preferences().theme is theme
        for area in Area:
            window.navigation.go(area)
            pane = window._panes[area]
            image = pane.grab().toImage()
            assert (image.pixelColor(image.width() - 4, 4).lightness() < 128) is dark, area


def test_the_sign_can_be_read_in_every_theme(window: DemoWindow) -> None:
    sign = window.findChild(SimulatedSign)
    assert sign is not None
    for words in ("Light", "Dark"):
        click(window, words)
        image = sign.grab().toImage()
        assert image.pixelColor(2, 2) == QColor("#ffb300")
        darkest = min(image.pixelColor(x, y).lightness() for x in range(image.width()) for y in range(image.height()))
        assert darkest < 60


@pytest.mark.parametrize(
    ("theme", "desktop", "dark"),
    [
        (Theme.SYSTEM, Qt.ColorScheme.Dark, True),
        (Theme.SYSTEM, Qt.ColorScheme.Light, False),
        (Theme.SYSTEM, Qt.ColorScheme.Unknown, True),
        (Theme.LIGHT, Qt.ColorScheme.Dark, False),
        (Theme.DARK, Qt.ColorScheme.Light, True),
    ],
)
def test_the_desktop_is_followed_only_if_that_is_wanted(theme: Theme, desktop: Qt.ColorScheme, dark: bool) -> None:
    assert is_dark_theme(theme, desktop) is dark


def test_the_window_follows_the_desktop_when_that_changes(qtbot: QtBot, window: DemoWindow) -> None:
    click(window, "System")
    QApplication.setPalette(QPalette(Qt.GlobalColor.white))
    qtbot.waitUntil(lambda: not is_dark(window.palette()))
    hints = QApplication.styleHints()
    assert hints is not None

    hints.colorSchemeChanged.emit(Qt.ColorScheme.Dark)

    qtbot.waitUntil(lambda: is_dark(window.palette()))


def test_the_colours_of_up_and_down_change_everywhere_at_once(qtbot: QtBot, window: DemoWindow) -> None:
    see_all(qtbot, window)
    styled = window.findChildren(StyledWidget)
    assert len(styled) == 8 + HAS_NUMPY
    for words, scheme in (("Up is green", ColorScheme.WESTERN), ("Up is red", ColorScheme.KOREAN)):
        click(window, words)

        assert {widget.color_scheme for widget in styled} == {scheme}
        assert window.preferences().colors is scheme


def test_menus_have_the_same_switches_as_the_toolbar(window: DemoWindow) -> None:
    toolbar = window.findChild(QToolBar)
    bar = window.menuBar()
    assert toolbar is not None
    assert bar is not None
    in_menus = [
        action.text()
        for menu in (entry.menu() for entry in bar.actions())
        if menu is not None
        for submenu in (entry.menu() for entry in menu.actions())
        if submenu is not None
        for action in submenu.actions()
    ]

    buttons = [button.text() for button in toolbar.findChildren(QAbstractButton) if button.text()]

    assert in_menus == buttons == [
        "한국어", "English", "System", "Light", "Dark", "Up is red", "Up is green",
    ]  # fmt: skip


def test_every_command_shows_its_key_in_a_menu(window: DemoWindow) -> None:
    bar = window.menuBar()
    assert bar is not None
    shown = {
        action.text().replace("&", ""): action.shortcut().toString()
        for menu in (entry.menu() for entry in bar.actions())
        if menu is not None
        for action in menu.actions()
        if not action.isSeparator() and action.menu() is None
    }

    assert shown == {
        "Quit": "Ctrl+Q",
        "Find a market": "Ctrl+F",
        "Markets": "Ctrl+1",
        "Chart": "Ctrl+2",
        "Order book": "Ctrl+3",
        "Trades": "Ctrl+4",
        "Depth": "Ctrl+5",
        "My orders": "Ctrl+6",
        "My assets": "Ctrl+7",
        "Health": "Ctrl+8",
        "Next area": "F6",
        "Previous area": "Shift+F6",
        "Reset the layout": "Ctrl+Shift+R",
    }


def test_a_window_begins_with_what_was_chosen(qtbot: QtBot, open_window: Callable[..., DemoWindow]) -> None:
    chosen = Preferences(
        language="ko",
        theme=Theme.LIGHT,
        colors=ColorScheme.WESTERN,
        market="KRW-ETH",
        interval="5m",
        tabs=(Area.HEALTH, Area.ASSETS, Area.DEPTH, Area.ORDERS),
        tab=Area.ASSETS,
        sizes={"table": 400},
    )

    window = open_window(chosen)

    shown = window.preferences()
    assert (shown.language, shown.theme, shown.colors) == ("ko", Theme.LIGHT, ColorScheme.WESTERN)
    assert (shown.market, shown.interval) == ("KRW-ETH", "5m")
    assert (shown.tabs, shown.tab, shown.sizes) == (chosen.tabs, Area.ASSETS, {"table": 400})
    assert abs(window._panes[Area.MARKETS].width() - 400) <= 2
    bar = window.arrangement.tab_widget.tabBar()
    assert bar is not None
    assert [bar.tabText(place) for place in range(4)] == ["연결 상태", "내 자산", "호가 깊이", "내 주문"]
    assert "내" in korean(window)
    qtbot.waitUntil(lambda: not is_dark(window.palette()))
    assert {widget.color_scheme for widget in window.findChildren(StyledWidget)} == {"western"}
