"""A defect in any part of a widget that Qt calls: the program goes on, and the widget says that something is wrong."""

from __future__ import annotations

import functools
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from PyQt6.QtCore import QEvent, QObject, QPoint, QPointF, Qt
from PyQt6.QtGui import QEnterEvent, QWheelEvent
from PyQt6.QtWidgets import QAbstractItemView, QApplication, QGraphicsView, QWidget

from tests.widgets.kinds import WIDGETS, Kind
from upbit_qt_widgets import TickerWidget, dark_palette, light_palette
from upbit_qt_widgets.base import data_widget
from upbit_qt_ws import GlobalWebSocketManager, QtWebSocketProxy
from upbit_qt_ws.faults import FAULTS
from upbit_qt_ws.guard import is_guarded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytestqt.qtbot import QtBot


OURS = ("upbit_qt_widgets", "upbit_qt_ws")


NOT_PLANTED = ("rowCount", "columnCount")
"""They return the length of a list. A model whose number of rows changes without a word makes Qt itself crash."""


class PlantedDefect(Exception):
    """Raised in place of what a part does."""


def parts(widget: QWidget) -> list[QObject]:
    """Return a widget with all objects below it, and the models and items that are no children."""
    found = [widget, *widget.findChildren(QObject)]
    for view in widget.findChildren(QAbstractItemView):
        found += [item for item in (view.model(), view.itemDelegate()) if item is not None]
    for scene_view in widget.findChildren(QGraphicsView):
        scene = scene_view.scene()
        if scene is not None:
            found += [item for item in scene.items() if isinstance(item, QObject)]
    return found


def guards(widget: QWidget) -> dict[str, Callable[..., Any]]:
    """Return everything guarded of our own classes in a widget, by name."""
    classes = {cls for part in parts(widget) for cls in type(part).__mro__ if cls.__module__.startswith(OURS)}
    return {
        f"{cls.__qualname__}.{name}": item
        for cls in classes
        for name, item in vars(cls).items()
        if is_guarded(item) and name not in NOT_PLANTED
    }


@contextmanager
def defect_in(guard: Callable[..., Any]) -> Iterator[None]:
    """Have what is behind a guard raise."""

    @functools.wraps(guard)
    def fail(*_: Any, **__: Any) -> None:
        raise PlantedDefect

    names = guard.__code__.co_freevars
    cells = [cell for name, cell in zip(names, guard.__closure__ or (), strict=True) if name == "function"]
    inner = [cell.cell_contents for name, cell in zip(names, guard.__closure__ or (), strict=True) if name == "inner"]
    for wrapped in inner:
        names = wrapped.__code__.co_freevars
        cells += [cell for name, cell in zip(names, wrapped.__closure__, strict=True) if name == "function"]
    before = [cell.cell_contents for cell in cells]
    for cell in cells:
        cell.cell_contents = fail
    try:
        yield
    finally:
        for cell, function in zip(cells, before, strict=True):
            cell.cell_contents = function


def drive(widget: QWidget, qtbot: QtBot) -> None:
    """Have Qt call as much of a widget as a few milliseconds allow."""
    widget.hide()
    widget.resize(widget.width() + 7, widget.height() + 5)
    widget.setPalette(dark_palette())
    widget.show()
    widget.setPalette(light_palette())
    for part in [widget, *widget.findChildren(QWidget)]:
        if not part.isVisible():
            continue
        middle = part.rect().center()
        qtbot.mouseMove(part, middle)  # type: ignore[no-untyped-call]
        qtbot.mouseClick(part, Qt.MouseButton.LeftButton, pos=QPoint(3, 3))  # type: ignore[no-untyped-call]
        QApplication.sendEvent(part, QEnterEvent(QPointF(middle), QPointF(middle), QPointF(middle)))
        QApplication.sendEvent(part, QEvent(QEvent.Type.Leave))
        wheel = QWheelEvent(
            QPointF(middle),
            QPointF(part.mapToGlobal(middle)),
            QPoint(0, 0),
            QPoint(0, 120),
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(part, wheel)
        for key in (Qt.Key.Key_Down, Qt.Key.Key_End, Qt.Key.Key_Tab):
            qtbot.keyClick(part, key)  # type: ignore[no-untyped-call]
    QApplication.processEvents()
    widget.grab()


@pytest.mark.expects_faults
# Qt warns of events that nobody takes, and of sizes that a planted defect has left wrong.
@pytest.mark.qt_log_level_fail("CRITICAL")
@pytest.mark.parametrize("kind", WIDGETS, ids=lambda kind: kind.name)
def test_a_defect_in_any_part_that_qt_calls_ends_nothing(kind: Kind, qtbot: QtBot) -> None:
    widget = kind.make()
    qtbot.addWidget(widget)
    widget.preview()
    widget.show()
    widget.resize(400, 300)
    seen: set[str] = set()
    with qtbot.captureExceptions() as raised:
        for name, guard in guards(widget).items():
            with defect_in(guard):
                drive(widget, qtbot)
            if FAULTS.clear():
                seen.add(name)
        # With everything whole again it works as before.
        drive(widget, qtbot)
    assert not raised, "an exception has left a guard"
    assert not FAULTS.clear()
    assert len(seen) >= 3, "the test has reached something"
    if hasattr(widget, "show_fault"):
        assert "see the log" in widget._state_line.accessibleName() or "로그" in widget._state_line.accessibleName()


@pytest.mark.expects_faults
def test_a_widget_that_fails_says_so_and_the_others_go_on(
    qtbot: QtBot, account: GlobalWebSocketManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(data_widget, "_FAULT_MILLISECONDS", 300)
    others: list[Any] = []
    other = QtWebSocketProxy()
    other.subscribe_ticker("KRW-BTC", callback=others.append)
    broken = TickerWidget("KRW-BTC")
    broken.set_language("en")
    qtbot.addWidget(broken)
    broken.show()
    qtbot.waitUntil(lambda: broken.state == "live")
    line = broken._state_line
    words = "something in this widget failed · see the log"
    with defect_in(TickerWidget._on_ticker):
        qtbot.waitUntil(lambda: line.accessibleName() == words)
        assert "PlantedDefect" in line.toolTip()
        others.clear()
        qtbot.waitUntil(lambda: bool(others))
        qtbot.waitUntil(lambda: account.health_status()["status"] == "degraded", timeout=10_000)
        reasons = str(account.health_status()["reasons"])
        assert "parts of the toolkit that have failed: 1, the last one TickerWidget._on_ticker" in reasons
        faults: Any = account.health_status()["faults"]
        assert faults[0]["times"] > 1
    qtbot.waitUntil(lambda: line.accessibleName() == "live", timeout=10_000)
