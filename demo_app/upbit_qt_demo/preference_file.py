"""The file in which the user's choices outlive the program."""

from __future__ import annotations

import contextlib
import logging
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PyQt6.QtCore import QSettings

from upbit_qt_demo.preferences import Preferences, read_preferences, write_preferences

if TYPE_CHECKING:
    from collections.abc import Iterator

_ORGANISATION: Final = "upbit_qt_ws"
_APPLICATION: Final = "demo"
_log = logging.getLogger(__name__)


class PreferenceFile:
    """Reads and writes the choices of the person at this computer."""

    def __init__(self) -> None:
        """Look where Qt keeps such files now, see :func:`settings_in`."""
        scope = QSettings.Scope.UserScope
        self._settings = QSettings(QSettings.Format.IniFormat, scope, _ORGANISATION, _APPLICATION)

    @property
    def path(self) -> Path:
        """Where the file is, or will be."""
        return Path(self._settings.fileName())

    def load(self) -> Preferences:
        """Return the choices of the last time; a file that is missing or broken has none."""
        return read_preferences({key: self._settings.value(key) for key in self._settings.childKeys()})

    def save(self, preferences: Preferences) -> None:
        """Write the choices down; a file that cannot be written is named in the log."""
        for key, text in write_preferences(preferences).items():
            self._settings.setValue(key, text)
        self._settings.sync()
        if self._settings.status() is not QSettings.Status.NoError:
            _log.warning("what was chosen in the window cannot be kept: %s cannot be written", self.path)


@contextlib.contextmanager
def settings_in(folder: Path | None, *, fresh: bool) -> Iterator[None]:
    """Have all settings of the application and its widgets in another place for a while.

    Args:
        folder: where; None for where the user's settings are.
        fresh: in a new and empty folder instead, which is gone afterwards.
    """
    with contextlib.ExitStack() as stack:
        if fresh:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True)))
        if folder is not None:
            QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(folder))
        yield
