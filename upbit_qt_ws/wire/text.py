"""Text from outside as one line that may be shown: in a log, a terminal, a status, a label. Pure.

What the exchange, a proxy or a server in between says is data. Written out as it came, a line break would forge a
line of a log, an escape sequence would repaint a terminal, a right-to-left override would turn a sentence around, and
a message of 5 MB would fill a window. :func:`one_line` is the one place that makes text of it. Events keep what the
exchange sent; what is shown of them passes here.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

LIMIT: Final = 200
"""Most characters of a line."""

REPLACEMENT: Final = "\N{REPLACEMENT CHARACTER}"
"""Stands for a character that cannot be shown, so that its absence is seen."""

_ELLIPSIS: Final = "…"
_READ: Final = 8
"""How many times the limit is read at most: blanks and marks that are dropped make room for what follows."""

_MOST_MARKS: Final = 2
"""Accents on one letter that are kept; Vietnamese and Thai have two, and a tower of them covers the lines above."""

# Words of ASCII, Latin and Korean signs with single blanks between them: nearly everything that ever comes.
_WORD: Final = r"[!-~\u00a1-\u00ac\u00ae-\u02ff\u3131-\u3163가-힣]+"
_ORDINARY: Final = re.compile(rf"{_WORD}(?: {_WORD})*|")

# Letters and marks by their category, but nothing is to be seen of them: fillers of Hangul and Khmer, the empty
# pattern of Braille, the joiner of graphemes, the selectors of variants.
_INVISIBLE: Final = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0"
    + "".join(map(chr, range(0xFE00, 0xFE10)))
    + "".join(map(chr, range(0xE0100, 0xE01F0)))
)
# Up to the last @ of the word: a password that was not percent-encoded may hold any sign.
_USER_INFO: Final = re.compile(r"(?<=://)[^\s\"']*@")


def one_line(text: str, limit: int = LIMIT) -> str:
    """Return ``text`` as one line of printable characters, cut with an ellipsis; applied twice it changes nothing.

    Line breaks, tabs and blanks of all kinds become one blank. Control characters, escape sequences, overrides of the
    direction, lone surrogates and characters that Unicode does not assign become ``U+FFFD``, one for several in a row.
    Characters that cannot be seen are left out. Markup is no concern of this: it stays as it is, for plain labels.

    Args:
        text: from outside; only its beginning is looked at.
        limit: most characters of the result, the ellipsis included; at least 1.
    """
    if len(text) <= limit and _ORDINARY.fullmatch(text):
        return text
    shown = "".join(_shown(text[: limit * _READ]))
    if len(shown) > limit or len(text) > limit * _READ:
        shown = shown[: limit - 1].rstrip(" ") + _ELLIPSIS
    return shown


def _shown(text: str) -> list[str]:
    found: list[str] = []
    marks = 0
    last = " "  # No blank at the beginning.
    for character in text:
        sign = _sign(character)
        if sign in ("", last) and sign in ("", " ", REPLACEMENT):
            continue
        marks = marks + 1 if unicodedata.category(sign)[0] == "M" else 0
        if marks <= _MOST_MARKS:
            found.append(sign)
            last = sign
    if found and found[-1] == " ":
        found.pop()
    return found


def _sign(character: str) -> str:
    """Return what is shown of one character: itself, a blank, the replacement, or nothing."""
    if character in _INVISIBLE:
        return ""
    if character.isprintable():
        return character
    category = unicodedata.category(character)
    if category[0] == "Z" or character in "\t\n\v\f\r\x1c\x1d\x1e\x1f\x85":
        return " "
    # A format character that overrides or isolates a direction changes what others mean; the rest joins and hyphenates.
    if category == "Cf" and unicodedata.bidirectional(character) in ("BN", ""):
        return ""
    return REPLACEMENT


def without_user_info(text: str) -> str:
    """Return ``text`` with ``•••`` in the place of every name and password in an address, as proxies have them."""
    return _USER_INFO.sub("•••@", text)
