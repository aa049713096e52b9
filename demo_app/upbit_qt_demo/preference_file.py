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
        """Return the choices of the last time; what cannot be read is named in the log, and is as at the first time."""
        settings = self._settings
        preferences, refused = read_preferences({key: settings.value(key) for key in settings.childKeys()})
        if settings.status() is QSettings.Status.FormatError:
            _log.warning("what was chosen the last time cannot be read: %s is not a file of settings", self.path)
        elif refused:
            _log.warning("what was chosen the last time cannot be read in %s: %s", self.path, ", ".join(refused))
        return preferences

    def save(self, preferences: Preferences) -> None:
        """Write the choices down; a file that cannot be written is named in the log."""
        for key, text in write_preferences(preferences).items():
            self._settings.setValue(key, text)
        self._settings.sync()
        # A file that was broken is whole again now, though its status stays what it was.
        if self._settings.status() is QSettings.Status.AccessError:
            _log.warning("what was chosen in the window is not kept: %s cannot be written", self.path)


@contextlib.contextmanager
def settings_in(folder: Path | None, *, fresh: bool) -> Iterator[None]:
    """Have the settings that the application and its widgets open from now on in another place.

    Args:
        folder: where; None for where the user's settings are.
        fresh: in a new and empty folder instead, which is gone at the end of the block.
    """
    with contextlib.ExitStack() as stack:
        if fresh:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True)))
        if folder is not None:
            QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(folder))
        yield
