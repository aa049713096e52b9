"""How a widget looks: its language, its colours of up and down, and the palette that it takes them from."""

from __future__ import annotations

from PyQt6.QtCore import QEvent, pyqtSignal
from PyQt6.QtWidgets import QWidget

from upbit_qt_widgets.base.colors import ColorScheme, MarketColors, market_colors, parse_scheme
from upbit_qt_widgets.base.qt_property import qt_property
from upbit_qt_widgets.base.texts import Language, parse_language, system_language
from upbit_qt_ws.guard import guarded, guarded_setter


class StyledWidget(QWidget):
    """Base of the widgets with words in two languages and with market colours.

    Signals:
        language_changed: the new language, ``"ko"`` or ``"en"``.
        color_scheme_changed: the new colours of up and down, ``"korean"`` or ``"western"``.
    """

    language_changed = pyqtSignal(str)
    color_scheme_changed = pyqtSignal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Begin with the language of the desktop, red for up and blue for down."""
        super().__init__(parent)
        self._language: Language = system_language()
        self._color_scheme = ColorScheme.KOREAN
        self._colors: MarketColors = market_colors(self)

    # -- for the subclasses -----------------------------------------------------------------------------------

    def recolor(self) -> None:
        """Show everything in the current colours."""
        raise NotImplementedError

    def retranslate(self) -> None:
        """Show the fixed words in the current language."""
        raise NotImplementedError

    def language_chosen(self) -> None:
        """Do what follows a change of the language, besides the fixed words."""

    # -- properties -------------------------------------------------------------------------------------------

    def _get_language(self) -> str:
        return self._language

    @guarded_setter
    def set_language(self, language: str) -> None:
        """Show all words in Korean (``"ko"``) or English (``"en"``).

        Raises:
            ConfigurationError: it is neither.
        """
        spoken = parse_language(language)
        if spoken == self._language:
            return
        self._language = spoken
        self.retranslate()
        self.language_chosen()
        self.language_changed.emit(spoken)

    language = qt_property(str, notify=language_changed)(_get_language).setter(set_language)

    def _get_color_scheme(self) -> str:
        return str(self._color_scheme)

    @guarded_setter
    def set_color_scheme(self, scheme: str) -> None:
        """Show up in red and down in blue (``"korean"``), or up in green and down in red (``"western"``).

        Raises:
            ConfigurationError: it is neither.
        """
        chosen = parse_scheme(scheme)
        if chosen is self._color_scheme:
            return
        self._color_scheme = chosen
        self._colors = market_colors(self, chosen)
        self.recolor()
        self.color_scheme_changed.emit(chosen)

    color_scheme = qt_property(str, notify=color_scheme_changed)(_get_color_scheme).setter(set_color_scheme)

    @guarded
    def changeEvent(self, a0: QEvent | None) -> None:
        """Follow a change between light and dark."""
        super().changeEvent(a0)
        if a0 is not None and a0.type() == QEvent.Type.PaletteChange:
            self._colors = market_colors(self, self._color_scheme)
            self.recolor()
