"""What the exchange says that is not an event: errors, its status, the list of subscriptions, the unknown."""

from __future__ import annotations

import msgspec


class ErrorReply(msgspec.Struct, frozen=True, gc=False):
    """``{"error": {"name", "message"}}``, each as one line; the exchange closes the socket about 0.15 s after it."""

    name: str
    message: str


class StatusReply(msgspec.Struct, frozen=True, gc=False):
    """``{"status": "UP"}``: the server's own 10 s clock after a text ``PING``; it is not data."""

    status: str


class SubscriptionEntry(msgspec.Struct, frozen=True, gc=False):
    """One line of the server's own view: a type with its codes (None where a type has none) and its level."""

    type: str
    codes: tuple[str, ...] | None = None
    level: float = 0.0


class SubscriptionsReply(msgspec.Struct, frozen=True, gc=False):
    """The reply to ``LIST_SUBSCRIPTIONS``."""

    ticket: str
    result: tuple[SubscriptionEntry, ...]


class UnknownReply(msgspec.Struct, frozen=True, gc=False):
    """A well-formed frame of a type that this version does not know; it is counted and otherwise ignored."""

    type: str


Reply = ErrorReply | StatusReply | SubscriptionsReply | UnknownReply
