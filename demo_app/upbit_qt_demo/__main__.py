"""Start the demo: ``upbit-qt-demo`` or ``python -m upbit_qt_demo``."""

from __future__ import annotations

import os
import sys
from functools import partial

from upbit_qt_demo.display import display_problem
from upbit_qt_demo.exchange_process import ExchangeError, ExchangeProcess
from upbit_qt_demo.options import parse
from upbit_qt_ws.system.offscreen import give_fonts, render_offscreen
from upbit_qt_ws.system.output import complain, run_command
from upbit_qt_ws.system.shortage import shortage_in


def main(arguments: list[str] | None = None) -> int:
    """Run the demo and return its exit status; every expected failure is one sentence on standard error."""
    return run_command("upbit-qt-demo", partial(_main, arguments))


def _main(arguments: list[str] | None) -> int:
    options = parse(arguments)
    if options.headless:
        render_offscreen(os.environ)
    elif problem := display_problem(os.environ):
        return _complain(problem)
    else:
        give_fonts(os.environ)
    try:
        from upbit_qt_demo.application import run
        from upbit_qt_demo.simulation import simulated_config
        from upbit_qt_ws import ConfigurationError, WebSocketConfig
    except ImportError as error:
        return _complain(
            f"Qt cannot be loaded ({error}); on Debian and Ubuntu: "
            "sudo apt-get install libegl1 libgl1 libglib2.0-0 libxkbcommon0 libfontconfig1 libdbus-1-3 libxcb-cursor0"
        )
    try:
        if options.live:
            return run(options, WebSocketConfig.load())
        with ExchangeProcess(port=options.port, seed=options.seed, rate=options.rate) as exchange:
            # The addresses of the child, whatever the environment says: without --live nothing leaves this machine.
            return run(options, simulated_config(exchange.websocket_url, exchange.rest_url))
    except (ConfigurationError, ExchangeError, OSError, MemoryError) as error:
        return _complain(shortage_in(error) or str(error))
    except KeyboardInterrupt:
        return 130


def _complain(sentence: str) -> int:
    complain(f"upbit-qt-demo: {sentence}")
    return 1


if __name__ == "__main__":
    sys.exit(main())
