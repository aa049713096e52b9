"""Whether numpy works here, which the candle chart is painted with.

It needs more of the C library than some systems have that stand in for Windows, and ends the process there. All but the
tests of the chart is run there as where numpy is not installed.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest


def _works() -> bool:
    if os.name != "nt":
        # A chart that fails there is a fault.
        return True
    # In a process of its own, which it may end.
    return subprocess.run([sys.executable, "-c", "import numpy"], capture_output=True, check=False).returncode == 0


def _replace() -> None:
    """Have the import of numpy fail as if it was not installed, here and in the programs that tests start."""
    folder = Path(tempfile.gettempdir(), "upbit-qt-ws-without-numpy")
    folder.mkdir(exist_ok=True)
    Path(folder, "numpy.py").write_text('raise ImportError("numpy does not load in this system")\n', encoding="utf-8")
    sys.path.insert(0, str(folder))
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (str(folder), os.environ.get("PYTHONPATH"))))


HAS_NUMPY = _works()
if not HAS_NUMPY:
    _replace()

needs_numpy = pytest.mark.skipif(not HAS_NUMPY, reason="numpy does not load in this system, and so there is no chart")
"""For tests of the candle chart."""
