"""The state of a link to the exchange, as an immutable record that may cross between the threads."""

from __future__ import annotations

import enum

import msgspec


class LinkState(enum.StrEnum):
    """What a link is doing.

    ``IDLE``: nobody wants anything of it; ``CONNECTING``: a handshake is under way; ``CONNECTED``: the socket is open;
    ``WAITING``: it was lost or refused, and the next attempt is due at ``retry_at``; ``UNAUTHORIZED``: there are no
    keys, or the exchange refuses them; ``STOPPED``: it was shut down or cannot run at all.
    """

    IDLE = "idle"
    CONNECTING = "connecting"
    CONNECTED = "connected"
    WAITING = "waiting"
    UNAUTHORIZED = "unauthorized"
    STOPPED = "stopped"


class LinkStatus(msgspec.Struct, frozen=True):
    """A link at one moment.

    Attributes:
        state: what it is doing.
        epoch: number of its newest connection, 0 before the first.
        since: monotonic time of the last change of ``state``, in seconds.
        reason: why it is not connected, or why topics are not live though it is, in plain words; empty when there is
            nothing to say.
        hint: what to do about it, in plain words; empty when there is nothing to say.
        retry_at: monotonic time of the next attempt while ``WAITING`` or ``UNAUTHORIZED``, else None.
        sockets_opened: connections whose handshake succeeded, since the start.
        failures: attempts that failed and connections that were lost, since the start; the log tells only the first of
            those that are alike.
        requests_sent: subscription requests sent, since the start.
        listings: how often the exchange has told what it holds, since the start.
        repairs: streams that it did not hold though it was asked for them, or held though it was not, since the start.
        frames: data frames read, since the start.
        late: frames of topics that are no longer (or not yet) asked for.
        malformed: frames that could not be decoded.
        unknown: well-formed frames of an unknown type.
        duplicates: trades that came more than once, or long after others that followed them.
        refilled: missed events that REST has told.
        unanswered: how often an open socket fell silent and gave no sign of life, since the start.
        audits: how often what the socket has told was compared with what REST knows, since the start.
        starved: topics that REST knew something of that the socket had not told, since the start.
        unknown_fields: field names that this version does not know, as ``"ticker.name"``.
    """

    state: LinkState = LinkState.IDLE
    epoch: int = 0
    since: float = 0.0
    reason: str = ""
    hint: str = ""
    retry_at: float | None = None
    sockets_opened: int = 0
    failures: int = 0
    requests_sent: int = 0
    listings: int = 0
    repairs: int = 0
    frames: int = 0
    late: int = 0
    malformed: int = 0
    unknown: int = 0
    duplicates: int = 0
    refilled: int = 0
    unanswered: int = 0
    audits: int = 0
    starved: int = 0
    unknown_fields: tuple[str, ...] = ()


def link_report(status: LinkStatus, now: float) -> dict[str, object]:
    """Return a link's state as a mapping that can be written as JSON; times become seconds from ``now``."""
    return {
        "state": status.state.value,
        "epoch": status.epoch,
        "reason": status.reason,
        "hint": status.hint,
        "since_s": round(max(0.0, now - status.since), 3),
        "retry_in_s": None if status.retry_at is None else round(max(0.0, status.retry_at - now), 3),
        "sockets_opened": status.sockets_opened,
        "failures": status.failures,
        "requests_sent": status.requests_sent,
        "listings": status.listings,
        "repairs": status.repairs,
        "frames": status.frames,
        "late": status.late,
        "malformed": status.malformed,
        "unknown": status.unknown,
        "duplicates": status.duplicates,
        "refilled": status.refilled,
        "unanswered": status.unanswered,
        "audits": status.audits,
        "starved": status.starved,
        "unknown_fields": list(status.unknown_fields),
    }
