"""The menus and the toolbar of the window."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PyQt6.QtCore import QObject, pyqtSignal, pyqtSlot
from PyQt6.QtGui import QAction, QActionGroup, QKeySequence

from upbit_qt_demo.areas import Area
from upbit_qt_demo.choices import plain
from upbit_qt_demo.words import say
from upbit_qt_ws.guard import guarded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PyQt6.QtWidgets import QMenu, QMenuBar, QToolBar

    from upbit_qt_demo.choices import Choice
    from upbit_qt_widgets.base.texts import Language

_COMMANDS: Final = {
    "search": "Ctrl+F",
    "next_area": "F6",
    "previous_area": "Shift+F6",
    "reset": "Ctrl+Shift+R",
    "quit": "Ctrl+Q",
}


class Menus(QObject):
    """Makes the actions, and puts them into the menus and the toolbar.

    Signals:
        area_chosen: the :class:`Area` that the keyboard is to go to.
        command_chosen: the key of a command: ``search``, ``next_area``, ``previous_area``, ``reset`` or ``quit``.
    """

    area_chosen = pyqtSignal(object)
    command_chosen = pyqtSignal(str)

    def __init__(self, bar: QMenuBar, toolbar: QToolBar, choices: Sequence[Choice], parent: QObject) -> None:
        """Fill ``bar`` with all menus, and ``toolbar`` with the choices."""
        super().__init__(parent)
        self._toolbar, self._choices = toolbar, choices
        self._areas = self._group(list(Area))
        self._commands = self._group(list(_COMMANDS))
        for number, action in enumerate(self._areas.actions(), 1):
            action.setShortcut(QKeySequence(f"Ctrl+{number}"))
        for action in self._commands.actions():
            action.setShortcut(QKeySequence(_COMMANDS[action.data()]))
        self._areas.triggered.connect(self._on_area)
        self._commands.triggered.connect(self._on_command)
        self._menus: dict[str, QMenu] = {}
        self._fill_menus(bar)
        for choice in choices:
            toolbar.addActions(choice.actions)
            toolbar.addSeparator()

    def _group(self, values: Sequence[str]) -> QActionGroup:
        group = QActionGroup(self)
        group.setExclusionPolicy(QActionGroup.ExclusionPolicy.None_)
        for value in values:
            QAction(group).setData(value)
        return group

    def _fill_menus(self, bar: QMenuBar) -> None:
        search, following, previous, reset, leave = self._commands.actions()
        file, view, settings = (self._add_menu(bar, key) for key in ("file", "view", "settings"))
        file.addAction(leave)
        view.addAction(search)
        view.addSeparator()
        view.addActions(self._areas.actions())
        view.addSeparator()
        view.addActions([following, previous])
        view.addSeparator()
        view.addAction(reset)
        for choice in self._choices:
            self._add_menu(settings, choice.word).addActions(choice.actions)

    def _add_menu(self, above: QMenuBar | QMenu, key: str) -> QMenu:
        menu = above.addMenu("")
        assert menu is not None
        self._menus[key] = menu
        return menu

    def retranslate(self, language: Language) -> None:
        """Show all words in this language."""
        for key, menu in self._menus.items():
            menu.setTitle(say(key, language))
        for action in (*self._areas.actions(), *self._commands.actions()):
            action.setText(say(str(action.data()), language))
        for choice in self._choices:
            choice.retranslate(language)
        self._toolbar.setWindowTitle(plain(say("switches", language)))

    @pyqtSlot(QAction)
    @guarded
    def _on_area(self, action: QAction) -> None:
        self.area_chosen.emit(Area(action.data()))

    @pyqtSlot(QAction)
    @guarded
    def _on_command(self, action: QAction) -> None:
        self.command_chosen.emit(str(action.data()))
