"""What the loop of the simulated exchange says when the computer has run out of something, or a client has gone."""

from __future__ import annotations

import errno
import logging
import time
from typing import TYPE_CHECKING, Any, Final

from upbit_qt_ws.system.repeats import Repeats
from upbit_qt_ws.system.shortage import shortage_in

if TYPE_CHECKING:
    import asyncio

_log = logging.getLogger(__name__)

_QUIET: Final = 60.0
"""A shortage that was not felt for so long is news again, in seconds."""


_GONE: Final = frozenset({errno.ECONNRESET, errno.ECONNABORTED, errno.ENOTCONN})
"""A client went away before it was accepted; only on Windows is that an error of the one who accepts."""


def stay_calm(loop: asyncio.AbstractEventLoop) -> None:
    """Have the loop tell of a shortage in one line, and then only that it goes on; of a client that has gone, nothing.

    asyncio tries again every second to accept connections for which there is no file descriptor, up to a hundred times
    at once, and writes a traceback each time.
    """
    shortages = Repeats(_QUIET)

    def handle(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if isinstance(error, OSError) and error.errno in _GONE:
            _log.debug("a client went away before it was accepted: %s", error)
            return
        what = shortage_in(error) if isinstance(error, OSError | MemoryError) else ""
        if not what:
            loop.default_exception_handler(context)
            return
        line = shortages.complain(f"the simulated exchange takes no connections now: {what}", time.monotonic())
        if line is not None:
            _log.warning("%s", line)

    loop.set_exception_handler(handle)
