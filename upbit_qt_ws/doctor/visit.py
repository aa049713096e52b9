"""What the checks share: the settings, the secrets not to be told, the clock, and what earlier checks learned."""

from __future__ import annotations

import asyncio
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from upbit_qt_ws.addresses import is_loopback

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from upbit_qt_ws.config import WebSocketConfig
    from upbit_qt_ws.doctor.scrub import Scrubber
    from upbit_qt_ws.network.jwt_manager import JWTManager
    from upbit_qt_ws.wire.auth_errors import Language

_T = TypeVar("_T")

_MARKETS: Final = {"kr": "KRW-BTC", "sg": "SGD-BTC", "id": "IDR-BTC", "th": "THB-BTC"}
_PORTS: Final = {"wss": 443, "https": 443, "ws": 80, "http": 80}


class Server(NamedTuple):
    """One server that the settings name.

    Attributes:
        host: name or address.
        port: of TCP.
        secure: whether it is spoken to over TLS.
    """

    host: str
    port: int
    secure: bool

    def __str__(self) -> str:
        """Return ``host:port``."""
        return f"{self.host}:{self.port}"

    @property
    def local(self) -> bool:
        """Whether it is this computer, to which no proxy leads."""
        return is_loopback(self.host)


@dataclass
class Visit:
    """One run of the checks.

    Attributes:
        load: returns the settings; called by the check of the settings, and raises what is wrong with them.
        language: of everything that people read.
        scrubber: knows the secrets.
        environ: environment variables.
        config_file: the file that ``load`` reads; None for none.
        wall_clock: the time in seconds since 1970.
        proxies: address of the proxy per scheme, as the system names them.
        limit: longest time of the check that runs, in seconds.
        tokens: makes tokens once the keys were read; None before, and without keys.
    """

    load: Callable[[], WebSocketConfig]
    language: Language
    scrubber: Scrubber
    environ: Mapping[str, str]
    config_file: Path | None = None
    wall_clock: Callable[[], float] = time.time
    proxies: Mapping[str, str] = field(default_factory=getproxies)
    limit: float = 0.0
    tokens: JWTManager | None = None
    _config: WebSocketConfig | None = None

    @property
    def config(self) -> WebSocketConfig:
        """The settings; they are good once their check has passed."""
        if self._config is None:
            self._config = self.load()
            self.scrubber.add(self._config.access_key, self._config.secret_key)
        return self._config

    @property
    def market(self) -> str:
        """A market that the exchange of this region is sure to have."""
        return _MARKETS[self.config.region]

    @property
    def servers(self) -> list[Server]:
        """The servers that the settings name, each once."""
        config = self.config
        found = []
        for url in (config.public_url, config.private_url, config.rest_url):
            parts = urlsplit(url)
            port = parts.port or _PORTS[parts.scheme]
            found.append(Server(parts.hostname or "", port, parts.scheme in ("wss", "https")))
        return list(dict.fromkeys(found))

    def proxy_of(self, server: Server) -> str:
        """Return the address of the proxy that leads to a server; empty when there is none, or it is passed by."""
        if server.local or proxy_bypass(server.host):
            return ""
        names = ("https", "wss", "all", "socks") if server.secure else ("http", "ws", "all", "socks")
        return next((self.proxies[name] for name in names if self.proxies.get(name)), "")


async def in_thread(work: Callable[[], _T]) -> _T:
    """Return what ``work`` returns, or raise what it raises.

    Unlike with asyncio's executor, nothing waits for the thread at the end: a look-up of a name and a key ring can
    block for longer than anybody wants to wait.
    """
    loop = asyncio.get_running_loop()
    done: asyncio.Future[_T] = loop.create_future()

    def settle(result: _T | None, error: BaseException | None) -> None:
        if done.cancelled():
            return
        if error is not None:
            done.set_exception(error)
        else:
            done.set_result(result)  # type: ignore[arg-type] # There is a result where there is no error.

    def run() -> None:
        result, error = None, None
        try:
            result = work()
        except Exception as raised:
            error = raised
        try:
            loop.call_soon_threadsafe(settle, result, error)
        except RuntimeError:
            return  # The loop was closed meanwhile: nobody waits for the answer any more.

    threading.Thread(target=run, name="doctor-blocking-call", daemon=True).start()
    return await done
