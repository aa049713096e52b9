"""A choice of one out of a few, offered as actions of menus and toolbars."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, pyqtSignal, pyqtSlot
from PyQt6.QtGui import QAction, QActionGroup

from upbit_qt_demo.words import say
from upbit_qt_ws.guard import guarded

if TYPE_CHECKING:
    from collections.abc import Iterable

    from upbit_qt_widgets.base.texts import Language


class Choice(QObject):
    """Actions of which one is checked.

    Signals:
        chosen: the value that the user chose.

    Attributes:
        word: key of the words that name the choice.
    """

    chosen = pyqtSignal(str)

    def __init__(self, word: str, values: Iterable[str], current: str, parent: QObject) -> None:
        """Offer ``values``, each under the words of that key, with ``current`` checked."""
        super().__init__(parent)
        self.word = word
        self._group = QActionGroup(self)
        for value in values:
            action = QAction(self._group)
            action.setCheckable(True)
            action.setData(value)
            action.setChecked(value == current)
        self._group.triggered.connect(self._on_triggered)

    @property
    def actions(self) -> list[QAction]:
        """The actions, in the order of the values."""
        return self._group.actions()

    @property
    def value(self) -> str:
        """The value that is checked."""
        return next(str(action.data()) for action in self.actions if action.isChecked())

    def retranslate(self, language: Language) -> None:
        """Show the words in this language."""
        for action in self.actions:
            action.setText(say(str(action.data()), language))
            action.setToolTip(f"{plain(say(self.word, language))}: {action.text()}")

    @pyqtSlot(QAction)
    @guarded
    def _on_triggered(self, action: QAction) -> None:
        self.chosen.emit(str(action.data()))


def plain(caption: str) -> str:
    """Return a menu's caption without the sign of its key: ``Theme`` of ``&Theme``, ``테마`` of ``테마(&T)``."""
    return caption.partition("(&")[0].replace("&", "")
