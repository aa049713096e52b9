"""What a check finds, in the language of who reads it. Pure."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, NamedTuple

import msgspec

if TYPE_CHECKING:
    from upbit_qt_ws.wire.auth_errors import Language


class Outcome(enum.StrEnum):
    """How a check ended; only ``FAILED`` makes the whole run a failure."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"
    SKIPPED = "skipped"


class Text(NamedTuple):
    """The same words in both languages."""

    en: str
    ko: str

    def in_language(self, language: Language) -> str:
        """Return the words in one language."""
        return self.ko if language == "ko" else self.en


def same(words: str) -> Text:
    """Return words that are the same in both languages: numbers, names, what the exchange said."""
    return Text(words, words)


NOTHING = Text("", "")


class Finding(NamedTuple):
    """What one check found.

    Attributes:
        outcome: how it ended.
        figure: what was measured, or what went wrong.
        advice: what to do; empty when nothing needs doing.
        refused_for_now: the exchange refuses this address for a while, so that further calls would only prolong it.
    """

    outcome: Outcome
    figure: Text
    advice: Text = NOTHING
    refused_for_now: bool = False


class CheckResult(msgspec.Struct, frozen=True):
    """What one check found, for people. Holds no secret.

    Attributes:
        name: of the check, the same in every language and version: ``dns``, ``tls`` …
        title: of the check, in the language of the run.
        outcome: how it ended.
        figure: what was measured, or what went wrong.
        advice: what to do; empty when nothing needs doing.
        seconds: how long the check took.
    """

    name: str
    title: str
    outcome: Outcome
    figure: str
    advice: str
    seconds: float
