from __future__ import annotations

import pytest

from tools import system_packages


def test_only_missing_ones_are_named() -> None:
    assert system_packages.missing_packages(["libgl1", "libegl1"], {"libgl1"}) == ["libegl1"]


def test_newer_names_of_libraries_count() -> None:
    assert system_packages.missing_packages(["libglib2.0-0"], {"libglib2.0-0t64"}) == []


@pytest.mark.parametrize("prefix", [[], ["sudo", "-n"]])
def test_apt_get_asks_no_question_behind_sudo_either(prefix: list[str]) -> None:
    command = system_packages.apt_get(prefix, "install", "-y", "libgl1")

    assert command[: len(prefix) + 3] == [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]
    assert command[-3:] == ["install", "-y", "libgl1"]


def test_without_rights_the_command_is_shown(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(system_packages, "as_root", lambda: None)

    assert not system_packages.install_packages(["libgl1", "libegl1"], "Qt")
    assert "sudo apt-get install libgl1 libegl1" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("answers", "installed", "asked"),
    [
        ([None], True, ["install"]),
        (["no such package", None, None], True, ["install", "update", "install"]),
        (["no such package", "no network"], False, ["install", "update"]),
    ],
)
def test_lists_are_updated_only_when_needed(
    answers: list[str | None], installed: bool, asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    commands = []

    def answer(title: str, command: list[str]) -> str | None:
        commands.append(command[6 if command[0] == "env" else 0])
        return answers[len(commands) - 1]

    monkeypatch.setattr(system_packages, "as_root", list)
    monkeypatch.setattr(system_packages, "run_quietly", answer)

    assert system_packages.install_packages(["libgl1"], "Qt") is installed
    assert commands == asked
