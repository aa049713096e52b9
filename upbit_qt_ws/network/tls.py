"""Whom connections trust: sockets and REST calls alike."""

from __future__ import annotations

import asyncio
import functools
import os
import ssl

from upbit_qt_ws.errors import WebSocketConnectionError
from upbit_qt_ws.system.shortage import shortage_in

_NAMED = ("SSL_CERT_FILE", "SSL_CERT_DIR")
"""Environment variables that name other authorities than the system's, as those of a company's proxy."""


async def client_context() -> ssl.SSLContext:
    """Return what connections of this process are checked with; made once, outside the loop's thread.

    The authorities are those of the operating system, which a user can manage, unless the environment names others.

    Raises:
        WebSocketConnectionError: the authorities that the environment names cannot be read.
    """
    try:
        return await asyncio.to_thread(_context, *(os.environ.get(name, "") for name in _NAMED))
    except (OSError, ImportError, MemoryError) as error:
        why = shortage_in(error) or f"the certificates that the environment names cannot be read: {error}"
        raise WebSocketConnectionError(why) from error


@functools.lru_cache(maxsize=4)
def _context(*named: str) -> ssl.SSLContext:
    if any(named):
        return ssl.create_default_context()
    # Imported here: plain connections to this machine need no certificates.
    import truststore

    return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
