"""What is known of this computer without asking the network: versions, environment variables, settings, log lines."""

from __future__ import annotations

import locale
import os
import platform
import re
import sys
from dataclasses import fields
from importlib import metadata
from typing import TYPE_CHECKING, Final

from upbit_qt_ws.doctor.scrub import MASK
from upbit_qt_ws.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from upbit_qt_ws.config import WebSocketConfig
    from upbit_qt_ws.wire.auth_errors import Language

LIBRARIES: Final = (
    "upbit-qt-ws", "PyQt6", "PyQt6-Qt6", "qasync", "websockets", "PyJWT", "httpx2", "msgspec", "keyring",
)  # fmt: skip
"""Distributions whose versions matter."""

_MATTER: Final = re.compile(
    r"(?i)UPBIT_|QT_|QML|LANG$|LC_|(HTTPS?|ALL|NO|WSS?|SOCKS)_PROXY$|SSL_CERT_|(WAYLAND_)?DISPLAY$|XDG_SESSION_TYPE$"
)
_SECRET: Final = re.compile(r"(?i)KEY|SECRET|TOKEN|PASSW")
_TAIL_BYTES: Final = 256 * 1024
_TAIL_LINES: Final = 300


def versions() -> dict[str, str]:
    """Return the versions of Python, the system and the libraries; ``missing`` for one that is not installed."""
    found = {"Python": platform.python_version(), "system": platform.platform(), "machine": platform.machine()}
    for library in LIBRARIES:
        try:
            found[library] = metadata.version(library)
        except metadata.PackageNotFoundError:
            found[library] = "missing"
    return found


def variables(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment variables that matter here; of secret ones only that they are set."""
    return {
        name: MASK if _SECRET.search(name) else value
        for name, value in sorted(environ.items())
        if _MATTER.match(name) and value
    }


def settings(config: WebSocketConfig) -> dict[str, object]:
    """Return the settings by name; of the keys only whether they are set."""
    found: dict[str, object] = {item.name: getattr(config, item.name) for item in fields(config)}
    found["keys"] = MASK if config.keys else ""
    return found


def log_tail(path: Path) -> str:
    """Return the last lines of a log file, not yet scrubbed.

    A line that is cut at its beginning is left out: half a key could not be recognised.

    Raises:
        ConfigurationError: the file cannot be read.
    """
    try:
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            start = file.seek(max(0, size - _TAIL_BYTES))
            data = file.read()
    except OSError as error:
        raise ConfigurationError(f"the log file {path} cannot be read: {error.strerror or error}") from error
    # Without the zero bytes of UTF-16, between which no key would be found.
    lines = data.decode("utf-8", errors="replace").replace("\0", "").splitlines()
    return "\n".join(lines[1 if start else 0 :][-_TAIL_LINES:])


def language_of_system(environ: Mapping[str, str] | None = None) -> Language:
    """Return ``ko`` where the user's locale is Korean, else ``en``.

    Args:
        environ: the environment; that of the process if None.
    """
    found = os.environ if environ is None else environ
    named = next((found[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if found.get(name)), "")
    if not named and sys.platform in ("win32", "darwin"):
        named = locale.getlocale()[0] or ""
    return "ko" if named.lower().startswith(("ko", "korean")) else "en"
