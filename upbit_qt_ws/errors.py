"""Every error that the toolkit raises: typed, naming the offending value and the way out.

Each class is an :class:`UpbitQtError`; where the standard library has a class of the same meaning, it is
that too, so that code which catches ``ValueError`` or ``ConnectionError`` keeps working.
"""

from __future__ import annotations


class UpbitQtError(Exception):
    """Base of everything that this toolkit raises on purpose."""


class ConfigurationError(UpbitQtError, ValueError):
    """A setting has a value that cannot work, for example a plain ``ws://`` address of another machine."""


class MissingExtraError(ConfigurationError, ImportError):
    """A library of one of this package's extras cannot be imported; the message says what to install.

    Attributes:
        extra: the extra that brings it, for example ``"charts"``.
    """

    def __init__(
        self, feature: str, *, library: str, extra: str, error: ImportError | None = None, otherwise: str = ""
    ) -> None:
        """Say it in one sentence.

        Args:
            feature: what needs the library.
            library: that cannot be imported.
            extra: of this package, that brings it.
            error: why it cannot be imported, where that is another reason than that it is not there.
            otherwise: what can be done without the library, as the end of a sentence with "or".
        """
        why = ""
        # It, or a library that it brings along, is simply not there.
        is_absent = isinstance(error, ModuleNotFoundError) and "." not in (error.name or "")
        if error is not None and not is_absent:
            why = f" ({' '.join(str(error).split())[:200]})"
        message = f"{feature} needs the library {library}{why}: pip install 'upbit-qt-ws[{extra}]'"
        message += f", or {otherwise}" if otherwise else ""
        ImportError.__init__(self, message, name=library)
        self.extra = extra


class SubscriptionError(UpbitQtError, ValueError):
    """A wish that cannot be subscribed: a bad code, interval, level or callback, or a proxy already cleaned up."""


class NotServedError(SubscriptionError):
    """The exchange answered a subscription with silence: it does not serve any of the codes."""


class WrongThreadError(UpbitQtError, RuntimeError):
    """A proxy, subscription or manager was used outside the thread of the application (the GUI thread)."""


class WebSocketConnectionError(UpbitQtError, ConnectionError):
    """A link to the exchange could not be opened, or broke.

    Attributes:
        status: the HTTP status of a refused handshake, or None when the handshake was not answered.
        name: ``error.name`` of the refusal's body; empty without one.
        retry_after: seconds before which the exchange takes no further attempt; 0 when it did not say so.
        is_unreachable: the network did not lead to the exchange: no address, no route, a closed port, no answer.
        is_timeout: there was no answer in time.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        name: str = "",
        retry_after: float = 0.0,
        is_unreachable: bool = False,
        is_timeout: bool = False,
    ) -> None:
        """Keep the message and what the refusal of the handshake said."""
        super().__init__(message)
        self.status = status
        self.name = name
        self.retry_after = retry_after
        self.is_unreachable = is_unreachable
        self.is_timeout = is_timeout


class BackpressureError(UpbitQtError, RuntimeError):
    """A subscription could not keep up, and events that must not be lost were dropped."""


class CallbackError(UpbitQtError, RuntimeError):
    """A callback has failed again and again, and is called no more until its subscription is resumed."""


class AuthError(UpbitQtError):
    """Keys are missing, refused, expired or lack a permission.

    Attributes:
        name: the exchange's own name of the error, for example ``"expired_access_key"``; ``"no_keys"`` and
            ``"keys_unreadable"`` are found here; empty when it has none.
        hint: what to do about it, in plain words.
    """

    def __init__(self, message: str, *, name: str = "", hint: str = "") -> None:
        """Keep what the exchange called it and what to do about it."""
        super().__init__(message)
        self.name = name
        self.hint = hint


class RestError(UpbitQtError):
    """A REST call was refused, or could not be made.

    Attributes:
        status: the HTTP status; None when there was no answer.
        name: ``error.name`` of the answer as text (quotation calls have integer names, ``"404"``); empty without one.
    """

    def __init__(self, message: str, *, status: int | None = None, name: str = "") -> None:
        """Keep the status and the exchange's own name of the error."""
        super().__init__(message)
        self.status = status
        self.name = name


class RateLimitedError(RestError):
    """The exchange refused a call because there were too many (429), or blocks this address for a while (418).

    Attributes:
        retry_after: seconds after which a call may be made again.
        is_told: whether the exchange itself named that time; else it is what its documentation lets one expect.
    """

    def __init__(
        self, message: str, *, status: int, name: str = "", retry_after: float = 1.0, is_told: bool = False
    ) -> None:
        """Keep how long to wait."""
        super().__init__(message, status=status, name=name)
        self.retry_after = retry_after
        self.is_told = is_told


class SnapshotTimeoutError(UpbitQtError, TimeoutError):
    """A snapshot was neither in the cache nor answered over REST in time."""


class NoEventLoopError(UpbitQtError, TimeoutError):
    """Something was awaited for its whole time, and nothing could come: no Qt event loop runs in the GUI thread."""


class ShutDownError(UpbitQtError):
    """The manager was shut down, or belongs to another process: nothing comes through it any more."""


class RecoveryError(UpbitQtError):
    """A link gave up: the exchange refuses it for a reason that no retry can mend."""


class DecodeError(UpbitQtError, ValueError):
    """A frame is not JSON, not an object of a known shape, or lacks a field without which it means nothing."""


class SimulatorError(UpbitQtError, RuntimeError):
    """The simulated exchange cannot do what was asked, for example because its port is in use."""
