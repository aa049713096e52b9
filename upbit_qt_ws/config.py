"""Settings of the toolkit: one frozen object, read from code, a file and the environment.

The environment wins over the file, the file over the code, so that a user can point a finished application at
another host without changing it.
"""

from __future__ import annotations

import math
import os
import tomllib
from dataclasses import InitVar, dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any, Final, Literal, TypeVar
from urllib.parse import urlsplit

from upbit_qt_ws.addresses import check_url, is_loopback
from upbit_qt_ws.errors import ConfigurationError
from upbit_qt_ws.key_pair import KeyPair, WithKeys

if TYPE_CHECKING:
    from collections.abc import Mapping
    from dataclasses import Field
    from pathlib import Path
    from typing import ClassVar, Protocol

    class _Settings(Protocol):
        __dataclass_fields__: ClassVar[dict[str, Field[Any]]]


_SettingsT = TypeVar("_SettingsT", bound="_Settings")

__all__ = ["REGIONS", "WebSocketConfig", "check_url", "is_loopback"]

REGIONS: Final = {
    "kr": "api.upbit.com",
    "sg": "sg-api.upbit.com",
    "id": "id-api.upbit.com",
    "th": "th-api.upbit.com",
}
"""Host of each of Upbit's exchanges."""

_ENVIRONMENT: Final = {
    "UPBIT_REGION": "region",
    "UPBIT_WEBSOCKET_PUBLIC_URL": "public_url",
    "UPBIT_WEBSOCKET_PRIVATE_URL": "private_url",
    "UPBIT_WEBSOCKET_INFO_URL": "info_url",
    "UPBIT_REST_URL": "rest_url",
    "UPBIT_ACCESS_KEY": "access_key",
    "UPBIT_SECRET_KEY": "secret_key",
}
_ADDRESSES: Final = {
    "public_url": ("wss", "ws", "/websocket/v1"),
    "private_url": ("wss", "ws", "/websocket/v1/private"),
    "info_url": ("wss", "ws", "/websocket/v1/info"),
    "rest_url": ("https", "http", "/v1"),
}
_MAY_BE_ZERO: Final = (
    "settle_s", "settle_max_s", "linger_s", "list_after_s", "list_every_s", "retry_base_s", "stable_after_s",
    "pause_after_failures", "hidden_linger_s", "reopen_grace_s", "audit_every_s",
)  # fmt: skip
_WHOLE_NUMBERS: Final = ("ring_size", "refill_trades", "alert_reconnects", "pause_after_failures")
_SHARES: Final = ("alert_error_rate", "alert_queue")
_CHOICES: Final = {
    "region": tuple(REGIONS),
    "loop": ("thread", "application"),
    "wire_format": ("DEFAULT", "SIMPLE", "JSON_LIST", "SIMPLE_LIST"),
    "level_policy": ("first_wins", "send_both"),
    "jwt_algorithm": ("HS512", "HS256"),
}


def _hides_keys(settings: type[_SettingsT]) -> type[_SettingsT]:
    """Make the keys arguments of the constructor and nothing else.

    Encoders look at all that a dataclass declares, arguments of the constructor included, and would read the keys
    under their names; the attributes of the class would hide the properties that tell them.
    """
    for name in ("access_key", "secret_key"):
        delattr(settings, name)
        del settings.__dataclass_fields__[name]
    return settings


@_hides_keys
@dataclass(frozen=True, slots=True, kw_only=True)
class WebSocketConfig(WithKeys):
    """How the toolkit connects and delivers; every value has a default that suits the live exchange.

    The keys go into it as ``access_key`` and ``secret_key`` and can be read there, and ``dataclasses.replace`` hands
    them on. Nothing else takes them along: ``repr``, ``asdict``, JSON encoders, ``pickle`` and ``copy`` give the
    settings without keys, and what is read back has none.

    Attributes:
        region: which of Upbit's exchanges: ``kr``, ``sg``, ``id``, ``th``. Only ``kr`` follows measured facts.
        public_url: address of the public socket; empty for the region's. ``wss://``, or ``ws://`` on this machine,
            brought into its usual form, see :func:`~upbit_qt_ws.addresses.check_url`.
        private_url: address of the private socket (own orders and balances, announcements), likewise.
        info_url: address of the socket of indicators, likewise.
        rest_url: address of the REST interface; empty for the region's. ``https://``, or ``http://`` on this machine.
        loop: ``thread`` runs the network in a thread of its own, under any Qt application; ``application`` runs it on
            the asyncio loop that the application itself runs in the GUI thread (qasync), without a second thread.
        access_key: API key of the account; empty for none. Only the private sockets and calls need it.
        secret_key: its secret. None for either, when the settings are made, leaves it as ``keys`` has it.
        keys: both together, for ``dataclasses.replace``; shows neither.
        use_keyring: look for keys in the key ring of the operating system (extra ``keyring``) when none are given.
        jwt_algorithm: how tokens are signed; the exchange recommends ``HS512`` and accepts ``HS256``.
        token_lifetime_s: after how long the keys are read anew, at 80 % of it, in seconds. Tokens have no expiry on
            the wire.
        wire_format: how the exchange spells its frames.
        compression: offer permessage-deflate; saves traffic and costs CPU.
        level_policy: what happens when one book is wanted at two levels, see :class:`LevelPolicy`.
        settle_s: quiet time after which changed wishes are sent as one request, in seconds.
        settle_max_s: longest time that a steady stream of changes can put the request off, in seconds.
        linger_s: how long a socket that nobody wants stays open, in seconds.
        first_data_s: how long a topic may be silent after it was asked for before it counts as not served, in seconds.
        list_after_s: how long after a request the exchange is asked what it holds, in seconds.
        list_every_s: how often it is asked while nothing changes, in seconds; 0 for never.
        snapshot_timeout_s: longest wait for a snapshot that is not in the cache, in seconds.
        connect_timeout_s: longest time until the exchange's machine answers, and longest handshake with it then, in
            seconds.
        ping_interval_s: pause between protocol pings, in seconds; Upbit closes a socket that is idle for 60.
        ping_timeout_s: longest wait for a pong, in seconds.
        retry_base_s: bound of the wait before the second retry, in seconds; it doubles up to ``retry_cap_s``.
        retry_cap_s: largest bound of that wait, in seconds.
        stable_after_s: how long a connection must deliver before its loss counts as a new outage, in seconds.
        silence_s: after how long without a word the exchange is asked whether it is there, in seconds.
        probe_timeout_s: longest wait for that answer; then the connection is replaced, in seconds.
        stall_s: after how long without a word of what came several times a second the exchange is asked, in seconds.
            Until one and a half times that long nothing is called live of which is not known that it is.
        stall_patience_s: longest wait for any sign of life then, in seconds; without one all topics are stale, and a
            second connection is opened beside the first.
        audit_every_s: how often the last trades, the open orders and the balances are compared over REST with what the
            sockets have told, in seconds; 0 for never, not even when a busy socket falls silent. What a socket keeps to
            itself is not noticed then as long as it answers.
        audit_grace_s: how long what REST tells may still be under way on the socket, in seconds.
        refill_gaps: fetch trades and candles over REST that an outage has cost.
        refill_trades: most trades that are fetched for one gap.
        refill_wait_s: how long the stream of a topic waits for that, in seconds.
        rest_fallback: ask over REST while a link is down for long.
        fallback_after_s: how long a link must be down for that, in seconds.
        fallback_every_s: pause between two rounds of such questions, in seconds.
        frame_rate: most deliveries to the GUI in a second.
        read_interval_s: how long a busy socket is left alone after each read, in seconds; what comes meanwhile is read,
            and shown, together. A quiet one is read at once.
        low_latency: read and deliver whatever comes at once instead, up to 1000 times a second. Costs several times the
            CPU in a busy market; the rate still falls while the window is busy.
        ring_size: events of one trade topic that may wait for a busy GUI before the oldest are dropped.
        reopen_grace_s: how long the streams of a widget that has gone are kept, so that one that is opened instead
            finds them, in seconds.
        hidden_linger_s: how long the exchange is still asked for what only hidden widgets want, in seconds.
        pause_after_failures: failures in a row after which a callback is called no more; 0 for never.
        handle_interrupts: have Ctrl-C end the event loop with 130 while the toolkit runs, unless the program handles it
            itself. Without it, Python raises KeyboardInterrupt in whatever slot runs next, which aborts the process.
        slow_callback_s: how long a callback or slot may take before it is named in the health status, in seconds.
        alert_error_rate: share of the frames that cannot be used, from 0 to 1, above which an alert is raised.
        alert_latency_s: how old events may be when they come (95th percentile), and how long they may wait for the
            window, in seconds, before an alert is raised.
        alert_queue: how full a queue of events may be, from 0 to 1.
        alert_reconnects: lost connections in five minutes that raise an alert.
        alert_inactivity_s: how long a busy topic may be silent, in seconds.
        alert_memory_mb: how much the process may grow after its first minute, in MB.
    """

    region: str = "kr"
    public_url: str = ""
    private_url: str = ""
    info_url: str = ""
    rest_url: str = ""
    access_key: InitVar[str | None] = None
    secret_key: InitVar[str | None] = None
    keys: KeyPair = field(default=KeyPair(), repr=False)
    use_keyring: bool = False
    jwt_algorithm: Literal["HS512", "HS256"] = "HS512"
    token_lifetime_s: float = 3600.0
    loop: Literal["thread", "application"] = "thread"
    wire_format: Literal["DEFAULT", "SIMPLE", "JSON_LIST", "SIMPLE_LIST"] = "DEFAULT"
    compression: bool = False
    level_policy: Literal["first_wins", "send_both"] = "first_wins"
    settle_s: float = 0.15
    settle_max_s: float = 0.5
    linger_s: float = 5.0
    first_data_s: float = 10.0
    list_after_s: float = 2.0
    list_every_s: float = 60.0
    snapshot_timeout_s: float = 3.0
    connect_timeout_s: float = 10.0
    ping_interval_s: float = 20.0
    ping_timeout_s: float = 20.0
    retry_base_s: float = 1.0
    retry_cap_s: float = 60.0
    stable_after_s: float = 10.0
    silence_s: float = 30.0
    probe_timeout_s: float = 5.0
    stall_s: float = 3.0
    stall_patience_s: float = 1.0
    audit_every_s: float = 60.0
    audit_grace_s: float = 1.0
    refill_gaps: bool = True
    refill_trades: int = 1000
    refill_wait_s: float = 3.0
    rest_fallback: bool = True
    fallback_after_s: float = 10.0
    fallback_every_s: float = 2.0
    frame_rate: float = 60.0
    read_interval_s: float = 0.024
    low_latency: bool = False
    ring_size: int = 2048
    reopen_grace_s: float = 3.0
    hidden_linger_s: float = 5.0
    pause_after_failures: int = 10
    handle_interrupts: bool = True
    slow_callback_s: float = 0.05
    alert_error_rate: float = 0.05
    alert_latency_s: float = 1.0
    alert_queue: float = 0.8
    alert_reconnects: int = 3
    alert_inactivity_s: float = 120.0
    alert_memory_mb: float = 100.0

    def __post_init__(self, access_key: str | None, secret_key: str | None) -> None:
        """Check every value, fill in the region's addresses, and put the keys away.

        Raises:
            ConfigurationError: a value cannot work; the message names it and says what would.
        """
        for name, allowed in _CHOICES.items():
            if getattr(self, name) not in allowed:
                raise ConfigurationError(
                    f"{name} {getattr(self, name)!r} is unknown: choose one of {', '.join(allowed)}"
                )
        for name, (secure, plain, path) in _ADDRESSES.items():
            if not getattr(self, name):
                object.__setattr__(self, name, f"{secure}://{REGIONS[self.region]}{path}")
            object.__setattr__(self, name, check_url(name, getattr(self, name), secure=secure, plain=plain))
        for name in ("use_keyring", "compression", "refill_gaps", "rest_fallback", "low_latency", "handle_interrupts"):
            if not isinstance(getattr(self, name), bool):
                raise ConfigurationError(f"{name} {getattr(self, name)!r} is neither True nor False")
        self._keep_keys({"access_key": access_key, "secret_key": secret_key})
        for item in fields(self):
            if item.name.endswith("_s") or item.name in ("frame_rate", "alert_memory_mb", *_WHOLE_NUMBERS, *_SHARES):
                self._check_number(item.name, getattr(self, item.name))

    def _keep_keys(self, given: dict[str, str | None]) -> None:
        kept: object = self.keys
        # What an encoder made of a pair is no pair, and holds no keys.
        old = kept if isinstance(kept, KeyPair) else KeyPair()
        for name, key in given.items():
            # The value is not shown: it may be the right key in the wrong type.
            if not isinstance(key, str | None):
                raise ConfigurationError(f"{name} is a {type(key).__name__} and not text")
        pair = {name: getattr(old, name) if key is None else key for name, key in given.items()}
        present = [name for name, key in pair.items() if key]
        if len(present) == 1:
            (missing,) = pair.keys() - present
            raise ConfigurationError(f"{present[0]} is set and {missing} is not: an API key has both parts")
        object.__setattr__(self, "keys", KeyPair(**pair))

    def __copy__(self) -> WebSocketConfig:
        """Return the same settings without keys, as every way to take them along but ``replace`` does."""
        return replace(self, keys=KeyPair())

    @staticmethod
    def _check_number(name: str, value: object) -> None:
        least = 0.0 if name in _MAY_BE_ZERO else 1e-3
        most = 1.0 if name in _SHARES else math.nextafter(1e6, 0.0)
        if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
            raise ConfigurationError(f"{name} {value!r} is not a number from {least:g} to {most:.0f}")
        if name in _WHOLE_NUMBERS and not isinstance(value, int):
            raise ConfigurationError(f"{name} {value!r} is not a whole number")

    def audits(self, socket_url: str) -> bool:
        """Tell whether what a socket tells is compared with what REST knows.

        Not if that is switched off; and not if one of the two is on this machine and the other one is not, as in a test
        that gave an address to one of them only: these are two exchanges.

        Args:
            socket_url: ``public_url`` or ``private_url``.
        """
        hosts = (urlsplit(url).hostname or "" for url in (socket_url, self.rest_url))
        return self.audit_every_s > 0 and len({is_loopback(host) for host in hosts}) == 1

    @classmethod
    def load(
        cls, base: WebSocketConfig | None = None, *, file: Path | None = None, environ: Mapping[str, str] | None = None
    ) -> WebSocketConfig:
        """Return ``base`` (or the defaults) overridden by a TOML file, overridden by the environment.

        Args:
            base: settings from code.
            file: a TOML file with the attributes' names at the top level or in a table ``[upbit_qt_ws]``.
            environ: the environment; that of the process if None. Read are ``UPBIT_REGION``, ``UPBIT_ACCESS_KEY``,
                ``UPBIT_SECRET_KEY``, ``UPBIT_REST_URL`` and ``UPBIT_WEBSOCKET_PUBLIC_URL``, ``_PRIVATE_URL`` and
                ``_INFO_URL``.

        Raises:
            ConfigurationError: the file cannot be read, or a value in it or in the environment cannot work.
        """
        config = base or cls()
        if file is not None:
            config = config._changed(cls._read(file))
        variables = os.environ if environ is None else environ
        return config._changed({field: variables[name] for name, field in _ENVIRONMENT.items() if variables.get(name)})

    def _changed(self, values: dict[str, Any]) -> WebSocketConfig:
        """Return these settings with other values; addresses that were only a region's default follow the region."""
        if not values:
            return self
        if "region" in values and values["region"] != self.region:
            old = WebSocketConfig(region=self.region)
            for name in _ADDRESSES:
                if getattr(self, name) == getattr(old, name):
                    values.setdefault(name, "")
        return replace(self, **values)

    @classmethod
    def _read(cls, file: Path) -> dict[str, Any]:
        try:
            values: dict[str, Any] = tomllib.loads(file.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise ConfigurationError(f"the configuration file {file} cannot be read: {error}") from error
        values = values.get("upbit_qt_ws", values)
        if not isinstance(values, dict):
            raise ConfigurationError(f"in the configuration file {file} upbit_qt_ws is {values!r} and not a table")
        known = {item.name for item in fields(cls)} - {"keys"} | {"access_key", "secret_key"}
        for name in values:
            if name not in known:
                raise ConfigurationError(f"the configuration file {file} has an unknown setting {name!r}")
        return values
