"""Each example is short, and shows live data as soon as it is started."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from PyQt6.QtCore import QCoreApplication, QEvent
from PyQt6.QtWidgets import QApplication, QWidget

import upbit_qt_widgets
from upbit_qt_widgets import ConnectionBadge
from upbit_qt_widgets.base.data_widget import DataWidget
from upbit_qt_ws import GlobalWebSocketManager, LinkState, SubscriptionState, WebSocketConfig
from upbit_qt_ws.testing import SimulatedExchange, SimulatorOptions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytestqt.qtbot import QtBot

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.py"))
MOST_LINES = 15
WITHOUT_DATA = {"sparklines"}


class Application:
    """Stands in for the example's QApplication, of which a process can have only one."""

    def __init__(self, check: Callable[[], None]) -> None:
        self._check = check
        self.ran = False

    @staticmethod
    def instance() -> object:
        """Return the true one, for those who look it up meanwhile."""
        return QApplication.instance()

    def __call__(self, _arguments: list[str]) -> Application:
        return self

    def exec(self) -> int:
        """Look at the windows where the example would wait for their end."""
        self._check()
        self.ran = True
        return 0


@pytest.fixture
def exchange() -> Iterator[SimulatedExchange]:
    """A running exchange with a lively market."""
    with SimulatedExchange(seed=7, rate=300, options=SimulatorOptions(snapshot_delays=(0.0, 0.0))) as running:
        yield running


@pytest.fixture
def manager(qapp: QApplication, exchange: SimulatedExchange) -> Iterator[GlobalWebSocketManager]:
    """The application's manager, with the settings that the environment would bring."""
    options = exchange.server.options
    config = WebSocketConfig(
        public_url=exchange.websocket_url,
        private_url=exchange.private_url,
        rest_url=exchange.rest_url,
        access_key=options.access_key,
        secret_key=options.secret_key,
        settle_s=0.02,
    )
    running = GlobalWebSocketManager.get_instance(config)
    yield running
    running.shutdown()


def windows() -> list[QWidget]:
    return [window for window in QApplication.topLevelWidgets() if window.isVisible()]


def parts(kind: type[Any]) -> list[Any]:
    found = [widget for window in windows() for widget in (window, *window.findChildren(QWidget))]
    return [widget for widget in found if isinstance(widget, kind)]


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_is_short(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MOST_LINES


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_goes_live(
    path: Path, qtbot: QtBot, manager: GlobalWebSocketManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    def look() -> None:
        (window,) = windows()
        qtbot.waitExposed(window)
        if path.stem in WITHOUT_DATA:
            return
        data = parts(DataWidget)
        assert data
        qtbot.waitUntil(lambda: all(widget.state is SubscriptionState.LIVE for widget in data))
        assert LinkState.CONNECTED in {manager.link(name).state for name in ("public", "private")}
        for badge in parts(ConnectionBadge):
            qtbot.waitUntil(lambda: manager.link(badge.link).state is LinkState.CONNECTED)

    for name in upbit_qt_widgets.__all__:
        # What is imported while there is no true QApplication would keep the false one.
        getattr(upbit_qt_widgets, name)
    application = Application(look)
    program: dict[str, Any] = {"__name__": "__main__", "__file__": str(path)}

    with monkeypatch.context() as patched:
        patched.setattr("PyQt6.QtWidgets.QApplication", application)
        patched.setattr("sys.exit", lambda _status: None)
        exec(compile(path.read_text(encoding="utf-8"), str(path), "exec"), program)

    assert application.ran
    for window in windows():
        window.close()
        window.deleteLater()
    program.clear()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
