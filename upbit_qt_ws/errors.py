"""Every error that the toolkit raises: typed, naming the offending value and the way out.

Each class is an :class:`UpbitQtError`; where the standard library has a class of the same meaning, it is
that too, so that code which catches ``ValueError`` or ``ConnectionError`` keeps working.
"""

from __future__ import annotations


class UpbitQtError(Exception):
    """Base of everything that this toolkit raises on purpose."""


class ConfigurationError(UpbitQtError, ValueError):
    """A setting has a value that cannot work, for example a plain ``ws://`` address of another machine."""


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
    """

    def __init__(self, message: str, *, status: int | None = None) -> None:
        """Keep the message and the HTTP status of a refused handshake, if there was one."""
        super().__init__(message)
        self.status = status


class BackpressureError(UpbitQtError, RuntimeError):
    """A subscription could not keep up, and events that must not be lost were dropped."""


class AuthError(UpbitQtError):
    """Keys are missing, refused, expired or lack a permission."""


class RecoveryError(UpbitQtError):
    """A link gave up: the exchange refuses it for a reason that no retry can mend."""


class DecodeError(UpbitQtError, ValueError):
    """A frame is not JSON, not an object of a known shape, or lacks a field without which it means nothing."""


class SimulatorError(UpbitQtError, RuntimeError):
    """The simulated exchange cannot do what was asked, for example because its port is in use."""
