"""Without the libraries of an extra everything else works, and what needs them says in one sentence what to install."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from upbit_qt_ws.errors import ConfigurationError, MissingExtraError, UpbitQtError


def run_without(libraries: tuple[str, ...], program: str) -> subprocess.CompletedProcess[str]:
    """Run a program where some libraries are not installed."""
    hide = f"import sys\nsys.modules.update(dict.fromkeys({libraries!r}))\n"
    return subprocess.run(
        [sys.executable, "-c", hide + program],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
    )


def test_the_error_is_all_that_somebody_may_look_for() -> None:
    error = MissingExtraError("the chart", library="plots", extra="charts")
    assert str(error) == "the chart needs the library plots: pip install 'upbit-qt-ws[charts]'"
    assert isinstance(error, ImportError)
    assert isinstance(error, ConfigurationError)
    assert isinstance(error, UpbitQtError)
    assert (error.name, error.extra) == ("plots", "charts")


def test_a_library_that_is_there_and_broken_says_why_in_one_line() -> None:
    broken = ImportError("numpy.core failed\n to  import")
    error = MissingExtraError("the chart", library="plots", extra="charts", error=broken)
    assert str(error).startswith("the chart needs the library plots (numpy.core failed to import): pip install")
    missing = ModuleNotFoundError("No module named 'plots'", name="plots")
    assert "No module" not in str(MissingExtraError("the chart", library="plots", extra="charts", error=missing))


def test_without_the_plotting_library_all_widgets_but_the_chart_work() -> None:
    ended = run_without(
        ("pyqtgraph", "numpy"),
        """
import upbit_qt_widgets
from PyQt6.QtWidgets import QApplication
application = QApplication([])
for name in upbit_qt_widgets.__all__:
    if name != "CandleChartWidget":
        made = getattr(upbit_qt_widgets, name)
        if name.endswith("Widget") or name in ("MarketTable", "TickerStrip", "ConnectionBadge", "HealthPanel"):
            made().preview()
try:
    from upbit_qt_widgets import CandleChartWidget
except ImportError as error:
    print(type(error).__name__, "|", error)
""",
    )
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout == (
        "MissingExtraError | the candle chart needs the library pyqtgraph: pip install 'upbit-qt-ws[charts]'\n"
    )


def test_the_last_line_of_a_traceback_says_what_to_install() -> None:
    ended = run_without(("pyqtgraph",), "from upbit_qt_widgets import CandleChartWidget")
    assert ended.returncode == 1
    assert ended.stderr.splitlines()[-1] == (
        "upbit_qt_ws.errors.MissingExtraError: the candle chart needs the library pyqtgraph: "
        "pip install 'upbit-qt-ws[charts]'"
    )


def test_designer_leaves_the_chart_out_with_that_sentence() -> None:
    pytest.importorskip("PyQt6.QtDesigner")
    ended = run_without(
        ("pyqtgraph",),
        """
from PyQt6.QtWidgets import QApplication
application = QApplication([])
from upbit_qt_widgets.designer.plugin_factory import plugin_classes
print(len(plugin_classes()), "CandleChartWidgetPlugin" in plugin_classes())
""",
    )
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.split()[1] == "False"
    assert "CandleChartWidget is left out: the candle chart needs the library pyqtgraph: pip install" in ended.stderr
    assert ended.stderr.splitlines()[0].count("pip install") == 1


@pytest.mark.parametrize(
    ("library", "program", "told"),
    [
        (
            "keyring",
            "from upbit_qt_ws.network.keys import keys_from_keyring; keys_from_keyring()",
            "the key ring needs the library keyring: pip install 'upbit-qt-ws[keyring]', or use the environment",
        ),
        (
            "trustme",
            "from upbit_qt_ws.testing.faults import Authority; Authority()",
            "a test over TLS needs the library trustme: pip install 'upbit-qt-ws[testing]'",
        ),
        (
            "pytest",
            "import upbit_qt_ws.testing.pytest_plugin",
            "the plug-in for pytest needs the library pytest: pip install 'upbit-qt-ws[testing]'",
        ),
    ],
)
def test_every_extra_is_named_by_what_needs_it(library: str, program: str, told: str) -> None:
    ended = run_without((library,), program)
    assert ended.returncode == 1
    assert f"MissingExtraError: {told}" in ended.stderr.splitlines()[-1]


def test_what_needs_no_extra_works_without_any() -> None:
    ended = run_without(
        ("pyqtgraph", "numpy", "keyring", "trustme", "pytest"),
        "from upbit_qt_ws.testing import SimulatedExchange\n"
        "from upbit_qt_ws.testing.faults import FaultProxy\n"
        "import upbit_qt_ws\n[getattr(upbit_qt_ws, name) for name in upbit_qt_ws.__all__]\n"
        "with SimulatedExchange(rate=0): pass\n",
    )
    assert (ended.returncode, ended.stderr) == (0, "")
