"""PyQt6 for libraries that work with several bindings of Qt, whatever the environment says for other programs."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def choosing_pyqt6(variable: str, value: str) -> Iterator[None]:
    """Have a library that is imported within take PyQt6.

    ``QT_API`` or ``PYQTGRAPH_QT_LIB`` may stand in the environment for another program of the user; with another
    binding in this process, or without one, nothing would work.

    Args:
        variable: of the environment, by which the library chooses.
        value: its name for PyQt6.
    """
    before = os.environ.get(variable)
    os.environ[variable] = value
    try:
        yield
    finally:
        if before is None:
            del os.environ[variable]
        else:
            os.environ[variable] = before
