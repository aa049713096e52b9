"""Where the window appears, and how large."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PyQt6.QtCore import QMargins, QRect, QSize

if TYPE_CHECKING:
    from PyQt6.QtWidgets import QWidget

_OFFSCREEN: Final = QSize(1180, 800)
_LARGEST: Final = QSize(1760, 1000)
"""What is more would be air."""
_FRAME: Final = QMargins(8, 40, 8, 8)
"""What the desktop puts around a window, in pixels; more than is usual."""


def place_window(window: QWidget, geometry: bytes, size: tuple[int, int] | None, *, offscreen: bool) -> None:
    """Give a window its size, and its place on the screen.

    Args:
        window: not shown yet.
        geometry: of the last time, as ``saveGeometry`` told it; what is no geometry is not used.
        size: width and height in pixels that were asked for; None for those of the last time.
        offscreen: whether there is no screen whose size means anything.
    """
    screen = window.screen()
    if size is not None:
        window.resize(*size)
    elif offscreen or screen is None:
        window.resize(_OFFSCREEN)
    elif not (geometry and window.restoreGeometry(geometry)):
        window.setGeometry(usual_geometry(screen.availableGeometry()))


def usual_geometry(room: QRect) -> QRect:
    """Return a place in the middle of what the desktop leaves free of a screen, without the frame of the window."""
    framed = QRect(room.topLeft(), room.size().boundedTo(_LARGEST.grownBy(_FRAME)))
    framed.moveCenter(room.center())
    return framed.marginsRemoved(_FRAME)
