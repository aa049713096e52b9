"""A recording of the real exchange goes the whole way, from the simulated exchange into widgets."""

from __future__ import annotations

import functools
import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from PyQt6.QtWidgets import QTableView, QVBoxLayout, QWidget

from upbit_qt_widgets import OrderbookWidget
from upbit_qt_widgets.base.formatting import price_text, size_text
from upbit_qt_widgets.base.price_grid import PriceGrid
from upbit_qt_widgets.orderbook.orderbook_model import ASK_SIZE, BID_SIZE, DEPTH, PRICE
from upbit_qt_ws import GlobalWebSocketManager, SubscriptionState

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from upbit_qt_ws.testing import SimulatedExchange

CAPTURE = Path(__file__).parents[2].parent / "shared" / "samples" / "capture_2021_simple.tsv"


def last_books() -> dict[str, dict[str, Any]]:
    """Return the last book of each market in the recording, as it is on the wire."""
    frames = [json.loads(line.split("\t", 1)[1]) for line in CAPTURE.read_text(encoding="utf-8").splitlines()]
    return {frame["cd"]: frame for frame in frames if frame["ty"] == "orderbook"}


def cells(widget: OrderbookWidget, row: int, *columns: int) -> list[str]:
    view = widget.findChild(QTableView)
    assert view is not None
    model = view.model()
    assert model is not None
    return [str(model.index(row, column).data()) for column in columns]


def shows(widget: OrderbookWidget, best_ask: list[str]) -> bool:
    return cells(widget, DEPTH - 1, ASK_SIZE, PRICE) == best_ask


@pytest.mark.skipif(not CAPTURE.exists(), reason="the recordings are not here")
def test_a_recording_is_shown_level_for_level(
    qtbot: QtBot, manager: GlobalWebSocketManager, exchange: SimulatedExchange
) -> None:
    exchange.set_rate(0)
    window = QWidget()
    qtbot.addWidget(window)
    layout = QVBoxLayout(window)
    widgets = {code: OrderbookWidget(code) for code in ("KRW-LAMB", "BTC-ITAM")}
    for widget in widgets.values():
        layout.addWidget(widget)
    window.show()
    wanted = {("orderbook", code) for code in widgets}
    qtbot.waitUntil(
        lambda: wanted <= {(e.type, e.code) for view in exchange.connections if view.open for e in view.subscription}
    )

    exchange.play_capture(CAPTURE, speed=math.inf)

    for code, widget in widgets.items():
        units = last_books()[code]["obu"]
        best_ask = [size_text(units[0]["as"]), price_text(PriceGrid(code), units[0]["ap"])]
        best_bid = [price_text(PriceGrid(code), units[0]["bp"]), size_text(units[0]["bs"])]
        qtbot.waitUntil(functools.partial(shows, widget, best_ask))
        assert cells(widget, DEPTH, PRICE, BID_SIZE) == best_bid
        deepest = len(units) - 1
        assert cells(widget, DEPTH + deepest, PRICE) == [price_text(PriceGrid(code), units[deepest]["bp"])]
        assert cells(widget, DEPTH + deepest + 1, PRICE) == [""]
        assert widget.state is SubscriptionState.LIVE
