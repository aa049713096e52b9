"""What the exchange calls things is shown as text, on one line, by every widget."""

from __future__ import annotations

import html
import json
from typing import TYPE_CHECKING

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QLabel, QWidget

from tests.widgets.kinds import WIDGETS, Kind, texts
from upbit_qt_widgets import ConnectionBadge, TickerWidget
from upbit_qt_widgets.base.market_notes import market_notes
from upbit_qt_widgets.base.state_line import StateLine
from upbit_qt_widgets.chart.legend import Legend
from upbit_qt_widgets.markets.market_model import MarketModel
from upbit_qt_widgets.markets.market_row import NAME
from upbit_qt_widgets.markets.quote_tabs import QuoteTabs
from upbit_qt_ws import GlobalWebSocketManager, LinkState
from upbit_qt_ws.wire.rest_records import MarketInfo

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from upbit_qt_widgets.base.colors import MarketColors
    from upbit_qt_ws.testing import SimulatedExchange

EVIL = "<img src='http://127.0.0.1/x'><b>R&D</b>\r\n\x1b[31m\u202e\u0000" + "長" * 5000

OUR_MARKUP = (StateLine, ConnectionBadge)
"""They colour a dot, and escape the words behind it."""


@pytest.mark.parametrize("kind", WIDGETS, ids=lambda kind: kind.name)
@pytest.mark.usefixtures("manager")
def test_every_label_shows_its_text_as_it_is(qtbot: QtBot, kind: Kind) -> None:
    widget = kind.make()
    qtbot.addWidget(widget)
    labels = [part for part in (widget, *widget.findChildren(QLabel)) if isinstance(part, QLabel)]
    guessing = [
        label
        for label in labels
        # A legend paints its words itself.
        if label.textFormat() is not Qt.TextFormat.PlainText and not isinstance(label, (*OUR_MARKUP, Legend))
    ]
    # The dot of the health panel is nothing but a dot.
    assert [label.text() for label in guessing if "●" not in label.text() and label.text()] == []
    assert len(guessing) <= 1


def is_shown_well(words: str) -> bool:
    return words.isprintable() and len(words) <= 400


@pytest.fixture
def listed(colors: MarketColors) -> MarketModel:
    model = MarketModel(colors, "ko")
    model.set_markets([MarketInfo(market="KRW-BTC", korean_name=EVIL, english_name=EVIL, caution={EVIL: True})])
    return model


def test_names_and_cautions_are_text(listed: MarketModel) -> None:
    name = listed.index(0, NAME)
    assert name.data().startswith("<img src='http://127.0.0.1/x'><b>R&D</b>")
    assert is_shown_well(name.data())
    assert is_shown_well(name.data(Qt.ItemDataRole.AccessibleDescriptionRole))
    tip = name.data(Qt.ItemDataRole.ToolTipRole)
    assert "&lt;img" in tip
    assert "<img" not in tip
    assert is_shown_well(" ".join(market_notes(listed.markets[0], None, "en")))


def test_a_tab_shows_an_ampersand(qtbot: QtBot) -> None:
    tabs = QuoteTabs()
    qtbot.addWidget(tabs)
    tabs.offer(["KRW", "R&D\n"], "KRW", has_all=False)
    assert [tabs.tabText(place) for place in range(2)] == ["KRW", "R&&D"]
    assert tabs.tabData(1) == "R&D\n"


def test_an_error_of_the_exchange_is_shown_and_logged_as_one_line(
    qtbot: QtBot,
    manager: GlobalWebSocketManager,
    exchange: SimulatedExchange,
    caplog: pytest.LogCaptureFixture,
) -> None:
    window = QWidget()
    TickerWidget("KRW-BTC", window)
    ConnectionBadge(window)
    qtbot.addWidget(window)
    window.show()
    qtbot.waitUntil(lambda: manager.link().state is LinkState.CONNECTED, timeout=10_000)
    reasons: set[str] = set()
    shown: set[str] = set()

    def look() -> None:
        reasons.add(manager.link().reason)
        shown.update(texts(window))

    manager.link_changed.connect(look)
    evil = json.dumps({"error": {"name": EVIL, "message": EVIL}})
    exchange.call(lambda: exchange.server.broadcast(evil))
    qtbot.waitUntil(lambda: any("R&D" in reason for reason in reasons), timeout=10_000)
    manager.link_changed.disconnect(look)

    assert all(reason.isprintable() and len(reason) <= 200 for reason in reasons)
    assert any("R&D" in html.unescape(words) for words in shown)
    assert max(map(len, shown)) < 1000
    lines = [record.getMessage() for record in caplog.records if "R&D" in record.getMessage()]
    assert len(lines) == 1
    assert lines[0].isprintable()
    assert len(lines[0]) <= 200
