"""The pictures of the documentation show the widgets as they are, at any scale and in any application's palette."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PyQt6.QtGui import QFontDatabase, QImage
from PyQt6.QtWidgets import QApplication, QWidget

import upbit_qt_widgets
from tests.helpers.numpy import needs_numpy
from tests.helpers.pictures import Difference, difference
from tests.widgets.gallery import EXHIBITS, FONTS, SHOWN, Exhibit, looks, make, picture, plate

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

ROOT = Path(__file__).parents[2]
PUBLISHED = ROOT / "docs" / "images" / "widgets"
MADE = ROOT / "build" / "pictures"
pytestmark = needs_numpy  # It compares the pictures.

BY_PAGE = {exhibit.page: exhibit for exhibit in EXHIBITS}


def tolerance() -> Difference:
    """Return what may differ: with the fonts of the published pictures little, with others whole letters."""
    return Difference(0.015, 0.02) if FONTS[0] in QFontDatabase.families() else Difference(0.1, 0.25)


def is_like(one: QImage, other: QImage) -> bool:
    found, allowed = difference(one, other), tolerance()
    return found.mean <= allowed.mean and found.seen <= allowed.seen


@pytest.mark.parametrize("exhibit", SHOWN, ids=lambda exhibit: exhibit.page)
def test_the_picture_of_the_documentation_is_true(qapp: QApplication, exhibit: Exhibit) -> None:
    MADE.mkdir(parents=True, exist_ok=True)
    made = plate(exhibit)
    made.save(str(MADE / f"{exhibit.page}.png"))
    published = QImage(str(PUBLISHED / f"{exhibit.page}.png"))

    assert not published.isNull(), f"docs/images/widgets/{exhibit.page}.png is missing: run `python3 dev.py pictures`"
    assert is_like(published, made), (
        f"{exhibit.name} looks unlike docs/images/widgets/{exhibit.page}.png: look at build/pictures/, and if it is "
        f"better there, run `python3 dev.py pictures`: {difference(published, made)}"
    )


def test_every_widget_has_a_picture() -> None:
    widgets = {
        name
        for name in upbit_qt_widgets.__all__
        if isinstance(kind := getattr(upbit_qt_widgets, name), type) and issubclass(kind, QWidget)
    }

    assert widgets <= {exhibit.name for exhibit in EXHIBITS}


def test_pictures_that_differ_are_told_apart(qapp: QApplication) -> None:
    exhibit = BY_PAGE["market_table"]
    light = looks()["light"]
    true = picture(exhibit, light)
    blank = QImage(true.size(), QImage.Format.Format_RGB32)
    blank.fill(true.pixelColor(2, true.height() - 2))
    widened = picture(exhibit._replace(width=exhibit.width + 90), light)

    assert is_like(true, picture(exhibit, light))
    for other in (blank, widened, picture(exhibit, looks()["dark"]), picture(BY_PAGE["orderbook"], light)):
        assert not is_like(true, other)


def test_other_colours_of_up_and_down_are_seen(qtbot: QtBot) -> None:
    book = make(BY_PAGE["orderbook"], "en")
    qtbot.addWidget(book)
    book.resize(460, 480)
    before = book.grab().toImage()

    book.setProperty("color_scheme", "western")

    assert not is_like(before, book.grab().toImage())


@pytest.mark.parametrize("look", ["plain", "windows", "sepia", "night"])
@pytest.mark.parametrize("exhibit", SHOWN, ids=lambda exhibit: exhibit.page)
def test_a_widget_takes_the_palette_of_any_application(qapp: QApplication, exhibit: Exhibit, look: str) -> None:
    theirs = looks()[look]
    window = theirs.palette.color(theirs.palette.ColorRole.Window)

    image = picture(exhibit, theirs)

    # Nothing but the colours of the palette is a ground, and what stands on it can be told from it.
    ground = image.pixelColor(image.width() - 2, image.height() - 2)
    base = theirs.palette.color(theirs.palette.ColorRole.Base)
    assert ground in (window, base)
    assert difference(image, filled(image, ground)).seen > 0.01


def filled(image: QImage, color: object) -> QImage:
    """Return a picture of that size in one colour."""
    plain = QImage(image.size(), QImage.Format.Format_RGB32)
    plain.fill(color)  # type: ignore[call-overload]
    return plain


def test_widgets_are_the_same_at_twice_the_scale(tmp_path: Path) -> None:
    for scale in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-W", "error", "-m", "tests.widgets.gallery", str(tmp_path / scale)],
            cwd=ROOT,
            env=os.environ | {"QT_SCALE_FACTOR": scale, "QT_QPA_PLATFORM": "offscreen"},
            capture_output=True,
            text=True,
            timeout=50,
            check=False,
        )
        assert done.returncode == 0, done.stderr

    for exhibit in SHOWN:
        single, double = (QImage(str(tmp_path / scale / f"{exhibit.page}.png")) for scale in ("1", "2"))
        assert double.width() >= 2 * single.width() - 1
        halved = double.scaled(single.size())
        found = difference(single, halved)
        assert found.seen < 0.02, f"{exhibit.name} at twice the scale: {found}"
