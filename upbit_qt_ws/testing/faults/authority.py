"""A throw-away certificate authority, for tests over TLS."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

from upbit_qt_ws.errors import MissingExtraError

if TYPE_CHECKING:
    from pathlib import Path


class Authority:
    """Signs a certificate for this machine that nobody trusts who is not told to.

    A client of this process trusts it when the environment variable ``SSL_CERT_FILE`` names the file that
    :meth:`write` has written; sockets and REST calls of the toolkit read it.

    Attributes:
        serving: the ``ssl_context`` for :class:`~upbit_qt_ws.testing.SimulatedExchange`.
    """

    def __init__(self) -> None:
        """Make the keys.

        Raises:
            MissingExtraError: the library ``trustme`` is not installed; it comes with the extra ``testing``.
        """
        try:
            import trustme
        except ImportError as error:
            raise MissingExtraError("a test over TLS", library="trustme", extra="testing", error=error) from error
        self._authority = trustme.CA()
        self.serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._authority.issue_cert("127.0.0.1", "localhost").configure_cert(self.serving)

    def write(self, path: Path) -> Path:
        """Write the authority's own certificate to a file, and return that."""
        self._authority.cert_pem.write_to_path(str(path))
        return path
