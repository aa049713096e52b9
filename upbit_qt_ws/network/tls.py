"""Whom connections trust: sockets and REST calls alike."""

from __future__ import annotations

import asyncio
import functools
import os
import ssl

_NAMED = ("SSL_CERT_FILE", "SSL_CERT_DIR")
"""Environment variables that name other authorities than the system's, as those of a company's proxy."""


async def client_context() -> ssl.SSLContext:
    """Return what connections of this process are checked with; made once, outside the loop's thread.

    The authorities are those of the operating system, which a user can manage, unless the environment names others.

    Raises:
        OSError: the authorities that the environment names cannot be read.
    """
    return await asyncio.to_thread(_context, *(os.environ.get(name, "") for name in _NAMED))


@functools.lru_cache(maxsize=4)
def _context(*named: str) -> ssl.SSLContext:
    if any(named):
        return ssl.create_default_context()
    # Imported here: plain connections to this machine need no certificates.
    import truststore

    return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
