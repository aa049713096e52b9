"""Frames that are no events: errors, the status, the list of subscriptions; in both spellings of their keys. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from upbit_qt_ws.errors import DecodeError
from upbit_qt_ws.wire import lenient
from upbit_qt_ws.wire.keys import LIST_SUBSCRIPTIONS_SIMPLE_KEYS
from upbit_qt_ws.wire.replies import (
    ErrorReply,
    Reply,
    StatusReply,
    SubscriptionEntry,
    SubscriptionsReply,
    UnknownReply,
)
from upbit_qt_ws.wire.text import one_line

if TYPE_CHECKING:
    from collections.abc import Container, Mapping

    from upbit_qt_ws.wire.second_look import Note


class _Error(msgspec.Struct, frozen=True):
    name: str | int = ""
    message: str = ""


class _ErrorFrame(msgspec.Struct, frozen=True):
    error: _Error


_SHORT: Final = LIST_SUBSCRIPTIONS_SIMPLE_KEYS
_SimpleEntry: Final = msgspec.defstruct(
    "_SimpleEntry",
    [
        ("type", str, msgspec.field(name=_SHORT["type"])),
        ("codes", tuple[str, ...] | None, msgspec.field(default=None, name=_SHORT["codes"])),
        ("level", float, msgspec.field(default=0.0, name=_SHORT["level"])),
    ],
    bases=(SubscriptionEntry,),
    frozen=True,
)
_SimpleSubscriptions: Final = msgspec.defstruct(
    "_SimpleSubscriptions",
    [
        ("ticket", str, msgspec.field(name=_SHORT["ticket"])),
        ("result", tuple[_SimpleEntry, ...], msgspec.field(name=_SHORT["result"])),  # type: ignore[valid-type]  # A class made at run time.
    ],
    bases=(SubscriptionsReply,),
    frozen=True,
)

_ERROR: Final = msgspec.json.Decoder(_ErrorFrame)
_STATUS: Final = msgspec.json.Decoder(StatusReply)
_LISTING: Final = msgspec.json.Decoder(SubscriptionsReply)
_SIMPLE_LISTING: Final[msgspec.json.Decoder[SubscriptionsReply]] = msgspec.json.Decoder(_SimpleSubscriptions)


def decode(frame: bytes, fields: Container[str]) -> Reply:
    """Return what a frame without a type says.

    Args:
        frame: an object.
        fields: its keys.

    Raises:
        msgspec.DecodeError: a value is not what it should be.
    """
    if "error" in fields:
        error = _ERROR.decode(frame).error
        return ErrorReply(one_line(str(error.name)), one_line(error.message))
    if "method" in fields:
        return _LISTING.decode(frame)
    if _SHORT["method"] in fields:
        return _SIMPLE_LISTING.decode(frame)
    return _STATUS.decode(frame) if "status" in fields else UnknownReply("")


def look_again(found: Mapping[str, Any], note: Note) -> Reply:
    """Return what an object without a type says, after :func:`decode` has refused it; its values are parsed or not.

    An error stays one whatever is in it. A list of subscriptions that cannot be read is an answer all the same, but to
    no question: nothing can be concluded from what is not on it.

    Raises:
        DecodeError: it says nothing.
    """
    error = lenient.plain(found.get("error"))
    if isinstance(error, dict):
        return ErrorReply(_words(error.get("name")), _words(error.get("message")))
    if isinstance(error, str):
        return ErrorReply(one_line(error), "")
    for key, result in (("method", "result"), (_SHORT["method"], _SHORT["result"])):
        if key in found:
            note("LIST_SUBSCRIPTIONS.result", lenient.plain(found.get(result)))
            return SubscriptionsReply("", ())
    raise DecodeError("it is neither an event nor a reply")


def _words(value: object) -> str:
    return "" if value is None else one_line(value) if isinstance(value, str) else lenient.excerpt(value)
