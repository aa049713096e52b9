"""Whether numpy works here, which the candle chart is painted with."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest


def _numpy_works() -> bool:
    if os.name != "nt":
        # A chart that fails there is a fault.
        return True
    # In a process of its own, since it ends the process where it does not find what it needs.
    return subprocess.run([sys.executable, "-c", "import numpy"], capture_output=True, check=False).returncode == 0


needs_numpy = pytest.mark.skipif(
    not _numpy_works(), reason="numpy does not load in this system, which stands in for Windows without being it"
)
"""For tests of the candle chart: the library that it is painted with needs more of Windows than some stand-ins have."""
