"""Runs a program of yours against a simulated exchange, without a change to it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from upbit_qt_ws.system.children import run_bound
from upbit_qt_ws.system.environment import ACCESS_VARIABLE, SECRET_VARIABLE, environment_without_keys
from upbit_qt_ws.testing.thread import SimulatedExchange

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from upbit_qt_ws.testing.server import MockUpbitWebSocketServer


def exchange_variables(server: MockUpbitWebSocketServer) -> dict[str, str]:
    """Return the variables that lead a program of this toolkit to an exchange, its account included.

    Args:
        server: a running one.
    """
    return {
        "UPBIT_WEBSOCKET_PUBLIC_URL": server.websocket_url,
        "UPBIT_WEBSOCKET_PRIVATE_URL": server.private_url,
        "UPBIT_WEBSOCKET_INFO_URL": server.info_url,
        "UPBIT_REST_URL": server.rest_url,
        ACCESS_VARIABLE: server.options.access_key,
        SECRET_VARIABLE: server.options.secret_key,
    }


def exchange_environment(exchange: SimulatedExchange) -> dict[str, str]:
    """Return an environment in which a program finds an exchange, its account included, and no keys but these.

    Args:
        exchange: a running one.
    """
    return {
        **environment_without_keys(),
        **exchange_variables(exchange.server),
        # A program that looks into the key ring by itself must not find the user's own keys there.
        "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
    }


def run_program(program: Path, arguments: Sequence[str] = (), *, seed: int = 1, rate: float = 200.0) -> int:
    """Run a Python program whose settings lead to a simulated exchange; return its exit code.

    Whatever keys and addresses the environment has are replaced, and the key ring is empty for the program, so nothing
    leaves this machine unless the program itself says so in its code. Program and exchange end with this process,
    however that ends; Ctrl-C ends both.

    Args:
        program: the file.
        arguments: of the program.
        seed: decides prices and the past.
        rate: trades a second over all markets.

    Returns:
        The program's exit code; 128 and the number of the signal if one ended it.

    Raises:
        OSError: the program cannot be started.
    """
    with SimulatedExchange(seed=seed, rate=rate) as exchange:
        return run_bound([sys.executable, str(program), *arguments], exchange_environment(exchange))
