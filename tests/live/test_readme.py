"""The programs in the two readmes run as they are printed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.live.conftest import wire_set

if TYPE_CHECKING:
    from upbit_qt_ws.testing import SimulatedExchange

ROOT = Path(__file__).parents[2]
READMES = ("README.md", "README.ko.md")

PANEL = """
from PyQt6.QtWidgets import QApplication
app = QApplication([])
{code}
price = Price()
price.show()
app.exec()
assert price.text().startswith("KRW-"), price.text()
"""


def programs(readme: str) -> list[str]:
    return re.findall(r"```python\n(.*?)```", (ROOT / readme).read_text(encoding="utf-8"), flags=re.DOTALL)


def run(code: str, exchange: SimulatedExchange) -> subprocess.CompletedProcess[str]:
    """Run a program against the exchange; its event loop ends by itself."""
    ending = "__import__('PyQt6.QtCore').QtCore.QTimer.singleShot(1500, app.quit)\n"
    return subprocess.run(
        [sys.executable, "-c", code.replace("app.exec()", f"{ending}app.exec()")],
        env=os.environ | {"UPBIT_WEBSOCKET_PUBLIC_URL": exchange.websocket_url},
        capture_output=True,
        text=True,
        timeout=40,
        check=False,
    )


def test_both_readmes_print_the_same_programs() -> None:
    assert programs(READMES[0]) == programs(READMES[1])
    assert len(programs(READMES[0])) == 2


def test_the_widgets_program_runs(exchange: SimulatedExchange) -> None:
    done = run(programs("README.md")[0], exchange)

    assert done.returncode == 0, done.stderr
    (request,) = exchange.requests
    assert set(wire_set(request.text)) == {("ticker", "KRW-BTC"), ("orderbook", "KRW-BTC")}


@pytest.mark.parametrize("readme", READMES)
def test_the_own_widget_shows_a_price(exchange: SimulatedExchange, readme: str) -> None:
    done = run(PANEL.format(code=programs(readme)[1]), exchange)

    assert done.returncode == 0, done.stderr
    (request,) = exchange.requests
    assert set(wire_set(request.text)) == {("ticker", "KRW-BTC"), ("ticker", "KRW-ETH")}
