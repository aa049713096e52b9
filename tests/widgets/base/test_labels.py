"""Labels and tool tips show text as it is, whatever it looks like."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QTextDocument

from upbit_qt_widgets.base.labels import PlainLabel, tip_text

if TYPE_CHECKING:
    from PyQt6.QtWidgets import QApplication
    from pytestqt.qtbot import QtBot

SHOWN = st.text(st.sampled_from("ab 가<>&;\"'/\nltgmp#39"), max_size=40)


def read(tip: str) -> str:
    """Return what a tool tip shows: Qt takes it for markup only if there is a tag or an entity in it."""
    if "<" not in tip and "&" not in tip:
        return tip
    assert tip.startswith("<span>")
    document = QTextDocument()
    document.setHtml(tip)
    return document.toPlainText()


@pytest.mark.usefixtures("qapp")
@given(SHOWN)
def test_a_tool_tip_shows_every_character(words: str) -> None:
    # Markup has no blanks at the ends of its lines, and single ones between words.
    assert [line.split() for line in read(tip_text(words)).split("\n")] == [line.split() for line in words.split("\n")]


def test_a_label_does_not_obey_markup(qtbot: QtBot, qapp: QApplication) -> None:
    label, plain = PlainLabel(), PlainLabel()
    for made in (label, plain):
        qtbot.addWidget(made)
    label.setText("<h1>비트코인</h1>")
    plain.setText("비트코인")
    assert label.textFormat() is Qt.TextFormat.PlainText
    assert label.sizeHint().width() > plain.sizeHint().width()
    assert label.sizeHint().height() == plain.sizeHint().height()
