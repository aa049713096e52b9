"""A program runs against the simulated exchange as it is, with its account."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from upbit_qt_ws.cli import main
from upbit_qt_ws.testing import SimulatorOptions

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

PROGRAM = """
import json, sys, urllib.request
from pathlib import Path
from upbit_qt_ws import WebSocketConfig

config = WebSocketConfig.load()
with urllib.request.urlopen(f"{config.rest_url}/ticker?markets=KRW-BTC") as answer:
    (ticker,) = json.load(answer)
told = [config.public_url, config.private_url, config.info_url, config.access_key, sys.argv[2:], ticker["market"]]
Path(sys.argv[1]).write_text(json.dumps(told))
sys.exit(3)
"""


def test_a_program_finds_the_exchange_and_its_account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UPBIT_ACCESS_KEY", "a key that must go nowhere")
    program, told = tmp_path / "program.py", tmp_path / "told.json"
    program.write_text(PROGRAM, encoding="utf-8")

    code = main(["try", "--rate", "50", str(program), str(told), "--flag", "1"])

    assert code == 3
    *addresses, key, arguments, market = json.loads(told.read_text(encoding="utf-8"))
    assert all(address.startswith("ws://127.0.0.1:") for address in addresses)
    assert (key, arguments, market) == (SimulatorOptions().access_key, ["--flag", "1"], "KRW-BTC")


def test_a_program_finds_no_key_ring(tmp_path: Path) -> None:
    program, told = tmp_path / "program.py", tmp_path / "told.txt"
    program.write_text(
        "import sys\nfrom pathlib import Path\nfrom upbit_qt_ws.network.keys import keys_from_keyring\n"
        "Path(sys.argv[1]).write_text(repr(keys_from_keyring()))\n",
        encoding="utf-8",
    )

    assert main(["try", str(program), str(told)]) == 0
    assert told.read_text() == "None"


def test_a_program_that_dies_of_a_signal_has_the_code_of_a_shell(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text("import os, signal\nos.kill(os.getpid(), signal.SIGTERM)\n", encoding="utf-8")

    # Windows has no signals; it ends a program with their number as its exit code.
    assert main(["try", str(program)]) == (15 if os.name == "nt" else 143)


def test_a_program_that_is_not_there_is_named(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code = main(["try", str(tmp_path / "nothing.py")])

    assert code == 2
    assert "nothing.py" in capsys.readouterr().err
