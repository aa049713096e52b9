"""The picture of a depth chart: what is shown, where it is, and when it is painted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PyQt6.QtCore import QEvent, QRectF, QSize, Qt
from PyQt6.QtGui import QPainter, QPalette
from PyQt6.QtWidgets import QSizePolicy, QWidget

from upbit_qt_widgets.base.cells import PADDING
from upbit_qt_widgets.depth.cursor import DepthCursor
from upbit_qt_widgets.depth.curve import DepthCurve, DepthLevel
from upbit_qt_widgets.depth.lettering import Lettering
from upbit_qt_widgets.depth.painter import TICK, DepthPainter
from upbit_qt_widgets.depth.range import DepthRange
from upbit_qt_widgets.depth.scale import DepthScale
from upbit_qt_widgets.depth.texts import Heading, Readout, heading, readout
from upbit_qt_ws.guard import guarded, guarded_returning

if TYPE_CHECKING:
    from PyQt6.QtGui import QPaintEvent, QPixmap, QResizeEvent

    from upbit_qt_widgets.base.colors import MarketColors
    from upbit_qt_widgets.base.price_grid import PriceGrid
    from upbit_qt_widgets.base.texts import Language

_AIR: Final = 4
_LETTERS: Final = 60
_LEAST_LETTERS: Final = 42
_LINES: Final = 16
_LEAST_LINES: Final = 9


class DepthPicture(QWidget):
    """Shows a curve; it is painted when something has changed."""

    def __init__(self, colors: MarketColors, language: Language, grid: PriceGrid, parent: QWidget) -> None:
        """Show an empty book."""
        super().__init__(parent)
        self._curve = DepthCurve()
        self._range = DepthRange()
        self._colors, self._language, self._grid = colors, language, grid
        self._lettering = Lettering(self.font())
        self._painter = DepthPainter(colors, self._lettering)
        self._cursor = DepthCursor(colors, self._lettering)
        self._scale = DepthScale(QRectF(), self._range)
        self._is_laid_out = False
        self._ground: QPixmap | None = None
        self._heading: Heading | None = None
        self._readout: tuple[DepthLevel, Readout] | None = None
        self._message = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    @property
    def curve(self) -> DepthCurve:
        """The book that is shown."""
        return self._curve

    @property
    def seen(self) -> DepthRange:
        """The prices and sizes that are shown."""
        return self._range

    @property
    def scale(self) -> DepthScale:
        """Where they are."""
        if not self._is_laid_out:
            self._lay_out()
        return self._scale

    @property
    def cursor_level(self) -> DepthLevel | None:
        """What the cursor tells of; None while there is no cursor."""
        place = self.cursor_place()
        return None if place is None else self._curve.level(place)

    @property
    def heading(self) -> Heading:
        """What stands above the curves."""
        if self._heading is None:
            self._heading = heading(self._curve, self._grid, self._language)
        return self._heading

    @property
    def readout(self) -> Readout | None:
        """What the cursor tells; None while there is no cursor."""
        level = self.cursor_level
        if level is None:
            return None
        if self._readout is None or self._readout[0] != level:
            self._readout = (level, readout(self._curve, level, self._grid, self._language))
        return self._readout[1]

    def cursor_place(self) -> int | None:
        """Return the place of the cursor's level in the curve; None while there is no cursor."""
        return None

    # -- what is shown ----------------------------------------------------------------------------------------

    def show_curve(self, curve: DepthCurve) -> None:
        """Show a book."""
        self._curve = curve
        self._forget_texts()
        if curve.centre is not None and self._range.fit(curve, self._grid.unit(curve.centre)):
            self._is_laid_out = False
        self.update()

    def forget(self) -> None:
        """Show no book, and fit the next one anew: it is another one."""
        self._curve = DepthCurve()
        self._forget_texts()
        self._range.forget()
        self._is_laid_out = False
        self.update()

    def set_grid(self, grid: PriceGrid) -> None:
        """Write prices with the decimals of this grid; call it again when the grid has learned something."""
        self._grid = grid
        self._forget_texts()
        self._rearrange()

    def set_look(self, colors: MarketColors, language: Language) -> None:
        """Take other colours and another language."""
        self._colors, self._language = colors, language
        self._forget_texts()
        self._ground = None
        self._painter.set_colors(colors)
        self._cursor.set_colors(colors)
        self.update()

    def set_faded(self, faded: bool) -> None:
        """Make the book look old, or true again."""
        if faded != self._painter.faded:
            self._painter.faded = self._cursor.faded = faded
            self.update()

    def set_message(self, message: str) -> None:
        """Take words that are shown in place of an empty book."""
        if message != self._message:
            self._message = message
            if self._curve.is_empty:
                self.update()

    @guarded_returning(QSize())
    def sizeHint(self) -> QSize:
        """Return room for curves that one can read."""
        return self._room(_LETTERS, _LINES)

    @guarded_returning(QSize())
    def minimumSizeHint(self) -> QSize:
        """Return room for the captions and the box of the cursor."""
        return self._room(_LEAST_LETTERS, _LEAST_LINES)

    def _room(self, letters: int, lines: int) -> QSize:
        metrics = self.fontMetrics()
        return QSize(letters * metrics.averageCharWidth(), lines * metrics.height())

    # -- painting ---------------------------------------------------------------------------------------------

    @guarded
    def resizeEvent(self, a0: QResizeEvent | None) -> None:
        """Follow the size."""
        super().resizeEvent(a0)
        self._is_laid_out = False

    @guarded
    def changeEvent(self, a0: QEvent | None) -> None:
        """Follow a change of the font."""
        super().changeEvent(a0)
        if a0 is not None and a0.type() == QEvent.Type.FontChange:
            self._lettering = Lettering(self.font())
            self._painter.set_lettering(self._lettering)
            self._cursor.set_lettering(self._lettering)
            self.updateGeometry()
            self._rearrange()

    @guarded
    def paintEvent(self, a0: QPaintEvent | None) -> None:
        """Paint the book, or why there is none."""
        painter = QPainter(self)
        rect = QRectF(self.rect())
        if self._curve.is_empty:
            painter.fillRect(rect, self._colors.base)
            self._painter.paint_message(painter, rect.adjusted(PADDING, 0, -PADDING, 0), self._message)
        else:
            self._paint_book(painter, rect)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(self.palette().color(QPalette.ColorRole.Highlight) if self.hasFocus() else self._colors.line)
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()

    def _paint_book(self, painter: QPainter, room: QRectF) -> None:
        curve, scale, parts, ratio = self._curve, self.scale, self._painter, self.devicePixelRatioF()
        if self._ground is None or self._ground.devicePixelRatio() != ratio:
            self._ground = parts.ground(scale, self.size(), ratio)
        painter.drawPixmap(0, 0, self._ground)
        parts.paint_curves(painter, scale, curve)
        if curve.mid is not None:
            parts.paint_mid(painter, scale, curve.mid)
        parts.paint_heading(painter, room.adjusted(PADDING, _AIR, -PADDING, 0), scale.plot.center().x(), self.heading)
        level, told = self.cursor_level, self.readout
        if level is not None and told is not None:
            self._cursor.paint(painter, scale, level, told)

    def _forget_texts(self) -> None:
        self._heading = self._readout = None

    def _rearrange(self) -> None:
        self._is_laid_out = False
        self.update()

    def _lay_out(self) -> None:
        """Divide the room between heading, curves and axes."""
        parts, line = self._painter, self._lettering.line_height
        top = round(_AIR + 2 * line + _AIR)
        height = max(1.0, self.height() - top - line - TICK - _AIR)
        margin = round(parts.label_sizes(self._range, height))
        plot = QRectF(1, top, max(1.0, self.width() - 1 - margin), height)
        parts.label_prices(self._range, self._grid, plot.width())
        self._scale = DepthScale(plot, self._range)
        self._ground = None
        self._is_laid_out = True
