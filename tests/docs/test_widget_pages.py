"""The pages of the widgets: each has its picture, its example as it is, and all properties and signals."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PyQt6.QtCore import QMetaMethod, QMetaObject, QObject

import upbit_qt_widgets
from tests.widgets.gallery import EXHIBITS
from upbit_qt_widgets import MarketLink, SparklineDelegate
from upbit_qt_widgets.base.data_widget import DataWidget

ROOT = Path(__file__).parents[2]
PAGES = ROOT / "docs" / "widgets"
EXAMPLES = ROOT / "examples"
KINDS = {exhibit.page: getattr(upbit_qt_widgets, exhibit.name) for exhibit in EXHIBITS} | {"market_link": MarketLink}


def page(name: str) -> str:
    return (PAGES / f"{name}.md").read_text(encoding="utf-8")


def qt_base(kind: type[QObject]) -> QMetaObject:
    """Return what Qt itself gives to a class."""
    base = next(base for base in kind.__mro__ if issubclass(base, QObject) and base.__module__.startswith("PyQt6"))
    return base.staticMetaObject


def own_names(kind: type[QObject]) -> tuple[set[str], set[str]]:
    """Return the names of a class' own properties and signals; those that all widgets share are on the first page."""
    meta, base = kind.staticMetaObject, qt_base(kind)
    shared = own_names(DataWidget) if issubclass(kind, DataWidget) and kind is not DataWidget else (set(), set())
    properties = {meta.property(number).name() for number in range(base.propertyCount(), meta.propertyCount())}
    methods = [meta.method(number) for number in range(base.methodCount(), meta.methodCount())]
    signals = {
        method.name().data().decode() for method in methods if method.methodType() == QMetaMethod.MethodType.Signal
    }
    return properties - shared[0], signals - shared[1]


@pytest.mark.parametrize("name", KINDS)
def test_a_page_tells_of_every_property_and_signal(name: str) -> None:
    properties, signals = own_names(KINDS[name])

    assert properties <= set(re.findall(r"^\| `(\w+)` \|", page(name), flags=re.MULTILINE))
    assert signals <= set(re.findall(r"`(\w+)\([\w ,]*\)`", page(name)))


def test_the_first_page_tells_what_all_share() -> None:
    properties, signals = own_names(DataWidget)

    assert properties <= set(re.findall(r"^\| `(\w+)` \|", page("README"), flags=re.MULTILINE))
    assert "state_changed" in signals
    for name in {*KINDS, "designer"}:
        assert f"({name}.md)" in page("README")


@pytest.mark.parametrize("name", KINDS)
def test_a_page_has_its_example_as_it_is(name: str) -> None:
    program = "sparklines" if KINDS[name] is SparklineDelegate else name
    blocks = re.findall(r"```python\n(.*?)```", page(name), flags=re.DOTALL)

    assert (EXAMPLES / f"{program}.py").read_text(encoding="utf-8") in blocks


def test_every_example_is_on_a_page() -> None:
    pages = "".join(path.read_text(encoding="utf-8") for path in PAGES.glob("*.md"))

    for example in EXAMPLES.glob("*.py"):
        assert example.read_text(encoding="utf-8") in pages, example.name


@pytest.mark.parametrize("path", sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]), ids=lambda p: p.name)
def test_links_and_pictures_lead_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", path.read_text(encoding="utf-8")):
        assert (path.parent / target).exists(), target


def test_anchors_lead_to_headings() -> None:
    for path in (ROOT / "docs").rglob("*.md"):
        for target, anchor in re.findall(r"\]\((?!https?:)([^)#]*)#([\w-]+)\)", path.read_text(encoding="utf-8")):
            other = (path.parent / target) if target else path
            headings = re.findall(r"^#+ (.+)$", other.read_text(encoding="utf-8"), flags=re.MULTILINE)
            assert anchor in {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}
