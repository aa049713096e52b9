"""Settings of the toolkit: one frozen object, read from code, a file and the environment.

The environment wins over the file, the file over the code, so that a user can point a finished application at
another host without changing it.
"""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass, fields, replace
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, Final, Literal
from urllib.parse import urlsplit

from upbit_qt_ws.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

REGIONS: Final = {
    "kr": "api.upbit.com",
    "sg": "sg-api.upbit.com",
    "id": "id-api.upbit.com",
    "th": "th-api.upbit.com",
}
"""Host of each of Upbit's exchanges."""

_ENVIRONMENT: Final = {"UPBIT_WEBSOCKET_PUBLIC_URL": "public_url", "UPBIT_REST_URL": "rest_url"}
_CHOICES: Final = {
    "region": tuple(REGIONS),
    "loop": ("thread", "application"),
    "wire_format": ("DEFAULT", "SIMPLE", "JSON_LIST", "SIMPLE_LIST"),
    "level_policy": ("first_wins", "send_both"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class WebSocketConfig:
    """How the toolkit connects and delivers; every value has a default that suits the live exchange.

    Attributes:
        region: which of Upbit's exchanges: ``kr``, ``sg``, ``id``, ``th``. Only ``kr`` follows measured facts.
        public_url: address of the public socket; empty for the region's. ``wss://``, or ``ws://`` on this machine.
        rest_url: address of the REST interface; empty for the region's. ``https://``, or ``http://`` on this machine.
        loop: ``thread`` runs the network in a thread of its own, under any Qt application; ``application`` runs it on
            the asyncio loop that the application itself runs in the GUI thread (qasync), without a second thread.
        wire_format: how the exchange spells its frames.
        level_policy: what happens when one book is wanted at two levels, see :class:`LevelPolicy`.
        settle_s: quiet time after which changed wishes are sent as one request, in seconds.
        settle_max_s: longest time that a steady stream of changes can put the request off, in seconds.
        linger_s: how long a socket that nobody wants stays open, in seconds.
        first_data_s: how long a topic may be silent after it was asked for before it counts as not served, in seconds.
        connect_timeout_s: longest handshake, in seconds.
        ping_interval_s: pause between protocol pings, in seconds; Upbit closes a socket that is idle for 60.
        ping_timeout_s: longest wait for a pong, in seconds.
        retry_base_s: bound of the wait before the second retry, in seconds; it doubles up to ``retry_cap_s``.
        retry_cap_s: largest bound of that wait, in seconds.
        stable_after_s: how long a connection must deliver before its loss counts as a new outage, in seconds.
        frame_rate: most deliveries to the GUI in a second.
        ring_size: events of one trade topic that may wait for a busy GUI before the oldest are dropped.
    """

    region: str = "kr"
    public_url: str = ""
    rest_url: str = ""
    loop: Literal["thread", "application"] = "thread"
    wire_format: Literal["DEFAULT", "SIMPLE", "JSON_LIST", "SIMPLE_LIST"] = "DEFAULT"
    level_policy: Literal["first_wins", "send_both"] = "first_wins"
    settle_s: float = 0.15
    settle_max_s: float = 0.5
    linger_s: float = 5.0
    first_data_s: float = 10.0
    connect_timeout_s: float = 10.0
    ping_interval_s: float = 20.0
    ping_timeout_s: float = 20.0
    retry_base_s: float = 1.0
    retry_cap_s: float = 60.0
    stable_after_s: float = 10.0
    frame_rate: float = 60.0
    ring_size: int = 2048

    def __post_init__(self) -> None:
        """Check every value and fill in the region's addresses.

        Raises:
            ConfigurationError: a value cannot work; the message names it and says what would.
        """
        for name, allowed in _CHOICES.items():
            if getattr(self, name) not in allowed:
                raise ConfigurationError(
                    f"{name} {getattr(self, name)!r} is unknown: choose one of {', '.join(allowed)}"
                )
        host = REGIONS[self.region]
        if not self.public_url:
            object.__setattr__(self, "public_url", f"wss://{host}/websocket/v1")
        if not self.rest_url:
            object.__setattr__(self, "rest_url", f"https://{host}/v1")
        check_url("public_url", self.public_url, secure="wss", plain="ws")
        check_url("rest_url", self.rest_url, secure="https", plain="http")
        for item in fields(self):
            if item.name.endswith("_s") or item.name in ("frame_rate", "ring_size"):
                self._check_number(item.name, getattr(self, item.name))

    @staticmethod
    def _check_number(name: str, value: object) -> None:
        least = 0.0 if name in ("settle_s", "settle_max_s", "linger_s", "retry_base_s", "stable_after_s") else 1e-3
        if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value < 1e6:
            raise ConfigurationError(f"{name} {value!r} is not a number from {least:g} to 1000000")
        if name == "ring_size" and not isinstance(value, int):
            raise ConfigurationError(f"{name} {value!r} is not a whole number")

    @classmethod
    def load(
        cls, base: WebSocketConfig | None = None, *, file: Path | None = None, environ: Mapping[str, str] | None = None
    ) -> WebSocketConfig:
        """Return ``base`` (or the defaults) overridden by a TOML file, overridden by the environment.

        Args:
            base: settings from code.
            file: a TOML file with the attributes' names at the top level or in a table ``[upbit_qt_ws]``.
            environ: the environment; that of the process if None. ``UPBIT_WEBSOCKET_PUBLIC_URL`` and ``UPBIT_REST_URL``
                are read.

        Raises:
            ConfigurationError: the file cannot be read, or a value in it or in the environment cannot work.
        """
        config = base or cls()
        if file is not None:
            values = cls._read(file)
            if "region" in values and values["region"] != config.region:
                # Addresses that were only the old region's default follow the region.
                old = cls(region=config.region)
                for name in ("public_url", "rest_url"):
                    if getattr(config, name) == getattr(old, name):
                        values.setdefault(name, "")
            config = replace(config, **values)
        variables = os.environ if environ is None else environ
        found = {field: variables[name] for name, field in _ENVIRONMENT.items() if variables.get(name)}
        return replace(config, **found) if found else config  # type: ignore[arg-type]

    @classmethod
    def _read(cls, file: Path) -> dict[str, Any]:
        try:
            values: dict[str, Any] = tomllib.loads(file.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise ConfigurationError(f"the configuration file {file} cannot be read: {error}") from error
        values = values.get("upbit_qt_ws", values)
        if not isinstance(values, dict):
            raise ConfigurationError(f"in the configuration file {file} upbit_qt_ws is {values!r} and not a table")
        known = {item.name for item in fields(cls)}
        for name in values:
            if name not in known:
                raise ConfigurationError(f"the configuration file {file} has an unknown setting {name!r}")
        return values


def check_url(name: str, url: str, *, secure: str, plain: str) -> None:
    """Check that ``url`` is encrypted, or stays on this machine.

    Raises:
        ConfigurationError: it is another scheme, has no host, or is unencrypted to another machine.
    """
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except (ValueError, AttributeError, TypeError) as error:
        raise ConfigurationError(f"{name} {url!r} is not an address: write it as {secure}://host/path") from error
    if parts.scheme == secure and host:
        return
    if parts.scheme == plain and host and _is_loopback(host):
        return
    raise ConfigurationError(
        f"{name} {url!r} is not allowed: use {secure}://, or {plain}:// with an address of this machine (127.0.0.1)"
    )


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
