"""However a key is encoded in a line of a log, it is gone, and nothing else of the line is."""

from __future__ import annotations

import base64
import html
import json
import time
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from upbit_qt_ws.doctor.scrub import MASK, Scrubber
from upbit_qt_ws.doctor.spellings import LEAST_ENCODED
from upbit_qt_ws.wire.text import one_line

if TYPE_CHECKING:
    from collections.abc import Callable

KEYS = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=16, max_size=64)
UPBIT_KEYS = st.text(
    st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"), min_size=40, max_size=40
)
WORDS = st.text(st.sampled_from("abcdefgh KRW-BTC 114,423,000 가나 [WARNING] 12:00:00"), max_size=30)


def lower_percents(key: str) -> str:
    return "".join(sign if quote(sign, safe="") == sign else quote(sign, safe="").lower() for sign in key)


def every_percent(key: str) -> str:
    return "".join(f"%{byte:02X}" for byte in key.encode())


ENCODINGS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "upper": str.upper,
    "percent": lambda key: quote(key, safe=""),
    "percent but slashes": quote,
    "form": quote_plus,
    "lower-case percent": lower_percents,
    "every character percent": every_percent,
    "percent twice": lambda key: quote(quote(key, safe=""), safe=""),
    "json": lambda key: json.dumps(key)[1:-1],
    "json with slashes": lambda key: json.dumps(key)[1:-1].replace("/", "\\/"),
    "json in json": lambda key: json.dumps(json.dumps(key)[1:-1])[1:-1],
    "json escapes": lambda key: "".join(f"\\u{ord(sign):04x}" for sign in key),
    "python": lambda key: repr(key + "'\"")[1:-4],  # So that a quotation mark in the key is escaped.
    "html": html.escape,
    "html numbers": lambda key: "".join(f"&#{ord(sign)};" for sign in key),
    "hex": lambda key: key.encode().hex(),
    "HEX": lambda key: key.encode().hex().upper(),
    "hex with colons": lambda key: key.encode().hex(":"),
    "base64": lambda key: base64.b64encode(key.encode()).decode(),
    "base64 unpadded": lambda key: base64.b64encode(key.encode()).decode().rstrip("="),
    "base64 urlsafe": lambda key: base64.urlsafe_b64encode(key.encode()).decode(),
    "base64 urlsafe unpadded": lambda key: base64.urlsafe_b64encode(key.encode()).decode().rstrip("="),
    "base64 in an address": lambda key: quote(base64.b64encode(key.encode()).decode(), safe=""),
    "base64 in json": lambda key: json.dumps(base64.b64encode(key.encode()).decode())[1:-1].replace("/", "\\/"),
}


@pytest.mark.parametrize("encode", ENCODINGS.values(), ids=ENCODINGS)
@settings(max_examples=25)
@given(key=KEYS | UPBIT_KEYS, left=WORDS, right=WORDS)
@example(key="%41" * 10, left="", right="")
@example(key="\\" * 20, left="a", right="b")
@example(key='"' * 20, left="a", right="b")
@example(key="/+/+/+=&<>'\"\\%25%", left="", right="")
def test_the_key_is_gone_and_nothing_else(encode: Callable[[str], str], key: str, left: str, right: str) -> None:
    assume(key not in left and key not in right)
    line = f"{left} | {encode(key)} | {right}"
    assert Scrubber([key]).known_secrets(line) == f"{left} | {MASK} | {right}"


@given(key=UPBIT_KEYS, before=st.binary(max_size=12), after=st.binary(max_size=12), urlsafe=st.booleans())
def test_a_key_in_the_middle_of_what_was_encoded_is_gone(key: str, before: bytes, after: bytes, urlsafe: bool) -> None:
    encode = base64.urlsafe_b64encode if urlsafe else base64.b64encode
    coded = encode(before + key.encode() + after).decode()
    scrubbed = Scrubber([key]).known_secrets(f"a {coded} b")
    assert scrubbed.count(MASK) == 1
    left, right = scrubbed.removeprefix("a ").removesuffix(" b").split(MASK)
    # What is left holds bits of the neighbours alone.
    assert coded.startswith(left)
    assert coded.endswith(right)
    assert len(left) <= len(before) * 4 / 3
    assert len(right) <= len(after) * 4 / 3 + 3


@given(user=st.text(st.sampled_from("abcxyz019"), min_size=1, max_size=12), key=UPBIT_KEYS)
def test_a_header_shows_nothing_of_user_and_key(user: str, key: str) -> None:
    coded = base64.b64encode(f"{user}:{key}".encode()).decode()
    for scrubber in (Scrubber([key]), Scrubber()):
        assert scrubber.text(f"x: Basic {coded}, y") == f"x: Basic {MASK}, y"
        assert scrubber.text(f"Bearer {coded}") == f"Bearer {MASK}"


@given(key=UPBIT_KEYS, shown=st.integers(6, 38))
def test_a_key_that_was_cut_is_gone(key: str, shown: int) -> None:
    words = one_line("refused: " + key, len("refused: ") + shown + 1)
    assert words.endswith("…")
    assert Scrubber([key]).text(words) == f"refused: {MASK}…"


@given(key=UPBIT_KEYS, text=st.text(max_size=200))
def test_texts_without_the_key_stay_as_they_are(key: str, text: str) -> None:
    assume(key.lower() not in text.lower())
    assert Scrubber([key]).known_secrets(text) == text


def test_short_secrets_leave_innocent_texts_alone() -> None:
    short = "abcdef"
    assert len(short) < LEAST_ENCODED
    text = base64.b64encode(b"nothing of that").decode() * 20 + b"nothing".hex()
    assert Scrubber([short]).known_secrets(text) == text
    assert Scrubber([short]).known_secrets(f"x {short} y") == f"x {MASK} y"


def test_a_long_log_takes_no_time() -> None:
    scrubber = Scrubber(["k" * 39 + "1", "s" * 39 + "2"])
    log = (
        "2026-11-29 12:00:00 WARNING the connection was closed with code 1006 (kkkk ssss \\\\ %6b%6b a2tra2tr)\n" * 2500
    )
    began = time.thread_time()
    assert scrubber.text(log) == log
    assert time.thread_time() - began < 5
