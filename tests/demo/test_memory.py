"""What is chosen in the window outlives it, and a broken file of settings never keeps the window from opening."""

from __future__ import annotations

import base64
import logging
from typing import TYPE_CHECKING

import pytest
from PyQt6.QtCore import QPoint, QRect, QSettings, Qt
from PyQt6.QtWidgets import QApplication, QMainWindow, QSplitter

from tests.demo.conftest import LONG_MS
from tests.demo.test_switches import click
from tests.helpers import hands
from tests.helpers.numpy import needs_numpy
from upbit_qt_demo.areas import Area
from upbit_qt_demo.place import place_window, usual_geometry
from upbit_qt_demo.preference_file import PreferenceFile, settings_in
from upbit_qt_demo.preferences import Preferences
from upbit_qt_demo.theme import Theme
from upbit_qt_demo.window import DemoWindow
from upbit_qt_widgets import ColorScheme, Favourites

if TYPE_CHECKING:
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from upbit_qt_ws import GlobalWebSocketManager

BROKEN = {
    "empty": b"",
    "bytes": bytes(range(256)) * 8,
    "other things": b"[General]\nlanguage=@Rect(1 2 3 4)\ntheme=@Invalid()\nmarket=@Variant(\\0\\0\\0\\x1)\ntab=a, b\n",
    "another format": b'{"language": "ko"}',
}


def opened(qtbot: QtBot, file: PreferenceFile) -> DemoWindow:
    """Open the window as the program does."""
    preferences = file.load()
    window = DemoWindow(preferences, live=False, file=file)
    qtbot.addWidget(window)
    place_window(window, preferences.geometry, (1300, 760), offscreen=True)
    window.show()
    qtbot.waitUntil(lambda: window.panels.chart is not None, timeout=LONG_MS)
    return window


def drag(line: QSplitter, by: int) -> None:
    """Move a line between two areas with the mouse, to the right or down."""
    handle = line.handle(1)
    assert handle is not None
    start = handle.rect().center()
    aside = QPoint(by, 0) if line.orientation() is Qt.Orientation.Horizontal else QPoint(0, by)
    hands.drag(handle, start, start + aside)


@needs_numpy
def test_everything_that_was_chosen_is_there_the_next_time(
    qtbot: QtBot, manager: GlobalWebSocketManager, looks: None
) -> None:
    window = opened(qtbot, PreferenceFile())
    click(window, "English" if window.preferences().language == "ko" else "한국어")
    click(window, "English")
    click(window, "Light")
    click(window, "Up is green")
    window.panels.link.set_market("KRW-ETH")
    window.panels.table.set_quote("BTC")
    window.panels.chart.set_interval("15m")  # type: ignore[union-attr]
    window.navigation.go(Area.ASSETS)
    drag(window.arrangement, -60)
    width = window.panels.table.width()
    window.close()

    again = opened(qtbot, PreferenceFile())

    chosen = again.preferences()
    assert (chosen.language, chosen.theme, chosen.colors) == ("en", Theme.LIGHT, ColorScheme.WESTERN)
    assert (chosen.market, chosen.quote, chosen.interval) == ("KRW-ETH", "BTC", "15m")
    assert chosen.tab is Area.ASSETS
    assert again.panels.table.width() == width


def test_the_layout_can_be_reset(qtbot: QtBot, manager: GlobalWebSocketManager, looks: None) -> None:
    window = opened(qtbot, PreferenceFile())
    lines = [window.arrangement, *window.arrangement.findChildren(QSplitter)]
    before = [line.sizes()[1] for line in lines]
    for line in lines:
        drag(line, -30)
    assert all(line.sizes()[1] > size + 10 for line, size in zip(lines, before, strict=True))
    assert len(window.preferences().sizes) == 4
    window.navigation.go(Area.ORDERS)

    hands.press(window, Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)

    assert not window.preferences().sizes
    assert window.arrangement.tab is Area.DEPTH
    after = [line.sizes()[1] for line in lines]
    assert all(abs(size - was) <= 2 for size, was in zip(after, before, strict=True)), "but for a rounded pixel"


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN)
def test_a_broken_file_is_the_first_time_and_is_whole_afterwards(
    qtbot: QtBot,
    manager: GlobalWebSocketManager,
    looks: None,
    caplog: pytest.LogCaptureFixture,
    content: bytes,
) -> None:
    file = PreferenceFile()
    file.path.parent.mkdir(parents=True)
    file.path.write_bytes(content)
    first = Preferences()
    with caplog.at_level(logging.WARNING, logger="upbit_qt_demo"):
        window = opened(qtbot, PreferenceFile())

    shown = window.preferences()
    assert (shown.language, shown.theme, shown.market, shown.tab) == (
        first.language,
        first.theme,
        first.market,
        first.tab,
    )
    assert len(caplog.messages) == (content != b"")
    assert all(str(file.path) in message for message in caplog.messages)
    window.panels.link.set_market("KRW-ETH")
    window.close()
    assert PreferenceFile().load().market == "KRW-ETH"


def test_a_file_that_cannot_be_written_is_named(caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file where a folder should be")
    with settings_in(tmp_path / "taken", fresh=False), caplog.at_level(logging.WARNING, logger="upbit_qt_demo"):
        file = PreferenceFile()
        file.save(file.load())

    (message,) = caplog.messages
    assert str(file.path) in message


def test_fresh_settings_are_gone_afterwards_and_nobody_else_is_touched(tmp_path: Path) -> None:
    usual = PreferenceFile()
    usual.save(Preferences(market="KRW-XRP"))
    with settings_in(None, fresh=True):
        file = PreferenceFile()
        assert file.load() == Preferences()
        file.save(Preferences(market="KRW-ETH"))
        Favourites.shared().toggle("KRW-ETH")
        QSettings(QSettings.Format.IniFormat, QSettings.Scope.UserScope, "upbit_qt_ws", "widgets").sync()
        folder = file.path.parent.parent
        assert folder.is_dir()
        assert tmp_path not in folder.parents

    assert not folder.exists()
    assert usual.load().market == "KRW-XRP"


@pytest.mark.parametrize("size", [(1366, 768), (1920, 1080), (3840, 2160), (1024, 600)])
def test_the_first_time_the_window_and_its_frame_are_on_the_screen(size: tuple[int, int]) -> None:
    screen = QRect(40, 30, *size)

    usual = usual_geometry(screen)

    assert screen.contains(usual.adjusted(-4, -40, 4, 4))
    assert usual.width() <= 1760
    assert abs(usual.center().x() - screen.center().x()) <= 1


@pytest.mark.parametrize(
    "geometry", [b"", b"nothing", base64.b64decode("AdnQywADAAAA"), b"\x01\xd9\xd0\xcb" + b"\xff" * 70]
)
def test_a_place_that_is_none_does_not_hide_the_window(qtbot: QtBot, qapp: QApplication, geometry: bytes) -> None:
    window = QMainWindow()
    qtbot.addWidget(window)
    window.setMinimumSize(600, 400)
    window.resize(700, 500)

    place_window(window, geometry, None, offscreen=False)
    window.show()

    assert window.width() >= 600
    assert window.height() >= 400
    screen = window.screen()
    assert screen is not None
    assert screen.geometry().intersects(window.geometry())


def test_the_window_is_where_it_was_the_last_time(qtbot: QtBot, qapp: QApplication) -> None:
    windows = [QMainWindow(), QMainWindow()]
    for window in windows:
        qtbot.addWidget(window)
    windows[0].setGeometry(60, 70, 510, 420)
    windows[0].show()

    place_window(windows[1], windows[0].saveGeometry().data(), None, offscreen=False)
    windows[1].show()

    assert windows[1].geometry() == QRect(60, 70, 510, 420)


def test_a_size_that_is_asked_for_is_taken(qtbot: QtBot, qapp: QApplication) -> None:
    window = QMainWindow()
    qtbot.addWidget(window)

    place_window(window, b"", (1500, 820), offscreen=True)

    assert (window.width(), window.height()) == (1500, 820)
