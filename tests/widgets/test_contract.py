"""What every widget promises, whatever it shows: how it is made, words, looks, keys, rest and end."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from PyQt6 import sip
from PyQt6.QtCore import QCoreApplication, QEvent, Qt, QTimer
from PyQt6.QtGui import QFont, QPalette
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QLabel, QLineEdit, QTabWidget, QVBoxLayout, QWidget

from tests.widgets.kinds import OF_ONE_MARKET, WIDGETS, Kind, focusable, focused, texts
from tests.widgets.paints import Paints
from upbit_qt_widgets import dark_palette, light_palette
from upbit_qt_ws import GlobalWebSocketManager, QtWebSocketProxy, SubscriptionState

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from upbit_qt_ws.testing import SimulatedExchange

EACH = pytest.mark.parametrize("kind", WIDGETS, ids=lambda kind: kind.name)

HANGUL = re.compile(r"[가-힣ㄱ-ㅎ]")
ENGLISH = re.compile(r"[A-Za-z]*[a-z]{2,}[A-Za-z]*")
SAME_IN_KOREAN = {"ms", "Enter", "Space", "Home", "End", "Esc"}
"""Units, and what is printed on the keys of a Korean keyboard."""


@pytest.fixture
def sample(kind: Kind, qtbot: QtBot) -> Any:
    """A widget with sample data that is seen."""
    widget = kind.make()
    widget.preview()
    qtbot.addWidget(widget)
    widget.setPalette(light_palette())
    widget.language = "en"
    with qtbot.waitExposed(widget):
        widget.show()
    return widget


def is_live(widget: Any) -> bool:
    state = getattr(widget, "state", SubscriptionState.LIVE)
    return state is SubscriptionState.LIVE


# -- how it is made -----------------------------------------------------------------------------------------------


@EACH
def test_it_is_made_in_all_promised_forms(kind: Kind, qtbot: QtBot) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    assert kind.cls().parent() is None
    assert kind.cls(parent=parent).parent() is parent
    if not kind.has_market:
        assert kind.cls(parent).parent() is parent
        with pytest.raises(TypeError):
            kind.cls(parent, None)
        return
    for widget, market in (
        (kind.cls(None, parent), ""),
        (kind.cls("KRW-ETH", parent), "KRW-ETH"),
        (kind.cls(parent=parent, market="BTC-XRP"), "BTC-XRP"),
    ):
        assert (widget.market, widget.parent()) == (market, parent)
    with pytest.raises(TypeError):
        kind.cls("KRW-BTC", parent, None)


@EACH
def test_it_opens_nothing_before_it_is_seen(
    kind: Kind, qtbot: QtBot, exchange: SimulatedExchange, account: GlobalWebSocketManager
) -> None:
    handshakes, calls = len(exchange.handshakes), len(exchange.rest_requests)
    widget = kind.make()
    qtbot.addWidget(widget)
    widget.language = "ko"
    if kind.has_market:
        widget.market = "KRW-XRP"
    qtbot.wait(30)
    assert account.watched_components == 0
    assert (len(exchange.handshakes), len(exchange.rest_requests)) == (handshakes, calls)
    assert not [timer for timer in widget.findChildren(QTimer) if timer.isActive()]


# -- words --------------------------------------------------------------------------------------------------------


@EACH
def test_all_words_are_korean_or_english(kind: Kind, sample: Any) -> None:
    told: list[str] = []
    sample.language_changed.connect(told.append)
    sample.language = "en"
    english = list(texts(sample))
    sample.language = "ko"
    korean = list(texts(sample))
    assert told == ["ko"]
    left = {word for words in korean for word in ENGLISH.findall(words)} - SAME_IN_KOREAN
    assert left == set()
    # Names of coins are in both languages where there is room to hover.
    assert not [words for words in english if HANGUL.search(words)]
    assert any(HANGUL.search(words) for words in korean)
    sample.language = "en"
    assert sorted(texts(sample)) == sorted(english)


@EACH
def test_words_come_with_the_colours_where_prices_are(kind: Kind, sample: Any) -> None:
    assert hasattr(type(sample), "color_scheme") == kind.has_prices
    if kind.has_prices:
        before = sample.grab().toImage()
        sample.color_scheme = "western"
        assert sample.grab().toImage() != before
        sample.color_scheme = "korean"
        assert sample.grab().toImage() == before


# -- looks --------------------------------------------------------------------------------------------------------


def lightness(widget: QWidget) -> float:
    image = widget.grab().toImage().scaled(24, 24)
    values = [image.pixelColor(x, y).lightness() for x in range(24) for y in range(24)]
    return sorted(values)[len(values) // 2]


@EACH
def test_it_follows_a_change_between_light_and_dark(kind: Kind, sample: Any) -> None:
    light = sample.grab().toImage()
    assert lightness(sample) > 180
    sample.setPalette(dark_palette())
    assert lightness(sample) < 80
    sample.setPalette(light_palette())
    assert sample.grab().toImage() == light
    # The whole application may change, too.
    sample.setPalette(QPalette())
    before = QApplication.palette()
    try:
        QApplication.setPalette(dark_palette())
        QApplication.processEvents()
        assert lightness(sample) < 80
    finally:
        QApplication.setPalette(before)


def cut_labels(widget: QWidget) -> list[str]:
    """Return the words that do not fit into their labels, but for those that may be cut by design."""
    return [
        label.text()
        for label in [widget, *widget.findChildren(QLabel)]
        if isinstance(label, QLabel)
        and label.isVisible()
        and not label.wordWrap()
        and label.sizePolicy().horizontalPolicy() is not label.sizePolicy().Policy.Ignored
        and label.sizeHint().width() > label.width()
    ]


@EACH
@pytest.mark.parametrize("language", ["ko", "en"])
def test_it_follows_a_change_of_the_font_and_cuts_nothing(kind: Kind, language: str, sample: Any) -> None:
    sample.language = language
    for points in (15.0, 7.0, 11.0):
        before = sample.grab().toImage()
        font = QFont(sample.font())
        font.setPointSizeF(points)
        sample.setFont(font)
        QApplication.processEvents()
        sample.resize(sample.minimumSizeHint().expandedTo(sample.minimumSize()))
        QApplication.processEvents()
        assert sample.grab().toImage() != before
        assert cut_labels(sample) == []


# -- keyboard -----------------------------------------------------------------------------------------------------


@pytest.fixture
def between(kind: Kind, qtbot: QtBot) -> Any:
    """A widget with sample data between two fields, the first of which has the keyboard."""
    window = QWidget()
    qtbot.addWidget(window)
    layout = QVBoxLayout(window)
    widget = kind.make()
    widget.preview()
    before, after = QLineEdit(), QLineEdit()
    for part in (before, widget, after):
        layout.addWidget(part)
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    before.setFocus()
    qtbot.waitUntil(before.hasFocus)
    return window, before, widget, after


def walk(start: QWidget, end: QWidget, key: Qt.Key, modifiers: Qt.KeyboardModifier) -> list[QWidget]:
    """Press a key until ``end`` has the keyboard; return the parts that had it on the way."""
    visited: list[QWidget] = []
    for _ in range(40):
        now = focused()
        assert now is not None
        if now is end:
            return visited
        if now is not start:
            visited.append(now)
        QTest.keyClick(now, key, modifiers)  # type: ignore[call-overload]
    pytest.fail(f"the keyboard is caught in {visited[-1]}")


@EACH
def test_all_parts_are_reached_by_tab_and_left_again(kind: Kind, between: Any) -> None:
    _, before, widget, after = between
    parts = set(focusable(widget))
    forth = walk(before, after, Qt.Key.Key_Tab, Qt.KeyboardModifier.NoModifier)
    back = walk(after, before, Qt.Key.Key_Backtab, Qt.KeyboardModifier.ShiftModifier)
    assert set(forth) == parts
    assert len(forth) == len(parts)
    assert back == forth[::-1]


@EACH
def test_all_parts_have_names_for_those_who_do_not_see_them(kind: Kind, sample: Any) -> None:
    for language in ("ko", "en"):
        sample.language = language
        for part in focusable(sample):
            assert part.accessibleName() or getattr(part, "text", str)(), f"{type(part).__name__} has no name"
        painted = [
            part
            for part in [sample, *sample.findChildren(QWidget)]
            if "paintEvent" in vars(type(part)) and type(part).__module__.startswith("upbit_qt_widgets")
        ]
        for part in painted:
            assert part.accessibleName(), f"{type(part).__name__} has no name"


# -- rest and end -------------------------------------------------------------------------------------------------


@EACH
def test_hidden_it_rests_while_data_flows(
    kind: Kind, qtbot: QtBot, exchange: SimulatedExchange, account: GlobalWebSocketManager
) -> None:
    tabs, other, widget = QTabWidget(), QWidget(), kind.make()
    qtbot.addWidget(tabs)
    tabs.addTab(widget, "data")
    tabs.addTab(other, "empty")
    with qtbot.waitExposed(tabs):
        tabs.show()
    somebody = QtWebSocketProxy(manager=account)
    somebody.subscribe_ticker(["KRW-BTC", "KRW-ETH"])
    qtbot.waitUntil(lambda: is_live(widget) and account.frames > 3)
    painted = [Paints(part) for part in (widget, *widget.findChildren(QWidget))]

    tabs.setCurrentWidget(other)
    QApplication.processEvents()
    count, frames = sum(len(paint.heights) for paint in painted), account.frames
    qtbot.waitUntil(lambda: account.frames > frames + 8)

    # What was asked meanwhile is answered; only then nothing runs.
    qtbot.waitUntil(lambda: not [timer for timer in widget.findChildren(QTimer) if timer.isActive()])
    assert sum(len(paint.heights) for paint in painted) == count
    tabs.setCurrentWidget(widget)
    qtbot.waitUntil(lambda: sum(len(paint.heights) for paint in painted) > count)
    somebody.cleanup()


@EACH
def test_its_end_in_the_middle_of_live_data_leaves_nothing(
    kind: Kind, qtbot: QtBot, exchange: SimulatedExchange, account: GlobalWebSocketManager
) -> None:
    window, widget = QWidget(), kind.make()
    QVBoxLayout(window).addWidget(widget)
    with qtbot.waitExposed(window):
        window.show()
    qtbot.waitUntil(lambda: is_live(widget))
    exchange.trade("KRW-BTC")

    window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)

    assert sip.isdeleted(widget)
    assert account.watched_components == 0
    frames = account.frames
    somebody = QtWebSocketProxy(manager=account)
    somebody.subscribe_ticker("KRW-BTC")
    qtbot.waitUntil(lambda: account.frames > frames + 3)
    somebody.cleanup()


@pytest.mark.parametrize("kind", OF_ONE_MARKET, ids=lambda kind: kind.name)
def test_without_a_market_it_says_so(kind: Kind, qtbot: QtBot, account: GlobalWebSocketManager) -> None:
    widget = kind.cls()
    qtbot.addWidget(widget)
    with qtbot.waitExposed(widget):
        widget.show()
    for language, words in (("ko", "선택된 종목이 없습니다"), ("en", "no market is chosen")):
        widget.language = language
        assert any(words in said for said in texts(widget))
    assert account.registry.ledger.revision == 0
