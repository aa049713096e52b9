"""What all tests share. The simulated exchange and the widgets have fixtures of their own beside their tests."""

from __future__ import annotations

import os

from hypothesis import settings

from upbit_qt_ws.system.offscreen import give_fonts

# Here and not in dev.py, so that it holds for a test that an editor starts too: windows that come and go would take
# the keyboard from whoever works on the machine, and without a screen Qt would end the run.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
give_fonts(os.environ)

pytest_plugins = ["tests.helpers.faults", "tests.helpers.leaks", "tests.helpers.numpy", "tests.helpers.seeds"]

# The same examples in every run, so that a change is never blamed for an example it had nothing to do with, and no
# time limit, since the first example of a test may load Qt. HYPOTHESIS_PROFILE=explore looks further.
settings.register_profile("ci", derandomize=True, deadline=None, print_blob=True)
settings.register_profile("explore", deadline=None, print_blob=True, max_examples=1000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))
