"""The tape as it is seen, scrolled, clicked and typed at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PyQt6.QtCore import Qt, QTimer
from PyQt6.QtWidgets import QToolButton

from tests.widgets.paints import Paints
from tests.widgets.trades.test_tape import told, trade
from upbit_qt_widgets import TradesWidget, dark_palette, light_palette
from upbit_qt_widgets.trades.tape_row import AMOUNT, PRICE, SIDE

if TYPE_CHECKING:
    from PyQt6.QtGui import QColor
    from PyQt6.QtWidgets import QScrollBar, QWidget
    from pytestqt.qtbot import QtBot

    from upbit_qt_widgets.trades.trades_view import TradesView


class UnfedTape(TradesWidget):
    """A tape that no exchange feeds."""

    def codes(self) -> tuple[str, ...]:
        return ()


def feed(tape: TradesWidget, *numbers: int) -> None:
    """Show trades as if the exchange had sent them."""
    tape._on_batch(tuple(trade(number) for number in numbers))


def bar_of(view: TradesView) -> QScrollBar:
    bar = view.verticalScrollBar()
    assert bar is not None
    return bar


def viewport_of(view: TradesView) -> QWidget:
    viewport = view.viewport()
    assert viewport is not None
    return viewport


def seen(tape: TradesWidget) -> tuple[int, int]:
    """Return the trade of the top row that is seen, and where that row begins."""
    number = tape._view.rowAt(0)
    row = tape._model.row(number)
    return row.key // 2, tape._view.rowViewportPosition(number)


def way_back(tape: TradesWidget) -> QToolButton:
    button = tape._view.findChild(QToolButton)
    assert button is not None
    return button


@pytest.fixture
def tape(qtbot: QtBot) -> TradesWidget:
    made = UnfedTape("KRW-BTC")
    qtbot.addWidget(made)
    made.language = "en"
    made.setPalette(light_palette())
    made.resize(560, 400)
    with qtbot.waitExposed(made):
        made.show()
    feed(made, *range(1_000, 1_100))
    return made


def test_at_the_top_it_follows_the_newest(tape: TradesWidget) -> None:
    feed(tape, 2_000, 2_001)
    assert seen(tape) == (2_001, 0)
    assert not way_back(tape).isVisible()


def test_who_reads_further_down_is_left_in_peace(tape: TradesWidget) -> None:
    bar_of(tape._view).setValue(137)
    before = seen(tape)
    feed(tape, 2_000, 2_001)
    feed(tape, 1_099, 1_500)
    assert seen(tape) == before
    with tape._view.kept_in_place():
        tape._model.join(told(*range(990, 1_100), 1_500, 2_000, 2_001))
    assert seen(tape) == before
    assert way_back(tape).isVisible()
    assert way_back(tape).text() == "↑ Newest +3"


def test_the_button_goes_back_to_the_top(qtbot: QtBot, tape: TradesWidget) -> None:
    bar_of(tape._view).setValue(137)
    qtbot.mouseClick(way_back(tape), Qt.MouseButton.LeftButton)  # type: ignore[no-untyped-call]
    feed(tape, 2_000)
    assert seen(tape) == (2_000, 0)
    assert not way_back(tape).isVisible()


def test_home_goes_to_the_newest_and_end_to_the_oldest(qtbot: QtBot, tape: TradesWidget) -> None:
    qtbot.keyClick(tape._view, Qt.Key.Key_End)  # type: ignore[no-untyped-call]
    assert tape._view.currentIndex().row() == 99
    assert bar_of(tape._view).value() == bar_of(tape._view).maximum()
    qtbot.keyClick(tape._view, Qt.Key.Key_Home)  # type: ignore[no-untyped-call]
    assert tape._view.currentIndex().row() == 0
    assert seen(tape) == (1_099, 0)


def test_a_price_is_chosen_by_mouse_and_by_enter_and_a_gap_is_none(qtbot: QtBot, tape: TradesWidget) -> None:
    chosen: list[float] = []
    tape.price_clicked.connect(chosen.append)
    view = tape._view
    place = view.visualRect(tape._model.index(2, PRICE)).center()
    qtbot.mouseClick(viewport_of(view), Qt.MouseButton.LeftButton, pos=place)  # type: ignore[no-untyped-call]
    assert chosen == [100_000_000.0]
    qtbot.keyClick(view, Qt.Key.Key_Return)  # type: ignore[no-untyped-call]
    assert chosen == [100_000_000.0] * 2
    tape._model.mark(1_097)
    place = view.visualRect(tape._model.index(2, PRICE)).center()
    qtbot.mouseClick(viewport_of(view), Qt.MouseButton.LeftButton, pos=place)  # type: ignore[no-untyped-call]
    assert len(chosen) == 2


def test_the_chosen_row_leaves_the_tape_without_taking_the_view_along(tape: TradesWidget) -> None:
    tape.max_rows = 100
    tape._view.selectRow(99)
    bar_of(tape._view).setValue(0)
    feed(tape, 2_000)
    assert not tape._view.currentIndex().isValid()
    assert seen(tape) == (2_000, 0)
    tape._view.selectRow(3)
    feed(tape, 2_001)
    assert tape._view.currentIndex().row() == 4


def test_a_narrow_tape_keeps_the_arrow_and_leaves_out_the_amount(tape: TradesWidget) -> None:
    view = tape._view
    assert not view.isColumnHidden(AMOUNT)
    tape.resize(tape.minimumSizeHint().width(), 400)
    assert view.isColumnHidden(AMOUNT)
    assert not view.isColumnHidden(SIDE)
    aside = view.horizontalScrollBar()
    assert aside is not None
    assert aside.maximum() == 0


def colors_of(view: TradesView) -> set[str]:
    image = viewport_of(view).grab().toImage()
    return {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(0, image.height(), 2)}


def strongest(view: TradesView) -> int:
    image = viewport_of(view).grab().toImage()
    pixels = (image.pixelColor(x, y) for x in range(0, image.width(), 2) for y in range(0, image.height(), 2))
    return max(pixel.saturation() for pixel in pixels)


def test_what_is_painted_follows_colours_age_and_amounts(tape: TradesWidget) -> None:
    view = tape._view
    up: QColor = tape._colors.up
    assert up.name() in colors_of(view)
    plain = viewport_of(view).grab().toImage()
    tape.highlight_above = 1_000_000.0
    assert viewport_of(view).grab().toImage() != plain, "the trades are of 1,000,000 KRW"
    tape.highlight_above = 0.0
    assert viewport_of(view).grab().toImage() == plain
    tape.color_scheme = "western"
    assert up.name() not in colors_of(view)
    strong = strongest(view)
    tape.fade(True)
    assert strongest(view) < 80 < strong
    tape.fade(False)
    tape.setPalette(dark_palette())
    assert viewport_of(view).grab().toImage().pixelColor(1, 1).lightness() < 128


def test_pictures_of_rows_move_with_their_rows(tape: TradesWidget) -> None:
    view = tape._view
    before = viewport_of(view).grab().toImage()
    feed(tape, 2_000, 2_001)
    after = viewport_of(view).grab().toImage()
    height = 2 * view.rowHeight(0)
    rest = before.height() - height
    assert after.copy(0, height, after.width(), rest) == before.copy(0, 0, before.width(), rest)
    tape._view._tape_cells.forget()
    assert viewport_of(view).grab().toImage() == after, "painted anew they look the same"


def test_it_rests_while_it_is_hidden_and_catches_up(qtbot: QtBot, tape: TradesWidget) -> None:
    tape.hide()
    painted = Paints(viewport_of(tape._view))
    feed(tape, 2_000)
    assert tape.trades[0].sequential_id == 1_099
    assert painted.heights == []
    assert not any(timer.isActive() for timer in tape.findChildren(QTimer))
    tape.show()
    assert tape.trades[0].sequential_id == 2_000
    qtbot.waitUntil(lambda: bool(painted.heights))


@pytest.mark.parametrize("dark", [False, True])
def test_a_preview_needs_no_exchange(qtbot: QtBot, dark: bool) -> None:
    tape = TradesWidget()
    qtbot.addWidget(tape)
    tape.setPalette(dark_palette() if dark else light_palette())
    tape.preview()
    tape.resize(560, 400)
    with qtbot.waitExposed(tape):
        tape.show()
    assert tape.market == "KRW-BTC"
    assert len(tape.trades) == 40
    ground = viewport_of(tape._view).grab().toImage().pixelColor(1, 1)
    assert (ground.lightness() < 128) == dark
    assert tape._model.index(0, 0).data().startswith("14:")
    tape.market = "BTC-ETH"
    assert {each.code for each in tape.trades} == {"BTC-ETH"}


def test_the_mark_of_rest_is_seen_in_the_time_column(tape: TradesWidget) -> None:
    view = tape._view
    rect = view.visualRect(tape._model.index(0, 0))
    plain = viewport_of(view).grab(rect).toImage()
    tape.market = "KRW-ETH"
    tape.market = "KRW-BTC"
    tape._model.join(told(*range(1_000, 1_100)))
    assert viewport_of(view).grab(rect).toImage() != plain
