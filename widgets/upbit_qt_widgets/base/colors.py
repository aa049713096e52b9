"""Market colours and palettes for light and dark.

Red is up and blue is down in Korea; green and red, as in the West, is a choice. The colours are picked so that text
in them is readable on the window of either palette.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PyQt6.QtGui import QColor, QImage, QPainter, QPalette

from upbit_qt_ws.errors import ConfigurationError

if TYPE_CHECKING:
    from PyQt6.QtWidgets import QWidget


class ColorScheme(enum.StrEnum):
    """Which colours mean up and down."""

    KOREAN = "korean"
    WESTERN = "western"


def parse_scheme(scheme: str) -> ColorScheme:
    """Return the scheme of that name.

    Raises:
        ConfigurationError: there is none.
    """
    try:
        return ColorScheme(scheme)
    except ValueError:
        names = ", ".join(repr(str(known)) for known in ColorScheme)
        raise ConfigurationError(f"color_scheme {scheme!r} is unknown: choose one of {names}") from None


@dataclass(frozen=True, slots=True)
class MarketColors:
    """All colours that painted cells need, looked up once for a palette.

    Attributes:
        up: text of a rise, and of what is above the previous close.
        down: text of a fall.
        even: all other text.
        faint: text that matters less.
        faded: text of values that are no longer true.
        line: fine lines.
        base: ground of all cells, opaque.
        stripe: ground of every other row.
        selection: ground of the chosen row; the text keeps its colour on it.
        ask_ground: ground of the asks.
        bid_ground: ground of the bids.
        ask_bar: size bars of the asks.
        bid_bar: size bars of the bids.
        warn: text of warnings, on any ground.
        star: what is starred.
        flash_up: ground of a price that has just risen.
        flash_down: ground of a price that has just fallen.
    """

    up: QColor
    down: QColor
    even: QColor
    faint: QColor
    faded: QColor
    line: QColor
    base: QColor
    stripe: QColor
    selection: QColor
    ask_ground: QColor
    bid_ground: QColor
    ask_bar: QColor
    bid_bar: QColor
    warn: QColor
    star: QColor
    flash_up: QColor
    flash_down: QColor

    def of(self, change: float | None) -> QColor:
        """Return the text colour of a change."""
        if not change:
            return self.even
        return self.up if change > 0 else self.down


def _tint(color: QColor, alpha: int) -> QColor:
    tinted = QColor(color)
    tinted.setAlpha(alpha)
    return tinted


def market_colors(widget: QWidget, scheme: ColorScheme = ColorScheme.KOREAN) -> MarketColors:
    """Return the colours that suit a widget's palette."""
    palette = widget.palette()
    dark = is_dark(palette)
    red = QColor("#ff6b5c" if dark else "#c84a31")
    blue = QColor("#6aa2ff" if dark else "#1261c4")
    green = QColor("#3ecf8e" if dark else "#0b7a50")
    up, down = (red, blue) if scheme is ColorScheme.KOREAN else (green, red)
    return MarketColors(
        up=up,
        down=down,
        even=palette.color(QPalette.ColorGroup.Active, QPalette.ColorRole.Text),
        faint=palette.color(QPalette.ColorGroup.Active, QPalette.ColorRole.PlaceholderText),
        faded=palette.color(QPalette.ColorGroup.Disabled, QPalette.ColorRole.Text),
        line=palette.color(QPalette.ColorRole.Mid),
        base=palette.color(QPalette.ColorRole.Base),
        stripe=palette.color(QPalette.ColorRole.AlternateBase),
        selection=_tint(palette.color(QPalette.ColorGroup.Active, QPalette.ColorRole.Highlight), 70 if dark else 45),
        ask_ground=_tint(down, 26 if dark else 16),
        bid_ground=_tint(up, 26 if dark else 16),
        ask_bar=_tint(down, 90 if dark else 70),
        bid_bar=_tint(up, 90 if dark else 70),
        warn=QColor("#f0a040" if dark else "#b35c00"),
        star=QColor("#ffc83d" if dark else "#b07b00"),
        flash_up=_tint(up, 55 if dark else 40),
        flash_down=_tint(down, 55 if dark else 40),
    )


def over(ground: QColor, tint: QColor) -> QColor:
    """Return the opaque colour that a translucent one has on a ground, to the last bit as it would be painted."""
    pixel = QImage(1, 1, QImage.Format.Format_RGB32)
    pixel.fill(ground)
    painter = QPainter(pixel)
    painter.fillRect(0, 0, 1, 1, tint)
    painter.end()
    return pixel.pixelColor(0, 0)


def is_dark(palette: QPalette) -> bool:
    """Tell whether a palette is a dark one."""
    return palette.color(QPalette.ColorRole.Window).lightness() < 128


def light_palette() -> QPalette:
    """Return a light palette for the Fusion style."""
    return _palette("#f5f6f8", "#ffffff", "#f3f5f8", "#1e2430", "#636c7a", "#2d6cdf", "#d7dce4")


def dark_palette() -> QPalette:
    """Return a dark palette for the Fusion style."""
    return _palette("#171a21", "#1d212a", "#222732", "#e4e8ef", "#8d96a6", "#3b7ddd", "#333a47")


def _palette(window: str, base: str, alternate: str, ink: str, faint: str, accent: str, line: str) -> QPalette:
    palette = QPalette()
    roles = QPalette.ColorRole
    for role, color in (
        (roles.Window, window),
        (roles.Base, base),
        (roles.AlternateBase, alternate),
        (roles.Button, alternate),
        (roles.ToolTipBase, base),
        (roles.WindowText, ink),
        (roles.Text, ink),
        (roles.ButtonText, ink),
        (roles.ToolTipText, ink),
        (roles.PlaceholderText, faint),
        (roles.Highlight, accent),
        (roles.HighlightedText, "#ffffff"),
        (roles.Link, accent),
        # The upper edges of bars and frames, which would be white in the dark.
        (roles.Light, alternate),
        (roles.Mid, line),
        (roles.Midlight, line),
        (roles.Dark, line),
    ):
        palette.setColor(role, QColor(color))
    for role in (roles.WindowText, roles.Text, roles.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(faint))
    return palette
