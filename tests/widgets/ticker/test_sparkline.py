"""Sparklines: the points that are drawn, and cells of tables that are not ours."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest
from PyQt6.QtCore import QRect, QSize, Qt
from PyQt6.QtGui import QColor, QImage, QPainter, QPalette, QStandardItem, QStandardItemModel
from PyQt6.QtWidgets import QAbstractItemView, QListView, QStyledItemDelegate, QStyleOptionViewItem, QTableView

from upbit_qt_widgets import dark_palette, light_palette
from upbit_qt_widgets.base.colors import ColorScheme, market_colors
from upbit_qt_widgets.ticker.sparkline import (
    SPARKLINE_ROLE,
    SparklineDelegate,
    direction,
    paint_sparkline,
    sparkline_segments,
)
from upbit_qt_ws import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytestqt.qtbot import QtBot

RISE, FALL, FLAT = [1.0, 3.0, 2.0, 4.0], [4.0, 2.0, 3.0, 1.0], [2.0, 2.0, 2.0]


def painted(values: Sequence[float | None], baseline: float | None = None) -> QImage:
    image = QImage(60, 30, QImage.Format.Format_ARGB32)
    image.fill(QColor("white"))
    painter = QPainter(image)
    paint_sparkline(painter, QRect(0, 0, 60, 30), values, QColor("black"), baseline)
    painter.end()
    return image


def dark_rows(image: QImage) -> list[int]:
    return [y for y in range(image.height()) if any(image.pixelColor(x, y).lightness() < 200 for x in range(60))]


def colors(image: QImage) -> set[str]:
    return {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())}


def cell(view: QAbstractItemView, row: int) -> QImage:
    model, viewport = view.model(), view.viewport()
    assert model is not None
    assert viewport is not None
    return viewport.grab(view.visualRect(model.index(row, 0))).toImage()


@pytest.fixture
def view(qtbot: QtBot) -> QTableView:
    """A table of somebody else's, with a rise, a fall, no direction and a text."""
    table = QTableView()
    qtbot.addWidget(table)
    table.setPalette(light_palette())
    model = QStandardItemModel(table)
    for values in (RISE, FALL, FLAT):
        item = QStandardItem()
        item.setData(values, SPARKLINE_ROLE)
        model.appendRow(item)
    model.appendRow(QStandardItem("text"))
    table.setModel(model)
    table.setItemDelegate(SparklineDelegate(table))
    table.resize(300, 200)
    table.show()
    return table


def test_the_lowest_value_is_at_the_bottom_and_the_last_one_at_the_right() -> None:
    assert sparkline_segments([1.0, 2.0, 3.0], 10, 20) == [[(0.0, 20.0), (5.0, 10.0), (10.0, 0.0)]]


@pytest.mark.parametrize("values", [[], [5.0], [None, 5.0, None], [math.nan, math.inf, 1.0]])
def test_fewer_than_two_values_are_no_line(values: list[float | None]) -> None:
    assert sparkline_segments(values, 10, 20) == []
    assert dark_rows(painted(values)) == []


def test_a_flat_line_is_in_the_middle() -> None:
    assert {y for _, y in sparkline_segments([7.0, 7.0, 7.0], 10, 20)[0]} == {10.0}
    assert all(13 <= y <= 16 for y in dark_rows(painted([7.0, 7.0])))


def test_a_gap_parts_the_line_and_a_lonely_value_is_a_dot() -> None:
    segments = sparkline_segments([1.0, 2.0, None, 3.0, math.nan, 4.0, 5.0], 60, 30)
    assert [len(segment) for segment in segments] == [2, 1, 2]
    image = painted([1.0, 1.0, None, None, None, None, 2.0])
    assert all(image.pixelColor(30, y) == QColor("white") for y in range(30))
    assert any(image.pixelColor(x, y).lightness() < 200 for x in (57, 58, 59) for y in range(4))


def test_a_hundred_thousand_values_cost_what_the_width_costs_and_no_peak_is_lost() -> None:
    values = [math.sin(number / 900) for number in range(100_000)]
    values[54_321] = 9.0
    (points,) = sparkline_segments(values, 60, 30)
    assert len(points) <= 4 * 61
    assert min(y for _, y in points) == 0.0
    assert [x for x, _ in points] == sorted(x for x, _ in points)
    assert points[0][0] == 0.0
    assert points[-1][0] == pytest.approx(60.0)


def test_huge_values_have_a_place() -> None:
    assert sparkline_segments([-1.7e308, 1.7e308], 10, 20) == [[(0.0, 20.0), (10.0, 0.0)]]


def test_a_baseline_is_within_the_rectangle() -> None:
    assert min(dark_rows(painted([1.0, 1.2]))) < 5
    rows = dark_rows(painted([1.0, 1.2], baseline=9.0))
    assert min(rows) < 3, "the baseline"
    assert max(rows) > 25, "the line"
    assert not any(8 < row < 22 for row in rows)


def test_direction_is_the_last_value_against_the_first() -> None:
    assert [direction(values) for values in (RISE, FALL, FLAT, [None, 1.0, 2.0, None], [1.0])] == [1, -1, 0, 1, 0]


@pytest.mark.parametrize("scheme", list(ColorScheme))
def test_cells_have_the_colour_of_their_direction_and_an_arrow(view: QTableView, scheme: ColorScheme) -> None:
    view.setItemDelegate(SparklineDelegate(view, color_scheme=scheme))
    wanted = market_colors(view, scheme)
    rise, fall, flat = (cell(view, row) for row in range(3))
    assert wanted.up.name() in colors(rise) - colors(fall)
    assert wanted.down.name() in colors(fall) - colors(rise)
    assert wanted.even.name() in colors(flat)

    def arrow_widths(image: QImage, color: QColor) -> list[int]:
        right = range(image.width() - 20, image.width())
        rows = [sum(image.pixelColor(x, y) == color for x in right) for y in range(image.height())]
        return [width for width in rows if width]

    up, down = arrow_widths(rise, wanted.up), arrow_widths(fall, wanted.down)
    assert up[0] < up[-1], "▲ has its tip above"
    assert down[0] > down[-1], "▼ has its tip below"


@pytest.mark.parametrize("palette", [light_palette(), dark_palette()], ids=["light", "dark"])
def test_a_selected_cell_can_be_read_in_any_palette(view: QTableView, palette: QPalette) -> None:
    view.setPalette(palette)
    view.selectRow(0)
    image = cell(view, 0)
    drawn, ink = colors(image), palette.color(QPalette.ColorRole.HighlightedText)
    assert ink.name() in drawn
    assert ink.lightness() - image.pixelColor(2, 2).lightness() > 80
    assert market_colors(view).up.name() not in drawn


def test_the_colours_follow_the_palette_of_the_table(view: QTableView) -> None:
    light = market_colors(view).up.name()
    assert light in colors(cell(view, 0))
    view.setPalette(dark_palette())
    dark = market_colors(view).up.name()
    assert light not in colors(cell(view, 0))
    assert dark in colors(cell(view, 0))


def test_a_cell_without_values_is_painted_as_usual(view: QTableView) -> None:
    ours = cell(view, 3)
    view.setItemDelegate(QStyledItemDelegate(view))
    assert cell(view, 3) == ours
    assert len(colors(ours)) > 2


def test_lists_and_other_roles_work_too(qtbot: QtBot) -> None:
    role = Qt.ItemDataRole.UserRole + 1
    listed = QListView()
    qtbot.addWidget(listed)
    listed.setPalette(light_palette())
    model = QStandardItemModel(listed)
    item = QStandardItem()
    item.setData([1.0, None, 2.0, 3.0], role)
    model.appendRow(item)
    listed.setModel(model)
    listed.setItemDelegate(SparklineDelegate(listed, role=role))
    listed.show()
    assert market_colors(listed).up.name() in colors(cell(listed, 0))


def test_the_hint_grows_with_the_font_and_an_unknown_scheme_is_refused(view: QTableView) -> None:
    model, delegate = view.model(), view.itemDelegate()
    assert model is not None
    assert delegate is not None

    def hint() -> QSize:
        option = QStyleOptionViewItem()
        option.initFrom(view)
        return delegate.sizeHint(option, model.index(0, 0))

    small = hint()
    font = view.font()
    font.setPointSize(2 * font.pointSize())
    view.setFont(font)
    assert hint().width() > small.width() >= 60
    assert hint().height() > small.height() >= view.fontMetrics().height() // 2
    with pytest.raises(ConfigurationError, match="'japanese'"):
        SparklineDelegate(color_scheme="japanese")
