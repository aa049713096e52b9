"""Pictures of all widgets with sample data, for the documentation and to look at.

``python -m tests.widgets.gallery FOLDER`` writes those of the documentation, ``--look NAME`` others instead; with
QT_SCALE_FACTOR=2 in the environment they have twice as many pixels.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from PyQt6.QtCore import QSize, Qt, qInstallMessageHandler
from PyQt6.QtGui import QColor, QFont, QImage, QPainter, QPalette
from PyQt6.QtWidgets import QApplication, QTableWidget, QTableWidgetItem, QWidget

import upbit_qt_widgets
from tests.helpers.numpy import HAS_NUMPY
from upbit_qt_widgets import SPARKLINE_ROLE, SparklineDelegate, dark_palette, light_palette
from upbit_qt_widgets.base.samples import sample_candles, sample_markets

if TYPE_CHECKING:
    from collections.abc import Iterable

    from PyQt6.QtCore import QMessageLogContext, QtMsgType

    from upbit_qt_widgets.base.texts import Language

FONTS: Final = ("Noto Sans CJK KR", "Noto Sans KR", "Malgun Gothic", "Apple SD Gothic Neo")
_FONT_PIXELS: Final = 13
_GAP: Final = 12
PLATE: Final = "plate"
"""Two looks beside each other, as the documentation has them."""


class Exhibit(NamedTuple):
    """One widget, and how large its picture is.

    Attributes:
        name: of the class.
        width: in pixels.
        height: in pixels.
        page: name of its page in the documentation, and of its picture.
    """

    name: str
    width: int
    height: int
    page: str


EXHIBITS: Final = (
    Exhibit("TickerWidget", 460, 170, "ticker"),
    Exhibit("TickerStrip", 460, 28, "ticker_strip"),
    Exhibit("MarketTable", 460, 420, "market_table"),
    Exhibit("OrderbookWidget", 460, 480, "orderbook"),
    Exhibit("DepthChartWidget", 460, 300, "depth_chart"),
    Exhibit("TradesWidget", 460, 380, "trades"),
    Exhibit("CandleChartWidget", 560, 380, "candle_chart"),
    Exhibit("SparklineDelegate", 320, 200, "sparkline"),
    Exhibit("MyOrdersWidget", 640, 240, "my_orders"),
    Exhibit("MyAssetsWidget", 640, 280, "my_assets"),
    Exhibit("ConnectionBadge", 180, 26, "connection_badge"),
    Exhibit("HealthPanel", 600, 620, "health_panel"),
)
SHOWN: Final = tuple(exhibit for exhibit in EXHIBITS if HAS_NUMPY or exhibit.name != "CandleChartWidget")
"""Those that can be shown here."""


_LOOKS: Final = ("light", "dark", "plain", "windows", "sepia", "night")


class Look(NamedTuple):
    """How a picture looks."""

    palette: QPalette
    language: Language
    style: str = "Fusion"
    point_size: float = 0.0


def looks() -> dict[str, Look]:
    """Return the looks by name: the toolkit's palettes, and applications that know nothing of them."""
    return {
        "light": Look(light_palette(), "en"),
        "dark": Look(dark_palette(), "ko"),
        # What any application has that asks for nothing.
        "plain": Look(QApplication.style().standardPalette(), "ko"),  # type: ignore[union-attr]
        "windows": Look(QPalette(), "en", style="Windows"),
        "sepia": Look(QPalette(QColor("#d9c7a3"), QColor("#f4ecd8")), "ko", point_size=13.0),
        "night": Look(QPalette(QColor("#23303b"), QColor("#101820")), "en", point_size=8.0),
    }


def make(exhibit: Exhibit, language: Language) -> QWidget:
    """Return a widget with sample data."""
    if exhibit.name == "SparklineDelegate":
        return _sparklines(language)
    kind = getattr(upbit_qt_widgets, exhibit.name)
    widget: QWidget = kind()
    widget.setProperty("language", language)
    kind.preview(widget)
    return widget


def _sparklines(language: Language) -> QTableWidget:
    markets = sample_markets()[:5]
    table = QTableWidget(len(markets), 2)
    table.setHorizontalHeaderLabels(["종목", "24시간"] if language == "ko" else ["Market", "24 hours"])
    table.setItemDelegateForColumn(1, SparklineDelegate(table))
    for row, info in enumerate(markets):
        name, line = QTableWidgetItem(info.name(language)), QTableWidgetItem()
        closes = [candle.trade_price for candle in sample_candles(info.market, "30m", 48, 1_800)]
        line.setData(int(SPARKLINE_ROLE), closes)
        table.setItem(row, 0, name)
        table.setItem(row, 1, line)
    header = table.horizontalHeader()
    assert header is not None
    header.setStretchLastSection(True)
    return table


def picture(exhibit: Exhibit, look: Look) -> QImage:
    """Return the picture of a widget in an application that looks like this."""
    with _application_with(look):
        widget = make(exhibit, look.language)
        # As if somebody looked at it: what is laid out at the first showing is laid out.
        widget.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
        widget.resize(widget.minimumSizeHint().expandedTo(QSize(exhibit.width, exhibit.height)))
        widget.show()
        QApplication.processEvents()
        image = widget.grab().toImage()
        widget.close()
        widget.deleteLater()
        return image


def beside(one: QImage, other: QImage) -> QImage:
    """Return one picture of two."""
    ratio = one.devicePixelRatio()
    gap = round(_GAP * ratio)
    both = QImage(one.width() + gap + other.width(), max(one.height(), other.height()), QImage.Format.Format_ARGB32)
    both.fill(Qt.GlobalColor.transparent)
    painter = QPainter(both)
    for image, left in ((one, 0), (other, one.width() + gap)):
        plain = QImage(image)
        plain.setDevicePixelRatio(1.0)
        painter.drawImage(left, 0, plain)
    painter.end()
    return both


def plate(exhibit: Exhibit) -> QImage:
    """Return the picture of the documentation: light and English beside dark and Korean."""
    found = looks()
    return beside(picture(exhibit, found["light"]), picture(exhibit, found["dark"]))


class _application_with:
    """The application with another palette, font and style for a while."""

    def __init__(self, look: Look) -> None:
        self._look = look
        self._before = (QApplication.palette(), QApplication.font(), QApplication.style().objectName())  # type: ignore[union-attr]

    def __enter__(self) -> None:
        font = QFont()
        font.setFamilies(list(FONTS))
        if self._look.point_size:
            font.setPointSizeF(self._look.point_size)
        else:
            font.setPixelSize(_FONT_PIXELS)
        self._set(self._look.palette, font, self._look.style)

    def __exit__(self, *_: object) -> None:
        self._set(*self._before)

    @staticmethod
    def _set(palette: QPalette, font: QFont, style: str) -> None:
        QApplication.setStyle(style)
        QApplication.setPalette(palette)
        QApplication.setFont(font)


def write(folder: Path, names: Iterable[str]) -> None:
    """Write the pictures of some looks into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        for exhibit in SHOWN:
            if name == PLATE:
                plate(exhibit).save(str(folder / f"{exhibit.page}.png"))
            else:
                picture(exhibit, looks()[name]).save(str(folder / f"{exhibit.page}-{name}.png"))


def _without_noise(_kind: QtMsgType, _context: QMessageLogContext, message: str | None) -> None:
    """Write Qt's messages, but for the one that its offscreen platform writes for every window."""
    if message is not None and "propagateSizeHints" not in message:
        sys.stderr.write(f"{message}\n")


def main() -> int:
    """Write pictures; those of the documentation unless a look is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--look", action="append", choices=[PLATE, *_LOOKS], help="may be repeated")
    options = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    qInstallMessageHandler(_without_noise)
    application = QApplication([])
    write(options.folder, options.look or [PLATE])
    del application
    return 0


if __name__ == "__main__":
    sys.exit(main())
