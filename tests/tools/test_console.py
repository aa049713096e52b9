from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

from tools.console import SetupError, run, run_quietly

if TYPE_CHECKING:
    from pathlib import Path


def test_exit_code_passes_through() -> None:
    assert run([sys.executable, "-c", "raise SystemExit(5)"]) == 5


def test_signal_becomes_an_exit_code() -> None:
    # Windows has no signals: it ends the process with the number as its exit code.
    assert run([sys.executable, "-c", "import os; os.kill(os.getpid(), 15)"]) == (15 if os.name == "nt" else 143)


@pytest.mark.parametrize("with_keys", [False, True])
def test_keys_go_only_where_they_are_wanted(monkeypatch: pytest.MonkeyPatch, with_keys: bool) -> None:
    monkeypatch.setenv("UPBIT_ACCESS_KEY", "hidden")
    question = "import os; raise SystemExit(5 if os.environ.get('UPBIT_ACCESS_KEY') == 'hidden' else 6)"
    assert run([sys.executable, "-c", question], with_keys=with_keys) == (5 if with_keys else 6)
    assert run_quietly("ask", [sys.executable, "-c", f"{question}".replace("6)", "0)")]) is None


def test_program_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="cannot be started"):
        run([str(tmp_path / "nothing")])


def test_quiet_step_gives_output_of_a_failure_only(capfd: pytest.CaptureFixture[str]) -> None:
    assert run_quietly("good", [sys.executable, "-c", "print(1)"]) is None
    assert run_quietly("bad", [sys.executable, "-c", "print(2); raise SystemExit(1)"]) == "2"

    shown = capfd.readouterr().out.splitlines()
    assert [line.split(" after ")[0] for line in shown] == ["dev.py: good ... done", "dev.py: bad ... failed"]
