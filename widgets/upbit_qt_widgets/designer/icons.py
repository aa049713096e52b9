"""The small pictures in Designer's widget box, painted, so that they suit light and dark."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QGuiApplication, QIcon, QPainter, QPainterPath, QPalette, QPen, QPixmap, QPolygonF

if TYPE_CHECKING:
    from collections.abc import Callable

_SIDES: Final = (16, 22, 32, 48)
_GRID: Final = 24
"""All are drawn on a square of 24 by 24 units."""
_RED: Final = QColor("#d9503a")
_BLUE: Final = QColor("#3a7bd9")
_GREEN: Final = QColor("#2fa36b")
_GREY: Final = QColor("#8a93a3")


def widget_icon(name: str) -> QIcon:
    """Return the icon of a widget class; a class without a picture of its own gets that of the ticker."""
    draw = _DRAWINGS.get(name, _draw_ticker)
    ink = QGuiApplication.palette().color(QPalette.ColorRole.WindowText)
    icon = QIcon()
    for side in _SIDES:
        picture = QPixmap(side, side)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.scale(side / _GRID, side / _GRID)
        draw(painter, ink)
        painter.end()
        icon.addPixmap(picture)
    return icon


def _bar(painter: QPainter, color: QColor, left: float, top: float, width: float, height: float) -> None:
    painter.fillRect(QRectF(left, top, width, height), color)


def _line(painter: QPainter, color: QColor, *points: tuple[float, float]) -> None:
    painter.setPen(QPen(color, 2, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
    painter.drawPolyline(QPolygonF([QPointF(x, y) for x, y in points]))


def _area(painter: QPainter, color: QColor, *points: tuple[float, float]) -> None:
    path = QPainterPath(QPointF(*points[0]))
    for x, y in points[1:]:
        path.lineTo(x, y)
    path.closeSubpath()
    painter.fillPath(path, color)


def _draw_ticker(painter: QPainter, ink: QColor) -> None:
    _area(painter, _RED, (6, 10), (11, 3), (16, 10))
    _bar(painter, ink, 3, 13, 18, 3)
    _bar(painter, _GREY, 3, 18, 12, 2)


def _draw_strip(painter: QPainter, ink: QColor) -> None:
    _bar(painter, _GREY, 1, 6, 22, 1)
    _bar(painter, _GREY, 1, 17, 22, 1)
    _bar(painter, ink, 1, 10, 6, 4)
    _bar(painter, _RED, 9, 10, 6, 4)
    _bar(painter, _BLUE, 17, 10, 6, 4)


def _draw_table(painter: QPainter, ink: QColor) -> None:
    _bar(painter, ink, 2, 3, 20, 3)
    for row, color in enumerate((_RED, _BLUE, _RED)):
        _bar(painter, _GREY, 2, 9 + 5 * row, 9, 2)
        _bar(painter, color, 14, 9 + 5 * row, 8, 2)


def _draw_orderbook(painter: QPainter, ink: QColor) -> None:
    for row, width in enumerate((9, 6, 3)):
        _bar(painter, _BLUE, 11 - width, 2 + 3.2 * row, width, 2.4)
    _bar(painter, ink, 2, 11.8, 20, 1)
    for row, width in enumerate((3, 6, 9)):
        _bar(painter, _RED, 13, 13.6 + 3.2 * row, width, 2.4)


def _draw_depth(painter: QPainter, ink: QColor) -> None:
    _area(painter, _RED, (2, 20), (2, 5), (6, 5), (6, 10), (10, 10), (10, 20))
    _area(painter, _BLUE, (14, 20), (14, 12), (18, 12), (18, 7), (22, 7), (22, 20))
    _bar(painter, ink, 2, 20, 20, 2)


def _draw_trades(painter: QPainter, ink: QColor) -> None:
    for row, (color, width) in enumerate(((_RED, 11), (_BLUE, 7), (_RED, 9), (_BLUE, 12))):
        _bar(painter, ink, 2, 3 + 5 * row, 5, 2)
        _bar(painter, color, 10, 3 + 5 * row, width, 2)


def _draw_candles(painter: QPainter, ink: QColor) -> None:
    for left, color, top, height in ((3, _BLUE, 9, 9), (10, _RED, 6, 10), (17, _RED, 3, 9)):
        _bar(painter, ink, left + 1.5, top - 2, 1, height + 4)
        _bar(painter, color, left, top, 4, height)


def _draw_orders(painter: QPainter, ink: QColor) -> None:
    painter.setPen(QPen(ink, 1.5))
    painter.drawRoundedRect(QRectF(4, 2, 16, 20), 2, 2)
    _line(painter, _GREEN, (7, 8), (9, 10), (12, 6))
    _bar(painter, _GREY, 14, 8, 4, 2)
    _bar(painter, _GREY, 7, 13, 11, 2)
    _bar(painter, _GREY, 7, 17, 11, 2)


def _draw_assets(painter: QPainter, ink: QColor) -> None:
    square = QRectF(3, 3, 18, 18)
    painter.setPen(Qt.PenStyle.NoPen)
    for color, start, span in ((_RED, 90, 150), (_BLUE, 240, 120), (ink, 0, 90)):
        painter.setBrush(color)
        painter.drawPie(square, start * 16, span * 16)


def _draw_badge(painter: QPainter, ink: QColor) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(_GREEN)
    painter.drawEllipse(QPointF(6, 12), 4, 4)
    _bar(painter, ink, 12, 10.5, 11, 3)


def _draw_health(painter: QPainter, _ink: QColor) -> None:
    _line(painter, _GREEN, (1, 13), (7, 13), (10, 5), (14, 20), (17, 13), (23, 13))


_DRAWINGS: Final[dict[str, Callable[[QPainter, QColor], None]]] = {
    "TickerWidget": _draw_ticker,
    "TickerStrip": _draw_strip,
    "MarketTable": _draw_table,
    "OrderbookWidget": _draw_orderbook,
    "DepthChartWidget": _draw_depth,
    "TradesWidget": _draw_trades,
    "CandleChartWidget": _draw_candles,
    "MyOrdersWidget": _draw_orders,
    "MyAssetsWidget": _draw_assets,
    "ConnectionBadge": _draw_badge,
    "HealthPanel": _draw_health,
}
