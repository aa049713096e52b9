#!/usr/bin/env python3
"""Sets this project up and runs its daily commands; needs nothing but Python 3.11 or newer.

python dev.py demo [ARGS...]
    Start the demo with these arguments.
python dev.py example [NAME] [--live]
    Run an example against a simulated exchange, with --live against Upbit; without a name, list them.
python dev.py test [--lowest] [--python X.Y] [PYTEST ARGS...]
    Run the tests: with --lowest on the oldest libraries that are allowed, with --python on another Python.
python dev.py soak [--minutes N] [--seed S] [--wide MARKETS] [--seeds A-B] [--drills]
    Let faults happen for as long as you like, and print a line of figures.
python dev.py bench [NAME...] [--rounds N] [--seconds S] [--publish] [--smoke]
    Measure the toolkit beside what people would use instead; with --smoke only see whether every benchmark runs.
python dev.py pictures [demo]
    Draw the pictures of the widgets' documentation anew; with `demo` take that of the demo's window.
python dev.py lint
    Check style, types and the direction of imports.
python dev.py lock [UV ARGS...]
    Write pins/*.txt anew after a change of the dependencies; --upgrade takes the newest versions.

The first run makes what a command needs: a virtual environment in .venv (or below .venvs), with exactly the packages
of pins/*.txt, and on Debian and Ubuntu the system libraries of Qt. Later runs start at once.
"""

import argparse
import os
import sys
from pathlib import Path

# This file keeps to the syntax of Python 3.6, and imports its helpers only below, so that an old Python prints a
# sentence instead of a SyntaxError.
if sys.version_info < (3, 11):  # noqa: UP036
    sys.exit(
        f"dev.py needs Python 3.11 or newer, but this is Python {sys.version_info[0]}.{sys.version_info[1]} "
        f"({sys.executable}): start it with a newer one, for example `python3.13 dev.py test`."
    )

from tools.console import ROOT, SetupError, run, say, show
from tools.environments import contenders_environment, environment_for, prepare
from tools.lock import write_pins
from tools.system_packages import ensure_system_libraries
from upbit_qt_ws.system.command_parser import CommandParser
from upbit_qt_ws.system.output import complain, run_command


def demo(arguments: list[str]) -> int:
    """Starts the demo in the plain environment."""
    ensure_system_libraries(for_window=True)
    environment = environment_for()
    prepare(environment)
    # Where it was called, so that the files it is asked to write land there.
    command = [str(environment.python), "-m", "upbit_qt_demo", *arguments]
    return run(command, Path.cwd(), with_keys="--live" in arguments)


def example(arguments: list[str]) -> int:
    """Runs one of the examples; lists them if none is named."""
    parser = argparse.ArgumentParser(prog="dev.py example", allow_abbrev=False)
    names = sorted(path.stem for path in (ROOT / "examples").glob("*.py"))
    parser.add_argument("name", nargs="?", choices=names, metavar="NAME", help=", ".join(names))
    parser.add_argument("--live", action="store_true", help="connect to Upbit instead of a simulated exchange")
    chosen = parser.parse_args(arguments)
    if chosen.name is None:
        show("\n".join([*names, ""]))
        return 0
    displays = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    if sys.platform.startswith("linux") and not any(os.environ.get(name) for name in displays):
        raise SetupError("an example opens a window, and there is no display; `dev.py demo` can do without one.")
    ensure_system_libraries(for_window=True)
    environment = environment_for()
    prepare(environment)
    program = str(ROOT / "examples" / f"{chosen.name}.py")
    through = [] if chosen.live else ["-m", "upbit_qt_ws.cli", "try"]
    return run([str(environment.python), *through, program], with_keys=chosen.live)


def test(arguments: list[str]) -> int:
    """Runs pytest, in an environment of its own if other versions than the usual ones are asked for."""
    # Help and all other options are pytest's.
    parser = argparse.ArgumentParser(prog="dev.py test", add_help=False, allow_abbrev=False)
    parser.add_argument("--lowest", action="store_true")
    parser.add_argument("--python", metavar="X.Y")
    own, for_pytest = parser.parse_known_args(arguments)
    ensure_system_libraries(for_window=False)
    environment = environment_for(lowest=own.lowest, version=own.python)
    prepare(environment)
    pytest = [str(environment.python), "-m", "pytest"]
    if for_pytest:
        return run([*pytest, *for_pytest])
    codes = []
    for title, options in _parts_of_the_tests():
        say(title)
        codes.append(run([*pytest, *options]))
    if not (own.lowest or own.python):
        say("whether every benchmark runs")
        codes.append(bench(["--smoke"]))
    return next((code for code in codes if code), 0)


def _parts_of_the_tests() -> list[tuple[str, list[str]]]:
    """Returns what is tested one after the other: a title for each part, and the options of pytest."""
    # Most tests wait for clocks and sockets, so each processor serves two processes.
    processes = 2 * (os.cpu_count() or 1)
    return [
        (
            "all tests but the reliability suite",
            [f"--numprocesses={processes}", "--dist=worksteal", f"--ignore={RELIABILITY}"],
        ),
        # These start their own processes, one for each processor.
        ("the reliability suite: faults", FAULTS),
        # These measure, and have the machine for themselves. Two wait side by side, since each needs little of it, and
        # each process takes the next one when it has ended one, so that both end at about the same time.
        (
            "the reliability suite: promises",
            [
                "--numprocesses=2",
                "--dist=load",
                "--maxschedchunk=1",
                *(f"--ignore={path}" for path in FAULTS),
                RELIABILITY,
            ],
        ),
    ]


def soak(arguments: list[str]) -> int:
    """Runs the reliability suite for longer than the tests do."""
    ensure_system_libraries(for_window=False)
    environment = environment_for()
    prepare(environment)
    return run([str(environment.python), "-m", "tests.reliability.soak", *arguments])


def bench(arguments: list[str]) -> int:
    """Runs the benchmarks, with the projects that they compare with in an environment of their own."""
    ensure_system_libraries(for_window=False)
    environment, contenders = environment_for(), contenders_environment()
    prepare(environment)
    prepare(contenders)
    return run([str(environment.python), "-m", "benchmarks", "--contenders", str(contenders.python), *arguments])


def pictures(arguments: list[str]) -> int:
    """Draws the pictures that the test command compares with, or takes that of the demo, whose prices move."""
    if arguments == ["demo"]:
        return demo(DEMO_PICTURE)
    if arguments:
        raise SetupError("`dev.py pictures` takes no argument but `demo`.")
    ensure_system_libraries(for_window=False)
    environment = environment_for()
    prepare(environment)
    return run([str(environment.python), "-m", "tests.widgets.gallery", "docs/images/widgets"])


def lint(arguments: list[str]) -> int:
    """Runs all checks, also after one has failed, and names those that failed at the end."""
    if arguments:
        raise SetupError("`dev.py lint` takes no arguments.")
    environment = environment_for()
    prepare(environment)
    checks = [["ruff", "check"], ["ruff", "format", "--check"], ["mypy"], ["lint-imports", "--no-logo"]]
    failed = []
    for check in checks:
        say(" ".join(check))
        if run([str(environment.scripts / check[0]), *check[1:]]) != 0:
            failed.append(f"`{' '.join(check)}`")
    if failed:
        say(f"these checks failed: {', '.join(failed)}")
    return 1 if failed else 0


def lock(arguments: list[str]) -> int:
    """Writes the pins with the uv of the plain environment."""
    environment = environment_for()
    prepare(environment)
    write_pins(str(environment.scripts / "uv"), arguments)
    return 0


RELIABILITY = "tests/reliability"
FAULTS = [f"{RELIABILITY}/test_faults.py", f"{RELIABILITY}/test_seeds.py"]
# Long enough for the trades to fill their list.
DEMO_PICTURE = ["--headless", "--fresh", "--size", "1440x810", "--theme", "dark", "--language", "ko", "--seconds", "20"]
DEMO_PICTURE += ["--screenshot", str(ROOT / "docs" / "images" / "demo.png")]
COMMANDS = {
    "demo": demo,
    "example": example,
    "test": test,
    "soak": soak,
    "bench": bench,
    "pictures": pictures,
    "lint": lint,
    "lock": lock,
}


def main(arguments: list[str]) -> int:
    """Runs the command that the arguments name; returns its exit code, 2 if it could not be set up."""
    return run_command("dev.py", lambda: _run_command_of(arguments))


def _run_command_of(arguments: list[str]) -> int:
    parser = CommandParser(
        prog="dev.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    parser.add_argument("command", choices=COMMANDS)
    parser.add_argument("arguments", nargs=argparse.REMAINDER, default=[], help="arguments of the command")
    chosen = parser.parse_args(arguments or ["--help"])
    try:
        return COMMANDS[chosen.command](chosen.arguments)
    except SetupError as error:
        complain(f"dev.py: {error}")
        return 2
    except KeyboardInterrupt:
        complain("\ndev.py: interrupted")
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
