from __future__ import annotations

from pathlib import Path

from hatchling.builders.sdist import SdistBuilder
from hatchling.builders.wheel import WheelBuilder

from tools.console import ROOT
from upbit_qt_widgets.designer.launch import PLUGIN_FOLDER


def test_a_wheel_has_the_plugin_file() -> None:
    packed = {Path(file.distribution_path) for file in WheelBuilder(str(ROOT)).recurse_included_files()}
    (plugin,) = PLUGIN_FOLDER.glob("*.py")
    assert plugin.relative_to(ROOT / "widgets") in packed


def test_the_source_has_the_form_of_the_example() -> None:
    packed = {Path(file.distribution_path) for file in SdistBuilder(str(ROOT)).recurse_included_files()}
    assert Path("examples/designer_window.ui") in packed
    assert Path("examples/designer_window.py") in packed
