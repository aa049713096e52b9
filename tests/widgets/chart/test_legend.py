"""The line of values above a chart shows whole figures only."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PyQt6.QtGui import QColor

from upbit_qt_widgets.chart.legend import Legend, Part

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

PARTS = [Part("O "), Part("116,417,000", QColor("red")), Part(" C "), Part("116,539,000", QColor("red")), Part("  MA5")]


@pytest.fixture
def legend(qtbot: QtBot) -> Legend:
    """A line with two values and an average."""
    made = Legend()
    qtbot.addWidget(made)
    made.show_parts(PARTS)
    return made


def width_of(legend: Legend, count: int) -> int:
    metrics = legend.fontMetrics()
    return sum(metrics.horizontalAdvance(part.words) for part in PARTS[:count]) + 2 * count


@pytest.mark.parametrize(
    ("room", "shown"),
    [
        (5, 5),  # For all.
        (4, 4),  # Not for the average.
        (3, 2),  # A caption without its value is left out with it.
        (2, 2),
    ],
)
def test_what_has_no_room_is_left_out_whole(legend: Legend, room: int, shown: int) -> None:
    legend.resize(width_of(legend, room), 20)

    assert legend.shown_count == shown


def test_a_single_message_is_always_shown(legend: Legend) -> None:
    legend.show_parts([Part("the history could not be loaded, trying again soon")])
    legend.resize(30, 20)

    assert legend.shown_count == 1


def test_all_of_it_is_told_to_those_who_cannot_see_it(legend: Legend) -> None:
    legend.resize(10, 20)

    assert legend.accessibleName() == "O 116,417,000 C 116,539,000  MA5"
