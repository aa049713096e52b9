"""Reads who issued a certificate, also one that is not trusted: Python's ``ssl`` tells that of trusted ones only. Pure.

A certificate is DER: nested items of a tag, a length and a content. Only what is needed is read (RFC 5280, 4.1).
"""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Final, NamedTuple

from upbit_qt_ws.wire.text import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator

_ORGANIZATION: Final = bytes.fromhex("55040a")
_COMMON_NAME: Final = bytes.fromhex("550403")
_VERSION_TAG: Final = 0xA0
_UTC_TIME: Final = 0x17
_UTF16: Final = 0x1E
_ISSUER: Final = 120
"""Most characters of an issuer that are shown."""


class Certificate(NamedTuple):
    """What is shown of a certificate.

    Attributes:
        issuer: organization and common name of who signed it.
        expires: the end of its validity, in UTC.
    """

    issuer: str
    expires: datetime.datetime


def read_certificate(der: bytes) -> Certificate:
    """Return what is shown of a certificate.

    Raises:
        ValueError: it is not a certificate in DER.
    """
    try:
        _, certificate = next(_items(der))
        _, signed = next(_items(certificate))
        parts = list(_items(signed))
        if parts[0][0] == _VERSION_TAG:
            del parts[0]
        _serial, _algorithm, issuer, validity = parts[:4]
        names = dict(_names(issuer[1]))
        (_, _begin), (tag, end) = list(_items(validity[1]))[:2]
        # Two digits of the year are those of 1950 to 2049, and Python's are those of 1969 to 2068. (RFC 5280, 4.1.2.5)
        expires = datetime.datetime.strptime(end.decode(), "%y%m%d%H%M%SZ" if tag == _UTC_TIME else "%Y%m%d%H%M%SZ")
    except (IndexError, StopIteration, UnicodeDecodeError) as error:
        raise ValueError("the certificate cannot be read") from error
    shown = dict.fromkeys(names[kind] for kind in (_ORGANIZATION, _COMMON_NAME) if kind in names)
    return Certificate(one_line(", ".join(shown), _ISSUER), expires.replace(tzinfo=datetime.UTC))


def _names(issuer: bytes) -> Iterator[tuple[bytes, str]]:
    for _, relative in _items(issuer):
        for _, pair in _items(relative):
            (_, kind), (tag, value) = list(_items(pair))[:2]
            yield kind, value.decode("utf-16-be" if tag == _UTF16 else "utf-8", errors="replace")


def _items(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield tag and content of the items that follow one another in ``data``."""
    at = 0
    while at < len(data):
        tag, length, at = data[at], data[at + 1], at + 2
        if length & 0x80:
            size = length & 0x7F
            length, at = int.from_bytes(data[at : at + size], "big"), at + size
        if at + length > len(data):
            raise ValueError("the certificate ends too early")
        yield tag, data[at : at + length]
        at += length
