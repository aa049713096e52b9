"""Commands that other packages add to ``upbit-qt``: entry points of the group ``upbit_qt_ws.commands``.

Such an entry point is a function that takes what ``ArgumentParser.add_subparsers`` returned, and adds a parser of the
entry point's name, with a default ``run`` that takes the options and returns the exit code.
"""

from __future__ import annotations

import argparse
import logging
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, NoReturn

from upbit_qt_ws.errors import ConfigurationError

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

    Commands = argparse._SubParsersAction[argparse.ArgumentParser]

GROUP = "upbit_qt_ws.commands"
_log = logging.getLogger(__name__)


def add_extra_commands(commands: Commands, chosen: str | None) -> None:
    """Add what is installed; what cannot be imported says so when it is chosen, and is in nobody's way.

    Args:
        commands: the subparsers of ``upbit-qt``.
        chosen: the command that will run, the only one to be imported; None imports all, for their help.
    """
    for entry in sorted(entry_points(group=GROUP), key=lambda entry: entry.name):
        if entry.name in commands.choices:
            continue
        if chosen not in (None, entry.name):
            # A word that is no command is answered with the names of all.
            commands.add_parser(entry.name)
            continue
        try:
            entry.load()(commands)
        except Exception as error:
            _log.debug("the command %s cannot be loaded", entry.name, exc_info=True)
            _add_broken(commands, entry, error)


def _add_broken(commands: Commands, entry: EntryPoint, error: Exception) -> None:
    if entry.name in commands.choices:
        return
    problem = f"the command {entry.name!r} cannot be loaded from {entry.value}: {error}"

    def refuse(_: argparse.Namespace) -> NoReturn:
        raise ConfigurationError(problem) from error

    parser = commands.add_parser(entry.name, help="cannot be loaded", description=problem.replace("%", "%%"))
    parser.add_argument("rest", nargs=argparse.REMAINDER)
    parser.set_defaults(run=refuse)
