"""Designers made of files that hold what the real ones hold, as far as it is read."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from upbit_qt_widgets.designer.installations import Places

if TYPE_CHECKING:
    from pathlib import Path

QT6 = b"\x7fELF\0libQt6DesignerComponents.so.6\0libQt6Core.so.6\0"
QT5 = b"\x7fELF\0libQt5Designer.so.5\0libQt5Core.so.5\0"
LOADER = b"\x7fELF\0libpython3.%d.so.1.0\0libQt6Core.so.6\0PYQTDESIGNERPATH\0libpython3.%d.so\0"


def program(path: Path, content: bytes = QT6) -> Path:
    """Make a program."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    path.chmod(0o755)
    return path


def loader(folder: Path, content: bytes, name: str = "libpyqt6.so") -> Path:
    """Make a loader in the part for Designer of a folder of plugins."""
    return program(folder / "designer" / name, content)


def debian(root: Path, minor: int, *, with_library: bool = True) -> Path:
    """Make a Designer with a loader as Debian 12 installs them, and return the program."""
    libraries = root / "usr/lib/x86_64-linux-gnu"
    loader(libraries / "qt6/plugins", LOADER % (minor, minor))
    if with_library:
        program(libraries / f"libpython3.{minor}.so", b"")
    return program(root / "usr/lib/qt6/bin/designer")


def other_name(file: Path, link: Path) -> Path:
    """Return another path of a file: a link where programs are linked, and a detour on Windows."""
    if os.name == "nt":
        return file.parent / ".." / file.parent.name / file.name
    link.parent.mkdir()
    link.symlink_to(file)
    return link


def package_link(link: Path, package: Path) -> None:
    """Have PyQt6 in another folder, too; on Windows, where not everybody may make links, a package leads to it."""
    if os.name != "nt":
        link.symlink_to(package, target_is_directory=True)
        return
    link.mkdir()
    lines = f"import os\n__path__.append({str(package)!r})\nos.add_dll_directory({str(package / 'Qt6/bin')!r})\n"
    (link / "__init__.py").write_text(lines, encoding="utf-8")


def places(root: Path, **environ: str) -> Places:
    """Return where would be looked if a folder were the whole computer."""
    return Places.usual(environ, root / "home", root)
