"""JSON in which the spelling of every number is kept: read a frame, rename its keys, write it again.

The standard library would turn ``1.16539E8`` into ``116539000.0`` and lose the last digits of an amount with
23 decimals. Here a number is a :class:`Number`, the text that stood on the wire.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


class Number(str):
    """A JSON number as it is spelled."""

    __slots__ = ()


def read(text: str | bytes) -> Any:
    """Parse JSON, keeping the spelling of its numbers.

    Raises:
        ValueError: ``text`` is not JSON.
    """
    return json.loads(text, parse_float=Number, parse_int=Number)


def write(value: Any) -> str:
    """Write JSON without spaces; non-ASCII text stays readable. Decimals are written exactly.

    Raises:
        TypeError: a value that JSON cannot hold.
    """
    if isinstance(value, Number):
        return value
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(str(key))}:{write(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(write, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def renamed(
    value: Mapping[str, Any], names: Mapping[str, str], nested: Mapping[str, Mapping[str, str]]
) -> dict[str, Any]:
    """Return ``value`` with other keys.

    Args:
        value: one object.
        names: new name per key; keys without one keep theirs.
        nested: per key of ``value``, the new names inside the object or list of objects that it holds.
    """
    result: dict[str, Any] = {}
    for key, item in value.items():
        inner = nested.get(key)
        if inner is not None and isinstance(item, dict):
            item = renamed(item, inner, {})
        elif inner is not None and isinstance(item, list):
            item = [renamed(entry, inner, {}) if isinstance(entry, dict) else entry for entry in item]
        result[names.get(key, key)] = item
    return result
