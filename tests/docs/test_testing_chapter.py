"""The chapter about testing: its examples run as they are printed, and its table of faults is complete."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from upbit_qt_ws.testing.faults import FaultKind, FaultScript
from upbit_qt_ws.testing.faults.vocabulary import BAD_MESSAGES, CLOSE_CODES, ERROR_NAMES, LASTING, REFUSALS

ROOT = Path(__file__).parents[2]
CHAPTER = (ROOT / "docs" / "testing.md").read_text(encoding="utf-8")
FOLDERS = (ROOT, ROOT / "widgets", ROOT / "demo_app")
CONFTEST = "pytest_plugins ="

# As strict as here: a warning of Python or of Qt fails an example. The loop scope only keeps pytest-asyncio quiet.
SETTINGS = """
[pytest]
qt_api = pyqt6
qt_log_level_fail = WARNING
qt_log_ignore = This plugin does not support propagateSizeHints
filterwarnings = error
asyncio_default_fixture_loop_scope = function
"""


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", CHAPTER, flags=re.DOTALL)


def modules() -> dict[str, str]:
    """Return each example that is a test module, by the name of its only test."""
    return {
        re.findall(r"^def (test_\w+)", code, flags=re.MULTILINE)[0]: code
        for code in blocks("python")
        if CONFTEST not in code
    }


def conftest() -> str:
    (code,) = (code for code in blocks("python") if CONFTEST in code)
    return code


def test_the_examples_pass_as_they_are_printed(tmp_path: Path) -> None:
    """All in one run, as a user would have them in one folder."""
    (tmp_path / "pytest.ini").write_text(SETTINGS, encoding="utf-8")
    (tmp_path / "conftest.py").write_text(conftest(), encoding="utf-8")
    for name, code in modules().items():
        (tmp_path / f"{name}.py").write_text(code, encoding="utf-8")
    inherited = os.environ.get("PYTHONPATH")
    paths = [*map(str, FOLDERS), *([inherited] if inherited else [])]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-v", "-p", "no:cacheprovider", *(f"{name}.py" for name in modules())],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(paths), "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    for name in modules():
        assert re.search(rf"{name}.*PASSED", done.stdout), name
    assert "skipped" not in done.stdout.lower()


def test_every_example_is_one_of_those_modules() -> None:
    assert len(modules()) + 1 == len(blocks("python"))


def test_the_table_of_faults_names_every_kind_and_whether_it_lasts() -> None:
    rows = re.findall(r"^\| `(\w+)` \| [^|]+ \|([^|]*)\|([^|]*)\|$", CHAPTER, flags=re.MULTILINE)
    assert [kind for kind, _, _ in rows] == [kind.value for kind in FaultKind]
    assert {kind for kind, time, _ in rows if time.strip() == "yes"} == set(LASTING)
    values = {kind: value for kind, _, value in rows}
    assert re.findall(r"\d+", values["close"]) == [str(code) for code in CLOSE_CODES]
    assert re.findall(r"\d+", values["status"]) == [str(status) for status in REFUSALS]
    named = {kind: set(re.findall(r"`(\w+)`", values[kind])) for kind in ("bad_message", "error")}
    assert named["bad_message"]
    assert named["bad_message"] <= set(BAD_MESSAGES)
    assert named["error"]
    assert named["error"] <= set(ERROR_NAMES)


def test_the_script_in_the_text_can_be_played() -> None:
    (text,) = blocks("text")
    script = FaultScript.parse(text)
    assert len(script) == 3
    assert script == FaultScript.parse(str(script))


def test_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", CHAPTER):
        assert (ROOT / "docs" / target).is_file(), target


@pytest.mark.parametrize("readme", ["README.md", "README.ko.md"])
def test_both_readmes_lead_to_the_chapter(readme: str) -> None:
    assert "(docs/testing.md)" in (ROOT / readme).read_text(encoding="utf-8")
