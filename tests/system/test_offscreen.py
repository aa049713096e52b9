"""Qt's offscreen platform is told where the fonts are on Windows, and the user's word counts more."""

from __future__ import annotations

import pytest

from upbit_qt_ws.system.offscreen import give_fonts, render_offscreen

FONTS = r"D:\Windows\Fonts"


@pytest.mark.parametrize(
    ("environ", "fonts"),
    [
        ({"SystemRoot": r"D:\Windows"}, FONTS),
        ({"SystemRoot": "D:\\Windows\\"}, FONTS),
        ({"WINDIR": r"D:\Windows"}, FONTS),
        ({}, r"C:\Windows\Fonts"),
        ({"QT_QPA_FONTDIR": ""}, r"C:\Windows\Fonts"),
        ({"QT_QPA_FONTDIR": r"E:\mine", "SystemRoot": r"D:\Windows"}, r"E:\mine"),
    ],
)
def test_the_fonts_of_windows_are_named_unless_the_user_names_others(environ: dict[str, str], fonts: str) -> None:
    render_offscreen(environ, system="win32")
    assert environ["QT_QPA_FONTDIR"] == fonts
    assert environ["QT_QPA_PLATFORM"] == "offscreen"


@pytest.mark.parametrize("system", ["linux", "darwin"])
def test_elsewhere_qt_finds_them_by_itself(system: str) -> None:
    environ = {"QT_QPA_PLATFORM": "xcb"}
    render_offscreen(environ, system=system)
    assert environ == {"QT_QPA_PLATFORM": "offscreen"}


@pytest.mark.parametrize("platform", [{}, {"QT_QPA_PLATFORM": "windows"}, {"QT_QPA_PLATFORM": "minimal"}])
def test_another_platform_is_left_alone(platform: dict[str, str]) -> None:
    environ = dict(platform)
    give_fonts(environ, system="win32")
    assert environ == platform


def test_the_users_choice_of_offscreen_has_fonts_too() -> None:
    environ = {"QT_QPA_PLATFORM": "offscreen:configfile=screens.json"}
    give_fonts(environ, system="win32")
    assert environ["QT_QPA_FONTDIR"] == r"C:\Windows\Fonts"
