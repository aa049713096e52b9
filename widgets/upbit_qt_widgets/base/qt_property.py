"""``pyqtProperty`` for the type checker: PyQt6's stubs do not have it.

To the checker it is a plain ``property``; at run time it is the real one, which Designer and QSS can see.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    def qt_property(kind: type, *, notify: Any = None) -> Callable[[Callable[..., Any]], property]:
        """Declare a Qt property of a type, with its notify signal."""
        return property

else:
    from PyQt6.QtCore import pyqtProperty as qt_property

__all__ = ["qt_property"]
