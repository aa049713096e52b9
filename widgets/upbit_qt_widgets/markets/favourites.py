"""The markets that somebody has starred; they are remembered."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from PyQt6.QtCore import QObject, QSettings, pyqtSignal

from upbit_qt_ws.wire.markets import is_code, parse_code

if TYPE_CHECKING:
    from collections.abc import Iterable

_KEY: Final = "favourite_markets"


class Favourites(QObject):
    """The starred markets of the application, in the order in which they were starred.

    Signals:
        changed: a market was starred, or is no longer.
    """

    changed = pyqtSignal()

    _shared: ClassVar[Favourites | None] = None

    @classmethod
    def shared(cls) -> Favourites:
        """Return those of the person at this computer: all tables share them, and they outlive the program."""
        if cls._shared is None:
            scope = QSettings.Scope.UserScope
            cls._shared = cls(QSettings(QSettings.Format.IniFormat, scope, "upbit_qt_ws", "widgets"))
        return cls._shared

    def __init__(self, settings: QSettings | None = None, codes: Iterable[str] = ()) -> None:
        """Read what is remembered.

        Args:
            settings: where it is; None remembers nothing.
            codes: starred for now, if there are no settings.

        Raises:
            SubscriptionError: one of ``codes`` is misspelt.
        """
        super().__init__()
        self._settings = settings
        self._codes: dict[str, None] = {}
        remembered = codes if settings is None else settings.value(_KEY, [], type=list)
        for code in remembered or ():
            if settings is None:
                self._codes[parse_code(code)] = None
            elif isinstance(code, str) and is_code(code):
                # A file can be edited by anybody, and one bad line in it must not keep the others from being shown.
                self._codes[code] = None

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of the starred markets."""
        return tuple(self._codes)

    def __contains__(self, code: str) -> bool:
        """Tell whether a market is starred."""
        return code in self._codes

    def toggle(self, code: str) -> None:
        """Star a market, or take its star away.

        Raises:
            SubscriptionError: the code is misspelt.
        """
        code = parse_code(code)
        if code in self._codes:
            del self._codes[code]
        else:
            self._codes[code] = None
        if self._settings is not None:
            self._settings.setValue(_KEY, list(self._codes))
        self.changed.emit()
