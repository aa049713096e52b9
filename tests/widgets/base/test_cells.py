"""A name that does not fit loses letters of its own, and never some of the code behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PyQt6.QtGui import QFont, QFontMetrics

from upbit_qt_widgets.base.cells import elided_name

if TYPE_CHECKING:
    from PyQt6.QtWidgets import QApplication


@pytest.mark.parametrize("words", ["도지코인 DOGE", "Polygon Ecosystem Token POL", "엑스알피(리플) XRP/KRW"])
def test_the_code_is_whole_whenever_there_is_room_for_it(qapp: QApplication, words: str) -> None:
    metrics = QFontMetrics(QFont())
    name, _, code = words.rpartition(" ")
    least, most = metrics.horizontalAdvance(f"… {code}") + 1, metrics.horizontalAdvance(words)
    assert least < most
    for width in range(least, most):
        shown = elided_name(words, metrics, width)
        kept, _, end = shown.partition("…")
        assert end == f" {code}"
        assert name.startswith(kept)
    assert kept, "all but a little of the width shows most of the name"


@given(st.text(alphabet="abMW 도지코인", min_size=3, max_size=30), st.integers(0, 400))
def test_what_is_shown_fits_and_what_fits_is_shown_whole(qapp: QApplication, words: str, width: int) -> None:
    metrics = QFontMetrics(QFont())

    shown = elided_name(words, metrics, width)

    if metrics.horizontalAdvance(words) <= width:
        assert shown == words
    else:
        assert metrics.horizontalAdvance(shown) <= width + 1
