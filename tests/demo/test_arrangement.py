"""Where the areas are: they fit a small screen, the chart gets what a large one has, and nothing is squeezed away."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PyQt6.QtCore import QRect

from upbit_qt_demo.areas import TABS, Area
from upbit_qt_demo.arrangement import usual_size
from upbit_qt_demo.preferences import LINES, Preferences

if TYPE_CHECKING:
    from collections.abc import Callable

    from PyQt6.QtWidgets import QWidget
    from pytestqt.qtbot import QtBot

    from upbit_qt_demo.window import DemoWindow

# What a desktop with a bar and the window's own frame leaves of 1366 × 768.
SMALL = (1350, 680)


def place_of(window: DemoWindow, widget: QWidget) -> QRect:
    return QRect(widget.mapTo(window, widget.rect().topLeft()), widget.size())


def resized(qtbot: QtBot, window: DemoWindow, size: tuple[int, int]) -> None:
    window.resize(*size)
    qtbot.waitUntil(lambda: (window.width(), window.height()) == size)


@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_window_fits_a_small_screen(qtbot: QtBot, open_window: Callable[..., DemoWindow], language: str) -> None:
    window = open_window(Preferences(language=language))  # type: ignore[arg-type] # A text of the two.

    resized(qtbot, window, SMALL)

    least = window.minimumSizeHint()
    assert least.width() <= SMALL[0]
    assert least.height() <= SMALL[1]
    shown = QRect(0, 0, *SMALL)
    for area in Area:
        window.navigation.go(area)
        pane = window._panes[area]
        assert shown.contains(place_of(window, pane)), area
        assert pane.width() > 300, area
        assert pane.height() > 140, area


def test_at_its_least_size_every_widget_has_the_room_that_it_needs(qtbot: QtBot, window: DemoWindow) -> None:
    least = window.minimumSizeHint()
    resized(qtbot, window, (least.width(), least.height()))

    for widget in (window.panels.ticker, window.panels.table, window.panels.book, window.panels.trades):
        needed = widget.minimumSizeHint()
        # Some versions of Qt round a pixel of a splitter down.
        assert widget.width() >= needed.width() - 1, widget
        assert widget.height() >= needed.height() - 1, widget
    assert window.panels.chart is not None
    assert window.panels.chart.width() > 290


@pytest.mark.parametrize("size", [SMALL, (1904, 1000)])
def test_areas_lie_as_a_trader_expects_and_none_covers_another(
    qtbot: QtBot, window: DemoWindow, size: tuple[int, int]
) -> None:
    resized(qtbot, window, size)

    panels = window.panels
    assert panels.chart is not None
    ticker, chart, book, trades, depth, table = (
        place_of(window, widget)
        for widget in (panels.ticker, panels.chart, panels.book, panels.trades, panels.depth, panels.table)
    )
    places = [ticker, chart, book, trades, depth, table]
    assert not [(one, other) for one in places for other in places if one is not other and one.intersects(other)]
    assert ticker.bottom() < min(chart.top(), book.top())
    assert chart.right() < book.left() < book.right() < table.left()
    assert book.bottom() < trades.top()
    assert chart.bottom() < depth.top()
    assert ticker.left() <= chart.left() + 2
    assert ticker.right() >= book.right() - 2
    assert table.top() <= ticker.top() + 4


def test_a_larger_window_gives_the_room_to_the_chart(qtbot: QtBot, window: DemoWindow) -> None:
    resized(qtbot, window, (1904, 1000))
    assert window.panels.chart is not None

    areas = {widget: widget.width() * widget.height() for widget in (
        window.panels.chart, window.panels.book, window.panels.trades, window.panels.depth, window.panels.table,
    )}  # fmt: skip

    assert max(areas, key=lambda widget: areas[widget]) is window.panels.chart
    assert window.panels.chart.width() > 850


def test_the_health_panel_has_the_height_that_it_needs_and_the_others_get_theirs_back(
    qtbot: QtBot, window: DemoWindow
) -> None:
    resized(qtbot, window, (1904, 1000))
    before = window.arrangement.tab_widget.height()

    window.navigation.go(Area.HEALTH)

    health = window.panels.health
    assert health is not None
    pane = window._panes[Area.HEALTH]
    assert pane.height() >= health.minimumSizeHint().height()
    assert window.panels.chart is not None
    assert window.panels.chart.height() > 100

    window.navigation.go(Area.DEPTH)

    assert abs(window.arrangement.tab_widget.height() - before) <= 2


def test_tabs_are_whole_on_a_small_screen(qtbot: QtBot, window: DemoWindow) -> None:
    resized(qtbot, window, SMALL)
    for area in set(TABS) - {Area.HEALTH}:
        window.navigation.go(area)
        pane = window._panes[area]
        assert pane.content is not None
        assert pane.content.minimumSizeHint().height() <= pane.height() - 2, area


@given(st.sampled_from(LINES), st.integers(300, 8_000), st.integers(200, 5_000))
def test_usual_sizes_are_sensible_for_every_window(line: str, width: int, height: int) -> None:
    size = usual_size(line, width, height)

    assert 150 <= size <= 720
    assert usual_size(line, width + 100, height + 100) >= size
