"""How a secret may be spelt in a text: as it is, percent-encoded, escaped, in hexadecimal digits, in base64. Pure.

Each function returns the source of a regular expression, to be used with ``re.IGNORECASE``.
"""

from __future__ import annotations

import re
import string
from typing import Final

LEAST_ENCODED: Final = 8
"""Secrets with fewer bytes are looked for as they are and escaped, but not in hexadecimal digits and base64: their
codes are so short that they stand in innocent texts. The exchange's keys have 40 characters."""

_LEAST_BEGINNING: Final = 6
"""So many characters of a secret are looked for where a text was cut behind them."""

_ESCAPED: Final = "\"'/"
"""Signs before which JSON, Python and shells put a backslash."""

_NAMED: Final = {"&": "amp", "<": "lt", ">": "gt", '"': "quot", "'": "apos"}
_ALPHABET: Final = string.ascii_uppercase + string.ascii_lowercase + string.digits + "+/"
_BASE64_SIGNS: Final = {
    # The second alphabet, and what escapes for addresses and JSON make of the signs.
    "+": r"(?:\+|-|%(?:25)*2b|\\+u002b)",
    "/": r"(?:\\*/|_|%(?:25)*2f|\\+u002f)",
}
_PADDING: Final = r"(?:=|%(?:25)*3d|\\+u003d)"


def spelt(secret: str) -> str:
    """Return how the secret is found as it is, and with any of its characters escaped in any of the usual ways."""
    return "".join(_characters(secret))


def beginning(secret: str) -> str:
    """Return how the beginning of a secret is found where the text was cut, as the ellipsis behind it shows."""
    found = ""
    for characters in reversed(_characters(secret[_LEAST_BEGINNING:])):
        found = f"(?:{characters}{found})?"
    return spelt(secret[:_LEAST_BEGINNING]) + found + "(?=…)"


def in_hexadecimal(secret: str) -> str:
    """Return how the secret is found in hexadecimal digits, which may be separated."""
    return r"(?:[ :-]|\\+x|0x)?".join(f"{byte:02x}" for byte in secret.encode())


def in_base64(secret: str) -> list[str]:
    """Return how the secret is found in base64: at the beginning of what was encoded, or behind any number of bytes.

    Three bytes become four signs, so there are three ways. The signs at both ends hold bits of the neighbours too.
    """
    return [_aligned(secret.encode(), before) for before in range(3)]


def _characters(secret: str) -> list[str]:
    """Return how each character is found; several backslashes in a row are one, of which nobody can tell the parts."""
    found = []
    for run in re.findall(r"\\+|[^\\]", secret):
        character = _character(run[0])
        found.append(rf"(?:\\{{{len(run)},}}|{character}{{{len(run)}}})" if run[0] == "\\" else character)
    return found


def _character(sign: str) -> str:
    code = ord(sign)
    ways = [
        "".join(rf"%(?:25)*{byte:02x}" for byte in sign.encode()),
        rf"\\+u{code:04x}",
        rf"&\#(?:0*{code}|x0*{code:x});",
    ]
    if code < 0x100:
        ways.append(rf"\\+x{code:02x}")
    if sign in _NAMED:
        ways.append(f"&{_NAMED[sign]};")
    ways.append((r"\\*" if sign in _ESCAPED else "") + re.escape(sign))
    return f"(?:{'|'.join(ways)})"


def _aligned(secret: bytes, before: int) -> str:
    """Return the signs that hold bits of the secret when ``before`` bytes, 0 to 2, stand before it in their group."""
    first, end = 8 * before, 8 * (before + len(secret))
    value = int.from_bytes(secret, "big")
    signs = []
    for start in range(first - first % 6, end, 6):
        known_from, known_to = max(start, first), min(start + 6, end)
        bits = (value >> (end - known_to)) & ((1 << (known_to - known_from)) - 1)
        signs.append(_sign(bits, known_from - start, start + 6 - known_to))
    missing = -end % 24 // 8
    return "".join(signs) + (f"(?:{_PADDING}{{{missing}}})?" if missing else "")


def _sign(bits: int, free_before: int, free_behind: int) -> str:
    """Return the sign of six bits, of which some at the beginning or the end may be anything."""
    possible = [
        _ALPHABET[(left << (6 - free_before)) | (bits << free_behind) | right]
        for left in range(1 << free_before)
        for right in range(1 << free_behind)
    ]
    ways = [_BASE64_SIGNS.get(sign, sign) for sign in possible]
    return ways[0] if len(ways) == 1 else f"(?:{'|'.join(ways)})"
