"""What Designer asks each plugin, and the previews that it gets; nothing connects there."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Any, cast
from xml.etree import ElementTree

import pytest
from PyQt6 import QtWidgets
from PyQt6.QtGui import QColor, QImage
from PyQt6.QtWidgets import QApplication, QWidget

import upbit_qt_widgets
from tests.helpers.numpy import HAS_NUMPY
from tests.widgets.designer.offered import OFFERED
from upbit_qt_widgets.designer import plugin_factory
from upbit_qt_widgets.designer.catalogue import CATALOGUE, GROUP, HEADER, CatalogueEntry
from upbit_qt_widgets.designer.icons import widget_icon
from upbit_qt_widgets.designer.plugin_factory import WidgetPlugin, plugin_class, plugin_classes
from upbit_qt_widgets.designer.words import TIPS
from upbit_qt_ws import GlobalWebSocketManager, QtWebSocketProxy

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from upbit_qt_widgets.base.texts import Language

KOREAN = range(ord("가"), ord("힣") + 1)
each_widget = pytest.mark.parametrize("entry", OFFERED, ids=lambda entry: entry.name)


@pytest.fixture
def plugin(qapp: QApplication, entry: CatalogueEntry) -> WidgetPlugin:
    """The plugin as Designer makes it."""
    return plugin_class(entry)()


def test_every_widget_of_the_package_is_offered() -> None:
    widgets = {
        name
        for name in upbit_qt_widgets.__all__
        if (HAS_NUMPY or name != "CandleChartWidget")
        and isinstance(kind := getattr(upbit_qt_widgets, name), type)
        and issubclass(kind, QWidget)
    }
    assert {entry.name for entry in OFFERED} == widgets


@each_widget
def test_it_is_where_a_form_imports_it_from(entry: CatalogueEntry, plugin: WidgetPlugin) -> None:
    assert plugin.includeFile() == HEADER == upbit_qt_widgets.__name__
    assert plugin.name() == entry.name
    assert entry.load() is getattr(upbit_qt_widgets, entry.name)


@each_widget
def test_it_is_promoted_from_the_class_of_qt_that_it_is(entry: CatalogueEntry) -> None:
    nearest = next(kind for kind in entry.load().__mro__ if kind.__module__ == QtWidgets.__name__)
    assert nearest.__name__ == entry.base


@each_widget
@pytest.mark.parametrize(("language", "index"), [("ko", 0), ("en", 1)])
def test_it_says_what_the_widget_shows(
    entry: CatalogueEntry, plugin: WidgetPlugin, language: Language, index: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plugin_factory, "system_language", lambda: language)
    assert plugin.group() == GROUP
    assert plugin.toolTip() == TIPS[entry.name][index]
    assert plugin.whatsThis().startswith(plugin.toolTip())
    for words in (plugin.toolTip(), plugin.whatsThis()):
        assert any(ord(letter) in KOREAN for letter in words) == (language == "ko")


@each_widget
def test_it_is_no_container_and_is_initialized_once(entry: CatalogueEntry, plugin: WidgetPlugin) -> None:
    assert not plugin.isContainer()
    assert not plugin.isInitialized()
    plugin.initialize(None)
    plugin.initialize(None)
    assert plugin.isInitialized()


def painted(image: QImage) -> set[str]:
    colors = (image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height()))
    return {color.name() for color in colors if color.alpha() > 200}


@each_widget
def test_its_icon_is_a_picture_of_its_own(entry: CatalogueEntry, plugin: WidgetPlugin) -> None:
    image = plugin.icon().pixmap(22, 22).toImage()
    assert len(painted(image)) > 1
    others = [widget_icon(other.name).pixmap(22, 22).toImage() for other in CATALOGUE if other is not entry]
    assert image not in others


def test_icons_are_seen_in_the_dark(qapp: QApplication) -> None:
    before = qapp.palette()
    try:
        qapp.setPalette(upbit_qt_widgets.dark_palette())
        image = widget_icon("MarketTable").pixmap(22, 22).toImage()
    finally:
        qapp.setPalette(before)
    assert max(QColor(name).lightness() for name in painted(image)) > 180


@each_widget
def test_what_is_dropped_on_a_form_fits_the_widget(entry: CatalogueEntry, plugin: WidgetPlugin) -> None:
    root = ElementTree.fromstring(plugin.domXml())
    assert (root.tag, root.get("language")) == ("ui", "c++")
    (widget,) = root
    assert widget.get("class") == entry.name
    assert (widget.get("name") or "").isidentifier()
    assert [int(number.text or "") for number in widget.iterfind("property[@name='geometry']/rect/*")] == [
        0,
        0,
        entry.width,
        entry.height,
    ]
    meta = entry.load().staticMetaObject
    kinds = {"string": "QString", "stringlist": "QStringList"}
    for setting in widget.iterfind("property[@stdset]"):
        name = setting.get("name") or ""
        index = meta.indexOfProperty(name)
        assert index >= 0, name
        assert meta.property(index).typeName() == kinds[setting[0].tag]
        # A form calls setMarket() for what has a setter of Qt's manner, and sets the property of what has none.
        assert setting.get("stdset") == "0"
        assert not meta.property(index).hasStdCppSet()


@each_widget
def test_its_preview_has_data_and_connects_to_nothing(
    entry: CatalogueEntry, plugin: WidgetPlugin, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def connect(*_: object) -> None:
        raise AssertionError("a preview opens no connection")

    monkeypatch.setattr("socket.socket.connect", connect)
    threads = set(threading.enumerate())
    before = GlobalWebSocketManager._instance
    parent = QWidget()
    qtbot.addWidget(parent)
    widget = plugin.createWidget(parent)
    widget.resize(entry.width, entry.height)
    with qtbot.waitExposed(parent):
        parent.show()
    QApplication.processEvents()

    assert type(widget).__name__ == entry.name
    assert widget.parent() is parent
    assert GlobalWebSocketManager._instance is before
    assert not widget.findChildren(QtWebSocketProxy)
    assert set(threading.enumerate()) == threads
    empty = cast("Any", entry.load())(parent=parent)
    empty.resize(widget.size())
    assert widget.grab().toImage() != empty.grab().toImage()


def test_a_class_for_each_widget() -> None:
    made = plugin_classes()
    assert [kind.ENTRY for kind in made.values()] == list(OFFERED)
    assert all(name == kind.__name__ == f"{kind.ENTRY.name}Plugin" for name, kind in made.items())


def test_a_widget_whose_library_is_missing_is_left_out_and_logged(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(upbit_qt_widgets._HOME, "CandleChartWidget", "chart.missing")
    monkeypatch.delitem(vars(upbit_qt_widgets), "CandleChartWidget", raising=False)
    with caplog.at_level(logging.WARNING):
        made = plugin_classes()
    assert "CandleChartWidgetPlugin" not in made
    assert len(made) == len(CATALOGUE) - 1
    (line,) = caplog.messages
    assert "CandleChartWidget is left out" in line
    assert "upbit-qt-ws[charts]" in line
