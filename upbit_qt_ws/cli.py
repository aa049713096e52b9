"""The command ``upbit-qt``.

``mock`` runs the simulated exchange, ``try`` a program against it, ``watch`` prints a stream, ``doctor`` checks.
Further commands come from packages that build on this one, see :mod:`upbit_qt_ws.extra_commands`.
"""

from __future__ import annotations

import argparse
import math
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from upbit_qt_ws.commands.version import VersionAction
from upbit_qt_ws.errors import ConfigurationError, UpbitQtError
from upbit_qt_ws.system.command_parser import CommandParser
from upbit_qt_ws.system.output import complain, run_command
from upbit_qt_ws.system.shortage import shortage_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    from upbit_qt_ws.config import WebSocketConfig
    from upbit_qt_ws.testing import SimulatedExchange

_FAILED = 2
_DOCTOR = (
    "Check versions, Qt, settings, DNS, TLS, the clock, REST, the sockets and the keys, and say what to do. Without "
    "--live a simulated exchange on this machine is checked. The exit code is 0 when nothing failed, else 1."
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code: 0 after a clean end, 2 when it could not do what was asked.

    Args:
        arguments: of the command line, without the program; None takes those of the process.
    """
    words = sys.argv[1:] if arguments is None else list(arguments)
    return run_command("upbit-qt", partial(_run, words))


def _run(words: Sequence[str]) -> int:
    options = _parser(next((word for word in words if not word.startswith("-")), None)).parse_args(words)
    try:
        return int(options.run(options))
    except UpbitQtError as error:
        complain(f"upbit-qt: {error}")
    except (OSError, MemoryError) as error:
        # What the computer cannot do is no defect: a file that cannot be written, no memory, no descriptor.
        complain(f"upbit-qt: {shortage_in(error) or str(error) or type(error).__name__}")
    except KeyboardInterrupt:
        return 0
    return _FAILED


def _parser(chosen: str | None) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = CommandParser(
        "upbit-qt", description="Tools for live data of the exchange Upbit."
    )
    parser.add_argument("--version", action=VersionAction)
    commands = parser.add_subparsers(title="commands", required=True)
    mock = commands.add_parser(
        "mock",
        help="run a simulated exchange on this machine",
        description="Run a simulated Upbit: WebSocket and REST on one port. When it is ready, one line of JSON "
        "with its addresses and keys is written to standard output, and to standard error what leads a program there. "
        "Ctrl-C ends it.",
    )
    mock.add_argument("--port", type=_port, default=0, help="port to listen on (default: a free one)")
    mock.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    mock.add_argument("--seed", type=int, default=1, help="decides prices and the past (default: %(default)s)")
    mock.add_argument(
        "--rate",
        type=float,
        default=None,
        help="trades per second over all markets; 0 freezes the market, inf floods (default: 50)",
    )
    mock.add_argument(
        "--exit-with-parent", action="store_true", help="end when standard input ends, as it does with the parent"
    )
    mock.add_argument("--quiet", action="store_true", help="write nothing to standard error but errors and warnings")
    mock.add_argument("--capture", metavar="FILE", help="play a recording: lines of seconds, a tab, a SIMPLE frame")
    mock.add_argument("--speed", type=float, default=1.0, help="speed of --capture (default: %(default)s; inf)")
    mock.set_defaults(run=_run_mock)
    watch = commands.add_parser(
        "watch",
        help="print live events",
        description="Print the merged stream of some markets, as lines or as JSON. Without --live the data is that of "
        "a simulated exchange on this machine. Ctrl-C ends it.",
    )
    watch.add_argument("codes", nargs="*", metavar="MARKET", help="market codes, for example KRW-BTC KRW-ETH")
    watch.add_argument(
        "--type",
        default="ticker",
        metavar="TYPES",
        help="comma-separated: ticker, trade, orderbook, candle.1m, myOrder, myAsset, announcement (default: ticker)",
    )
    watch.add_argument("--json", action="store_true", help="one JSON object a line")
    watch.add_argument("--live", action="store_true", help="connect to Upbit, or to where the environment points")
    watch.add_argument("--seconds", type=float, default=None, help="end after so many seconds")
    watch.set_defaults(run=_run_watch)
    trial = commands.add_parser(
        "try",
        help="run a program of yours against a simulated exchange",
        description="Run a Python program as it is, with the addresses and keys of a simulated exchange in its "
        "environment. The exit code is the program's.",
    )
    trial.add_argument("--seed", type=int, default=1, help="decides prices and the past (default: %(default)s)")
    trial.add_argument("--rate", type=float, default=200.0, help="trades per second (default: %(default)g)")
    trial.add_argument("program", type=Path, help="the file of the program")
    trial.add_argument("arguments", nargs=argparse.REMAINDER, help="arguments of the program")
    trial.set_defaults(run=_run_try)
    _add_doctor(commands.add_parser("doctor", help="find out why it does not work", description=_DOCTOR))
    if chosen not in commands.choices:
        # Imported here, since the list of all that is installed takes longer to read than the rest to start.
        from upbit_qt_ws.extra_commands import add_extra_commands

        add_extra_commands(commands, chosen)
    return parser


def _port(value: str) -> int:
    number = int(value)
    if not 0 <= number < 65536:
        raise argparse.ArgumentTypeError(f"{value} is not a port from 0 to 65535")
    return number


def _add_doctor(doctor: argparse.ArgumentParser) -> None:
    doctor.add_argument("--live", action="store_true", help="check Upbit, or where the settings point")
    doctor.add_argument("--config", metavar="FILE", type=Path, help="with --live: the TOML file of the settings")
    doctor.add_argument("--bundle", metavar="FILE", type=Path, help="write all findings as a zip file without secrets")
    doctor.add_argument("--log", metavar="FILE", type=Path, help="take the last lines of this log file into the bundle")
    doctor.add_argument("--json", action="store_true", help="print one JSON object at the end instead of lines")
    doctor.add_argument("--lang", choices=("ko", "en"), help="language (default: that of the system)")
    doctor.set_defaults(run=_run_doctor)


def _run_doctor(options: argparse.Namespace) -> int:
    # Imported here, so that other commands start without it.
    from upbit_qt_ws.doctor.command import examine
    from upbit_qt_ws.testing import SimulatedExchange

    if options.config is not None and not options.live:
        raise ConfigurationError(
            f"--config {str(options.config)!r} needs --live: a simulated exchange takes no settings"
        )
    run = partial(examine, language=options.lang, as_json=options.json, bundle=options.bundle, log=options.log)
    if options.live:
        return run(None, config_file=options.config)
    with SimulatedExchange(rate=200) as exchange:
        return run(_simulated(exchange))


def _run_watch(options: argparse.Namespace) -> int:
    # Imported here, so that other commands start without Qt.
    from upbit_qt_ws.config import WebSocketConfig
    from upbit_qt_ws.testing import SimulatedExchange
    from upbit_qt_ws.watch import watch

    if options.seconds is not None and not 0 < options.seconds < math.inf:
        raise ConfigurationError(f"--seconds {options.seconds!r} is not a number of seconds above 0")
    kinds = [kind.strip() for kind in options.type.split(",") if kind.strip()]
    run = partial(watch, kinds=kinds, codes=tuple(options.codes), as_json=options.json, seconds=options.seconds)
    if options.live:
        return run(WebSocketConfig.load())
    with SimulatedExchange(rate=200) as exchange:
        return run(_simulated(exchange))


def _run_try(options: argparse.Namespace) -> int:
    from upbit_qt_ws.testing.program import run_program

    if not options.program.is_file():
        raise ConfigurationError(f"there is no program {str(options.program)!r}: give the path of a Python file")
    return run_program(options.program, options.arguments, seed=options.seed, rate=options.rate)


def _simulated(exchange: SimulatedExchange) -> WebSocketConfig:
    """Return the settings that lead to a simulated exchange."""
    from upbit_qt_ws.config import WebSocketConfig

    options = exchange.server.options
    return WebSocketConfig(
        public_url=exchange.websocket_url,
        private_url=exchange.private_url,
        info_url=exchange.info_url,
        rest_url=exchange.rest_url,
        access_key=options.access_key,
        secret_key=options.secret_key,
    )


def _run_mock(options: argparse.Namespace) -> int:
    # Imported here, so that other commands start without it.
    from upbit_qt_ws.commands.mock import run_mock

    return run_mock(options)


if __name__ == "__main__":
    sys.exit(main())
