"""The strip in a window, on the simulated exchange and with samples."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PyQt6.QtCore import QEvent, QPoint, QPointF, Qt, QTimer
from PyQt6.QtGui import QEnterEvent, QWheelEvent
from PyQt6.QtWidgets import QApplication, QLineEdit, QVBoxLayout, QWidget

from tests.widgets.paints import Paints
from upbit_qt_widgets import dark_palette, light_palette
from upbit_qt_widgets.base.price_grid import PriceGrid
from upbit_qt_widgets.base.samples import sample_markets, sample_ticker
from upbit_qt_widgets.base.state_line import StateLine
from upbit_qt_widgets.ticker.strip_words import StripLayout, strip_item, strip_names
from upbit_qt_widgets.ticker.ticker_strip import TickerStrip
from upbit_qt_ws import (
    ConfigurationError,
    GlobalWebSocketManager,
    QtWebSocketProxy,
    SubscriptionError,
    SubscriptionState,
)

if TYPE_CHECKING:
    from PyQt6.QtGui import QImage
    from pytestqt.qtbot import QtBot

    from upbit_qt_ws.testing import SimulatedExchange

MANY = ["KRW-BTC", "KRW-ETH", "KRW-XRP", "KRW-SOL", "KRW-DOGE", "KRW-ADA"]
LEFT_BUTTON = Qt.MouseButton.LeftButton


def made(qtbot: QtBot, markets: list[str], width: int = 300, language: str = "en") -> TickerStrip:
    strip = TickerStrip()
    qtbot.addWidget(strip)
    strip.setPalette(light_palette())
    strip.language = language
    strip.markets = markets
    strip.resize(width, strip.sizeHint().height())
    strip.move(200, 200)  # Not under the mouse.
    return strip


def shown(qtbot: QtBot, strip: TickerStrip) -> TickerStrip:
    with qtbot.waitExposed(strip):
        strip.show()
    return strip


def sample(qtbot: QtBot, markets: list[str], width: int = 300, language: str = "en") -> TickerStrip:
    strip = made(qtbot, markets, width, language)
    strip.preview()
    return shown(qtbot, strip)


def beside_a_field(qtbot: QtBot, strip: TickerStrip) -> tuple[QWidget, QLineEdit]:
    """A window in which a field has the keyboard, and the strip is the next one."""
    window = QWidget()
    qtbot.addWidget(window)
    field, layout = QLineEdit(), QVBoxLayout(window)
    layout.addWidget(field)
    layout.addWidget(strip)
    window.setGeometry(200, 200, 300, 100)
    with qtbot.waitActive(window):
        window.show()
    assert field.hasFocus()
    return window, field


def clock(strip: TickerStrip) -> QTimer:
    (found,) = [timer for timer in strip.findChildren(QTimer) if timer.parent() is strip]
    return found


def spoken(strip: TickerStrip) -> list[str]:
    """The items as those hear them who cannot see them."""
    return strip.accessibleDescription().replace(", ", "\n").split("\n")


def key(qtbot: QtBot, strip: TickerStrip, pressed: Qt.Key) -> None:
    qtbot.keyClick(strip, pressed)  # type: ignore[no-untyped-call]


def enter(strip: TickerStrip) -> None:
    QApplication.sendEvent(strip, QEnterEvent(QPointF(5, 5), QPointF(5, 5), QPointF(5, 5)))


def leave(strip: TickerStrip) -> None:
    QApplication.sendEvent(strip, QEvent(QEvent.Type.Leave))


def picture(strip: TickerStrip) -> QImage:
    return strip.grab().toImage()


def colors(strip: TickerStrip) -> set[str]:
    image = picture(strip)
    return {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())}


def strongest_color(strip: TickerStrip, left: int) -> int:
    image = picture(strip)
    return max(image.pixelColor(x, y).saturation() for x in range(left, image.width()) for y in range(image.height()))


# -- what it says ---------------------------------------------------------------------------------------------


def test_an_item_tells_its_direction_by_sign_and_arrow() -> None:
    grid = PriceGrid("KRW-XRP")
    fall = sample_ticker("KRW-XRP")
    item = strip_item("XRP", "KRW-XRP", fall, grid, "en", is_served=True)
    assert (item.texts, item.change) == (("XRP", "2,264", "▼ -1.82%"), -1)
    even = strip_item("Doge", "KRW-DOGE", sample_ticker("KRW-DOGE"), PriceGrid("KRW-DOGE"), "en", is_served=True)
    assert (even.texts[2], even.change) == ("0.00%", 0)
    assert strip_item("XRP", "KRW-XRP", None, grid, "en", is_served=True).texts == ("XRP", "–", "")
    gone = strip_item("XRP", "KRW-XRP", fall, grid, "en", is_served=False)
    assert gone.texts == ("XRP", "–", "")
    assert gone.spoken("en") == "XRP not served"


def test_names_are_in_the_language_and_have_their_code_where_it_matters() -> None:
    listed = {info.market: info for info in sample_markets()}
    assert strip_names(["KRW-BTC", "KRW-NEW"], listed.get, "ko") == {"KRW-BTC": "비트코인", "KRW-NEW": "NEW/KRW"}
    assert strip_names(["KRW-BTC", "USDT-BTC"], listed.get, "en") == {
        "KRW-BTC": "Bitcoin BTC/KRW",
        "USDT-BTC": "Bitcoin BTC/USDT",
    }


def test_the_strip_does_not_jump_while_figures_change() -> None:
    layout = StripLayout(lambda text: 10 * len(text))
    items = [strip_item(code, code, None, PriceGrid(code), "en", is_served=True) for code in MANY[:3]]
    layout.set_items(items)
    before = list(layout.lefts)
    assert not layout.set_item(1, items[1]._replace(texts=("KRW-ETH", "9,999", "▲ +1.00%")))
    assert layout.lefts == before
    assert layout.set_item(1, items[1]._replace(texts=("KRW-ETH", "10,000", "▲ +1.00%")))
    wider = list(layout.lefts)
    assert (wider[:2], wider[2]) == (before[:2], before[2] + 10)
    assert not layout.set_item(1, items[1]._replace(texts=("KRW-ETH", "1", "0.00%")))
    assert layout.lefts == wider
    name, price, rate = layout.parts(1)
    assert price + 10 == rate - 8, "a price stands at the right of its room"
    assert layout.at(name) == layout.at(rate) == 1
    assert layout.at(layout.lefts[2] - 1) is None


# -- data -----------------------------------------------------------------------------------------------------


def test_all_markets_are_one_subscription_with_names_of_the_directory(
    qtbot: QtBot, manager: GlobalWebSocketManager, exchange: SimulatedExchange
) -> None:
    strip = made(qtbot, MANY[:3], width=900)
    assert not exchange.handshakes
    shown(qtbot, strip)
    qtbot.waitUntil(lambda: strip.state is SubscriptionState.LIVE)
    qtbot.waitUntil(lambda: "Bitcoin" in strip.accessibleDescription())
    qtbot.waitUntil(lambda: strip.accessibleDescription().count("%") == 3)
    assert len(exchange.requests) == 1

    strip.language = "ko"

    assert strip.accessibleDescription().startswith("비트코인 ")
    strip.clearFocus()
    assert strip.accessibleName() == "시세 전광판"
    assert not clock(strip).isActive(), "there is room for all"


def test_other_markets_are_one_more_request_and_leave_no_trace(
    qtbot: QtBot, manager: GlobalWebSocketManager, exchange: SimulatedExchange
) -> None:
    strip = shown(qtbot, made(qtbot, ["KRW-BTC"], width=900))
    told: list[list[str]] = []
    strip.markets_changed.connect(told.append)
    qtbot.waitUntil(lambda: "%" in strip.accessibleDescription())

    strip.markets = ["KRW-XRP", "KRW-XRP"]

    assert strip.markets == ["KRW-XRP"]
    assert told == [["KRW-XRP"]]
    assert "%" not in strip.accessibleDescription()
    qtbot.waitUntil(lambda: "%" in strip.accessibleDescription())
    assert "Bitcoin" not in strip.accessibleDescription()
    assert len(exchange.requests) == 2
    strip.markets = []
    assert strip.accessibleDescription() == ""
    assert "no market is chosen" in strip.toolTip()


def test_a_market_that_is_not_served_has_a_dash_and_the_others_go_on(
    qtbot: QtBot, manager: GlobalWebSocketManager
) -> None:
    strip = shown(qtbot, made(qtbot, ["KRW-BTC", "KRW-NOTHING"], width=900))
    qtbot.waitUntil(lambda: "NOTHING/KRW not served" in strip.accessibleDescription())
    qtbot.waitUntil(lambda: strip.accessibleDescription().count("%") == 1)
    assert strip.state is SubscriptionState.LIVE


def test_a_lost_connection_is_said_in_words_and_all_colours_fade(
    qtbot: QtBot, manager: GlobalWebSocketManager, exchange: SimulatedExchange
) -> None:
    strip = shown(qtbot, made(qtbot, MANY[:2], width=900))
    line = strip.findChild(StateLine)
    assert line is not None
    qtbot.waitUntil(lambda: strip.accessibleDescription().count("%") == 2)
    assert not line.isVisible()
    strip.clearFocus()
    qtbot.waitUntil(lambda: strongest_color(strip, 0) > 120)
    exchange.refuse_connections(True)
    exchange.drop(abort=True)
    qtbot.waitUntil(lambda: strip.state is SubscriptionState.STALE)
    assert line.isVisible()
    assert line.width() < strip.width() * 2 // 3
    assert "not connected" in line.accessibleName()
    assert "not connected" in strip.toolTip()
    assert strongest_color(strip, line.geometry().right() + 1) < 80
    exchange.refuse_connections(False)
    qtbot.waitUntil(lambda: strip.state is SubscriptionState.LIVE)
    assert not line.isVisible()


# -- scrolling ------------------------------------------------------------------------------------------------


def test_it_scrolls_only_while_it_is_seen_and_there_is_not_room_for_all(
    qtbot: QtBot, manager: GlobalWebSocketManager
) -> None:
    strip = made(qtbot, MANY)
    assert not clock(strip).isActive()
    shown(qtbot, strip)
    assert clock(strip).isActive()
    assert clock(strip).timerType() is Qt.TimerType.PreciseTimer
    before = picture(strip)
    qtbot.waitUntil(lambda: picture(strip) != before)

    strip.resize(3000, strip.height())
    assert not clock(strip).isActive()
    strip.resize(300, strip.height())
    assert clock(strip).isActive()
    strip.speed = 0
    assert not clock(strip).isActive()
    strip.speed = 500
    assert clock(strip).isActive()
    strip.hide()
    assert not clock(strip).isActive()
    painted = Paints(strip)
    somebody, frames = QtWebSocketProxy(manager=manager), manager.frames
    somebody.subscribe_ticker(MANY)
    # What only hidden widgets want wakes nobody, so it may not hear of these data before it is shown.
    qtbot.waitUntil(lambda: manager.frames > frames + 5)
    assert not painted.heights
    somebody.cleanup()
    strip.show()
    assert clock(strip).isActive()
    strip.markets = []
    assert not clock(strip).isActive()


def test_it_stands_still_under_the_mouse(qtbot: QtBot, manager: GlobalWebSocketManager) -> None:
    strip = shown(qtbot, made(qtbot, MANY))
    enter(strip)
    assert not clock(strip).isActive()
    leave(strip)
    assert clock(strip).isActive()
    enter(strip)
    key(qtbot, strip, Qt.Key.Key_Space)
    assert clock(strip).isActive(), "Space starts it under the mouse too"
    key(qtbot, strip, Qt.Key.Key_Space)
    leave(strip)
    assert not clock(strip).isActive(), "what Space has stopped stays so"


def test_it_stands_still_for_the_keyboard_and_space_starts_it(qtbot: QtBot, manager: GlobalWebSocketManager) -> None:
    strip = made(qtbot, MANY)
    _window, field = beside_a_field(qtbot, strip)
    assert clock(strip).isActive()
    qtbot.keyClick(field, Qt.Key.Key_Tab)  # type: ignore[no-untyped-call]
    assert strip.hasFocus()
    assert not clock(strip).isActive()
    key(qtbot, strip, Qt.Key.Key_Space)
    assert clock(strip).isActive()
    key(qtbot, strip, Qt.Key.Key_Right)
    assert not clock(strip).isActive()
    key(qtbot, strip, Qt.Key.Key_Tab)
    assert field.hasFocus()
    assert clock(strip).isActive()
    strip.setParent(None)


def test_a_window_that_gives_it_the_keyboard_at_its_start_does_not_stop_it(
    qtbot: QtBot, manager: GlobalWebSocketManager
) -> None:
    strip = made(qtbot, MANY)
    with qtbot.waitActive(strip):
        strip.show()
    assert strip.hasFocus()
    assert clock(strip).isActive()
    key(qtbot, strip, Qt.Key.Key_Space)
    assert not clock(strip).isActive()


def test_the_wheel_turns_it(qtbot: QtBot) -> None:
    strip = sample(qtbot, MANY)
    before = picture(strip)

    def turn(notches: int) -> None:
        nothing, delta = QPoint(), QPoint(0, 120 * notches)
        where, buttons, keys = QPointF(9, 9), Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier
        phase = Qt.ScrollPhase.NoScrollPhase
        QApplication.sendEvent(strip, QWheelEvent(where, where, nothing, delta, buttons, keys, phase, False))

    turn(-1)
    assert picture(strip) != before
    turn(1)
    assert picture(strip) == before


# -- choosing -------------------------------------------------------------------------------------------------


def test_the_arrow_keys_go_round_and_enter_chooses(qtbot: QtBot) -> None:
    strip = sample(qtbot, MANY)
    strip.clearFocus()
    chosen: list[str] = []
    strip.market_selected.connect(chosen.append)
    plain = picture(strip)
    strip.setFocus(Qt.FocusReason.TabFocusReason)
    assert picture(strip) != plain, "the current market is outlined"
    assert strip.accessibleName() == "Ticker strip: Bitcoin"

    for pressed in (Qt.Key.Key_Return, Qt.Key.Key_Right, Qt.Key.Key_Enter, Qt.Key.Key_Left, Qt.Key.Key_Left):
        key(qtbot, strip, pressed)
    key(qtbot, strip, Qt.Key.Key_Return)

    assert chosen == ["KRW-BTC", "KRW-ETH", "KRW-ADA"]
    assert strip.accessibleName() == "Ticker strip: Cardano"
    highlight = strip.palette().highlight().color().name()
    assert highlight in colors(strip), "it was brought into view"
    strip.clearFocus()
    assert highlight not in colors(strip)


def test_a_click_chooses_the_market_under_it(qtbot: QtBot) -> None:
    strip = sample(qtbot, ["KRW-BTC", "KRW-ETH"], width=900)
    strip.clearFocus()
    chosen: list[str] = []
    strip.market_selected.connect(chosen.append)
    middle = strip.height() // 2

    qtbot.mouseClick(strip, LEFT_BUTTON, pos=QPoint(30, middle))  # type: ignore[no-untyped-call]
    assert chosen == ["KRW-BTC"]
    qtbot.mouseClick(strip, LEFT_BUTTON, pos=QPoint(300, middle))  # type: ignore[no-untyped-call]
    assert chosen == ["KRW-BTC", "KRW-ETH"]
    qtbot.mouseClick(strip, LEFT_BUTTON, pos=QPoint(880, middle))  # type: ignore[no-untyped-call]
    qtbot.mousePress(strip, LEFT_BUTTON, pos=QPoint(30, middle))  # type: ignore[no-untyped-call]
    qtbot.mouseRelease(strip, LEFT_BUTTON, pos=QPoint(300, middle))  # type: ignore[no-untyped-call]
    assert len(chosen) == 2, "beside the items, and dragged from one to another"
    assert not strip.hasFocus()


# -- the rest -------------------------------------------------------------------------------------------------


def test_what_cannot_be_shown_is_refused_and_changes_nothing(qtbot: QtBot) -> None:
    strip = made(qtbot, ["KRW-BTC"])
    speeds: list[int] = []
    strip.speed_changed.connect(speeds.append)
    with pytest.raises(SubscriptionError, match="'btc'"):
        strip.markets = ["KRW-ETH", "btc"]
    for speed in (-1, 501):
        with pytest.raises(ConfigurationError, match=str(speed)):
            strip.speed = speed
    assert (strip.markets, strip.speed, speeds) == (["KRW-BTC"], 40, [])
    strip.speed = 0
    assert speeds == [0]


def test_designer_sees_typed_properties(qtbot: QtBot) -> None:
    strip = made(qtbot, [])
    meta = strip.metaObject()
    assert meta is not None
    kinds = {}
    for name in ("markets", "speed", "language", "color_scheme"):
        told = meta.property(meta.indexOfProperty(name))
        kinds[name] = told.typeName()
        assert told.hasNotifySignal(), name
    assert kinds == {"markets": "QStringList", "speed": "int", "language": "QString", "color_scheme": "QString"}
    strip.setProperty("markets", ["KRW-BTC", "KRW-ETH"])
    assert strip.markets == ["KRW-BTC", "KRW-ETH"]


def test_a_preview_needs_no_manager_and_stands_still(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(GlobalWebSocketManager, "_instance", None)
    strip = sample(qtbot, [], language="ko")
    assert spoken(strip)[0].startswith("비트코인 116")
    assert len(strip.markets) == 8
    assert not clock(strip).isActive()
    strip.markets = ["KRW-XRP"]
    assert strip.accessibleDescription() == "엑스알피(리플) 2,264 ▼ -1.82%"
    assert GlobalWebSocketManager._instance is None


def test_colours_follow_scheme_and_palette(qtbot: QtBot) -> None:
    strip = sample(qtbot, ["KRW-BTC"], width=900)
    strip.clearFocus()

    def hues() -> set[str]:
        image = picture(strip)
        pixels = (image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height()))
        strong = [pixel for pixel in pixels if pixel.saturation() > 120]
        return {"red" if pixel.hue() < 60 or pixel.hue() > 330 else "green" for pixel in strong}

    assert hues() == {"red"}
    strip.color_scheme = "western"
    assert hues() == {"green"}
    strip.setPalette(dark_palette())
    assert hues() == {"green"}
    assert picture(strip).pixelColor(890, 2).lightness() < 60


def test_the_height_is_one_line_of_its_font(qtbot: QtBot) -> None:
    strip = sample(qtbot, MANY)
    before = strip.sizeHint()
    assert before.height() == strip.fontMetrics().height() + 8
    font = strip.font()
    font.setPointSize(2 * font.pointSize())
    strip.setFont(font)
    assert strip.sizeHint().height() > before.height()
    assert strip.minimumSizeHint().height() == strip.sizeHint().height()
