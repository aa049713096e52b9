"""Every property of every widget: typed, told of once when it changes, and closed to what it cannot mean."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

import pytest
from PyQt6.QtWidgets import QWidget

from tests.widgets.kinds import OF_ONE_MARKET, WITH_PROPERTIES, Kind, own_properties
from upbit_qt_widgets import MarketTable, TickerStrip
from upbit_qt_ws import SubscriptionError
from upbit_qt_ws.errors import UpbitQtError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PyQt6.QtCore import QObject
    from pytestqt.qtbot import QtBot

PROPERTIES = [
    pytest.param(kind, name, id=f"{kind.name}.{name}") for kind in WITH_PROPERTIES for name in own_properties(kind.cls)
]

OTHERS: dict[str, Any] = {
    "market": "KRW-XRP",
    "markets": ["KRW-XRP", "KRW-ETH"],
    "link_color": "blue",
    "link": "private",
    "quote": "BTC",
    "name": "내 코인",
    "interval": "5m",
    "moving_averages": "7,30",
    "level": 10_000.0,
}
"""A value of each property that is not the one it begins with; those of the others are found by their types."""

WRONG: tuple[Any, ...] = (
    None, 3.5, -1, True, 10**30, math.nan, math.inf, -math.inf, "", " ", "\n", "\0", "krw-btc", "Krw-btc", "KRW-BTC ",
    "BTC", "KRW/BTC", "🙂" * 500, b"KRW-BTC", [], ["KRW-BTC", 5], ["krw-btc"], [None], {}, {"KRW-BTC": 1}, (), object(),
)  # fmt: skip

MISSPELT: tuple[Any, ...] = (
    "krw-btc", "BTC", "KRW_BTC", " KRW-BTC", "KRW-BTC\n", "비트코인", 5, b"KRW", [], 0,
)  # fmt: skip

TYPES = {"QString": str, "bool": bool, "int": int, "double": float, "QStringList": list}


@pytest.fixture
def made(kind: Kind, qtbot: QtBot) -> Iterator[Any]:
    item = kind.make("") if kind.has_market else kind.cls()
    if isinstance(item, QWidget):
        qtbot.addWidget(item)
    yield item
    if "link_color" in own_properties(kind.cls):
        item.link_color = ""


def meta(item: QObject, name: str) -> Any:
    described = item.metaObject()
    assert described is not None
    return described.property(described.indexOfProperty(name))


def other(item: QObject, name: str) -> Any:
    if name in OTHERS:
        return OTHERS[name]
    value = item.property(name)
    if name == "language":
        return "en" if value == "ko" else "ko"
    if name == "color_scheme":
        return "western"
    assert not isinstance(value, str | list), f"give {name} a value in OTHERS"
    return not value if isinstance(value, bool) else value + 1


def refused(item: Any, name: str, value: Any) -> str:
    """Return why a property does not take a value; empty if it does."""
    try:
        setattr(item, name, value)
    except UpbitQtError as error:
        return str(error)
    return ""


def heard(item: Any, name: str) -> list[Any]:
    told: list[Any] = []
    getattr(item, f"{name}_changed").connect(told.append)
    return told


@pytest.mark.parametrize(("kind", "name"), PROPERTIES)
def test_a_property_is_typed_and_tells_each_change_once(kind: Kind, name: str, made: Any) -> None:
    described = meta(made, name)
    assert described.hasNotifySignal()
    assert bytes(described.notifySignal().name()).decode() == f"{name}_changed"
    assert described.isWritable()
    assert described.isDesignable()
    assert described.typeName() in TYPES
    before, wanted = getattr(made, name), other(made, name)
    told = heard(made, name)

    setattr(made, name, wanted)
    setattr(made, name, wanted)

    assert getattr(made, name) == made.property(name) == wanted
    assert type(getattr(made, name)) is TYPES[described.typeName()]
    assert told == [wanted]
    assert made.setProperty(name, before)
    assert getattr(made, name) == before
    assert told == [wanted, before]
    getattr(made, f"set_{name}")(wanted)
    assert told[2:] == [wanted]


@pytest.mark.parametrize(("kind", "name"), PROPERTIES)
def test_a_property_takes_nothing_that_it_cannot_mean(kind: Kind, name: str, made: Any) -> None:
    told = heard(made, name)
    for value in WRONG:
        before = getattr(made, name)
        told.clear()
        refusal = refused(made, name, value)
        if refusal:
            # It is named, as a whole or the part that is wrong.
            named = [value, *value] if isinstance(value, list | bytes) else [value]
            assert any(repr(item)[:40] in refusal for item in named)
            assert getattr(made, name) == before
        after = getattr(made, name)
        assert type(after) is TYPES[meta(made, name).typeName()]
        assert told == ([] if after == before else [after]), value


@pytest.mark.expects_faults
@pytest.mark.parametrize(("kind", "name"), PROPERTIES)
def test_designer_and_forms_cannot_give_a_property_what_it_cannot_mean(
    kind: Kind, name: str, made: Any, qtbot: QtBot
) -> None:
    for value in WRONG:
        before = made.property(name)
        if value == 10**30:
            # No QVariant holds it.
            continue
        with qtbot.captureExceptions() as raised:
            made.setProperty(name, value)
        assert all(isinstance(error, UpbitQtError) for _, error, _ in raised)
        assert made.property(name) == before or not raised
        assert type(getattr(made, name)) is TYPES[meta(made, name).typeName()]


@pytest.mark.parametrize("kind", OF_ONE_MARKET, ids=lambda kind: kind.name)
def test_a_misspelt_market_is_refused_by_name_and_changes_nothing(kind: Kind, qtbot: QtBot) -> None:
    widget = kind.make("KRW-XRP")
    qtbot.addWidget(widget)
    told = heard(widget, "market")
    for market in MISSPELT:
        with pytest.raises(SubscriptionError, match=re.escape(repr(market))):
            kind.cls(market)
        with pytest.raises(SubscriptionError, match=re.escape(repr(market))):
            widget.market = market
        assert (widget.market, widget.codes(), told) == ("KRW-XRP", ("KRW-XRP",), [])


@pytest.mark.parametrize("markets", [5, 0, "KRW", ["KRW-BTC", "krw-xrp"], [None], [["KRW-BTC"]], [5]])
def test_lists_of_markets_are_checked_as_a_whole(markets: Any, qtbot: QtBot) -> None:
    strip, table = TickerStrip(), MarketTable(markets=["KRW-BTC"])
    qtbot.addWidget(strip)
    qtbot.addWidget(table)
    strip.markets = ["KRW-ETH"]
    for change in (strip.set_markets, table.set_markets, lambda markets: MarketTable(markets=markets)):
        with pytest.raises(SubscriptionError):
            change(markets)
    assert (strip.markets, table.codes()) == (["KRW-ETH"], ("KRW-BTC",))
    nothings: tuple[Any, ...] = (None, [], (), "")
    for nothing in nothings:
        strip.markets = ["KRW-ETH"]
        strip.markets = nothing
        assert strip.markets == []
