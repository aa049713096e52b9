"""What can be: the bounds of the numbers, times and messages of the exchange, as types and as functions. Pure.

A number outside of them was not meant: a price below 0, a size of 1e308, a moment in the year 1970. It is treated as
if the exchange had not told it. The bounds are far outside of everything that was ever traded, since a coin may be
invented tomorrow: the largest supply of a token today is about 1e18, the largest turnover of a day about 1e16 IDR.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Final, TypeAlias

import msgspec

MOST_BYTES: Final = 16 * 2**20
"""Largest message and largest reply in bytes, after decompression; the largest known one, the books of all markets over
REST, has about 2.3 MB."""

MOST: Final = 1e21
"""Nothing is as much as this: no price, no size, no sum."""

FIRST_MS: Final = 1_262_304_000_000
"""2010-01-01 in ms since 1970 UTC; nothing that is traded here was traded before."""

LAST_MS: Final = 4_102_444_800_000
"""2100-01-01 in ms since 1970 UTC."""

_LARGEST_INTEGER: Final = 2**63 - 1
_MOST_RATE: Final = 1e9
_MOST_DECIMALS: Final = 64
_MOST_DIGITS: Final = 128

Milliseconds: TypeAlias = Annotated[int, msgspec.Meta(ge=FIRST_MS, le=LAST_MS)]
"""A moment of the exchange's clock in ms since 1970 UTC, from 2010 to 2100."""

Quantity: TypeAlias = Annotated[float, msgspec.Meta(ge=0, le=MOST)]
"""A price, a size, a turnover."""

Difference: TypeAlias = Annotated[float, msgspec.Meta(ge=-MOST, le=MOST)]
"""What one price is above another one; negative if it is below."""

Share: TypeAlias = Annotated[float, msgspec.Meta(ge=0, le=_MOST_RATE)]
"""A fraction: 0.0127 is 1.27 %."""

SignedShare: TypeAlias = Annotated[float, msgspec.Meta(ge=-_MOST_RATE, le=_MOST_RATE)]
"""A fraction with a direction."""

Number: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=_LARGEST_INTEGER)]
"""A whole number that counts or identifies something."""

# Seconds, milliseconds, microseconds and nanoseconds of the same years do not overlap.
_UNITS: Final = (Decimal(1), Decimal(1000), Decimal("0.001"), Decimal("0.000001"))


def whole_ms(moment: Decimal) -> int | None:
    """Return a moment in whole ms since 1970 UTC, whichever unit it is told in: s, ms, us or ns.

    Args:
        moment: a count of such units since 1970 UTC; must be finite.

    Returns:
        None if it is within the years from 2010 to 2100 in none of these units.
    """
    if not 0 < moment <= _LARGEST_INTEGER:
        return None
    told = (moment * unit for unit in _UNITS)
    return next((int(found) for found in told if FIRST_MS <= found <= LAST_MS), None)


def is_amount(value: Decimal) -> bool:
    """Tell whether an exact amount can be: finite, not negative, and of digits that one can write down.

    ``Decimal("1E-999999")`` is finite and small, and a million digits long when it is written.
    """
    if not value.is_finite() or not 0 <= value <= MOST:
        return False
    _, digits, exponent = value.as_tuple()
    return int(exponent) >= -_MOST_DECIMALS and len(digits) <= _MOST_DIGITS
