"""``pyqtProperty`` for the type checker, and one that ends no program.

PyQt6's stubs do not have it: to the checker it is a plain ``property``. At run time it is the real one, which Designer
and QSS can see. A value that a setter refuses is an error for Python code that sets it; Qt, which sets properties of
forms and style sheets, cannot be told, so there it is noted as a failure of the setter (:mod:`upbit_qt_ws.guard`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    def qt_property(kind: type, *, notify: Any = None) -> Callable[[Callable[..., Any]], property]:
        """Declare a Qt property of a type, with its notify signal."""
        return property

else:
    from PyQt6.QtCore import pyqtProperty

    from upbit_qt_ws.guard import guarded

    class _Property(pyqtProperty):
        """What Qt sets goes through the guard, what Python sets does not."""

        def __init__(self, kind, getter, setter, notify):
            super().__init__(kind, getter, guarded(setter), notify=notify)
            self._set = setter

        def __set__(self, instance, value):
            self._set(instance, value)

    class _Getter:
        """The first half of a declaration: the setter follows."""

        def __init__(self, kind, notify, getter):
            self._declared = kind, getter, notify

        def setter(self, setter):
            kind, getter, notify = self._declared
            return _Property(kind, getter, setter, notify)

    def qt_property(kind, *, notify=None):
        """Declare a Qt property of a type, with its notify signal."""
        return lambda getter: _Getter(kind, notify, getter)


__all__ = ["qt_property"]
