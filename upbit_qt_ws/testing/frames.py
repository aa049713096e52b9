"""Frames: the four formats, and payloads as bytes on the wire.

A server never masks its frames, so one encoded frame serves every connection that has no compression.
"""

from __future__ import annotations

import struct
from enum import Enum


class StreamFormat(Enum):
    """The four formats of a connection."""

    DEFAULT = "DEFAULT"
    SIMPLE = "SIMPLE"
    JSON_LIST = "JSON_LIST"
    SIMPLE_LIST = "SIMPLE_LIST"

    @property
    def simple(self) -> bool:
        """Whether the keys are abbreviated."""
        return self in (StreamFormat.SIMPLE, StreamFormat.SIMPLE_LIST)

    @property
    def is_list(self) -> bool:
        """Whether a frame is an array."""
        return self in (StreamFormat.JSON_LIST, StreamFormat.SIMPLE_LIST)


class Frame:
    """One binary WebSocket frame: its payload, and the bytes on the wire when it is not compressed."""

    __slots__ = ("payload", "wire")

    def __init__(self, payload: bytes) -> None:
        """Put the header of an unfragmented, unmasked binary frame before ``payload``."""
        self.payload = payload
        length = len(payload)
        if length < 126:
            header = struct.pack("!BB", 0x82, length)
        elif length < 65_536:
            header = struct.pack("!BBH", 0x82, 126, length)
        else:
            header = struct.pack("!BBQ", 0x82, 127, length)
        self.wire = header + payload


def frame_of(text: str, form: StreamFormat) -> Frame:
    """Return ``text``, one JSON object, as a frame of ``form``."""
    return Frame(f"[{text}]".encode() if form.is_list else text.encode())
