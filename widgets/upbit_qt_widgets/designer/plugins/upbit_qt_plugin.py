"""What Designer imports: PyQt's loader takes the files of this folder whose names end in ``plugin.py``.

It makes one object of each plugin class that it finds among the names of this module. The file is alone in its folder
because the loader puts the folder on Python's search path.

Designer's Python has a PyQt6 of its own, made for Designer's Qt; the one of an environment needs another Qt, and does
not load there. So the environment comes in here, after that PyQt6, and not by ``PYTHONPATH``, which comes before it.
"""

from __future__ import annotations

import os
import sys

# Once a package is imported, its modules come from the same folder.
from PyQt6 import QtDesigner as QtDesigner

# In front of what the system has installed, which may be older than the toolkit needs.
sys.path[:0] = filter(None, os.environ.get("UPBIT_QT_DESIGNER_PATH", "").split(os.pathsep))

from upbit_qt_widgets.designer import plugin_factory  # noqa: E402

globals().update(plugin_factory.plugin_classes())
