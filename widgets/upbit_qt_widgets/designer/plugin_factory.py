"""Makes the classes that Designer asks about a widget, one for each entry of the catalogue."""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING, Any, ClassVar, cast
from xml.etree import ElementTree

from PyQt6.QtDesigner import QPyDesignerCustomWidgetPlugin
from PyQt6.QtGui import QIcon

from upbit_qt_widgets.base.texts import pick, system_language
from upbit_qt_widgets.designer.catalogue import CATALOGUE, GROUP, HEADER, CatalogueEntry
from upbit_qt_widgets.designer.icons import widget_icon
from upbit_qt_widgets.designer.words import SAMPLE_NOTE, TIPS
from upbit_qt_ws.errors import MissingExtraError
from upbit_qt_ws.guard import guarded, guarded_returning
from upbit_qt_ws.lifecycle import install_excepthook

if TYPE_CHECKING:
    from collections.abc import Iterable

    from PyQt6.QtDesigner import QDesignerFormEditorInterface
    from PyQt6.QtWidgets import QWidget

_log = logging.getLogger(__name__)


class WidgetPlugin(QPyDesignerCustomWidgetPlugin):
    """Answers Designer's questions about one widget, and makes it in its preview, where it never connects.

    Attributes:
        ENTRY: the widget.
    """

    ENTRY: ClassVar[CatalogueEntry]

    def __init__(self) -> None:
        """Make it, as Designer does: without arguments."""
        super().__init__()
        self._is_initialized = False

    @guarded
    def initialize(self, core: QDesignerFormEditorInterface | None) -> None:
        """Get ready to be asked; from now on a value that a widget refuses is logged."""
        if not self._is_initialized:
            self._is_initialized = True
            # Designer sets a property with each letter that is typed, and "KRW-" is not a market yet. With Python's
            # own hook an exception that leaves a setter ends the whole process.
            if sys.excepthook is sys.__excepthook__:
                install_excepthook(_log)

    @guarded_returning(False)
    def isInitialized(self) -> bool:
        """Tell whether :meth:`initialize` was called."""
        return self._is_initialized

    @guarded_returning(False)
    def isContainer(self) -> bool:
        """Say that no other widget can be put into it."""
        return False

    @guarded_returning("")
    def name(self) -> str:
        """Return the name of the class."""
        return self.ENTRY.name

    @guarded_returning("")
    def group(self) -> str:
        """Return the heading in the widget box."""
        return GROUP

    @guarded_returning(QIcon())
    def icon(self) -> QIcon:
        """Return the picture in the widget box."""
        return widget_icon(self.ENTRY.name)

    @guarded_returning("")
    def toolTip(self) -> str:
        """Say what the widget shows, in the language of the system."""
        return pick(TIPS[self.ENTRY.name], system_language())

    @guarded_returning("")
    def whatsThis(self) -> str:
        """Say what the widget shows, and that it shows samples here."""
        return f"{self.toolTip()}. {pick(SAMPLE_NOTE, system_language())}"

    @guarded_returning("")
    def includeFile(self) -> str:
        """Return the module that the class is imported from."""
        return HEADER

    @guarded_returning("")
    def domXml(self) -> str:
        """Return what is put on a form when the widget is dropped there."""
        return _form_xml(self.ENTRY)

    @guarded_returning(None)
    def createWidget(self, parent: QWidget | None) -> QWidget:
        """Make the widget with sample data."""
        widget = cast("Any", self.ENTRY.load())(parent=parent)
        widget.preview()
        return cast("QWidget", widget)


def plugin_classes(entries: Iterable[CatalogueEntry] = CATALOGUE) -> dict[str, type[WidgetPlugin]]:
    """Return a class for each widget that can be made here, by its own name; the log tells which are left out."""
    made = {}
    for entry in entries:
        try:
            entry.load()
        except ImportError as error:
            is_told = isinstance(error, MissingExtraError) or not entry.extra
            hint = "" if is_told else f"; it needs pip install 'upbit-qt-ws[{entry.extra}]'"
            _log.warning("%s is left out: %s%s", entry.name, error, hint)
        else:
            plugin = plugin_class(entry)
            made[plugin.__name__] = plugin
    return made


def plugin_class(entry: CatalogueEntry) -> type[WidgetPlugin]:
    """Return a class that offers one widget to Designer."""
    return type(f"{entry.name}Plugin", (WidgetPlugin,), {"ENTRY": entry, "__doc__": f"Offers {entry.name}."})


def _form_xml(entry: CatalogueEntry) -> str:
    root = ElementTree.Element("ui", language="c++")
    widget = ElementTree.SubElement(
        root, "widget", {"class": entry.name, "name": entry.name[0].lower() + entry.name[1:]}
    )
    geometry = ElementTree.SubElement(ElementTree.SubElement(widget, "property", name="geometry"), "rect")
    for tag, number in (("x", 0), ("y", 0), ("width", entry.width), ("height", entry.height)):
        ElementTree.SubElement(geometry, tag).text = str(number)
    for name, value in entry.properties:
        # stdset="0" because the setters are not named as those of Qt are: set_market, not setMarket.
        setting = ElementTree.SubElement(widget, "property", name=name, stdset="0")
        if isinstance(value, str):
            ElementTree.SubElement(setting, "string", notr="true").text = value
        else:
            texts = ElementTree.SubElement(setting, "stringlist", notr="true")
            for item in value:
                ElementTree.SubElement(texts, "string").text = item
    return ElementTree.tostring(root, encoding="unicode")
