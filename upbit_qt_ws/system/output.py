"""What a command writes, to whatever there is: a terminal that lacks signs, a closed pipe, a full disk, nothing at all.

A command runs in :func:`run_command`; what it has to say goes through :class:`Output` and :func:`complain`. None of
these raises for what is written or where to.
"""

from __future__ import annotations

import codecs
import errno
import io
import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Final, Literal

from upbit_qt_ws.system.shortage import shortage_in

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TextIO

_HANDLER: Final = "upbit_qt_ws.readable"

_LIKE: Final = {
    "▲": "^", "▼": "v", "→": "->", "←": "<-", "↑": "^", "↓": "v", "…": "...", "•": "*", "·": "-", "●": "*", "★": "*",
    "☆": "*", "–": "-", "—": "-", "−": "-", "’": "'", "“": '"', "”": '"', "×": "x", "\N{NO-BREAK SPACE}": " ",
    "\N{LEFT SINGLE QUOTATION MARK}": "'", "\N{REPLACEMENT CHARACTER}": "?",
}  # fmt: skip
"""What stands for signs of ours where a terminal cannot write them."""

_NOT_WRITTEN: Final = 2
_READER_GONE: Final = (errno.EPIPE, errno.ECONNRESET, errno.ESHUTDOWN)


def _readable(error: UnicodeError) -> tuple[str, int]:
    """Spell signs that an encoding lacks: by a sign that is like them, else by their number, as JSON would."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    signs = error.object[error.start : error.end]
    return "".join(_LIKE.get(sign) or _escaped(sign) for sign in signs), error.end


def _escaped(sign: str) -> str:
    # In UTF-16, so that a sign beyond its first plane is two escapes, which JSON can read and a terminal can write.
    units = sign.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))


codecs.register_error(_HANDLER, _readable)
_problems: list[str] = []
"""Why the standard output of this command could not be written, in words."""


class _Nowhere(io.TextIOBase):
    """Stands for a standard stream that is not there, as in a program without a console."""

    encoding = "utf-8"

    def writable(self) -> bool:
        return True

    def write(self, text: str, /) -> int:
        return len(text)


def run_command(program: str, work: Callable[[], int]) -> int:
    """Run a command on streams of which none can make it fail; return its exit code.

    A reader who has had enough, as ``head`` has, is no failure. A standard output that cannot be written is one: that
    is told, and the exit code is 2.

    Args:
        program: its name, for the message.
        work: the command, which returns its exit code.

    Raises:
        SystemExit: the command raised it; with the code 2 if its output could not be written.
    """
    prepare_streams()
    try:
        code = work()
    except SystemExit:
        if settle_streams(program):
            raise SystemExit(_NOT_WRITTEN) from None
        raise
    return _NOT_WRITTEN if settle_streams(program) else code


def prepare_streams() -> None:
    """Make the standard streams of a command such that no text is an error: missing ones swallow it."""
    _problems.clear()
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None or stream.closed:
            setattr(sys, name, _Nowhere())
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=_HANDLER)


def settle_streams(program: str) -> bool:
    """Write out what still waits, so that the interpreter need not, which would complain of what cannot be written.

    Returns:
        Whether standard output could not be written, which has been told then.
    """
    for stream in (sys.stdout, sys.stderr):
        _write(stream, "")
    for problem in _problems:
        complain(f"{program}: standard output cannot be written: {problem}")
    return bool(_problems)


class Output:
    """Standard output: what is written is seen at once. When nobody reads it any more, nothing more is written."""

    def __init__(self) -> None:
        """Take the standard output of this moment."""
        self._stream: TextIO = sys.stdout
        self._is_open = True

    @property
    def is_open(self) -> bool:
        """Whether somebody may read what is written."""
        return self._is_open

    @property
    def has_colors(self) -> bool:
        """Whether it is a terminal, and nobody has asked for black and white."""
        return self._is_open and self._stream.isatty() and not os.environ.get("NO_COLOR")

    def write(self, text: str) -> bool:
        """Write a text, with its line breaks; tell whether more may be written."""
        self._is_open = self._is_open and _write(self._stream, text)
        return self._is_open

    def write_json(self, text: str) -> bool:
        """Write a JSON text: in an encoding that is not UTF-8, all its signs beyond ASCII are escaped."""
        encoding = (self._stream.encoding or "").lower().replace("-", "").replace("_", "")
        return self.write(text if encoding == "utf8" else "".join(s if s.isascii() else _escaped(s) for s in text))


def can_write(text: str, stream: Literal["stdout", "stderr"] = "stdout") -> bool:
    """Tell whether a standard stream has all signs of a text, so that a language can be chosen by it."""
    try:
        text.encode(getattr(getattr(sys, stream), "encoding", None) or "utf-8")
    except (UnicodeError, LookupError):
        return False
    return True


def complain(text: str) -> None:
    """Write a line to standard error, if there is one."""
    _write(sys.stderr, f"{text}\n")


def _write(stream: TextIO | None, text: str) -> bool:
    """Write a text and what waits before it; tell whether that worked. What a stream cannot take goes nowhere then."""
    if stream is None:
        return False
    try:
        # Nothing is not written either: a full disk refuses that too.
        if text:
            stream.write(text)
        stream.flush()
    except (OSError, ValueError) as error:
        if stream is sys.stdout and (why := _why(error)):
            _problems.append(why)
        _silence(stream)
        return False
    return True


def _why(error: OSError | ValueError) -> str:
    """Return why a stream cannot be written; empty if its reader had enough. Windows says EINVAL for that."""
    gone = (*_READER_GONE, errno.EINVAL) if sys.platform == "win32" else _READER_GONE
    if not isinstance(error, OSError) or error.errno in gone:
        return ""
    return shortage_in(error) or error.strerror or str(error)


def _silence(stream: TextIO) -> None:
    """Have a standard stream go nowhere, also what it still holds."""
    with suppress(OSError, ValueError):
        number = stream.fileno()
        if number in (1, 2):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, number)
            os.close(nowhere)
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is stream:
            setattr(sys, name, _Nowhere())
