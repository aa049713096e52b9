"""The words of Qt itself, such as those of the menu of a text field, in the language of the window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import QCoreApplication, QLibraryInfo, QObject, QTranslator

if TYPE_CHECKING:
    from upbit_qt_widgets.base.texts import Language


class QtWords(QObject):
    """Puts PyQt's own Korean translation to use while the window speaks Korean."""

    def __init__(self, parent: QObject) -> None:
        """Begin with English, which needs no translation."""
        super().__init__(parent)
        self._korean: QTranslator | None = None

    def set_language(self, language: Language) -> None:
        """Follow the window."""
        if (language == "ko") is (self._korean is not None):
            return
        if self._korean is not None:
            QCoreApplication.removeTranslator(self._korean)
            self._korean = None
            return
        translator = QTranslator(self)
        folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
        # A Qt of the system may come without translations; its words stay English then.
        if translator.load("qtbase_ko", folder):
            QCoreApplication.installTranslator(translator)
            self._korean = translator
