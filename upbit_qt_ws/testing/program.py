"""Runs a program of yours against a simulated exchange, without a change to it."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

from upbit_qt_ws.testing.thread import SimulatedExchange

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def exchange_environment(exchange: SimulatedExchange) -> dict[str, str]:
    """Return the variables that lead a program of this toolkit to an exchange, its account included.

    Args:
        exchange: a running one.
    """
    options = exchange.server.options
    return {
        "UPBIT_WEBSOCKET_PUBLIC_URL": exchange.websocket_url,
        "UPBIT_WEBSOCKET_PRIVATE_URL": exchange.private_url,
        "UPBIT_WEBSOCKET_INFO_URL": exchange.info_url,
        "UPBIT_REST_URL": exchange.rest_url,
        "UPBIT_ACCESS_KEY": options.access_key,
        "UPBIT_SECRET_KEY": options.secret_key,
    }


def run_program(program: Path, arguments: Sequence[str] = (), *, seed: int = 1, rate: float = 200.0) -> int:
    """Run a Python program whose settings lead to a simulated exchange; return its exit code.

    Whatever keys and addresses the environment has are replaced, so nothing leaves this machine unless the program
    itself says so in its code.

    Args:
        program: the file.
        arguments: of the program.
        seed: decides prices and the past.
        rate: trades a second over all markets.
    """
    with SimulatedExchange(seed=seed, rate=rate) as exchange:
        environment = os.environ | exchange_environment(exchange)
        return subprocess.run([sys.executable, str(program), *arguments], env=environment, check=False).returncode
