"""Keys that are missing, refused or too weak: a calm picture that says how to mend it, and no trouble for others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from upbit_qt_widgets import TickerWidget, dark_palette, light_palette
from upbit_qt_widgets.account.my_assets import MyAssetsWidget
from upbit_qt_widgets.account.my_orders import MyOrdersWidget
from upbit_qt_widgets.account.row_view import RowView
from upbit_qt_widgets.base.state_line import StateLine
from upbit_qt_ws import GlobalWebSocketManager, SubscriptionState
from upbit_qt_ws.testing import ApiKey, SimulatorOptions
from upbit_qt_ws.wire.auth_errors import AuthProblem

if TYPE_CHECKING:
    from collections.abc import Callable

    from PyQt6.QtGui import QImage, QPalette
    from pytestqt.qtbot import QtBot

    from upbit_qt_widgets.account.private_widget import PrivateWidget
    from upbit_qt_ws.testing import SimulatedExchange

    Show = Callable[[PrivateWidget], PrivateWidget]

KINDS = [MyOrdersWidget, MyAssetsWidget]
SECRET = "a-secret-of-an-account-with-one-scope"
WEAK_KEY = ApiKey(access_key="only-makes-orders", secret_key=SECRET, scopes=frozenset({"make_orders"}))
WEAK = [
    SimulatorOptions(snapshot_delays=(0.0, 0.0), keys=(WEAK_KEY,), scope_error="INVALID_AUTH"),
    SimulatorOptions(snapshot_delays=(0.0, 0.0), keys=(WEAK_KEY,), scope_error="out_of_scope"),
]


def view(widget: PrivateWidget) -> RowView:
    found = widget.findChild(RowView)
    assert found is not None
    return found


def said(widget: PrivateWidget) -> str:
    return view(widget).accessibleDescription()


def line(widget: PrivateWidget) -> str:
    found = widget.findChild(StateLine)
    assert found is not None
    return found.accessibleName()


def rows(widget: PrivateWidget) -> int:
    model = view(widget).model()
    assert model is not None
    return model.rowCount()


@pytest.mark.parametrize("has_keys", [False])
@pytest.mark.parametrize("kind", KINDS)
def test_without_keys_it_says_so_and_how_to_get_some_and_lives_when_they_come(
    qtbot: QtBot,
    exchange: SimulatedExchange,
    manager: GlobalWebSocketManager,
    options: SimulatorOptions,
    show: Show,
    kind: Callable[[], PrivateWidget],
    has_keys: bool,
) -> None:
    ticker = TickerWidget("KRW-BTC")
    qtbot.addWidget(ticker)
    ticker.show()
    widget = show(kind())
    for language, words in (("en", "there are no API keys"), ("ko", "API 키가 없습니다")):
        widget.language = language
        qtbot.waitUntil(lambda: line(widget) == words)
        assert said(widget) == f"{words} {AuthProblem.NO_KEYS.hint(widget._language)}"
    qtbot.waitUntil(lambda: ticker.state is SubscriptionState.LIVE)
    assert not [call for call in exchange.handshakes if "private" in call.path]

    manager.set_keys(options.access_key, options.secret_key)

    qtbot.waitUntil(lambda: widget.state is SubscriptionState.LIVE and rows(widget) > 0)
    assert said(widget) == ""
    assert line(widget).startswith("실시간")


@pytest.mark.parametrize("kind", KINDS)
def test_refused_keys_are_told_with_the_reason_until_they_are_mended(
    qtbot: QtBot,
    exchange: SimulatedExchange,
    manager: GlobalWebSocketManager,
    options: SimulatorOptions,
    show: Show,
    kind: Callable[[], PrivateWidget],
) -> None:
    exchange.set_auth_failure("no_authorization_ip")
    widget = show(kind())
    qtbot.waitUntil(lambda: line(widget) == "the exchange refuses the API keys")
    assert said(widget).endswith(AuthProblem.NO_AUTHORIZATION_IP.hint())
    assert widget.state in (SubscriptionState.REJECTED, SubscriptionState.PENDING)

    exchange.set_auth_failure(None)
    manager.set_keys(options.access_key, options.secret_key)

    qtbot.waitUntil(lambda: rows(widget) > 0)
    qtbot.waitUntil(lambda: line(widget).startswith("live"))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("options", WEAK)
def test_a_missing_permission_is_named_also_if_the_socket_says_only_that_something_is_wrong(
    qtbot: QtBot, show: Show, options: SimulatorOptions, kind: Callable[[], PrivateWidget]
) -> None:
    widget = show(kind())
    qtbot.waitUntil(lambda: line(widget) == "the API keys lack the permission for this")
    assert said(widget).endswith(AuthProblem.OUT_OF_SCOPE.hint())
    assert SECRET not in said(widget) + line(widget)


@pytest.mark.parametrize("has_keys", [False])
@pytest.mark.parametrize("palette", [light_palette, dark_palette])
def test_the_words_stand_in_the_middle_of_the_empty_view(
    qtbot: QtBot, show: Show, palette: Callable[[], QPalette], has_keys: bool
) -> None:
    widget = show(MyOrdersWidget())
    widget.setPalette(palette())
    qtbot.waitUntil(lambda: line(widget) == "there are no API keys")
    viewport = view(widget).viewport()
    assert viewport is not None
    image = viewport.grab().toImage()
    height = image.height()
    inked = [y for y in range(height) if _has_ink(image, y)]
    assert inked
    assert abs((inked[0] + inked[-1]) / 2 - height / 2) < 15


def _has_ink(image: QImage, y: int) -> bool:
    ground = image.pixel(1, y)
    return any(image.pixel(x, y) != ground for x in range(0, image.width(), 2))
