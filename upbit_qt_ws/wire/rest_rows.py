"""Lists of rows, of which one bad one costs itself only. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

import msgspec

from upbit_qt_ws.errors import DecodeError
from upbit_qt_ws.wire import lenient
from upbit_qt_ws.wire.lenient import REFUSED
from upbit_qt_ws.wire.second_look import RecordReader, ignore, row_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from upbit_qt_ws.wire.second_look import Note

_T = TypeVar("_T")

_ELEMENTS: Final = msgspec.json.Decoder(list[msgspec.Raw])
_FIELDS: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])


class Rows(tuple[_T, ...]):
    """The rows of a reply, a tuple; and what is missing among them.

    Attributes:
        unread: one name for each row that could not be read: its currency, market or id, or ``?`` if it has none that
            can be read. Empty when the tuple is all that the exchange has told.
    """

    unread: tuple[str, ...]

    def __new__(cls, rows: Iterable[_T] = (), unread: Iterable[str] = ()) -> Rows[_T]:
        """Make a tuple of rows."""
        made = super().__new__(cls, rows)
        made.unread = tuple(unread)
        return made


def joined(pages: Iterable[Rows[_T]]) -> Rows[_T]:
    """Return the rows of several replies as one."""
    pages = tuple(pages)
    rows = (row for page in pages for row in page)
    return Rows(rows, (name for page in pages for name in page.unread))


class RowsReader(Generic[_T]):
    """Reads replies that are lists of one class of records: all at once, and row by row if that is refused.

    Args:
        cls: a msgspec class.
        name: what a row is called, for messages and for who is told what was left out: ``"ticker"``.
        is_good: a last look at a row that could be read; a row that it refuses counts as one that could not.
    """

    def __init__(self, cls: type[_T], name: str, is_good: Callable[[_T], bool] = lambda row: True) -> None:
        """Make the decoders."""
        self._all: msgspec.json.Decoder[tuple[_T, ...]] = msgspec.json.Decoder(
            tuple[cls, ...]  # type: ignore[valid-type]  # A class that is given at run time.
        )
        self._one = msgspec.json.Decoder(cls)
        self._cls, self._name, self._is_good = cls, name, is_good
        self._reader: RecordReader[_T] | None = None

    def read(self, body: bytes, note: Note = ignore) -> Rows[_T]:
        """Return the rows of a reply.

        Args:
            body: of the reply.
            note: is told of each row and each value that is left out.

        Raises:
            DecodeError: it is no list, or one of nothing but rows that cannot be read.
        """
        try:
            rows = self._all.decode(body)
        except REFUSED:
            try:
                return self._one_by_one(body, note)
            except DecodeError as reason:
                # Without a cause: the library quotes what it could not use, however long and whatever is in it.
                raise DecodeError(f"{reason} in a REST reply of {len(body)} bytes") from None
        if all(map(self._is_good, rows)):
            return Rows(rows)
        return self._one_by_one(body, note)

    def record(self, body: bytes, note: Note = ignore) -> _T:
        """Return the only record of a reply that is no list.

        Raises:
            DecodeError: it cannot be read.
        """
        try:
            return self._read_one(body, note)
        except DecodeError as error:
            raise DecodeError(f"{error} in a REST reply of {len(body)} bytes") from None

    def _one_by_one(self, body: bytes, note: Note) -> Rows[_T]:
        try:
            elements: Any = _ELEMENTS.decode(body)
        except REFUSED:
            # A NaN somewhere, which is no JSON.
            elements = lenient.parse(body)
        if not isinstance(elements, list):
            raise DecodeError(f"{lenient.excerpt(elements)} is no list")
        rows: list[_T] = []
        unread: list[str] = []
        why = ""
        for element in elements:
            try:
                row = (
                    self._read_one(bytes(element), note)
                    if isinstance(element, msgspec.Raw)
                    else self._again(element, note)
                )
                if not self._is_good(row):
                    raise DecodeError(f"{self._name} is none that can be")
            except DecodeError as error:
                found = _parsed(element)
                named = row_name(found)
                note(self._name, found if named == "?" else named)
                unread.append(named)
                why = why or str(error)
            else:
                rows.append(row)
        if unread and not rows:
            raise DecodeError(why)
        return Rows(rows, unread)

    def _read_one(self, text: bytes, note: Note) -> _T:
        try:
            return self._one.decode(text)
        except REFUSED:
            try:
                found: object = _FIELDS.decode(text)
            except REFUSED:
                found = lenient.parse(text)
            return self._again(found, note)

    def _again(self, found: object, note: Note) -> _T:
        if self._reader is None:
            self._reader = RecordReader(self._cls, self._name)
        return self._reader.read(found, note)


def _parsed(element: Any) -> object:
    if not isinstance(element, msgspec.Raw):
        return element
    try:
        return lenient.parse(bytes(element))
    except DecodeError:
        return None
