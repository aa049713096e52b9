"""A lively simulated exchange that tells who is connected: `python -m benchmarks.widget_exchange --rate TRADES`.

It writes a line of JSON with its addresses and keys, and one with what it sees for each line that it reads; it ends
when there is nothing more to read, as when its parent ends.
"""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

from upbit_qt_ws.testing import SimulatedExchange


def seen(exchange: SimulatedExchange) -> dict[str, Any]:
    """Return the open connections and how many frames each was sent."""
    views = [view for view in exchange.connections if view.open]
    return {
        "public": [view.frames_sent for view in views if view.path == "/websocket/v1"],
        "private": [view.frames_sent for view in views if view.path == "/websocket/v1/private"],
        "topics": sum(len(view.subscription) for view in views),
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.widget_exchange")
    parser.add_argument("--rate", type=float, required=True, help="trades a second, over all markets")
    with SimulatedExchange(seed=1, rate=parser.parse_args().rate) as exchange:
        options = exchange.server.options
        facts = {
            "public_url": exchange.websocket_url,
            "private_url": exchange.private_url,
            "rest_url": exchange.rest_url,
        }
        print(json.dumps({**facts, "access_key": options.access_key, "secret_key": options.secret_key}), flush=True)
        for _ in sys.stdin:
            print(json.dumps(seen(exchange)), flush=True)


if __name__ == "__main__":
    main()
