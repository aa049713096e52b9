"""The widgets that Designer offers here."""

from __future__ import annotations

from typing import Final

from tests.helpers.numpy import HAS_NUMPY
from upbit_qt_widgets.designer.catalogue import CATALOGUE

OFFERED: Final = tuple(entry for entry in CATALOGUE if HAS_NUMPY or not entry.extra)
"""All of the catalogue, but for those whose library does not load in this system."""
