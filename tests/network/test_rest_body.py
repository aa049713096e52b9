"""The body of an answer is read up to a bound, whatever it is packed in."""

from __future__ import annotations

import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from upbit_qt_ws.network.rest_body import BadBodyError, BodyReader

MOST = 1_000


def read(data: bytes, encoding: str = "gzip", *, size: int = 64, most: int = MOST) -> bytes:
    reader = BodyReader(encoding, most)
    for start in range(0, len(data), size):
        reader.add(data[start : start + size])
    return reader.body()


@given(st.binary(max_size=MOST), st.sampled_from(["", "identity", "gzip", "GZIP", " x-gzip "]), st.integers(1, 200))
def test_a_body_comes_whole_however_it_is_cut(body: bytes, encoding: str, size: int) -> None:
    packed = gzip.compress(body) if "gzip" in encoding.lower() else body
    assert read(packed, encoding, size=size) == body


def test_several_members_of_gzip_are_one_body() -> None:
    assert read(gzip.compress(b"one ") + gzip.compress(b"") + gzip.compress(b"two")) == b"one two"


def test_an_empty_body_is_empty_whatever_it_says() -> None:
    assert read(b"") == b""


@pytest.mark.parametrize("excess", [1, 10**6])
def test_a_byte_more_than_the_bound_is_too_much(excess: int) -> None:
    for data, encoding in ((bytes(MOST + excess), ""), (gzip.compress(bytes(MOST + excess)), "gzip")):
        with pytest.raises(BadBodyError, match="larger than"):
            read(data, encoding)
    assert read(gzip.compress(bytes(MOST))) == bytes(MOST)


def test_a_bomb_is_not_unpacked() -> None:
    bomb = gzip.compress(bytes(50 * 2**20))
    reader = BodyReader("gzip", 2**20)
    with pytest.raises(BadBodyError, match=r"larger than 1 MiB"):
        reader.add(bomb)


def test_a_bomb_of_many_members_is_not_unpacked() -> None:
    with pytest.raises(BadBodyError, match="larger than"):
        read(gzip.compress(bytes(100)) * 20, size=10_000, most=500)


def test_a_header_of_gzip_without_end_is_too_much() -> None:
    endless_name = b"\x1f\x8b\x08\x08" + bytes(6) + b"x" * 2 * MOST
    with pytest.raises(BadBodyError, match="larger than"):
        read(endless_name)


@pytest.mark.parametrize(
    "data", [b"no gzip at all", zlib.compress(b"x"), gzip.compress(b"x" * 99, mtime=0)[:-5], b"\x1f"]
)
def test_what_is_not_what_it_says(data: bytes) -> None:
    with pytest.raises(BadBodyError, match="not compressed as it says"):
        read(data)


@pytest.mark.parametrize("encoding", ["br", "deflate", "zstd", "gzip, gzip", "gzip,br", "?"])
def test_what_was_not_asked_for_is_refused(encoding: str) -> None:
    with pytest.raises(BadBodyError, match="not asked for"):
        BodyReader(encoding)
