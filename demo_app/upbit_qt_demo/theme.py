"""Light or dark: as the user chose it, or as the desktop has it."""

from __future__ import annotations

import enum

from PyQt6.QtCore import QObject, Qt, pyqtSlot
from PyQt6.QtWidgets import QApplication, QToolTip

from upbit_qt_widgets import dark_palette, light_palette


class Theme(enum.StrEnum):
    """Which palette the application has."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


class ThemeSwitch(QObject):
    """Gives the application its palette, and another one when the desktop changes and is to be followed."""

    def __init__(self, theme: Theme, parent: QObject) -> None:
        """Apply a theme."""
        super().__init__(parent)
        self._theme = theme
        hints = QApplication.styleHints()
        if hints is not None:
            hints.colorSchemeChanged.connect(self._on_desktop_changed)
        self._apply()

    @property
    def theme(self) -> Theme:
        """The theme that was chosen."""
        return self._theme

    def set_theme(self, theme: Theme) -> None:
        """Apply another theme; every widget follows at once."""
        if theme is not self._theme:
            self._theme = theme
            self._apply()

    @pyqtSlot(Qt.ColorScheme)
    def _on_desktop_changed(self, _scheme: Qt.ColorScheme) -> None:
        self._apply()

    def _apply(self) -> None:
        palette = dark_palette() if self._is_dark() else light_palette()
        QApplication.setPalette(palette)
        # Tool tips have a palette of their own, which no style asks the application for.
        QToolTip.setPalette(palette)

    def _is_dark(self) -> bool:
        if self._theme is not Theme.SYSTEM:
            return self._theme is Theme.DARK
        hints = QApplication.styleHints()
        # A desktop that does not tell gets what market screens usually have.
        return hints is None or hints.colorScheme() is not Qt.ColorScheme.Light
