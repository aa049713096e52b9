"""Properties as Designer's editor writes and reads them, and values that are no good."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any, Final

import pytest
from PyQt6.QtCore import QByteArray

from tests.widgets.designer.offered import OFFERED
from upbit_qt_widgets.designer.catalogue import CATALOGUE, CatalogueEntry
from upbit_qt_widgets.designer.plugin_factory import plugin_class
from upbit_qt_ws import QtWebSocketProxy

if TYPE_CHECKING:
    from PyQt6.QtCore import QMetaProperty
    from PyQt6.QtWidgets import QWidget
    from pytestqt.qtbot import QtBot

OTHER_TEXTS: Final = {
    "name": "비트코인 캐시",
    "market": "KRW-ETH",
    "quote": "BTC",
    "color_scheme": "western",
    "link_color": "green",
    "interval": "240m",
    "moving_averages": "7, 30",
    "link": "private",
}
OTHER_LISTS: Final = {"markets": ["KRW-ADA", "BTC-ETH"]}
OTHER_NUMBERS: Final = {"level": 1000.0}


def own_properties(widget: QWidget, entry: CatalogueEntry) -> list[QMetaProperty]:
    """Return the properties that our classes declare."""
    meta = widget.metaObject()
    assert meta is not None
    qt = meta
    while qt.className() != entry.base:
        above = qt.superClass()
        assert above is not None
        qt = above
    return [meta.property(index) for index in range(qt.propertyCount(), meta.propertyCount())]


def another(name: str, value: Any) -> Any:
    """Return a value that somebody may choose instead."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return OTHER_NUMBERS.get(name, type(value)(value + 10))
    if isinstance(value, list):
        return OTHER_LISTS[name]
    if name == "language":
        return "en" if value == "ko" else "ko"
    return OTHER_TEXTS[name]


@pytest.mark.parametrize("entry", OFFERED, ids=lambda entry: entry.name)
def test_each_property_comes_back_as_it_was_set(entry: CatalogueEntry, qtbot: QtBot) -> None:
    widget = plugin_class(entry)().createWidget(None)
    qtbot.addWidget(widget)
    widget.show()
    properties = own_properties(widget, entry)
    assert {"language"} | {name for name, _ in entry.properties} <= {prop.name() for prop in properties}
    for prop in properties:
        name = prop.name()
        before = prop.read(widget)
        chosen = another(name, before)
        assert prop.isDesignable(), name
        assert prop.isStored(), name
        assert prop.hasNotifySignal(), name
        assert prop.typeName() in {"QString", "QStringList", "bool", "int", "double"}, name
        signal = getattr(widget, QByteArray(prop.notifySignal().name()).data().decode())
        told: list[Any] = []
        signal.connect(told.append)
        assert prop.write(widget, chosen), name
        assert prop.read(widget) == chosen, name
        assert told == [chosen], name
        assert prop.write(widget, before), name
        assert prop.read(widget) == before, name
        signal.disconnect(told.append)
    assert not widget.findChildren(QtWebSocketProxy), "it stays a preview"


TYPING = """
import sys

if sys.argv[1:]:
    sys.modules[sys.argv[1]] = None

from PyQt6.QtWidgets import QApplication
from upbit_qt_widgets.designer.plugin_factory import plugin_classes

application = QApplication([])
for name, kind in plugin_classes().items():
    plugin = kind()
    plugin.initialize(None)
    widget = plugin.createWidget(None)
    widget.show()
    meta = widget.metaObject()
    properties = {meta.property(index).name(): meta.property(index) for index in range(meta.propertyCount())}
    for wrong in ("market", "link_color", "color_scheme", "language", "interval", "link", "moving_averages", "quote"):
        if wrong in properties:
            before = properties[wrong].read(widget)
            properties[wrong].write(widget, "KRW-")
            assert properties[wrong].read(widget) == before, (name, wrong)
    application.processEvents()
    assert not widget.grab().isNull()
    print(plugin.name())
"""


def type_bad_values(*arguments: str) -> tuple[list[str], str]:
    """Run a program of its own, as Designer is; return the widgets that lived through it, and what it wrote."""
    ended = subprocess.run(
        [sys.executable, "-c", TYPING, *arguments],
        capture_output=True,
        text=True,
        timeout=50,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(entry for entry in sys.path if entry)},
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout.split(), ended.stderr


def test_what_is_typed_on_the_way_to_a_value_ends_nothing() -> None:
    lived, written = type_bad_values()
    assert lived == [entry.name for entry in OFFERED]
    assert "market code 'KRW-' is not of the form" in written


def test_nor_does_it_where_no_library_brings_a_hook_for_exceptions() -> None:
    lived, written = type_bad_values("pyqtgraph")
    assert lived == [entry.name for entry in CATALOGUE if not entry.extra]
    assert "CandleChartWidget is left out" in written
    assert "LiveWidget.set_market" in written
    assert "market code 'KRW-' is not of the form" in written
