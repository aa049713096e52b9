"""The words of the fault language: what may go wrong between a client and the exchange."""

from __future__ import annotations

import enum
from typing import Final, NamedTuple

from upbit_qt_ws.errors import ConfigurationError


class FaultKind(enum.StrEnum):
    """What goes wrong. Those with a time last; ``value`` is told where a kind has one.

    On the way, for all connections:

    * ``CUT``: the TCP connections end without a close frame (1006).
    * ``RESET``: they are reset, as by a crashing peer.
    * ``CUT_IN_FRAME``: they end after ``value`` more bytes, in the middle of a frame.
    * ``JUNK``: bytes that are no frame stand in the stream.
    * ``REFUSE`` (lasts): the port is closed: "connection refused".
    * ``MUTE`` (lasts): new TCP connections are accepted and nothing is ever said on them; open ones stay still.
    * ``FREEZE`` (lasts): bytes are held back in both directions, as when the peer has vanished; then they flow on.
    * ``SLOW`` (lasts): ``value`` bytes a second from the exchange.
    * ``SLOW_WRITES`` (lasts): ``value`` bytes a second to the exchange.
    * ``FRAGMENT`` (lasts): bytes come one by one.
    * ``LAG`` (lasts): everything comes ``value`` ms later.
    * ``FLAP`` (lasts): the connections are reset every ``value`` ms.
    * ``CUT_HANDSHAKES`` (lasts): new connections are cut in the middle of the handshake.
    * ``CUT_FIRST_READ`` (lasts): new connections are cut in the first bytes that follow the handshake.
    * ``BLACK_HOLE`` (lasts): packets vanish, those of the exchange (``in``), those of the client (``out``) or ``both``,
      and nothing is refused or reset. New connections get no answer. After it the bytes of open ones come late, since
      the sender's system repeats them ever more rarely.

    At the exchange:

    * ``CLOSE``: it closes all connections with the code ``value``.
    * ``STATUS`` (lasts): every handshake and REST call is refused with the HTTP status ``value``.
    * ``RESTART`` (lasts): it closes with 1012 and refuses connections until it is back.
    * ``DEAF`` (lasts): it answers pings and nothing else.
    * ``SILENCE`` (lasts): it sends nothing about the market ``value``.
    * ``FORGET``: it loses the market ``value`` out of all subscriptions.
    * ``PAUSE`` (lasts): it sends no data, but answers.
    * ``BAD_MESSAGE``: it sends the message of :data:`BAD_MESSAGES` that ``value`` names.
    * ``ERROR``: it sends an error frame with the name ``value``, and closes.
    * ``REPEAT``: it sends the newest trades of all markets once more.
    * ``STARVE`` (lasts): it keeps the data of ``value`` to itself, and goes on answering pings, lists and REST calls.
      ``public`` and ``private`` are all data of these sockets, ``ticker KRW-BTC`` is one topic. What would have been
      sent meanwhile is never sent.
    * ``STALL`` (lasts): the same for the connections that are open when it begins: new ones are fed.
    """

    CUT = "cut"
    RESET = "reset"
    CUT_IN_FRAME = "cut_in_frame"
    JUNK = "junk"
    REFUSE = "refuse"
    MUTE = "mute"
    FREEZE = "freeze"
    SLOW = "slow"
    SLOW_WRITES = "slow_writes"
    FRAGMENT = "fragment"
    LAG = "lag"
    FLAP = "flap"
    CUT_HANDSHAKES = "cut_handshakes"
    CUT_FIRST_READ = "cut_first_read"
    CLOSE = "close"
    STATUS = "status"
    RESTART = "restart"
    DEAF = "deaf"
    SILENCE = "silence"
    FORGET = "forget"
    PAUSE = "pause"
    BAD_MESSAGE = "bad_message"
    ERROR = "error"
    REPEAT = "repeat"
    BLACK_HOLE = "black_hole"
    STARVE = "starve"
    STALL = "stall"


LASTING: Final = frozenset(
    {
        FaultKind.REFUSE, FaultKind.MUTE, FaultKind.FREEZE, FaultKind.SLOW, FaultKind.SLOW_WRITES, FaultKind.FRAGMENT,
        FaultKind.LAG, FaultKind.FLAP, FaultKind.CUT_HANDSHAKES, FaultKind.CUT_FIRST_READ, FaultKind.STATUS,
        FaultKind.RESTART, FaultKind.DEAF, FaultKind.SILENCE, FaultKind.PAUSE, FaultKind.BLACK_HOLE, FaultKind.STARVE,
        FaultKind.STALL,
    }
)  # fmt: skip
"""Kinds that last for a time and are lifted then."""

BAD_MESSAGES: Final[dict[str, bytes]] = {
    "not_json": b"{hello",
    "empty": b"",
    "not_utf8": b'{"type":"ticker","code":"\xff\xfe"}',
    "null": b"null",
    "number": b"12345",
    "wrong_types": b'{"type":"ticker","code":5,"trade_price":"high"}',
    "missing_fields": b'{"type":"trade","code":"KRW-BTC"}',
    "unknown_type": b'{"type":"weather","code":"KRW-BTC"}',
    "unknown_field": b'{"type":"ticker","code":"KRW-BTC","trade_price":1.0,"stream_type":"REALTIME","mood":"good"}',
    "huge_number": b'{"type":"ticker","code":"KRW-BTC","trade_price":1e400}',
    "huge_integer": b'{"type":"ticker","code":"KRW-BTC","trade_price":1.0,"timestamp":' + b"9" * 400 + b"}",
    "deep": b"[" * 100_000,
    "megabyte": b'{"type":"ticker","code":"' + b"A" * 2**20 + b'"}',
}
"""Messages that no client can use, by name."""

ERROR_NAMES: Final = (
    "INVALID_AUTH", "WRONG_FORMAT", "NO_TICKET", "NO_TYPE", "NO_CODES", "INVALID_PARAM", "Too Many Requests",
    "I'm a teapot", "INTERNAL_SERVER_ERROR",
)  # fmt: skip
"""Names of error frames: those that are documented, and one that is not."""

CLOSE_CODES: Final = (1000, 1001, 1008, 1011, 1012, 1013)
REFUSALS: Final = (401, 403, 418, 429, 503)
DIRECTIONS: Final = ("both", "in", "out")
"""Of vanishing packets, as the client sees it."""

SOCKETS: Final = ("public", "private")
"""What may starve as a whole; else it is a topic, such as ``ticker KRW-BTC``."""


class Fault(NamedTuple):
    """One fault.

    Attributes:
        kind: what goes wrong.
        seconds: how long it lasts; 0 for those that do not.
        value: see :class:`FaultKind`; empty for kinds without one.
    """

    kind: FaultKind
    seconds: float = 0.0
    value: str = ""

    def __str__(self) -> str:
        """Write the fault as a script does: ``close 1001``, ``freeze for 1.5 s``."""
        value = f" {self.value}" if self.value else ""
        lasts = f" for {self.seconds:g} s" if self.seconds else ""
        return f"{self.kind.value}{value}{lasts}"

    @classmethod
    def parse(cls, text: str) -> Fault:
        """Read what ``str`` has written.

        Raises:
            ConfigurationError: it is no fault, or lacks its time or its value.
        """
        words, _, lasts = text.strip().partition(" for ")
        name, _, value = words.partition(" ")
        try:
            kind = FaultKind(name)
            seconds = float(lasts.removesuffix(" s")) if lasts else 0.0
        except ValueError as error:
            raise ConfigurationError(
                f"{text!r} is no fault: write for example 'close 1001' or 'freeze for 2 s'"
            ) from error
        fault = cls(kind, seconds, value)
        fault.check()
        return fault

    def check(self) -> None:
        """Check that it can be played.

        Raises:
            ConfigurationError: it lacks its time or its value, or has one that it cannot use.
        """
        if (self.kind in LASTING) is not (self.seconds > 0):
            wanted = "needs a time: 'for 2 s'" if self.kind in LASTING else "does not last"
            raise ConfigurationError(f"the fault {str(self)!r} {wanted}")
        allowed = _VALUES.get(self.kind)
        if allowed is not None and self.value not in allowed:
            raise ConfigurationError(f"the fault {str(self)!r} needs one of these values: {', '.join(allowed)}")
        if self.kind in _NUMBERS and not (self.value.isdecimal() and int(self.value) > 0):
            raise ConfigurationError(f"the fault {str(self)!r} needs a whole number above 0")
        if self.kind in (FaultKind.SILENCE, FaultKind.FORGET) and "-" not in self.value:
            raise ConfigurationError(f"the fault {str(self)!r} needs a market code")
        if self.kind in (FaultKind.STARVE, FaultKind.STALL) and self.value not in SOCKETS:
            topic, _, code = self.value.partition(" ")
            if not topic or "-" not in code:
                raise ConfigurationError(
                    f"the fault {str(self)!r} needs 'public', 'private' or a topic such as 'ticker KRW-BTC'"
                )


_VALUES: Final = {
    FaultKind.CLOSE: tuple(map(str, CLOSE_CODES)),
    FaultKind.STATUS: tuple(map(str, REFUSALS)),
    FaultKind.BAD_MESSAGE: tuple(BAD_MESSAGES),
    FaultKind.ERROR: ERROR_NAMES,
    FaultKind.BLACK_HOLE: DIRECTIONS,
}

_NUMBERS: Final = frozenset(
    {FaultKind.CUT_IN_FRAME, FaultKind.SLOW, FaultKind.SLOW_WRITES, FaultKind.LAG, FaultKind.FLAP}
)
