"""A second look at what a typed decoder has refused: field by field, so that one bad value costs itself only. Pure.

The typed decoders are fast and strict: one field that is not what it should be, and all of the object is refused. What
cannot be is left out here: None, or a field's default. Only an object without a field that it cannot do without is
refused here, too.

That is rare, but it may be rare for all frames at once, as when the exchange tells its times in another unit for a day.
So each field has a typed decoder of its own, and only what that refuses is looked at leniently.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final, Generic, NamedTuple, TypeVar

import msgspec
from msgspec import inspect

from upbit_qt_ws.bounds import FIRST_MS, LAST_MS, MOST
from upbit_qt_ws.errors import DecodeError
from upbit_qt_ws.events import OrderbookUnit
from upbit_qt_ws.wire import lenient
from upbit_qt_ws.wire.lenient import REFUSED
from upbit_qt_ws.wire.text import one_line

if TYPE_CHECKING:
    import enum
    from collections.abc import Callable, Mapping

    Note = Callable[[str, object], None]
    """Is told the name of each value that is left out, as ``"ticker.high_price"``, and the value."""

    Rule = Callable[[Any, str, Note], Any]
    """Returns what a value means, given its name and who is told of parts that are left out; raises ValueError if it
    means nothing."""

_T = TypeVar("_T")

_ROW_NAMES: Final = ("currency", "cu", "market", "uuid")
_LONGEST_NAME: Final = 60


def ignore(name: str, value: object) -> None:
    """Be told of a value that was left out, and do nothing about it."""


def row_name(row: object) -> str:
    """Return what tells a row of a list from others that cannot be read either: currency, market or id, else ``?``."""
    if isinstance(row, dict):
        for key in _ROW_NAMES:
            told = one_line(row[key], _LONGEST_NAME) if isinstance(row.get(key), str) else ""
            if told:
                return told
    return "?"


class RecordReader(Generic[_T]):
    """Reads one class of records from parsed objects.

    Args:
        cls: a msgspec class; the rules are those of its types.
        name: what its objects are called, for messages: ``"ticker"``.
    """

    def __init__(self, cls: type[_T], name: str) -> None:
        """Find the rule of each field."""
        self._cls = cls
        self._name = name
        shape = inspect.type_info(cls)
        assert isinstance(shape, inspect.StructType)
        types = {field.name: field.type for field in msgspec.structs.fields(cls)}  # type: ignore[arg-type]  # A Struct.
        # The stamps of the receiver have names that no field of the exchange sets.
        told = (field for field in shape.fields if not field.encode_name.startswith("~"))
        self._fields = [_Field.of(field, types[field.name]) for field in told]
        self._tells_unread = any(field.name == "unread" for field in shape.fields)

    def read(self, found: object, note: Note) -> _T:
        """Return the record that an object means.

        Args:
            found: by its keys, values that are parsed or not.
            note: is told what is left out.

        Raises:
            DecodeError: it is no object, or lacks a field without which it means nothing.
        """
        if not isinstance(found, dict):
            raise DecodeError(f"{self._name} is {lenient.excerpt(found)} and no object")
        values: dict[str, Any] = {}
        unread: list[str] = []
        if self._tells_unread:
            note = _naming(unread, note)
        for field in self._fields:
            value, name = found.get(field.key), f"{self._name}.{field.name}"
            if isinstance(value, msgspec.Raw):
                try:
                    values[field.name] = field.decode(value)
                    continue
                except REFUSED:
                    value = lenient.plain(value)
            if value is None and field.is_required:
                raise DecodeError(f"{name} is missing")
            if value is None:
                if field.key in found and not field.may_be_null:
                    note(name, None)
                continue
            try:
                values[field.name] = field.rule(value, name, note)
            except ValueError as error:
                if field.is_required:
                    why = one_line(str(error)) or f"{field.name} is not {field.what}"
                    raise DecodeError(f"{why}: {name} is {lenient.excerpt(value)}") from None
                note(name, value)
        if self._tells_unread:
            values["unread"] = tuple(unread)
        return self._cls(**values)


def _naming(rows: list[str], note: Note) -> Note:
    """Return what passes everything on to ``note``, and puts the names of rows that are left out into a list."""

    def both(name: str, value: object) -> None:
        if name.endswith(".assets"):
            rows.append(row_name(value))
        note(name, value)

    return both


class _Field(NamedTuple):
    name: str
    key: str
    is_required: bool
    may_be_null: bool
    what: str
    decode: Callable[[Any], Any]
    rule: Rule

    @classmethod
    def of(cls, field: inspect.Field, of_type: Any) -> _Field:
        types = field.type.types if isinstance(field.type, inspect.UnionType) else (field.type,)
        is_amount = any(isinstance(each, inspect.DecimalType) for each in types)
        rule = _OF_NAME.get(field.name) or _rule_of(field.type)
        # What their types allow is more than what can be: the record would refuse it, and all of itself.
        decode = _refuse if is_amount or field.name in _OF_NAME else msgspec.json.Decoder(of_type).decode
        what = "an amount" if is_amount else "what it should be"
        return cls(field.name, field.encode_name, field.required, _may_be_null(field.type), what, decode, rule)


def _may_be_null(kind: inspect.Type) -> bool:
    return isinstance(kind, inspect.UnionType) and any(isinstance(each, inspect.NoneType) for each in kind.types)


def _refuse(value: Any) -> Any:
    raise msgspec.DecodeError


# -- rules ------------------------------------------------------------------------------------------------------------


def _rule_of(kind: inspect.Type) -> Rule:
    """Return the rule of a type; of a union, that of the first member that understands the value."""
    if isinstance(kind, inspect.UnionType):
        rules = [_rule_of(each) for each in kind.types if not isinstance(each, inspect.NoneType)]
        return rules[0] if len(rules) == 1 else _first_of(rules)
    if isinstance(kind, inspect.FloatType | inspect.IntType):
        return _within(kind)
    if isinstance(kind, inspect.EnumType):
        return _member_of(kind.cls)
    if isinstance(kind, inspect.LiteralType):
        return _one_of(kind.values)
    if isinstance(kind, inspect.VarTupleType):
        return _tuple_of(kind.item_type)
    if isinstance(kind, inspect.DictType):
        return _mapping_of(_rule_of(kind.value_type), may_be_null=_may_be_null(kind.value_type))
    if isinstance(kind, inspect.StructType):
        return _record_of(kind.cls)
    return _OF_TYPE[type(kind)]


def _plain(read: Callable[[Any], Any]) -> Rule:
    return lambda value, name, note: read(value)


def _first_of(rules: list[Rule]) -> Rule:
    def rule(value: Any, name: str, note: Note) -> Any:
        for each in rules:
            try:
                return each(value, name, note)
            except ValueError:
                continue
        raise ValueError

    return rule


def _within(kind: inspect.FloatType | inspect.IntType) -> Rule:
    low = -math.inf if kind.ge is None else kind.ge
    high = math.inf if kind.le is None else kind.le
    if (low, high) == (FIRST_MS, LAST_MS):
        return _plain(lenient.moment)
    read = lenient.number if isinstance(kind, inspect.FloatType) else lenient.whole
    return lambda value, name, note: read(value, low, high)


def _member_of(cls: type[enum.Enum]) -> Rule:
    return lambda value, name, note: cls(lenient.text(value).upper())


def _one_of(choices: tuple[Any, ...]) -> Rule:
    def rule(value: Any, name: str, note: Note) -> Any:
        spelt = lenient.text(value).lower()
        if spelt not in choices:
            raise ValueError
        return spelt

    return rule


def _record_of(cls: type[Any]) -> Rule:
    readers: dict[str, RecordReader[Any]] = {}

    def rule(value: Any, name: str, note: Note) -> Any:
        if name not in readers:
            readers[name] = RecordReader(cls, name)
        return readers[name].read(value, note)

    return rule


def _tuple_of(item: inspect.Type) -> Rule:
    """Read a list; items that mean nothing are left out of it."""
    if isinstance(item, inspect.StructType) and issubclass(item.cls, OrderbookUnit):
        return _units_of(item.cls)
    rule_of_item = _rule_of(item)

    def rule(value: Any, name: str, note: Note) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise ValueError
        found = []
        for each in value:
            try:
                found.append(rule_of_item(each, name, note))
            except ValueError:
                note(name, each)
        return tuple(found)

    return rule


def _mapping_of(rule_of_value: Rule, *, may_be_null: bool) -> Rule:
    """Read an object of values; what means nothing is None where that may be, and left out of it else."""

    def rule(value: Any, name: str, note: Note) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise ValueError
        kept: dict[str, Any] = {}
        for key, item in value.items():
            if may_be_null:
                kept[key] = None
            try:
                if item is not None:
                    kept[lenient.text(key)] = rule_of_value(item, name, note)
            except ValueError:
                note(name, item)
        return kept

    return rule


def _units_of(cls: type[OrderbookUnit]) -> Rule:
    """Read the depths of a book, each in its place, see :class:`OrderbookUnit`."""
    keys = {field.name: field.encode_name for field in msgspec.structs.fields(cls)}

    def slot(unit: dict[str, Any], side: str, kind: str, bad: list[tuple[str, object]]) -> tuple[float, float]:
        found = []
        for field in (f"{side}_price", f"{side}_size"):
            value = unit.get(keys[field])
            try:
                found.append(lenient.number(value, 0, MOST))
            except ValueError:
                bad.append((f"{kind}.{field}", value))
                found.append(0.0)
        return (found[0], found[1]) if found[0] else (0.0, 0.0)

    def rule(value: Any, name: str, note: Note) -> tuple[OrderbookUnit, ...]:
        if not isinstance(value, list):
            raise ValueError
        bad: list[tuple[str, object]] = []
        units = []
        for unit in value:
            ask = bid = (0.0, 0.0)
            if isinstance(unit, dict):
                ask, bid = (slot(unit, side, name.partition(".")[0], bad) for side in ("ask", "bid"))
            else:
                bad.append((name, unit))
            units.append(cls(ask_price=ask[0], bid_price=bid[0], ask_size=ask[1], bid_size=bid[1]))
        if bad and not any(unit.ask_price or unit.bid_price for unit in units):
            # A book of which nothing can be read is not an empty one.
            raise ValueError("no unit of the book can be read")
        for each, found in bad:
            note(each, found)
        return tuple(units)

    return rule


_OF_TYPE: Final[Mapping[type[inspect.Type], Rule]] = {
    inspect.DecimalType: _plain(lenient.amount),
    inspect.BoolType: _plain(lenient.flag),
    inspect.StrType: _plain(lenient.text),
}

_OF_NAME: Final[Mapping[str, Rule]] = {
    "candle_date_time_utc": _plain(lenient.candle_start),
    "created_at": _plain(lenient.iso_moment),
    "delisting_date": _plain(lenient.any_date),
}
"""Fields whose types do not tell what they may hold."""
