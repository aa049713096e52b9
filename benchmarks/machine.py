"""What the figures were measured on."""

from __future__ import annotations

import importlib.metadata
import os
import platform
from pathlib import Path

import psutil
from PyQt6.QtCore import qVersion

_LIBRARIES = ("PyQt6", "qasync", "websockets", "msgspec")


def machine_facts() -> dict[str, str]:
    """Return what may change the figures; nothing that tells whose machine it is."""
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in _LIBRARIES)
    return {
        "processor": f"{_processor()}, {os.cpu_count()} cores",
        "memory": f"{psutil.virtual_memory().total / 2**30:.0f} GiB",
        "system": f"{platform.system()} {platform.release().split('-')[0]}",
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "libraries": f"{versions}, Qt {qVersion()}",
        "platform plugin": os.environ.get("QT_QPA_PLATFORM", "of the system"),
    }


def _processor() -> str:
    path = Path("/proc/cpuinfo")
    if path.exists():
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()
