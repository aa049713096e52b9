"""Text from outside becomes one printable line, whatever it is."""

from __future__ import annotations

import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from upbit_qt_ws.wire.text import LIMIT, REPLACEMENT, one_line, without_user_info

ANYTHING = st.text(st.characters(), max_size=600) | st.text(
    # What harms most, close together.
    st.sampled_from("a 가<&\n\r\t\x00\x1b\x7f\x85\u2028\u2029\u202e\u2066\u200b\u200d\u3164\ufeff\ud800\u0301\u00a0😀"),
    max_size=600,
)


@given(ANYTHING, st.integers(1, 300))
@example("a" * 201, 200)
@example("a " * 200, 200)
@example("e" + "\u0301" * 300, 3)
def test_it_is_one_printable_line_of_bounded_length(text: str, limit: int) -> None:
    line = one_line(text, limit)
    assert len(line) <= limit
    assert line.isprintable()
    assert line.splitlines() in ([], [line])
    assert line == line.strip()
    assert "  " not in line
    line.encode()


@given(ANYTHING, st.integers(1, 300))
def test_a_second_time_changes_nothing(text: str, limit: int) -> None:
    once = one_line(text, limit)
    assert one_line(once, limit) == once


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=LIMIT))
def test_an_ordinary_line_stays_as_it_is(text: str) -> None:
    assert one_line(text) == " ".join(text.split())


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("비트코인 <b>&amp; 이더리움</b>", "비트코인 <b>&amp; 이더리움</b>"),
        ("two\r\nlines\tand\u2028more\u00a0\u3000here", "two lines and more here"),
        ("\x1b[31mred\x1b[0m\x07", f"{REPLACEMENT}[31mred{REPLACEMENT}[0m{REPLACEMENT}"),
        ("safe\u202egnp.exe", f"safe{REPLACEMENT}gnp.exe"),
        ("BTC\u200b\u2060\ufeff\u3164\u00ad", "BTC"),
        ("\ud83d\x00\x01", REPLACEMENT),
        ("naïve e\u0301 ế ก็่", "naïve e\u0301 ế ก็่"),
        ("Z\u0301\u0302\u0303\u0304a", "Z\u0301\u0302a"),
        (" \n\t ", ""),
        ("\u200b \u3164", ""),
    ],
)
def test_what_is_shown_of(text: str, line: str) -> None:
    assert one_line(text) == line


def test_a_long_text_is_cut_with_an_ellipsis() -> None:
    assert one_line("x" * LIMIT) == "x" * LIMIT
    assert one_line("x" * (LIMIT + 1)) == "x" * (LIMIT - 1) + "…"
    assert one_line("x " * 1000, 10) == "x x x x x…"
    assert one_line("\u200b" * 5000) == "…", "it is said that there was more"


@pytest.mark.parametrize("text", ["a\n" * 2_500_000, "\u200b" * 5_000_000, "\x1b[2J" * 1_250_000])
def test_five_million_characters_cost_nothing(text: str) -> None:
    began = time.thread_time()
    one_line(text)
    assert time.thread_time() - began < 0.1


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("http://user:pass@proxy:8080 isn't valid", "http://•••@proxy:8080 isn't valid"),
        ("http://user:p@ss/w@rd#1@proxy", "http://•••@proxy"),
        ("'socks5://only@host' and ws://127.0.0.1/a", "'socks5://•••@host' and ws://127.0.0.1/a"),
        ("mail@example.com", "mail@example.com"),
    ],
)
def test_passwords_in_addresses_are_not_shown(text: str, shown: str) -> None:
    assert without_user_info(text) == shown
