"""The environment of child processes: all of ours but the API keys."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

ACCESS_VARIABLE: Final = "UPBIT_ACCESS_KEY"
"""The environment variable of the access key."""
SECRET_VARIABLE: Final = "UPBIT_SECRET_KEY"
"""The environment variable of the secret key."""


def environment_without_keys(environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return an environment for a child process: all of it but the API keys, which no other program needs.

    Args:
        environ: the environment; that of this process if None.
    """
    # Windows does not tell small letters from capital ones there.
    found = os.environ if environ is None else environ
    return {name: value for name, value in found.items() if name.upper() not in (ACCESS_VARIABLE, SECRET_VARIABLE)}
