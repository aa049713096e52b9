"""Names what a computer has run out of: file descriptors, memory, room on the disk.

Such errors come from wherever the next one of something was needed, often dressed up as another error: a look-up of a
name says "temporary failure", an import says that there is no such module.
"""

from __future__ import annotations

import errno
import os
import socket
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

NO_DESCRIPTORS: Final = "this program has no file descriptor left: too many files and sockets are open in it"

_WORDS: Final = {
    errno.EMFILE: NO_DESCRIPTORS,
    errno.ENFILE: "the system has no file descriptor left: too many files and sockets are open",
    errno.ENOBUFS: "the system has no buffers left for a connection",
    errno.ENOMEM: "there is no memory left",
    errno.ENOSPC: "the disk is full",
    # Windows: WSAEMFILE and WSAENOBUFS.
    10024: NO_DESCRIPTORS,
    10055: "the system has no buffers left for a connection",
}


def shortage_in(error: BaseException) -> str:
    """Return in words what has run out, if that is what an error, or one behind it, is about; else an empty text.

    Args:
        error: any exception; where it tells too little, the system is asked whether a descriptor is left.
    """
    for link in _chain(error):
        if isinstance(link, MemoryError):
            return _WORDS[errno.ENOMEM]
        if isinstance(link, OSError) and link.errno in _WORDS and not isinstance(link, socket.gaierror):
            return _WORDS[link.errno]
    if any(isinstance(link, socket.gaierror | ImportError) for link in _chain(error)) and not has_descriptors(1):
        return NO_DESCRIPTORS
    return ""


def has_descriptors(count: int) -> bool:
    """Tell whether this program could open so many files or sockets more."""
    opened: list[int] = []
    try:
        for _ in range(count):
            opened.append(os.open(os.devnull, os.O_RDONLY))
    except OSError:
        return False
    finally:
        for descriptor in opened:
            os.close(descriptor)
    return True


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and those that it came from, or holds; each once."""
    waiting, seen = [error], set()
    while waiting:
        link = waiting.pop()
        if id(link) in seen:
            continue
        seen.add(id(link))
        yield link
        waiting += [other for other in (link.__cause__, link.__context__) if other is not None]
        if isinstance(link, BaseExceptionGroup):
            waiting += link.exceptions
