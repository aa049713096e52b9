"""The book as it is painted: whole rows, best prices in the middle, old values grey."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.widgets.paints import Paints
from upbit_qt_widgets import OrderbookWidget, light_palette
from upbit_qt_widgets.orderbook.orderbook_model import DEPTH
from upbit_qt_widgets.orderbook.orderbook_view import OrderbookView
from upbit_qt_ws import OrderbookEvent, OrderbookUnit

if TYPE_CHECKING:
    from PyQt6.QtWidgets import QScrollBar, QWidget
    from pytestqt.qtbot import QtBot


def book(best_ask: float = 2_325.0, code: str = "KRW-XRP") -> OrderbookEvent:
    units = tuple(OrderbookUnit(best_ask + n, best_ask - 1 - n, 10.0 + n, 40.0 - n) for n in range(DEPTH))
    return OrderbookEvent(type="orderbook", code=code, orderbook_units=units, total_ask_size=1.0, total_bid_size=2.0)


class UnfedBook(OrderbookWidget):
    """A book that no exchange feeds."""

    def codes(self) -> tuple[str, ...]:
        return ()


def feed(widget: OrderbookWidget, event: OrderbookEvent) -> None:
    """Show a book as if the exchange had sent it."""
    widget._on_orderbook(event)


def viewport_of(view: OrderbookView) -> QWidget:
    viewport = view.viewport()
    assert viewport is not None
    return viewport


def scroll_bar_of(view: OrderbookView) -> QScrollBar:
    bar = view.verticalScrollBar()
    assert bar is not None
    return bar


def is_centred(view: OrderbookView) -> bool:
    return abs(view.rowViewportPosition(DEPTH) - viewport_of(view).height() / 2) <= 1


@pytest.fixture
def widget(qtbot: QtBot) -> OrderbookWidget:
    made = UnfedBook("KRW-XRP")
    qtbot.addWidget(made)
    made.setPalette(light_palette())
    made.resize(600, 640)
    with qtbot.waitExposed(made):
        made.show()
    return made


@pytest.fixture
def view(widget: OrderbookWidget) -> OrderbookView:
    found = widget.findChild(OrderbookView)
    assert found is not None
    return found


@pytest.mark.parametrize("height", [240, 241, 333, 500, 577, 640, 641, 799, 1100, 2000])
def test_whole_rows_fill_the_height_around_the_best_prices(
    widget: OrderbookWidget, view: OrderbookView, height: int
) -> None:
    widget.resize(600, height)

    first, last = view.rowAt(0), view.rowAt(viewport_of(view).height() - 1)
    assert view.rowViewportPosition(first) == 0, "the first row is whole"
    assert view.rowViewportPosition(last) + view.rowHeight(last) == viewport_of(view).height(), "so is the last one"
    assert first + last == 2 * DEPTH - 1, "as many asks as bids"
    assert is_centred(view)


def test_the_view_is_centred_anew_for_another_market_only(widget: OrderbookWidget, view: OrderbookView) -> None:
    bar = scroll_bar_of(view)
    assert is_centred(view)
    bar.setValue(0)

    feed(widget, book())
    feed(widget, book(2_400.0))
    assert bar.value() == 0, "who looks at the deep asks is left alone"

    widget.market = "KRW-ETH"
    assert is_centred(view)


def test_another_font_fits_whole_rows_too(widget: OrderbookWidget, view: OrderbookView) -> None:
    font = widget.font()
    font.setPointSizeF(font.pointSizeF() * 1.5)
    before = view.rowHeight(DEPTH)

    widget.setFont(font)

    assert view.rowHeight(DEPTH) > before
    assert view.rowViewportPosition(view.rowAt(0)) == 0
    assert is_centred(view)


def strongest_color(view: OrderbookView) -> int:
    """Return the greatest saturation of any pixel."""
    image = viewport_of(view).grab().toImage()
    pixels = (image.pixelColor(x, y) for x in range(0, image.width(), 2) for y in range(0, image.height(), 2))
    return max(pixel.saturation() for pixel in pixels)


def test_prices_and_bars_lose_their_colour_when_they_are_old(widget: OrderbookWidget, view: OrderbookView) -> None:
    widget._model.set_reference(2_000.0)
    feed(widget, book())
    strong = strongest_color(view)

    widget.fade(True)
    faded = strongest_color(view)
    widget.fade(False)

    assert strong > 150
    assert faded < 80
    assert strongest_color(view) == strong


def test_the_chosen_row_keeps_its_colours(widget: OrderbookWidget, view: OrderbookView) -> None:
    widget._model.set_reference(2_000.0)
    feed(widget, book())
    view.selectRow(DEPTH)

    place = view.visualRect(view.currentIndex()).topLeft()
    ground = viewport_of(view).grab().toImage().pixelColor(place.x() + 2, place.y() + 5)

    assert ground.lightness() > 200, "red can be read on it"


def test_a_changed_level_repaints_its_row_only(qtbot: QtBot, widget: OrderbookWidget, view: OrderbookView) -> None:
    feed(widget, book())
    units = list(book().orderbook_units)
    units[3] = OrderbookUnit(units[3].ask_price, units[3].bid_price, 12.5, units[3].bid_size)
    viewport_of(view).repaint()
    painted = Paints(viewport_of(view))

    feed(widget, OrderbookEvent(type="orderbook", code="KRW-XRP", orderbook_units=tuple(units)))
    qtbot.waitUntil(lambda: bool(painted.heights))

    assert max(painted.heights) <= view.rowHeight(DEPTH) + 1
