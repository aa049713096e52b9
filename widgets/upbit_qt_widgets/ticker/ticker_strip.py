"""A strip of prices for a status bar, which scrolls when there is not room for all of them."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from PyQt6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, QTimer, pyqtSignal, pyqtSlot
from PyQt6.QtGui import QPainter, QPalette, QPen, QStaticText
from PyQt6.QtWidgets import QApplication, QSizePolicy, QWidget

from upbit_qt_widgets.base.cells import LEFT, PADDING
from upbit_qt_widgets.base.data_widget import DataWidget
from upbit_qt_widgets.base.labels import tip_text
from upbit_qt_widgets.base.qt_property import qt_property
from upbit_qt_widgets.base.samples import sample_markets, sample_ticker
from upbit_qt_widgets.base.texts import pick
from upbit_qt_widgets.base.values import parse_markets
from upbit_qt_widgets.ticker.strip_words import GAP, NAME, WORDS, StripItem, StripLayout, strip_item, strip_names
from upbit_qt_ws import SubscriptionState, TickerEvent
from upbit_qt_ws.errors import ConfigurationError
from upbit_qt_ws.guard import guarded, guarded_returning, guarded_setter

if TYPE_CHECKING:
    from collections.abc import Iterable

    from PyQt6.QtGui import (
        QEnterEvent,
        QFocusEvent,
        QHideEvent,
        QKeyEvent,
        QMouseEvent,
        QPaintEvent,
        QResizeEvent,
        QShowEvent,
        QWheelEvent,
    )

    from upbit_qt_ws import Event, GlobalWebSocketManager, QtWebSocketProxy, Subscription
    from upbit_qt_ws.wire.rest_records import MarketInfo

_FRAME_MILLISECONDS: Final = 33
_LONGEST_STEP: Final = 0.1
"""In seconds: after a stall the strip goes on from where it was seen, and does not leap."""
_FASTEST: Final = 500
_USUAL_SPEED: Final = 40
_AIR: Final = 4
_GROWING_LETTERS: Final = 3
"""By how much the words of the state may get longer while their seconds go on."""
_NOTCH: Final = 120
_WHEEL_PIXELS: Final = 60
_PREFERRED_LETTERS: Final = 60
_LEAST_LETTERS: Final = 12
_STEPS: Final = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
_UNSERVED: Final = (SubscriptionState.NOT_SERVED, SubscriptionState.REJECTED)


class TickerStrip(DataWidget):
    """Shows name, price and change of several markets in one line, with one subscription.

    It scrolls while there is not room for all markets. It stands still under the mouse, and when one goes to it with
    the Tab key; then Space starts and stops it, Left and Right go from market to market, and Enter chooses one, as a
    click does. The wheel turns it. In the preview it stands still too.

    Signals:
        market_selected: the code of the market that was clicked or chosen with Enter.
        markets_changed: the new list of codes.
        speed_changed: the new speed.
    """

    market_selected = pyqtSignal(str)
    markets_changed = pyqtSignal("QStringList")
    speed_changed = pyqtSignal(int)

    def __init__(self, parent: QWidget | None = None, *, manager: GlobalWebSocketManager | None = None) -> None:
        """Make an empty strip; see :class:`DataWidget`."""
        super().__init__(parent, manager=manager)
        self._codes: tuple[str, ...] = ()
        self._speed = _USUAL_SPEED
        self._events: dict[str, TickerEvent] = {}
        self._names: dict[str, str] = {}
        self._unserved: frozenset[str] = frozenset()
        self._gone: set[str] = set()
        self._changed: set[str] = set()
        self._layout = StripLayout(self._measure)
        self._statics: list[list[QStaticText]] = []
        self._offset = 0.0
        self._stepped_at = 0.0
        self._is_hovered = False
        self._is_held = False
        self._current = 0
        self._pressed: int | None = None
        self._is_faded = False
        self._scroll = QTimer(self)
        self._scroll.setTimerType(Qt.TimerType.PreciseTimer)
        self._scroll.setInterval(_FRAME_MILLISECONDS)
        self._scroll.timeout.connect(self._step)
        self._state_line.hide()
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self._on_focus_changed)
        # A click chooses a market; it should not hold the strip for good.
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.retranslate()

    # -- properties -------------------------------------------------------------------------------------------

    def _get_markets(self) -> list[str]:
        return list(self._codes)

    @pyqtSlot("QStringList")
    @guarded_setter
    def set_markets(self, markets: Iterable[str]) -> None:
        """Show these markets, in this order; one request. An empty list shows none.

        Raises:
            SubscriptionError: a market code is misspelt; nothing has changed then.
        """
        codes = parse_markets(markets)
        if codes == self._codes:
            return
        self._codes = codes
        self._events = {code: event for code, event in self._events.items() if code in codes}
        if not self._events:
            self._received_ns = None
        self._offset, self._current, self._pressed = 0.0, 0, None
        if self._is_preview:
            self.show_sample()
        else:
            self._write_all()
        self.change_codes()
        if self._directory is not None:
            self._directory.load_grids(codes)
        self.markets_changed.emit(list(codes))

    # Designer edits a list of texts, and knows it by this name only.
    markets = qt_property("QStringList", notify=markets_changed)(_get_markets).setter(set_markets)  # type: ignore[arg-type]

    def _get_speed(self) -> int:
        return self._speed

    @pyqtSlot(int)
    @guarded_setter
    def set_speed(self, speed: int) -> None:
        """Scroll so many pixels a second, from 0, which stands still, to 500.

        Raises:
            ConfigurationError: it is not within these bounds; nothing has changed then.
        """
        if type(speed) is not int or not 0 <= speed <= _FASTEST:
            raise ConfigurationError(f"speed {speed!r}: give a whole number of pixels a second, from 0 to {_FASTEST}")
        if speed != self._speed:
            self._speed = speed
            self._set_clock()
            self.speed_changed.emit(speed)

    speed = qt_property(int, notify=speed_changed)(_get_speed).setter(set_speed)

    # -- DataWidget -------------------------------------------------------------------------------------------

    def codes(self) -> tuple[str, ...]:
        """Return the markets."""
        return self._codes

    def connect_to(self, proxy: QtWebSocketProxy) -> None:
        """Listen to whole frames."""
        proxy.batch_received.connect(self._on_batch)

    def subscribe(self, proxy: QtWebSocketProxy, codes: tuple[str, ...]) -> list[Subscription]:
        """Take the tickers."""
        return [proxy.subscribe_ticker(codes)]

    def show_sample(self) -> None:
        """Show samples of the chosen markets, or of some if none are chosen."""
        self._codes = self._codes or tuple(info.market for info in sample_markets()[:8])
        self._events = {code: sample_ticker(code) for code in self._codes}
        self._write_all()

    def directory_changed(self) -> None:
        """Show the names and price units that the exchange tells, and which markets it has taken off its list."""
        self._gone = set() if self._directory is None else set(filter(self._directory.is_gone, self._codes))
        self._write_all()

    def retranslate(self) -> None:
        """Show the names in the current language."""
        self._write_all()
        self._describe_state()

    def recolor(self) -> None:
        """Show the changes in the current colours."""
        self.update()

    def fade(self, faded: bool) -> None:
        """Grey all items, or only those that are not served; the words of the state stand before them meanwhile."""
        states = {code: state for item in self._subscriptions for code, state in item.states.items()}
        unserved = frozenset(code for code, state in states.items() if state in _UNSERVED)
        self._changed |= unserved ^ self._unserved
        self._unserved = unserved
        self._is_faded = faded
        self._state_line.setVisible(faded and bool(self._codes))
        self._describe_state()
        self._arrange()
        self._write_changed()
        self.update()

    def refresh(self) -> None:
        """Show what has come since the last time."""
        self._write_changed()

    # -- what is written --------------------------------------------------------------------------------------

    def _write_all(self) -> None:
        self._names = strip_names(self._codes, self._market_info, self._language)
        self._changed.clear()
        self._layout.set_items([self._item(code) for code in self._codes])
        self._statics = [[QStaticText() for _ in item.texts] for item in self._layout.items]
        for number in range(len(self._statics)):
            self._prepare(number, None)
        self._describe()
        self._set_clock()
        self.update()

    def _write_changed(self) -> None:
        changed = [number for number, code in enumerate(self._codes) if code in self._changed]
        self._changed.clear()
        is_new = False
        for number in changed:
            before, after = self._layout.items[number], self._item(self._codes[number])
            if after == before:
                continue
            is_new = True
            first = self._first_shown()
            shown_at = self._layout.lefts[first] - self._offset
            if self._layout.set_item(number, after):
                # An item that got wider pushes away those behind it only.
                self._offset = (self._layout.lefts[first] - shown_at) % self._layout.width
                self._set_clock()
            self._prepare(number, before)
        if is_new:
            self._describe()
            self.update()

    def _item(self, code: str) -> StripItem:
        return strip_item(
            self._names[code],
            code,
            self._events.get(code),
            self.grid(code),
            self._language,
            is_served=code not in self._unserved and code not in self._gone,
        )

    def _market_info(self, code: str) -> MarketInfo | None:
        if self._is_preview:
            return next((info for info in sample_markets() if info.market == code), None)
        return None if self._directory is None else self._directory.market(code)

    def _prepare(self, number: int, before: StripItem | None) -> None:
        """Lay out the texts that are new, so that they are only drawn while they scroll."""
        for part, words in enumerate(self._layout.items[number].texts):
            if before is None or words != before.texts[part]:
                static = QStaticText(words)
                static.setTextFormat(Qt.TextFormat.PlainText)
                static.prepare(font=self.font())
                self._statics[number][part] = static

    def _describe(self) -> None:
        items = self._layout.items
        self.setAccessibleDescription(", ".join(item.spoken(self._language) for item in items))
        name = pick(WORDS["strip"], self._language)
        self.setAccessibleName(f"{name}: {self._names[self._codes[self._current]]}" if self._has_current else name)

    def _describe_state(self) -> None:
        words = self._state_line.accessibleName()
        self.setToolTip(tip_text("\n".join(filter(None, (words, pick(WORDS["keys"], self._language))))))

    def _measure(self, words: str) -> int:
        return self.fontMetrics().horizontalAdvance(words)

    # -- where it stands --------------------------------------------------------------------------------------

    @property
    def _room(self) -> QRect:
        """Where the items are, beside the words of the state."""
        left = self._state_line.geometry().right() + PADDING if self._state_line.isVisibleTo(self) else 0
        return self.rect().adjusted(left, 0, 0, 0)

    @property
    def _can_scroll(self) -> bool:
        return self._layout.width - GAP > self._room.width()

    @property
    def _is_still(self) -> bool:
        return self._is_hovered or self._is_held

    @property
    def _has_current(self) -> bool:
        return self.hasFocus() and self._current < len(self._codes)

    def _arrange(self) -> None:
        """Give the words of the state their place; they may take two thirds of the strip."""
        growth = _GROWING_LETTERS * self.fontMetrics().averageCharWidth()
        width = min(self.width() * 2 // 3 - 2 * PADDING, self._state_line.sizeHint().width() + growth)
        self._state_line.setGeometry(PADDING, 0, max(0, width), self.height())
        self._set_clock()

    def _set_clock(self) -> None:
        if not self._can_scroll:
            self._offset = 0.0
        runs = self.isVisible() and self._can_scroll and self._speed > 0 and not self._is_still
        if not runs or self._is_preview:
            self._scroll.stop()
        elif not self._scroll.isActive():
            self._stepped_at = time.perf_counter()
            self._scroll.start()

    @pyqtSlot()
    @guarded
    def _step(self) -> None:
        now = time.perf_counter()
        self._turn(self._speed * min(now - self._stepped_at, _LONGEST_STEP))
        self._stepped_at = now

    def _turn(self, pixels: float) -> None:
        if self._can_scroll:
            self._offset = (self._offset + pixels) % self._layout.width
            self.update(self._room)

    def _first_shown(self) -> int:
        ends = (left + self._layout.item_width(number) for number, left in enumerate(self._layout.lefts))
        return next((number for number, end in enumerate(ends) if end > self._offset), 0)

    def _left_of(self, number: int) -> float:
        """Return where an item begins in the widget; the strip is a ring while it can scroll."""
        room, left = self._room, self._layout.lefts[number] - self._offset
        if self._can_scroll and left + self._layout.item_width(number) <= 0:
            left += self._layout.width
        return room.left() + left

    def _item_at(self, place: QPointF) -> int | None:
        room = self._room
        if not self._layout.items or not room.contains(place.toPoint()):
            return None
        along = place.x() - room.left() + self._offset
        return self._layout.at(along % self._layout.width if self._can_scroll else along)

    def _go_to(self, number: int, step: int) -> None:
        """Make an item the current one, and bring it into view."""
        self._current = number
        room, width = self._room, self._layout.item_width(number)
        left = self._left_of(number) - room.left()
        if self._can_scroll and (left < 0 or left + width > room.width()):
            wanted = GAP // 2 if step < 0 or width > room.width() - GAP else room.width() - width - GAP // 2
            self._offset = (self._layout.lefts[number] - wanted) % self._layout.width
        self._describe()
        self.update()

    @guarded_returning(QSize())
    def sizeHint(self) -> QSize:
        """Return one line of text with some air, and the width of a few items."""
        metrics = self.fontMetrics()
        return QSize(_PREFERRED_LETTERS * metrics.averageCharWidth(), metrics.height() + 2 * _AIR)

    @guarded_returning(QSize())
    def minimumSizeHint(self) -> QSize:
        """Return the same height, and the width of one short item."""
        return QSize(_LEAST_LETTERS * self.fontMetrics().averageCharWidth(), self.sizeHint().height())

    # -- painting ---------------------------------------------------------------------------------------------

    @guarded
    def paintEvent(self, a0: QPaintEvent | None) -> None:
        """Paint the items that are in view, or why there are none."""
        room = self._room
        painter = QPainter(self)
        painter.setClipRect(room)
        if not self._codes:
            painter.setPen(self._colors.faint)
            words = self._state_line.accessibleName()
            painter.drawText(room.adjusted(PADDING, 0, -PADDING, 0), LEFT, words)
        for number in range(len(self._codes)):
            left = self._left_of(number)
            if left <= room.right():
                self._paint_item(painter, number, left)
        if room.left():
            painter.fillRect(QRect(room.left(), 3, 1, room.height() - 6), self._colors.line)
        painter.end()

    def _paint_item(self, painter: QPainter, number: int, left: float) -> None:
        item = self._layout.items[number]
        faded = self._is_faded or item.is_halted or not item.is_served
        shift = left - self._layout.lefts[number]
        ink = self._colors.faded if faded else self.palette().color(QPalette.ColorRole.WindowText)
        for part, (place, static) in enumerate(zip(self._layout.parts(number), self._statics[number], strict=True)):
            painter.setPen(ink if part == NAME or faded or not item.change else self._colors.of(item.change))
            painter.drawStaticText(QPointF(place + shift, (self.height() - static.size().height()) / 2), static)
        if self._has_current and number == self._current:
            painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Highlight), 1.5))
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            frame = QRectF(left - 6, 1.5, self._layout.item_width(number) + 12, self.height() - 3)
            painter.drawRoundedRect(frame, 3, 3)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)

    # -- life, mouse and keys ---------------------------------------------------------------------------------

    @pyqtSlot(object)
    @guarded
    def _on_batch(self, events: tuple[Event, ...]) -> None:
        tickers = [event for event in events if isinstance(event, TickerEvent) and event.code in self._names]
        for event in tickers:
            self._events[event.code] = event
            self._changed.add(event.code)
            # The state of the whole strip need not change when one market of many begins to be served.
            self._unserved -= {event.code}
            if event.code in self._gone:
                # The market has come back before the list tells it.
                self._gone.discard(event.code)
                if self._directory is not None:
                    self._directory.renew()
        if tickers:
            self.note(max(tickers, key=lambda event: event.received_ns))

    @guarded
    def showEvent(self, a0: QShowEvent | None) -> None:
        """Catch up, and scroll if there is reason to."""
        super().showEvent(a0)
        self._set_clock()

    @guarded
    def hideEvent(self, a0: QHideEvent | None) -> None:
        """Rest."""
        super().hideEvent(a0)
        self._scroll.stop()

    @guarded
    def resizeEvent(self, a0: QResizeEvent | None) -> None:
        """Scroll if there is not room for all now."""
        super().resizeEvent(a0)
        self._arrange()

    @guarded
    def changeEvent(self, a0: QEvent | None) -> None:
        """Follow a change of the font."""
        super().changeEvent(a0)
        if a0 is not None and a0.type() == QEvent.Type.FontChange:
            self._layout = StripLayout(self._measure)
            self._write_all()
            self.updateGeometry()

    @guarded
    def enterEvent(self, event: QEnterEvent | None) -> None:
        """Stand still under the mouse."""
        super().enterEvent(event)
        self._is_hovered = True
        self._set_clock()

    @guarded
    def leaveEvent(self, a0: QEvent | None) -> None:
        """Go on without the mouse."""
        super().leaveEvent(a0)
        self._pressed = None
        self._is_hovered = False
        self._set_clock()

    @guarded
    def focusInEvent(self, a0: QFocusEvent | None) -> None:
        """Show and tell which market is the current one."""
        super().focusInEvent(a0)
        self._describe()
        self.update()

    @guarded
    def focusOutEvent(self, a0: QFocusEvent | None) -> None:
        """Go on when the keyboard is elsewhere."""
        super().focusOutEvent(a0)
        self._is_held = False
        self._set_clock()
        self._describe()
        self.update()

    # As text: where Qt Designer makes the strip, PyQt6 6.4 takes no classes here.
    @pyqtSlot("QWidget*", "QWidget*")
    @guarded
    def _on_focus_changed(self, old: QWidget | None, new: QWidget | None) -> None:
        """Stand still for who comes with the keyboard; a window that opens gives it to somebody, wanted or not."""
        if new is self and old is not None and old.window() is self.window():
            self._is_held = True
            self._set_clock()

    @guarded
    def keyPressEvent(self, a0: QKeyEvent | None) -> None:
        """Space stops and goes on, Left and Right go from market to market, Enter chooses one."""
        if a0 is None or not self._codes or a0.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            super().keyPressEvent(a0)
        elif a0.key() == Qt.Key.Key_Space:
            # Also under a mouse that happens to be there.
            self._is_held, self._is_hovered = not self._is_still, False
            self._set_clock()
        elif a0.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.market_selected.emit(self._codes[self._current])
        elif a0.key() in _STEPS:
            step = _STEPS[Qt.Key(a0.key())]
            self._is_held = True
            self._set_clock()
            self._go_to((self._current + step) % len(self._codes), step)
        else:
            super().keyPressEvent(a0)

    @guarded
    def mousePressEvent(self, a0: QMouseEvent | None) -> None:
        """Remember the market under the mouse."""
        if a0 is not None and a0.button() == Qt.MouseButton.LeftButton:
            self._pressed = self._item_at(a0.position())
        else:
            super().mousePressEvent(a0)

    @guarded
    def mouseReleaseEvent(self, a0: QMouseEvent | None) -> None:
        """Choose the market on which the button was pressed and released."""
        if a0 is None or a0.button() != Qt.MouseButton.LeftButton:
            super().mouseReleaseEvent(a0)
            return
        pressed, self._pressed = self._pressed, None
        if pressed is not None and pressed == self._item_at(a0.position()):
            self._current = pressed
            self.update()
            self.market_selected.emit(self._codes[pressed])

    @guarded
    def mouseMoveEvent(self, a0: QMouseEvent | None) -> None:
        """Show what can be clicked."""
        super().mouseMoveEvent(a0)
        if a0 is not None:
            is_item = self._item_at(a0.position()) is not None
            self.setCursor(Qt.CursorShape.PointingHandCursor if is_item else Qt.CursorShape.ArrowCursor)

    @guarded
    def wheelEvent(self, a0: QWheelEvent | None) -> None:
        """Turn the strip."""
        if a0 is None or not self._can_scroll:
            super().wheelEvent(a0)
            return
        delta = a0.angleDelta()
        self._turn(-(delta.y() or delta.x()) / _NOTCH * _WHEEL_PIXELS)
        a0.accept()
