"""The two readmes say the same in two languages, and what they say of the installation is so."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
READMES = ("README.md", "README.ko.md")


def text(readme: str) -> str:
    return (ROOT / readme).read_text(encoding="utf-8")


def without_blocks(readme: str) -> str:
    return re.sub(r"^```.*?^```$", "", text(readme), flags=re.DOTALL | re.MULTILINE)


def blocks(readme: str) -> list[str]:
    return re.findall(r"^```.*?^```$", text(readme), flags=re.DOTALL | re.MULTILINE)


def headings(readme: str) -> list[int]:
    return [len(signs) for signs in re.findall(r"^(#+) ", without_blocks(readme), flags=re.MULTILINE)]


def links(readme: str) -> list[str]:
    """Return where links and pictures lead, in their order; each readme leads to the other."""
    targets = re.findall(r"\]\(([^)]+)\)", without_blocks(readme))
    return ["the other" if target in READMES else target for target in targets]


def pictures(readme: str) -> list[str]:
    return re.findall(r"!\[[^\]]+\]\(([^)]+)\)", without_blocks(readme))


def cells(readme: str) -> list[list[str]]:
    """Return the code in each row of the tables."""
    rows = re.findall(r"^\|.*\|$", without_blocks(readme), flags=re.MULTILINE)
    return [re.findall(r"`([^`]+)`", row) for row in rows]


def bullets(readme: str) -> int:
    return len(re.findall(r"^- ", without_blocks(readme), flags=re.MULTILINE))


def project() -> dict[str, Any]:
    read: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return read


def test_both_have_the_same_structure() -> None:
    english, korean = READMES
    assert headings(english) == headings(korean)
    assert len(headings(english)) == 7
    assert blocks(english) == blocks(korean)
    assert links(english) == links(korean)
    assert pictures(english) == pictures(korean) == ["docs/images/demo.png"]
    assert cells(english) == cells(korean)
    assert bullets(english) == bullets(korean) > 2


@pytest.mark.parametrize("readme", READMES)
def test_commands_fit_the_project(readme: str) -> None:
    shell = "\n".join(block for block in blocks(readme) if not block.startswith("```python"))
    requirements = re.findall(r'"([^"]+)"', shell)

    assert len(requirements) == 3
    version = project()["version"]
    name = project()["name"]
    assert {requirement.partition(" @ ")[0] for requirement in requirements[:2]} == {f"{name}[charts]"}
    assert all(requirement.partition(" @ ")[2].startswith("git+file:///") for requirement in requirements[:2])
    assert requirements[2] == f"dist/{name.replace('-', '_')}-{version}-py3-none-any.whl[charts]"


@pytest.mark.parametrize("readme", READMES)
def test_every_extra_is_explained_with_what_it_brings(readme: str) -> None:
    rows = {row[0]: row for row in cells(readme) if row}
    extras: dict[str, list[str]] = project()["optional-dependencies"]

    assert rows.keys() == extras.keys()
    for extra, requirements in extras.items():
        (line,) = re.findall(rf"^\| `{extra}` \|.*$", text(readme), flags=re.MULTILINE)
        for requirement in requirements:
            assert re.split("[>=]", requirement)[0] in line


@pytest.mark.parametrize("readme", READMES)
def test_it_says_where_the_command_lies_and_what_licences_there_are(readme: str) -> None:
    said = text(readme)
    for words in (".venv/bin/upbit-qt", r".venv\Scripts\upbit-qt.exe", "MIT", "GPL", "LGPL", "Riverbank"):
        assert words in said
    assert ("This is not legal advice" in said) or ("법률 자문이 아닙니다" in said)


@pytest.mark.parametrize("readme", READMES)
def test_no_address_of_a_server_is_made_up(readme: str) -> None:
    assert not re.findall(r"\b(?:https?|ssh)://[\w.-]+", text(readme))
