"""Takes secrets out of texts, by value: wherever a key stands, in an address, a log line or an error. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from upbit_qt_ws.doctor import spellings

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

MASK: Final = "•••"
"""Stands where a secret stood. Keys are ASCII, so no mask can become a part of one with what stands beside it."""

_PATTERNS: Final = (
    # A token: three parts in base64url, of which the first is JSON and so begins with `{"`.
    re.compile(r"eyJ[\w-]+\.[\w-]*(?:\.[\w-]*)?"),
    re.compile(r"(?i)(?:(?<=bearer )|(?<=authorization: basic ))[^\s\"',]+"),
    # What stands beside a mask is the name of the user.
    re.compile(rf"(?i)(?<=basic )(?:[a-z0-9+/_-]*{MASK}[a-z0-9+/_-]*|[a-z0-9+/_-]{{16,}})={{0,2}}"),
    # Name and password in an address, as those of proxies have them.
    re.compile(r"(?<=://)[^/\s@\"']+(?=@)"),
    re.compile(r"(?i)(?<=access_key)(?:[\"']?\s*[=:]\s*)(?:\"[^\"]*\"|'[^']*'|[^\s,;&}]+)"),
    re.compile(r"(?i)(?<=secret_key)(?:[\"']?\s*[=:]\s*)(?:\"[^\"]*\"|'[^']*'|[^\s,;&}]+)"),
)


def _ways(secret: str) -> list[str]:
    ways = [spellings.spelt(secret)]
    if len(secret.encode()) >= spellings.LEAST_ENCODED:
        ways += [*spellings.in_base64(secret), spellings.in_hexadecimal(secret), spellings.beginning(secret)]
    return ways


class Scrubber:
    """Knows the secrets of this run; its texts hold none of them, however they are encoded (see ``spellings``)."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        """Know these secrets; empty ones do not count."""
        self._secrets: set[str] = set()
        self._known: re.Pattern[str] | None = None
        self.add(*secrets)

    def __repr__(self) -> str:
        return f"Scrubber({len(self._secrets)} secrets)"

    def add(self, *secrets: str) -> None:
        """Know more secrets from now on."""
        self._secrets.update(secret for secret in secrets if secret)
        # The longest first, so that a key which is a part of another does not leave the rest of it.
        longest_first = sorted(self._secrets, key=lambda secret: (-len(secret), secret))
        ways = [way for secret in longest_first for way in _ways(secret)]
        self._known = re.compile("|".join(ways), re.IGNORECASE) if ways else None

    def text(self, text: str) -> str:
        """Return ``text`` without secrets, and without what looks like one: tokens, passwords in addresses."""
        # A mask stands in every gap, so that nothing can join to another secret, and one round is enough.
        text = self.known_secrets(text)
        for pattern in _PATTERNS:
            text = pattern.sub(MASK, text)
        return text

    def known_secrets(self, text: str) -> str:
        """Return ``text`` without the secrets that are known by value, and otherwise unchanged, as JSON needs it."""
        return text if self._known is None else self._known.sub(MASK, text)

    def mapping(self, values: Mapping[str, object]) -> dict[str, object]:
        """Return values for JSON without secrets; JSON would spell a quotation mark in a key differently."""
        return {self.text(str(name)): self._value(value) for name, value in values.items()}

    def _value(self, value: object) -> object:
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return self.mapping(value)
        if isinstance(value, list | tuple | set | frozenset):
            return [self._value(item) for item in value]
        if value is None or isinstance(value, bool | int | float):
            return value
        return self.text(str(value))
