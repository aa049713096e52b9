"""A parser of command lines whose help is output as any other: argparse swallows it where it cannot be written."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from upbit_qt_ws.system.output import Output

if TYPE_CHECKING:
    from _typeshed import SupportsWrite


class CommandParser(argparse.ArgumentParser):
    """Takes what :class:`argparse.ArgumentParser` takes; to be used in ``run_command``."""

    def print_help(self, file: SupportsWrite[str] | None = None) -> Any:
        """Print the help to a file, or to standard output, whose failure the command tells then."""
        if file is not None:
            return super().print_help(file)
        Output().write(self.format_help())
        return None
