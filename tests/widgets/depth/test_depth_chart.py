"""The depth chart as it is painted, and its cursor by mouse and keyboard, from hand-made books."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import pytest
from PyQt6.QtCore import QEvent, QPoint, Qt
from PyQt6.QtGui import QColor, QImage
from PyQt6.QtWidgets import QApplication, QVBoxLayout, QWidget

from tests.widgets.paints import Paints
from upbit_qt_widgets import dark_palette, light_palette
from upbit_qt_widgets.base.samples import sample_markets
from upbit_qt_widgets.depth.canvas import DepthCanvas
from upbit_qt_widgets.depth.depth_chart import DepthChartWidget
from upbit_qt_widgets.depth.lettering import Lettering
from upbit_qt_ws import OrderbookEvent, OrderbookUnit

if TYPE_CHECKING:
    from PyQt6.QtGui import QKeyEvent
    from pytestqt.qtbot import QtBot


def book(best_ask: float = 2_325.0, size: float = 10.0, depth: int = 30) -> OrderbookEvent:
    units = tuple(OrderbookUnit(best_ask + n, best_ask - 1 - n, size, 2 * size) for n in range(depth))
    return OrderbookEvent(type="orderbook", code="KRW-XRP", orderbook_units=units)


class UnfedDepth(DepthChartWidget):
    """A depth chart that no exchange feeds."""

    def codes(self) -> tuple[str, ...]:
        return ()


def feed(widget: DepthChartWidget, event: OrderbookEvent) -> None:
    """Show a book as if the exchange had sent it."""
    widget._on_orderbook(event)


def canvas_of(widget: DepthChartWidget) -> DepthCanvas:
    found = widget.findChild(DepthCanvas)
    assert found is not None
    return found


def point_of(canvas: DepthCanvas, price: float) -> QPoint:
    """Return the place of a price, a pixel towards the far end, so that its level is the last one reached."""
    assert canvas.curve.centre is not None
    outwards = 1 if price > canvas.curve.centre else -1
    return QPoint(round(canvas.scale.x(price)) + outwards, round(canvas.scale.plot.center().y()))


def press(qtbot: QtBot, canvas: DepthCanvas, *keys: Qt.Key) -> None:
    for key in keys:
        qtbot.keyClick(canvas, key)  # type: ignore[no-untyped-call]


def point_at(qtbot: QtBot, canvas: DepthCanvas, price: float) -> None:
    # A mouse that is there already, left by another test, does not move.
    for place in (QPoint(1, 1), point_of(canvas, price)):
        qtbot.mouseMove(canvas, place)  # type: ignore[no-untyped-call]


def leave(canvas: DepthCanvas) -> None:
    QApplication.sendEvent(canvas, QEvent(QEvent.Type.Leave))


def cursor_price(canvas: DepthCanvas) -> float | None:
    return None if canvas.cursor_level is None else canvas.cursor_level.price


def is_empty(canvas: DepthCanvas) -> bool:
    return canvas.curve.is_empty


def picture(canvas: DepthCanvas) -> QImage:
    return canvas.grab().toImage()


def color_at(canvas: DepthCanvas, price: float) -> QColor:
    """Return the colour just above the ground line."""
    x, y = round(canvas.scale.x(price)), round(canvas.scale.plot.bottom()) - 4
    return picture(canvas).pixelColor(x, y)


@pytest.fixture
def widget(qtbot: QtBot) -> DepthChartWidget:
    made = UnfedDepth("KRW-XRP")
    qtbot.addWidget(made)
    made.language = "en"
    made.setPalette(light_palette())
    made.resize(600, 360)
    with qtbot.waitExposed(made):
        made.show()
    feed(made, book())
    return made


@pytest.fixture
def canvas(widget: DepthChartWidget) -> DepthCanvas:
    return canvas_of(widget)


# -- picture --------------------------------------------------------------------------------------------------


def test_bids_are_left_in_the_colour_of_up_and_asks_right_in_that_of_down(
    widget: DepthChartWidget, canvas: DepthCanvas
) -> None:
    assert canvas.scale.x(2_300.0) < canvas.scale.x(2_350.0)
    bid, ask = color_at(canvas, 2_300.0), color_at(canvas, 2_350.0)
    assert bid.red() > bid.blue()
    assert ask.blue() > ask.red()

    widget.color_scheme = "western"

    bid, ask = color_at(canvas, 2_300.0), color_at(canvas, 2_350.0)
    assert bid.green() > bid.red()
    assert ask.red() > ask.green()
    assert (canvas.heading.bids, canvas.heading.asks) == ("Bids", "Asks"), "and words say the same"


def test_a_curve_is_as_high_as_its_sum(canvas: DepthCanvas) -> None:
    image, scale = picture(canvas), canvas.scale
    base = QColor(light_palette().color(light_palette().ColorRole.Base))
    x = round(scale.x(2_334.5))
    edge = round(scale.y(100.0))
    assert image.pixelColor(x, edge + 4) != base
    assert image.pixelColor(x, edge - 4) == base


def test_what_lies_behind_the_last_known_level_is_not_painted_but_the_end_of_a_book_is(
    widget: DepthChartWidget, canvas: DepthCanvas
) -> None:
    base = QColor(light_palette().color(light_palette().ColorRole.Base))
    assert color_at(canvas, canvas.seen.high - 0.5) == base, "30 levels: there may be more"

    feed(widget, book(depth=5))

    assert color_at(canvas, canvas.seen.high - 0.1) != base, "5 levels: that is all"


def test_the_colours_follow_the_palette(widget: DepthChartWidget, canvas: DepthCanvas) -> None:
    light = picture(canvas).pixelColor(4, canvas.height() // 2)
    widget.setPalette(dark_palette())
    dark = picture(canvas).pixelColor(4, canvas.height() // 2)
    assert light.lightness() > 200
    assert dark.lightness() < 80


def test_a_larger_font_gets_more_room(widget: DepthChartWidget, canvas: DepthCanvas) -> None:
    before, hint, least = canvas.scale.plot, canvas.sizeHint(), canvas.minimumSizeHint()
    font = widget.font()
    font.setPointSizeF(font.pointSizeF() * 1.5)

    widget.setFont(font)

    assert canvas.scale.plot.top() > before.top()
    assert canvas.scale.plot.bottom() < before.bottom()
    assert canvas.sizeHint().height() > hint.height()
    assert canvas.minimumSizeHint().width() > least.width()


def strongest_color(canvas: DepthCanvas) -> int:
    """Return the greatest saturation of any pixel within the curves."""
    image, plot = picture(canvas), canvas.scale.plot.toRect().adjusted(3, 3, -3, -3)
    pixels = (
        image.pixelColor(x, y) for x in range(plot.left(), plot.right(), 2) for y in range(plot.top(), plot.bottom(), 2)
    )
    return max(pixel.saturation() for pixel in pixels)


def test_an_old_book_loses_its_colour(widget: DepthChartWidget, canvas: DepthCanvas) -> None:
    strong = strongest_color(canvas)
    widget.fade(True)
    faded = strongest_color(canvas)
    widget.fade(False)
    assert strong > 100
    assert faded < 60
    assert strongest_color(canvas) == strong


def test_an_empty_book_says_so_in_words(widget: DepthChartWidget, canvas: DepthCanvas) -> None:
    feed(widget, OrderbookEvent(type="orderbook", code="KRW-XRP", orderbook_units=()))
    assert is_empty(canvas)
    assert canvas._message.startswith("the book is empty\n")
    assert strongest_color(canvas) < 80
    assert canvas.accessibleDescription() == ""

    feed(widget, book())
    assert not is_empty(canvas)

    widget.market = "KRW-ETH"
    assert is_empty(canvas)
    assert canvas._message == widget._state_line.accessibleName(), "of this market no book has come"


@pytest.mark.parametrize(
    "unit",
    [
        (2_325.0, 0.0, 10.0, 0.0),
        (0.0, 2_325.0, 0.0, 10.0),
        (2_325.0, 2_324.0, 0.0, 0.0),
        (2_324.0, 2_325.0, 1.0, 1.0),
        (2_325.0, 2_325.0, 1.0, 1.0),
        (1e-8, 0.0, 1e12, 0.0),
        (1e12, 1e-8, 1e-8, 1e12),
    ],
)
def test_any_book_can_be_painted_and_walked_through(
    qtbot: QtBot, widget: DepthChartWidget, canvas: DepthCanvas, unit: tuple[float, float, float, float]
) -> None:
    feed(widget, OrderbookEvent(type="orderbook", code="KRW-XRP", orderbook_units=(OrderbookUnit(*unit),)))
    for key in (Qt.Key.Key_Home, Qt.Key.Key_End, Qt.Key.Key_Left, Qt.Key.Key_Right):
        press(qtbot, canvas, key)
        assert cursor_price(canvas) in unit[:2]
        assert not picture(canvas).isNull()


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("market", [info.market for info in sample_markets()])
def test_a_preview_has_room_for_all_its_words_at_its_smallest(qtbot: QtBot, market: str, language: str) -> None:
    made = DepthChartWidget(market)
    qtbot.addWidget(made)
    made.language = language
    made.preview()
    canvas = canvas_of(made)
    canvas.resize(canvas.minimumSizeHint())

    told, letters, plot = canvas.heading, Lettering(canvas.font()), canvas.scale.plot
    half = plot.center().x() - 16
    assert plot.height() > 4 * letters.line_height, "room for the box of the cursor"
    assert letters.width(told.bids, True) + letters.width(told.mid[-1], True) / 2 < half
    assert letters.width(told.bid_total[-1]) + letters.width(told.spread[-1]) / 2 < half
    assert "" not in (told.bids, told.mid[-1], told.spread[-1])


def test_words_that_do_not_fit_are_said_shorter_or_not_at_all(widget: DepthChartWidget) -> None:
    letters = Lettering(widget.font())
    variants = ("Spread 1,000", "1,000")
    assert letters.fitting(variants, letters.width(variants[0])) == "Spread 1,000"
    assert letters.fitting(variants, letters.width(variants[0]) - 1) == "1,000"
    assert letters.fitting(variants, letters.width(variants[1]) - 1) == "", "half a number would be another number"


def test_several_books_in_a_frame_are_painted_once(qtbot: QtBot, widget: DepthChartWidget, canvas: DepthCanvas) -> None:
    QApplication.processEvents()
    painted = Paints(canvas)
    for step in range(5):
        feed(widget, book(2_325.0 + step))
    QApplication.processEvents()
    assert len(painted.heights) == 1


def test_a_hidden_chart_does_nothing_and_catches_up(
    qtbot: QtBot, widget: DepthChartWidget, canvas: DepthCanvas
) -> None:
    widget.hide()
    painted, before = Paints(canvas), canvas.curve
    feed(widget, book(2_400.0))
    QApplication.processEvents()
    assert canvas.curve is before
    assert painted.heights == []

    widget.show()

    assert canvas.curve.asks.prices[0] == 2_400.0


# -- cursor ---------------------------------------------------------------------------------------------------


def test_the_level_under_the_mouse_is_told(qtbot: QtBot, canvas: DepthCanvas) -> None:
    point_at(qtbot, canvas, 2_334.0)

    assert canvas.cursor_level is not None
    assert (canvas.cursor_level.price, canvas.cursor_level.size) == (2_334.0, 100.0)
    amount = sum((2_325.0 + n) * 10 for n in range(10))
    assert canvas.cursor_level.amount == amount
    told = canvas.accessibleDescription()
    assert told.startswith(f"Ask 2,334, Total size 100.00 XRP, Total amount {amount:,.0f} KRW, From mid +0.409%")

    leave(canvas)

    assert cursor_price(canvas) is None
    assert canvas.accessibleDescription().startswith("best bid 2,324, best ask 2,325")


def test_the_cursor_is_painted(qtbot: QtBot, canvas: DepthCanvas) -> None:
    bare = picture(canvas)
    point_at(qtbot, canvas, 2_334.0)
    assert picture(canvas) != bare
    leave(canvas)
    assert picture(canvas) == bare


def test_a_mouse_over_an_empty_book_finds_nothing(qtbot: QtBot, widget: DepthChartWidget, canvas: DepthCanvas) -> None:
    chosen: list[float] = []
    widget.price_clicked.connect(chosen.append)
    widget.market = ""
    for x in (5, 200, 590):
        qtbot.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=QPoint(x, 150))  # type: ignore[no-untyped-call]
    assert chosen == []
    assert canvas.cursor_level is None
    assert canvas.accessibleName() == "Depth chart"


def test_a_click_chooses_the_price_under_the_mouse(qtbot: QtBot, widget: DepthChartWidget, canvas: DepthCanvas) -> None:
    chosen: list[float] = []
    widget.price_clicked.connect(chosen.append)

    qtbot.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=point_of(canvas, 2_310.0))  # type: ignore[no-untyped-call]
    qtbot.mouseClick(canvas, Qt.MouseButton.RightButton, pos=point_of(canvas, 2_340.0))  # type: ignore[no-untyped-call]
    qtbot.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=QPoint(20, 8))  # type: ignore[no-untyped-call]

    assert chosen == [2_310.0], "the other button, and the heading, choose nothing"


def test_arrow_keys_walk_from_level_to_level_across_the_middle(qtbot: QtBot, canvas: DepthCanvas) -> None:
    assert cursor_price(canvas) is None
    walked = []
    keys = Qt.Key
    for key in (keys.Key_Right, keys.Key_Right, keys.Key_Left, keys.Key_Left, keys.Key_Left):
        press(qtbot, canvas, key)
        walked.append(cursor_price(canvas))
    assert walked == [2_325.0, 2_326.0, 2_325.0, 2_324.0, 2_323.0]

    press(qtbot, canvas, keys.Key_Home)
    assert cursor_price(canvas) == 2_295.0
    press(qtbot, canvas, keys.Key_Left)
    assert cursor_price(canvas) == 2_295.0, "there is nothing beyond"
    press(qtbot, canvas, keys.Key_End)
    assert cursor_price(canvas) == 2_354.0
    press(qtbot, canvas, keys.Key_Escape)
    assert cursor_price(canvas) is None
    press(qtbot, canvas, keys.Key_Left)
    assert cursor_price(canvas) == 2_324.0, "the best bid"


def test_enter_chooses_the_price_of_the_cursor(qtbot: QtBot, widget: DepthChartWidget, canvas: DepthCanvas) -> None:
    chosen: list[float] = []
    widget.price_clicked.connect(chosen.append)
    press(qtbot, canvas, Qt.Key.Key_Return)
    assert chosen == [], "there is no cursor"
    press(qtbot, canvas, Qt.Key.Key_Right, Qt.Key.Key_Return, Qt.Key.Key_Right, Qt.Key.Key_Enter)
    assert chosen == [2_325.0, 2_326.0]


def test_a_cursor_moved_by_keys_keeps_its_price_while_the_book_moves(
    qtbot: QtBot, widget: DepthChartWidget, canvas: DepthCanvas
) -> None:
    press(qtbot, canvas, Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Right)
    assert cursor_price(canvas) == 2_327.0

    feed(widget, book(2_326.0))
    assert canvas.cursor_level is not None
    assert (canvas.cursor_level.price, canvas.cursor_level.size) == (2_327.0, 20.0)
    assert "Ask 2,327, Total size 20.0000 XRP" in canvas.accessibleDescription()

    feed(widget, book(2_330.0))
    assert cursor_price(canvas) == 2_330.0, "its price is gone: the best one of its side"


def test_what_is_under_a_mouse_at_rest_changes_with_the_book(
    qtbot: QtBot, widget: DepthChartWidget, canvas: DepthCanvas
) -> None:
    point_at(qtbot, canvas, 2_334.0)
    feed(widget, book(2_325.0, size=12.0))
    assert "Total size 120.00 XRP" in canvas.accessibleDescription()


def test_keys_that_mean_nothing_here_are_left_to_others(qtbot: QtBot) -> None:
    class Window(QWidget):
        keys: ClassVar[list[int]] = []

        def keyPressEvent(self, a0: QKeyEvent | None) -> None:
            if a0 is not None:
                self.keys.append(a0.key())

    window = Window()
    qtbot.addWidget(window)
    made = UnfedDepth("KRW-XRP")
    QVBoxLayout(window).addWidget(made)
    with qtbot.waitExposed(window):
        window.show()
    canvas = canvas_of(made)

    press(qtbot, canvas, Qt.Key.Key_Escape, Qt.Key.Key_Left)
    assert window.keys == [Qt.Key.Key_Escape, Qt.Key.Key_Left], "an empty book has no cursor"
    feed(made, book())
    press(qtbot, canvas, Qt.Key.Key_Left, Qt.Key.Key_Escape, Qt.Key.Key_Escape, Qt.Key.Key_A)
    assert window.keys[2:] == [Qt.Key.Key_Escape, Qt.Key.Key_A]


def test_the_cursor_of_the_keys_goes_when_the_user_goes_on(
    qtbot: QtBot, widget: DepthChartWidget, canvas: DepthCanvas
) -> None:
    widget.setFocus()
    press(qtbot, canvas, Qt.Key.Key_End)
    canvas.clearFocus()
    assert cursor_price(canvas) is None


def test_name_and_description_tell_the_market_and_the_totals(widget: DepthChartWidget, canvas: DepthCanvas) -> None:
    assert canvas.accessibleName() == "Depth chart XRP/KRW"
    assert canvas.accessibleDescription() == (
        "best bid 2,324, best ask 2,325, Spread 1 (0.043%), bids in total 600.00 XRP, asks in total 300.00 XRP"
    )

    widget.language = "ko"

    assert canvas.accessibleName() == "뎁스 차트 XRP/KRW"
    assert "매도 총잔량 300.00 XRP" in canvas.accessibleDescription()
    assert "가격 선택" in canvas.whatsThis()
