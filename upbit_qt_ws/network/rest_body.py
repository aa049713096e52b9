"""The body of an HTTP answer, put together from its pieces up to a bound. Pure.

A few bytes of gzip may unpack to gigabytes, and an answer may never end. So this unpacks itself, piece by piece, and
stops in time, whatever the HTTP library would do.
"""

from __future__ import annotations

import zlib
from typing import Final

from upbit_qt_ws.bounds import MOST_BYTES

_GZIP: Final = 16 + zlib.MAX_WBITS
_PLAIN: Final = ("", "identity")
_ZIPPED: Final = ("gzip", "x-gzip")


class BadBodyError(Exception):
    """An answer cannot be read; the text says why, in plain words.

    Attributes:
        read: what could be read of it.
    """

    def __init__(self, message: str, read: bytes = b"") -> None:
        """Keep what could be read."""
        super().__init__(message)
        self.read = read


class BodyReader:
    """Takes the pieces of one answer as they come from the line.

    Args:
        encoding: header ``Content-Encoding``; empty without it.
        most: bound in bytes, of what comes and of what it unpacks to.

    Raises:
        BadBodyError: it is packed in a way that was not asked for.
    """

    def __init__(self, encoding: str = "", most: int = MOST_BYTES) -> None:
        """Begin empty."""
        spelt = encoding.strip().lower()
        if spelt not in (*_PLAIN, *_ZIPPED):
            raise BadBodyError("the answer is compressed in a way that was not asked for")
        self._unzip = zlib.decompressobj(_GZIP) if spelt in _ZIPPED else None
        self._most = most
        self._taken = 0
        self._parts: list[bytes] = []
        self._size = 0

    def add(self, piece: bytes) -> None:
        """Take the next piece.

        Raises:
            BadBodyError: it is not what it says, or more than the bound.
        """
        self._taken += len(piece)
        # What comes counts, too: a header of gzip may be endless, and unpacks to nothing.
        if self._taken > self._most:
            raise self._too_large(piece if self._unzip is None else b"")
        if self._unzip is None:
            self._keep(piece)
            return
        try:
            while piece:
                # One byte more than there is room for tells that there is more.
                self._keep(self._unzip.decompress(piece, self._most - self._size + 1))
                piece = self._unzip.unused_data
                if self._unzip.eof and piece:
                    self._unzip = zlib.decompressobj(_GZIP)
        except zlib.error:
            raise self._bad_zip() from None

    def body(self) -> bytes:
        """Return the whole body.

        Raises:
            BadBodyError: it ends too early.
        """
        if self._unzip is not None and self._taken and not self._unzip.eof:
            raise self._bad_zip()
        return b"".join(self._parts)

    def _keep(self, part: bytes) -> None:
        self._size += len(part)
        if self._size > self._most:
            raise self._too_large(part)
        self._parts.append(part)

    def _too_large(self, rest: bytes) -> BadBodyError:
        most = f"the answer is larger than {self._most / 2**20:g} MiB, which is the most that is read"
        return BadBodyError(most, b"".join((*self._parts, rest))[: self._most])

    def _bad_zip(self) -> BadBodyError:
        return BadBodyError("the answer is not compressed as it says", b"".join(self._parts))
