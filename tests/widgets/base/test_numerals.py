"""Numbers that are painted without being laid out look as Qt itself paints them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PyQt6.QtGui import QColor, QFont, QImage, QPainter

from upbit_qt_widgets.base.cells import CENTRE, LEFT, RIGHT
from upbit_qt_widgets.base.numerals import Numerals

if TYPE_CHECKING:
    from collections.abc import Callable

    from PyQt6.QtWidgets import QApplication

NUMBERS = ("116,539,000", "0.00000140", "▲ +100.00%", "▼ -0.51%", "-12", "264,682", "", "–")
WIDTH, HEIGHT, ROWS = 140, 23, len(NUMBERS)


def painted(paint: Callable[[QPainter], None], font: QFont) -> QImage:
    image = QImage(WIDTH + 20, HEIGHT * ROWS, QImage.Format.Format_RGB32)
    image.fill(QColor("white"))
    painter = QPainter(image)
    painter.setFont(font)
    painter.setPen(QColor("#c84a31"))
    paint(painter)
    painter.end()
    return image


def by_qt(painter: QPainter, words: tuple[str, ...], flags: int) -> None:
    for row, each in enumerate(words):
        painter.drawText(10, row * HEIGHT, WIDTH, HEIGHT, flags, each)


@pytest.fixture
def font(qapp: QApplication) -> QFont:
    return QFont("DejaVu Sans", 9)


@pytest.mark.parametrize("flags", [LEFT, RIGHT, CENTRE], ids=["left", "right", "centre"])
@pytest.mark.parametrize("size", [7.2, 9.0, 11.0, 13.5])
def test_numbers_look_as_qt_paints_them(font: QFont, size: float, flags: int) -> None:
    font.setPointSizeF(size)
    numerals = Numerals(font)

    def one_by_one(painter: QPainter) -> None:
        for row, each in enumerate(NUMBERS):
            numerals.paint(painter, 10, row * HEIGHT, WIDTH, HEIGHT, flags, each)

    def at_once(painter: QPainter) -> None:
        numerals.paint_column(
            painter, 10, WIDTH, flags, [(row * HEIGHT, HEIGHT, each) for row, each in enumerate(NUMBERS)]
        )

    expected = painted(lambda painter: by_qt(painter, NUMBERS, flags), font)
    for _ in range(2):
        assert painted(one_by_one, font) == expected
        assert painted(at_once, font) == expected


def test_other_digits_of_a_shape_that_is_known_are_those_that_were_given(font: QFont) -> None:
    numerals = Numerals(font)
    for number in ("1,234.5", "6,789.0", "1,111.1"):
        shown = painted(lambda painter, n=number: numerals.paint(painter, 10, 0, WIDTH, HEIGHT, RIGHT, n), font)  # type: ignore[misc]
        assert shown == painted(lambda painter, n=number: by_qt(painter, (n,), RIGHT), font)  # type: ignore[misc]


@pytest.mark.parametrize("words", ["비트코인 BTC", "116,539,000,000,000,000,000 KRW"], ids=["other_font", "too_wide"])
def test_what_is_no_number_or_has_no_room_is_left_to_qt(font: QFont, words: str) -> None:
    numerals = Numerals(font)
    shown = painted(lambda painter: numerals.paint(painter, 10, 0, WIDTH, HEIGHT, LEFT, words), font)
    assert shown == painted(lambda painter: by_qt(painter, (words,), LEFT), font)


def test_the_width_of_a_number_is_known_without_layout(font: QFont) -> None:
    numerals = Numerals(font)
    one, other = numerals.width("1,111"), numerals.width("8,888")
    assert one is not None
    assert one == other
    assert numerals.width("1,111,111") is not None
