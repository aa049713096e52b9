"""What a report of a fault needs: the state of the toolkit and all versions, and no secret."""

from __future__ import annotations

import json
import os
import re
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PyQt6.QtCore import PYQT_VERSION_STR, qVersion

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from upbit_qt_widgets.connection.component_accounts import ComponentAccount

_MORE_LIBRARIES: Final = ("PyQt6-sip", "psutil", "truststore", "pyqtgraph", "numpy")
_USER: Final = re.compile(r"(?i)((?:/home/|/Users/|\b[A-Z]:\\+Users\\+))[^/\\\s\"']+")
_MASK: Final = "•••"


def versions() -> dict[str, str]:
    """Return the versions of Python, the system, Qt and the libraries; ``missing`` for one that is not installed."""
    # Only now: the widgets do not need it before somebody asks for help.
    from upbit_qt_ws.doctor import facts

    found = {**facts.versions(), "Qt": qVersion() or "", "PyQt": PYQT_VERSION_STR}
    for library in _MORE_LIBRARIES:
        try:
            found[library] = metadata.version(library)
        except metadata.PackageNotFoundError:
            found[library] = "missing"
    return found


def diagnostics_text(
    status: Mapping[str, object], accounts: Iterable[ComponentAccount], secrets: Iterable[str] = ()
) -> str:
    """Return everything as indented JSON.

    Keys, tokens, passwords in addresses and the names of users in paths are replaced by ``•••``.

    Args:
        status: what ``GlobalWebSocketManager.health_status()`` returned.
        accounts: of the components.
        secrets: what must not be in it, besides the keys in the environment and what looks like a secret.
    """
    from upbit_qt_ws.doctor.scrub import Scrubber
    from upbit_qt_ws.network.keys import ACCESS_VARIABLE, SECRET_VARIABLE

    scrubber = Scrubber([*secrets, os.environ.get(ACCESS_VARIABLE, ""), os.environ.get(SECRET_VARIABLE, "")])
    components = [{name: value for name, value in account._asdict().items() if name != "key"} for account in accounts]
    told = scrubber.mapping({"versions": versions(), "health": dict(status), "components": components})
    return scrubber.known_secrets(_without_users(json.dumps(told, ensure_ascii=False, indent=2))) + "\n"


def _without_users(text: str) -> str:
    home = json.dumps(str(Path.home()), ensure_ascii=False)[1:-1]
    return _USER.sub(rf"\1{_MASK}", text.replace(home, "~") if len(home) > 1 else text)
