"""Finds everything of ours that Qt calls and that has no guard."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import textwrap
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple

from PyQt6 import sip

from upbit_qt_ws.guard import is_guarded

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

PACKAGES = ("upbit_qt_ws", "upbit_qt_widgets", "upbit_qt_demo")
_FOREIGN = ("PyQt6", "pyqtgraph")
_CONNECTORS = ("connect", "connect_queued", "connect_direct", "singleShot", "callOnTimeout")


class Called(NamedTuple):
    """A function that Qt calls: the class that defines it, its name, and why Qt calls it."""

    owner: type
    name: str
    why: str

    def __str__(self) -> str:
        return f"{self.owner.__module__}.{self.owner.__qualname__}.{self.name} ({self.why})"


def modules(packages: Iterable[str] = PACKAGES) -> Iterator[ModuleType]:
    """Import all modules of our packages; programs, which run when they are imported, are left out."""
    for package in packages:
        root = importlib.import_module(package)
        yield root
        for found in pkgutil.walk_packages(root.__path__, f"{package}."):
            name = found.name.rpartition(".")[2]
            if name not in ("__main__", "upbit_qt_plugin"):
                yield importlib.import_module(found.name)


def qt_classes(found: Iterable[ModuleType]) -> list[type]:
    """Return the classes that are Qt's to call, each once."""
    classes: dict[Any, None] = {}
    for module in found:
        for item in vars(module).values():
            if isinstance(item, sip.wrappertype) and item.__module__ == module.__name__:
                classes[item] = None
    return list(classes)


def called_by_qt(owner: type) -> Iterator[Called]:
    """Tell what of a class Qt calls: its slots, its overrides of methods of Qt, and what it connects itself to."""
    connected = _connected(owner)
    for name, item in vars(owner).items():
        if not isinstance(item, FunctionType) or (name.startswith("__") and name.endswith("__")):
            continue
        if hasattr(item, "__pyqtSignature__"):
            yield Called(owner, name, "a slot")
        elif any(hasattr(base, name) for base in owner.__mro__[1:] if base.__module__.startswith(_FOREIGN)):
            yield Called(owner, name, "an override")
        elif name in connected:
            yield Called(owner, name, "connected")


def unguarded(classes: Iterable[type]) -> list[Called]:
    """Return what Qt calls and nothing guards."""
    found = (called for owner in classes for called in called_by_qt(owner))
    return [called for called in found if not is_guarded(vars(called.owner)[called.name])]


def _connected(owner: type) -> set[str]:
    """Return the names of the methods that a class connects to a signal or a timer in its own code."""
    source = textwrap.dedent(inspect.getsource(owner))
    names = set()
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        target = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if target not in _CONNECTORS:
            continue
        for argument in node.args:
            if isinstance(argument, ast.Attribute) and isinstance(argument.value, ast.Name):
                names.add(argument.attr)
    return names


def loose_functions(module: ModuleType) -> Iterator[str]:
    """Tell of connections to functions that no guard can be put on: lambdas and partials."""
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        if not isinstance(node, ast.Call):
            continue
        target = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if target not in _CONNECTORS:
            continue
        for argument in node.args:
            is_partial = isinstance(argument, ast.Call) and getattr(argument.func, "id", "") == "partial"
            if isinstance(argument, ast.Lambda) or is_partial:
                yield f"{module.__name__}:{argument.lineno}"
