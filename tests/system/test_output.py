"""Nothing that a command writes is an exception, whatever it is written to."""

from __future__ import annotations

import io
import json
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from upbit_qt_ws.system.output import Output, can_write, complain, prepare_streams, run_command

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

ENCODINGS = ("ascii", "cp1252", "cp949", "cp437", "utf-8", "utf-16", "shift_jis", "koi8-r", "iso2022_kr")


@contextmanager
def streams(out: Any, err: Any = None) -> Iterator[None]:
    """Have other standard streams for a while; pytest has its own between the phases of a test."""
    before = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = out, err
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before


@contextmanager
def terminal(encoding: str) -> Iterator[io.BytesIO]:
    """Have a standard output with an encoding; yields what gets there."""
    written = io.BytesIO()
    with streams(io.TextIOWrapper(written, encoding=encoding)):
        prepare_streams()
        yield written


@pytest.mark.parametrize("encoding", ENCODINGS)
@given(text=st.text(st.characters()))
def test_any_text_can_be_written_in_any_encoding(encoding: str, text: str) -> None:
    with terminal(encoding) as written:
        assert Output().write(text)
        written.getvalue().decode(encoding)


@pytest.mark.parametrize("encoding", ENCODINGS)
@given(text=st.text(st.characters(exclude_categories=["Cs"])))
def test_any_json_can_be_read_again_in_any_encoding(encoding: str, text: str) -> None:
    with terminal(encoding) as written:
        assert Output().write_json(json.dumps({"title": text}, ensure_ascii=False))
        assert json.loads(written.getvalue().decode(encoding)) == {"title": text}


@pytest.mark.parametrize(
    ("encoding", "shown"),
    [
        ("ascii", "^ +1.27% -> *** ... \\uc5c5\\ube44\\ud2b8 \\ud83d\\ude00"),
        ("cp1252", "^ +1.27% -> ••• … \\uc5c5\\ube44\\ud2b8 \\ud83d\\ude00"),
        ("cp949", "▲ +1.27% → *** … 업비트 \\ud83d\\ude00"),
        ("utf-8", "▲ +1.27% → ••• … 업비트 😀"),
    ],
)
def test_signs_that_cannot_be_written_are_replaced_by_what_is_like_them(encoding: str, shown: str) -> None:
    with terminal(encoding) as written:
        Output().write("▲ +1.27% → ••• … 업비트 😀")
        assert written.getvalue().decode(encoding) == shown


def test_a_language_can_be_chosen_by_what_can_be_written() -> None:
    for encoding, korean in (("cp949", True), ("utf-8", True), ("cp1252", False), ("ascii", False)):
        with terminal(encoding):
            assert can_write("가") is korean
            assert can_write("a")
    with streams(None, None):
        assert can_write("가", "stderr")


def test_without_streams_nothing_is_written_and_nothing_fails() -> None:
    with streams(None, None):  # As under pythonw.
        assert run_command("program", lambda: 3 if Output().write("lost\n") else 4) == 3
        complain("lost")
        sys.stdout.write("lost, as a library may do")


def test_a_closed_stream_is_as_good_as_none() -> None:
    closed = io.StringIO()
    closed.close()
    with streams(closed, closed):
        assert run_command("program", lambda: 3 if Output().write("lost\n") else 4) == 3


def test_a_stream_that_is_closed_on_the_way_ends_the_output_and_is_no_failure() -> None:
    def work() -> int:
        output = Output()
        assert output.write("first\n")
        sys.stdout.close()
        assert not output.write("second\n")
        assert not output.is_open
        return 0

    with streams(io.TextIOWrapper(io.BytesIO())):
        assert run_command("program", work) == 0


class Full(io.RawIOBase):
    """A disk that is full."""

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        raise OSError(28, "No space left on device")


@contextmanager
def full_disk() -> Iterator[io.StringIO]:
    """Have a standard output on a full disk; yields what is written to standard error."""
    complaints = io.StringIO()
    out = io.TextIOWrapper(io.BufferedWriter(Full()))
    with streams(out, complaints):
        yield complaints
    with pytest.raises(OSError, match="No space"):
        out.detach().close()  # What it still holds would be written when it is collected.


@pytest.mark.parametrize("write", [lambda: Output().write("x"), lambda: sys.stdout.write("x")])
def test_a_full_disk_is_told_once_and_exit_code_2(write: Callable[[], object]) -> None:
    def work() -> int:
        for _ in range(3):
            write()
        return 0

    with full_disk() as complaints:
        assert run_command("program", work) == 2
    assert complaints.getvalue() == "program: standard output cannot be written: the disk is full\n"


def test_help_on_a_full_disk_is_exit_code_2() -> None:
    def work() -> int:
        sys.stdout.write("help")
        raise SystemExit(0)

    with full_disk(), pytest.raises(SystemExit) as ended:
        run_command("program", work)
    assert ended.value.code == 2


def test_a_file_is_written_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "out.txt"
    with file.open("w", encoding="utf-8") as stream, streams(stream):
        assert run_command("program", lambda: int(not Output().write("▲\n"))) == 0
    assert file.read_text(encoding="utf-8") == "▲\n"
