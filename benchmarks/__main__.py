"""`python3 dev.py bench [NAME...]`: measure, print a table, and write it down.

Names: gui, flood, latency, parts, startup, growth, clicks, widgets; all of them if none is given.
"""

from __future__ import annotations

import argparse
import datetime
import importlib
import json
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmarks.machine import machine_facts
from benchmarks.settings import SMOKE, Settings
from upbit_qt_ws.system.offscreen import give_fonts
from upbit_qt_ws.system.output import run_command

if TYPE_CHECKING:
    from benchmarks.figures import Report

NAMES: Final = ("gui", "flood", "latency", "parts", "startup", "growth", "clicks", "widgets")
_SMOKES_AT_ONCE: Final = 3
RESULTS: Final = Path(__file__).parent / "results"
PAGE: Final = Path(__file__).parent.parent / "docs" / "performance.md"
BEGIN: Final = "<!-- begin of what `python3 dev.py bench --publish` writes -->"
END: Final = "<!-- end of what `python3 dev.py bench --publish` writes -->"


def main() -> int:
    options = _options()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    give_fonts(os.environ)
    settings = SMOKE if options.smoke else Settings(options.rounds, options.seconds)
    settings = settings._replace(contenders=options.contenders)
    began = time.monotonic()

    def report(name: str) -> None:
        run = importlib.import_module(f"benchmarks.suites.{name}").run
        found = run(settings, lambda text: _say(f"{name}: {text}", began))
        if not options.smoke:
            _save(name, found, settings)
            print(f"\n{found.markdown()}", flush=True)

    # What is only to run may do so side by side; it mostly waits for processes to start.
    with ThreadPoolExecutor(_SMOKES_AT_ONCE if options.smoke else 1) as pool:
        list(pool.map(report, options.names or NAMES))
    if options.publish:
        publish(PAGE)
    _say("everything runs" if options.smoke else f"done; the figures are in {RESULTS}", began)
    return 0


def publish(page: Path) -> None:
    """Write the tables of the newest results into the page of the documentation."""
    results = [
        json.loads(path.read_text(encoding="utf-8")) for name in NAMES if (path := RESULTS / f"{name}.json").exists()
    ]
    parts = [result["markdown"] for result in results]
    machine = results[0]["machine"] if results else {}
    facts = "\n".join(f"- {name}: {value}" for name, value in machine.items())
    dates = sorted({result["date"] for result in results})
    rounds = ", ".join(f"{result['name']} {result['rounds']} × {result['seconds']:g} s" for result in results)
    table = f"Measured {' and '.join(dates)}.\n\n{facts}\n- rounds: {rounds}\n\n" + "\n".join(parts)
    before, _, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    page.write_text(f"{before}{BEGIN}\n\n{table}\n{END}{after}", encoding="utf-8")


def _save(name: str, report: Report, settings: Settings) -> None:
    RESULTS.mkdir(exist_ok=True)
    result = {
        "name": name,
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "machine": machine_facts(),
        "rounds": settings.rounds,
        "seconds": settings.seconds,
        "markdown": report.markdown(),
        **report.plain(),
    }
    (RESULTS / f"{name}.json").write_text(json.dumps(result, indent=2, ensure_ascii=False), encoding="utf-8")


def _say(text: str, began: float) -> None:
    print(f"[{time.monotonic() - began:5.0f} s] {text}", file=sys.stderr, flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="dev.py bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", choices=[*NAMES, []], metavar="NAME")
    parser.add_argument("--rounds", type=int, default=5, help="how often everything is measured (default: 5)")
    parser.add_argument("--seconds", type=float, default=5.0, help="length of a measurement (default: 5)")
    parser.add_argument("--smoke", action="store_true", help="only see whether everything runs")
    parser.add_argument("--publish", action="store_true", help="write the tables into docs/performance.md")
    parser.add_argument("--contenders", default=sys.executable, metavar="PYTHON", help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(run_command("dev.py bench", main))
