"""The result of a whole run, and its text, its JSON and its bundle."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import msgspec

from upbit_qt_ws.doctor import facts
from upbit_qt_ws.doctor.results import CheckResult, Outcome, Text
from upbit_qt_ws.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from upbit_qt_ws.doctor.scrub import Scrubber
    from upbit_qt_ws.wire.auth_errors import Language

WORDS: Final = {
    Outcome.OK: Text("ok", "정상"),
    Outcome.WARNING: Text("warning", "주의"),
    Outcome.FAILED: Text("failed", "실패"),
    Outcome.SKIPPED: Text("skipped", "건너뜀"),
}
_COLORS: Final = {Outcome.OK: "32", Outcome.WARNING: "33", Outcome.FAILED: "31", Outcome.SKIPPED: "2"}


def line_of(result: CheckResult, language: Language, *, color: bool = False) -> str:
    """Return a result for a terminal: one line, and the advice on a second one.

    Args:
        result: of a check.
        language: of the words.
        color: paint the outcome with ANSI codes; it stands there in words too.
    """
    word = f"[{WORDS[result.outcome].in_language(language)}]"
    if color:
        word = f"\x1b[{_COLORS[result.outcome]}m{word}\x1b[0m"
    advice = f"\n    → {result.advice}" if result.advice else ""
    return f"{word} {result.title}: {result.figure}{advice}"


@dataclass(frozen=True)
class DoctorReport:
    """What a run found. Its texts hold no secret.

    Attributes:
        results: of all checks, in their order.
        language: of their texts.
        computer: versions, environment variables and settings, for the bundle.
    """

    results: tuple[CheckResult, ...]
    language: Language
    computer: Mapping[str, object] = field(repr=False)
    _scrubber: Scrubber = field(repr=False)

    @property
    def ok(self) -> bool:
        """Whether no check failed; warnings and skipped checks are not failures."""
        return all(result.outcome is not Outcome.FAILED for result in self.results)

    def text(self) -> str:
        """Return all lines for people."""
        return "\n".join(line_of(result, self.language) for result in self.results) + "\n"

    def json(self) -> str:
        """Return the results as JSON: ``ok``, ``language`` and the list ``results``."""
        return _json({"ok": self.ok, "language": self.language, "results": msgspec.to_builtins(self.results)})

    def write_bundle(self, path: Path, *, log: Path | None = None, health: Mapping[str, object] | None = None) -> None:
        """Write all that helps another person to help, and no secret, as a zip file.

        Args:
            path: the file, which is replaced.
            log: a log file whose last lines are taken along; None for none.
            health: what ``GlobalWebSocketManager.get_health_status()`` returned; None for none.

        Raises:
            ConfigurationError: the file cannot be written, or the log file not be read.
        """
        scrub = self._scrubber
        parts = {
            "report.txt": self.text(),
            "report.json": self.json(),
            "computer.json": _json(scrub.mapping(self.computer)),
        }
        if health is not None:
            parts["health.json"] = _json(scrub.mapping(health))
        if log is not None:
            parts["log.txt"] = scrub.text(facts.log_tail(log))
        try:
            with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as bundle:
                for name, text in parts.items():
                    # A second look at what is written, for a key that only the joined text spells.
                    bundle.writestr(name, scrub.known_secrets(text))
        except OSError as error:
            raise ConfigurationError(f"the bundle {path} cannot be written: {error.strerror or error}") from error


def _json(value: object) -> str:
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode() + "\n"
