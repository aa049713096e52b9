"""Small lines without axes: a painter for any widget, and a delegate for the cells of any table or list."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from PyQt6.QtCore import QModelIndex, QObject, QPointF, QRect, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QPainter, QPalette, QPen, QPolygonF
from PyQt6.QtWidgets import QAbstractScrollArea, QApplication, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from upbit_qt_widgets.base.cells import PADDING
from upbit_qt_widgets.base.colors import MarketColors, market_colors, parse_scheme
from upbit_qt_widgets.base.qt_property import qt_property
from upbit_qt_ws.guard import guarded, guarded_returning, guarded_setter

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from PyQt6.QtWidgets import QWidget

Point = tuple[float, float]

SPARKLINE_ROLE: Final = Qt.ItemDataRole.UserRole + 64
"""Under which a model tells the values of a cell: a sequence of floats, oldest first, None for a gap."""

_INSET: Final = 1.5
_MARK: Final = 3.5
_MARK_GAP: Final = 4.0
_WIDTH_IN_LETTERS: Final = 16
_BASELINE_ALPHA: Final = 110
# Enums of PyQt6 are slow to combine, and this is looked at for every cell.
_SELECTED: Final = QStyle.StateFlag.State_Selected.value
_ACTIVE: Final = QStyle.StateFlag.State_Active.value
_ENABLED: Final = QStyle.StateFlag.State_Enabled.value


def direction(values: Sequence[float | None]) -> int:
    """Return 1 if the last value is above the first, -1 if it is below, else 0; gaps do not count."""
    known = _known(values)
    if len(known) < 2:
        return 0
    return (known[-1] > known[0]) - (known[-1] < known[0])


def sparkline_segments(
    values: Sequence[float | None], width: float, height: float, baseline: float | None = None
) -> list[list[Point]]:
    """Return the lines to draw, from one gap to the next, as points with (0, 0) at the top left.

    Each pixel column gets at most four points: what its first, lowest, highest and last value ask for. So a line of
    100,000 values costs what one of its width costs, and no peak is lost.

    Args:
        values: oldest first, at equal distances; None, NaN and infinities are gaps.
        width: in pixels.
        height: in pixels; the lowest value is at the bottom, and a line that is flat is in the middle.
        baseline: a value that must be within the height too; None for none.

    Returns:
        Nothing if fewer than two values are known.
    """
    span = vertical_span(values, baseline)
    if span is None or len(values) < 2:
        return []
    step = width / (len(values) - 1)
    segments = []
    for run in _runs(values):
        points = [(index * step, span.y(value, height)) for index, value in run]
        segments.append(_thin(points) if step < 0.5 else points)
    return segments


class Span:
    """The values between which a line runs."""

    __slots__ = ("high", "low")

    def __init__(self, low: float, high: float) -> None:
        """Take the lowest and the highest one."""
        self.low, self.high = low, high

    def y(self, value: float, height: float) -> float:
        """Return where a value is, 0 for the top."""
        if self.high <= self.low:
            return height / 2
        # Halved first: the difference of two huge values of opposite sign is no float any more.
        return height * ((self.high / 2 - value / 2) / (self.high / 2 - self.low / 2))


def vertical_span(values: Sequence[float | None], baseline: float | None = None) -> Span | None:
    """Return what a line spans; None if fewer than two values are known."""
    known = _known(values)
    if len(known) < 2:
        return None
    if baseline is not None and math.isfinite(baseline):
        known.append(baseline)
    return Span(min(known), max(known))


def paint_sparkline(
    painter: QPainter,
    rect: QRect | QRectF,
    values: Sequence[float | None],
    pen: QPen | QColor,
    baseline: float | None = None,
) -> None:
    """Paint a line into a rectangle; fewer than two known values paint nothing.

    Args:
        painter: is left as it was.
        rect: the lowest and the highest value touch its edges from inside.
        values: oldest first, at equal distances; None is a gap, and a value between two gaps is a dot.
        pen: of the line, or its colour.
        baseline: the value of a dotted line across, for example the previous close; None for none.
    """
    inner = QRectF(rect).adjusted(_INSET, _INSET, -_INSET, -_INSET)
    segments = sparkline_segments(values, inner.width(), inner.height(), baseline)
    if not segments or inner.width() < 1 or inner.height() < 1:
        return
    line = QPen(pen)
    if isinstance(pen, QColor):
        line.setWidthF(1.3)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.translate(inner.topLeft())
    span = vertical_span(values, baseline)
    if baseline is not None and span is not None and math.isfinite(baseline):
        faint = QColor(line.color())
        faint.setAlpha(_BASELINE_ALPHA)
        painter.setPen(QPen(faint, 1.0, Qt.PenStyle.DotLine))
        y = span.y(baseline, inner.height())
        painter.drawLine(QPointF(0.0, y), QPointF(inner.width(), y))
    line.setCapStyle(Qt.PenCapStyle.RoundCap)
    line.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(line)
    for points in segments:
        if len(points) == 1:
            painter.drawPoint(QPointF(*points[0]))
        else:
            painter.drawPolyline(QPolygonF([QPointF(*point) for point in points]))
    painter.restore()


class SparklineDelegate(QStyledItemDelegate):
    """Paints a sparkline into the cells whose model has values under a role; it paints all other cells as usual.

    The line has the colour of its direction, the last value against the first, and a small ▲, ▼ or – at its right end
    that tells the same. On a selected row both have the colour of selected text. For those who cannot see it, the
    model should say the direction under ``Qt.ItemDataRole.AccessibleTextRole``.

    Signals:
        color_scheme_changed: the new colours of up and down, ``"korean"`` or ``"western"``.

    Example: ``table.setItemDelegateForColumn(3, SparklineDelegate(table))``
    """

    color_scheme_changed = pyqtSignal(str)

    def __init__(
        self, parent: QObject | None = None, *, role: int = SPARKLINE_ROLE, color_scheme: str = "korean"
    ) -> None:
        """Make the delegate.

        Args:
            parent: what owns it, as a rule the view: a view does not own its delegates.
            role: under which the model tells the values, a sequence of floats, oldest first, None for a gap.
            color_scheme: ``"korean"`` for red up and blue down, ``"western"`` for green up and red down.

        Raises:
            ConfigurationError: there is no such colour scheme.
        """
        super().__init__(parent)
        self._role = int(role)
        self._scheme = parse_scheme(color_scheme)
        self._colors: MarketColors | None = None
        self._palette_key = 0

    def _get_color_scheme(self) -> str:
        return str(self._scheme)

    @guarded_setter
    def set_color_scheme(self, scheme: str) -> None:
        """Paint up in red and down in blue (``"korean"``), or up in green and down in red (``"western"``).

        Raises:
            ConfigurationError: it is neither; nothing has changed then.
        """
        chosen = parse_scheme(scheme)
        if chosen is self._scheme:
            return
        self._scheme, self._colors = chosen, None
        view = self.parent()
        viewport = view.viewport() if isinstance(view, QAbstractScrollArea) else None
        if viewport is not None:
            viewport.update()
        self.color_scheme_changed.emit(chosen)

    color_scheme = qt_property(str, notify=color_scheme_changed)(_get_color_scheme).setter(set_color_scheme)

    @guarded
    def paint(self, painter: QPainter | None, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        """Paint the ground of the cell as its style does, and the line on it."""
        values = index.data(self._role)
        if painter is None or values is None:
            super().paint(painter, option, index)
            return
        cell = QStyleOptionViewItem(option)
        self.initStyleOption(cell, index)
        cell.text = ""
        widget: QWidget | None = option.widget
        style = QApplication.style() if widget is None else widget.style()
        if style is not None:
            style.drawControl(QStyle.ControlElement.CE_ItemViewItem, cell, painter, widget)
        inner = QRectF(option.rect).adjusted(PADDING, 2, -PADDING, -2)
        line = inner.adjusted(0, 0, -2 * _MARK - _MARK_GAP, 0)
        if vertical_span(values) is None or line.width() < 2 * _MARK:
            return
        heading = direction(values)
        color = self._color(option, heading)
        paint_sparkline(painter, line, values, color)
        _paint_mark(painter, QPointF(inner.right() - _MARK, inner.center().y()), heading, color)

    @guarded_returning(QSize())
    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:
        """Return the room for a line that one can read: 16 letters wide, a row of text high."""
        metrics = option.fontMetrics
        return QSize(_WIDTH_IN_LETTERS * metrics.averageCharWidth() + 2 * PADDING, metrics.height() + 6)

    def _color(self, option: QStyleOptionViewItem, heading: int) -> QColor:
        state = option.state.value
        groups = QPalette.ColorGroup
        if not state & _ENABLED:
            return option.palette.color(groups.Disabled, QPalette.ColorRole.Text)
        if state & _SELECTED:
            group = groups.Active if state & _ACTIVE else groups.Inactive
            return option.palette.color(group, QPalette.ColorRole.HighlightedText)
        widget: QWidget | None = option.widget
        if widget is None:
            return option.palette.color(QPalette.ColorRole.Text)
        key = widget.palette().cacheKey()
        if self._colors is None or key != self._palette_key:
            self._colors, self._palette_key = market_colors(widget, self._scheme), key
        return self._colors.of(heading)


def _paint_mark(painter: QPainter, centre: QPointF, heading: int, color: QColor) -> None:
    """Paint the arrow of a direction, or a dash for none."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(centre)
    if heading:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        tip = -_MARK * heading
        painter.drawPolygon(QPolygonF([QPointF(-_MARK, -tip), QPointF(_MARK, -tip), QPointF(0.0, tip)]))
    else:
        painter.setPen(QPen(color, 1.3))
        painter.drawLine(QPointF(-_MARK, 0.0), QPointF(_MARK, 0.0))
    painter.restore()


def _known(values: Sequence[float | None]) -> list[float]:
    return [value for value in values if value is not None and math.isfinite(value)]


def _runs(values: Sequence[float | None]) -> Iterator[list[tuple[int, float]]]:
    """Yield the known values from one gap to the next, with their places."""
    run: list[tuple[int, float]] = []
    for index, value in enumerate(values):
        if value is not None and math.isfinite(value):
            run.append((index, value))
        elif run:
            yield run
            run = []
    if run:
        yield run


def _thin(points: list[Point]) -> list[Point]:
    """Keep the first, lowest, highest and last point of each pixel column, in their order."""
    kept: list[Point] = []
    start = 0
    while start < len(points):
        column = int(points[start][0])
        end = start
        while end < len(points) and int(points[end][0]) == column:
            end += 1
        of_column = range(start, end)
        low = max(of_column, key=lambda number: points[number][1])
        high = min(of_column, key=lambda number: points[number][1])
        kept += [points[number] for number in sorted({start, low, high, end - 1})]
        start = end
    return kept
