"""Addresses of servers as people write them: brought into one form, or refused with a sentence. Pure."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

from upbit_qt_ws.errors import ConfigurationError


def check_url(name: str, url: str, *, secure: str, plain: str) -> str:
    """Return an address in its usual form; it is encrypted, or stays on this machine.

    Blanks around it and slashes at its end are taken away, scheme and host are written small.

    Args:
        name: of the setting, for the message.
        url: as it was written.
        secure: the scheme that is encrypted, ``wss`` or ``https``.
        plain: the one that is not.

    Raises:
        ConfigurationError: it is another scheme, has no host or port that can be, is unencrypted to another machine,
            holds a name and password, which the message does not repeat, or has a query or a fragment.
    """
    try:
        written = url.strip(" \t\r\n")
        parts = urlsplit(written)
        host, port = parts.hostname, parts.port
        user_info = "@" in parts.netloc
    except (ValueError, AttributeError, TypeError) as error:
        if "@" in str(url):
            raise _with_user_info(name, secure) from None
        raise ConfigurationError(f"{name} {url!r} is not an address: write it as {secure}://host/path") from error
    if user_info:
        raise _with_user_info(name, secure)
    if not written.isprintable() or " " in written or port == 0:
        raise ConfigurationError(f"{name} {url!r} is not an address: write it as {secure}://host/path")
    if "?" in written or "#" in written:
        raise ConfigurationError(f"{name} {url!r} has a query or a fragment: write it as {secure}://host/path without")
    if not host or not (parts.scheme == secure or (parts.scheme == plain and is_loopback(host))):
        raise ConfigurationError(
            f"{name} {url!r} is not allowed: use {secure}://, or {plain}:// with an address of this machine (127.0.0.1)"
        )
    return f"{parts.scheme}://{parts.netloc.lower()}{parts.path}".rstrip("/")


def _with_user_info(name: str, secure: str) -> ConfigurationError:
    return ConfigurationError(
        f"{name} holds a name or a password before an @: write it as {secure}://host/path, and give keys as keys"
    )


def is_loopback(host: str) -> bool:
    """Tell whether a host's name or address is that of this machine."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
