"""Light or dark: as the user chose it, or as the desktop has it."""

from __future__ import annotations

import enum

from PyQt6.QtCore import QObject, Qt, pyqtSlot
from PyQt6.QtWidgets import QApplication, QToolTip

from upbit_qt_widgets import dark_palette, light_palette
from upbit_qt_ws.guard import guarded


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
    @guarded
    def _on_desktop_changed(self, _scheme: Qt.ColorScheme) -> None:
        self._apply()

    def _apply(self) -> None:
        hints = QApplication.styleHints()
        desktop = Qt.ColorScheme.Unknown if hints is None else hints.colorScheme()
        palette = dark_palette() if is_dark_theme(self._theme, desktop) else light_palette()
        QApplication.setPalette(palette)
        # Tool tips have a palette of their own, which no style asks the application for.
        QToolTip.setPalette(palette)


def is_dark_theme(theme: Theme, desktop: Qt.ColorScheme) -> bool:
    """Tell whether the palette is the dark one; a desktop that tells nothing gets what market screens usually have.

    Args:
        theme: what the user has chosen.
        desktop: how the desktop looks, ``Unknown`` if it does not tell.
    """
    if theme is Theme.SYSTEM:
        return desktop is not Qt.ColorScheme.Light
    return theme is Theme.DARK
