"""Market colours suit the palette, mean what the scheme says, and can be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PyQt6.QtGui import QColor, QPalette
from PyQt6.QtWidgets import QWidget

from upbit_qt_widgets import ColorScheme, dark_palette, light_palette
from upbit_qt_widgets.base.colors import is_dark, market_colors, parse_scheme
from upbit_qt_ws.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytestqt.qtbot import QtBot

PALETTES = {"light": light_palette, "dark": dark_palette}
READABLE = 4.5
"""Contrast that the guidelines for accessible content ask of text."""


def contrast(one: QColor, other: QColor) -> float:
    def luminance(color: QColor) -> float:
        parts = (color.redF(), color.greenF(), color.blueF())
        shares = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * shares[0] + 0.7152 * shares[1] + 0.0722 * shares[2]

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.fixture
def widget(qtbot: QtBot) -> QWidget:
    """A widget to give palettes to."""
    made = QWidget()
    qtbot.addWidget(made)
    return made


@pytest.mark.parametrize("name", PALETTES)
@pytest.mark.parametrize("scheme", ColorScheme)
def test_text_in_the_colours_can_be_read(widget: QWidget, name: str, scheme: ColorScheme) -> None:
    widget.setPalette(PALETTES[name]())
    colors = market_colors(widget, scheme)

    for ink in (colors.up, colors.down, colors.even, colors.warn):
        assert contrast(ink, colors.base) >= READABLE, ink.name()
        assert contrast(ink, widget.palette().color(QPalette.ColorRole.Window)) >= READABLE * 0.95, ink.name()
    assert contrast(colors.faint, colors.base) >= 3


@pytest.mark.parametrize("palette", PALETTES.values())
def test_red_is_up_in_korea_and_down_in_the_west(widget: QWidget, palette: Callable[[], QPalette]) -> None:
    widget.setPalette(palette())
    korean, western = (market_colors(widget, scheme) for scheme in (ColorScheme.KOREAN, ColorScheme.WESTERN))

    assert korean.up.red() > korean.up.blue()
    assert korean.down.blue() > korean.down.red()
    assert western.up.green() > western.up.red()
    assert western.down == korean.up


def test_the_colour_of_a_change_is_that_of_its_sign(widget: QWidget) -> None:
    colors = market_colors(widget)

    assert (colors.of(1.0), colors.of(-0.1)) == (colors.up, colors.down)
    assert colors.of(0.0) == colors.of(None) == colors.even


def test_dark_is_told_by_the_window() -> None:
    assert is_dark(dark_palette())
    assert not is_dark(light_palette())


def test_an_unknown_scheme_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ConfigurationError, match=r"'pink'.*'korean', 'western'"):
        parse_scheme("pink")
