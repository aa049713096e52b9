"""The file that Designer imports, in an interpreter like Designer's: PyQt6 is its own, the rest is an environment's."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import PyQt6

from tests.widgets.designer.offered import OFFERED
from tests.widgets.designer.places import package_link
from upbit_qt_widgets.designer.launch import PATH_VARIABLE, PLUGIN_FOLDER, environment_of, package_folders

# As PyQt6's loader does it: one object of each plugin class among the names of a module.
LOADER = """
import importlib, sys
from PyQt6.QtDesigner import QPyDesignerCustomWidgetPlugin
from PyQt6.QtWidgets import QApplication

application = QApplication([])
sys.path.append(sys.argv[1])
module = importlib.import_module("upbit_qt_plugin")
found = [
    kind for kind in vars(module).values() if isinstance(kind, type) and issubclass(kind, QPyDesignerCustomWidgetPlugin)
]
print(*(kind().name() for kind in found))
import PyQt6.QtCore, upbit_qt_widgets
print(PyQt6.__file__)
"""


def test_the_file_is_alone_where_the_loader_looks() -> None:
    assert [file.name for file in PLUGIN_FOLDER.glob("*plugin.py")] == ["upbit_qt_plugin.py"]
    assert not (PLUGIN_FOLDER / "__init__.py").exists(), "the loader imports it by its name alone"


def test_it_offers_all_widgets_to_a_python_that_has_nothing_but_a_pyqt6(tmp_path: Path) -> None:
    package_link(tmp_path / "PyQt6", Path(next(iter(PyQt6.__path__))))
    plain = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    environment = environment_of({**plain, "PYTHONPATH": str(tmp_path)}, package_folders(sys.path))
    ended = subprocess.run(
        [sys.executable, "-S", "-c", LOADER, str(PLUGIN_FOLDER)],
        capture_output=True,
        text=True,
        timeout=50,
        env=environment,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    names, package = ended.stdout.splitlines()
    assert names.split() == [entry.name for entry in OFFERED]
    assert Path(package).is_relative_to(tmp_path), "the environment's PyQt6 needs another Qt than Designer's"


def test_without_the_launcher_it_takes_what_python_finds() -> None:
    plain = {name: value for name, value in os.environ.items() if name != PATH_VARIABLE}
    plain["PYTHONPATH"] = os.pathsep.join(package_folders(sys.path))
    ended = subprocess.run(
        [sys.executable, "-c", LOADER, str(PLUGIN_FOLDER)],
        capture_output=True,
        text=True,
        timeout=50,
        env=plain,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.split()[: len(OFFERED)] == [entry.name for entry in OFFERED]


def test_the_environment_has_all_that_the_plugin_imports() -> None:
    folders = package_folders(sys.path)
    for package in ("upbit_qt_widgets", "upbit_qt_ws", "msgspec", "pyqtgraph"):
        found = importlib.util.find_spec(package)
        assert found is not None
        assert found.origin is not None
        assert any(Path(found.origin).is_relative_to(folder) for folder in folders), package
    standard = Path(os.__file__).parent
    assert str(standard) not in folders
    assert str(standard / "lib-dynload") not in folders
