"""How the exchange spells numbers, as pure functions over exact integers.

Inside the simulator a price and a size are whole numbers of 1e-8 (``SCALE`` units make 1.0) and a turnover is
their product, a whole number of 1e-16 (``TURNOVER_SCALE``), so that nothing is ever rounded before it is
written. The wire spells them as Java does: ``Double.toString`` has an exponent from 1E7 up and below 1E-3,
sizes in ``DEFAULT`` keep their trailing zeros, ``SIMPLE`` writes whole numbers without a point. Source:
recorded frames of September 2026; other captures of that year have plain numbers, hence the switch.
"""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from typing import Final, Literal

SCALE: Final = 10**8
"""Units of a price or size in 1.0."""
TURNOVER_SCALE: Final = 10**16
"""Units of a turnover (price times size) in 1.0."""

NumberSpelling = Literal["java", "plain"]


def java_double(value: float) -> str:
    """Spell ``value`` as Java's ``Double.toString`` does: ``1.16539E8``, ``7.9276E-4``, ``87000.02``, ``0.0``."""
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        return repr(value)
    text = f"{Decimal(repr(value)).normalize():E}".replace("+", "")
    mantissa, _, exponent = text.partition("E")
    return text if "." in mantissa else f"{mantissa}.0E{exponent}"


def plain_double(value: float) -> str:
    """Spell ``value`` without an exponent and with at least one decimal: ``116539000.0``, ``0.00079276``."""
    text = repr(value)
    if "e" not in text:
        return text
    text = f"{Decimal(text):f}"
    return text if "." in text else f"{text}.0"


def simple_double(value: float) -> str:
    """Spell ``value`` as ``SIMPLE`` frames do: whole numbers without a point, others as Java."""
    return str(int(value)) if value == int(value) else java_double(value)


def simple_plain_double(value: float) -> str:
    """Spell ``value`` as :func:`simple_double` does, but never with an exponent."""
    return str(int(value)) if value == int(value) else plain_double(value)


def fixed(units: int) -> str:
    """Spell units of 1e-8 with all eight decimals: ``0.00077720``, ``91154000.00000000``."""
    sign = "-" if units < 0 else ""
    whole, fraction = divmod(abs(units), SCALE)
    return f"{sign}{whole}.{fraction:08d}"


def fixed_turnover(units: int) -> str:
    """Spell units of 1e-16 with all sixteen decimals: ``860743.5307100000000000``."""
    whole, fraction = divmod(units, TURNOVER_SCALE)
    return f"{whole}.{fraction:016d}"


def shortest(units: int) -> str:
    """Spell units of 1e-8 exactly, without an exponent and without trailing zeros: ``0.5``, ``1000``."""
    whole, fraction = divmod(units, SCALE)
    return f"{whole}.{fraction:08d}".rstrip("0") if fraction else str(whole)


def from_float(value: float) -> int:
    """Return ``value`` in units of 1e-8, rounded to the nearest one."""
    return round(value * SCALE)


class Spelling:
    """The number spellings of one format, chosen once; the exchange repeats prices, so they are cached.

    Attributes:
        price, size: spell units of 1e-8.
        turnover: spells units of 1e-16.
        candle_price, candle_turnover: the spellings inside candles, which differ in ``DEFAULT``.
        number: spells any float, for example a change rate.
    """

    def __init__(self, *, simple: bool, style: NumberSpelling) -> None:
        """Choose the spelling of the ``SIMPLE`` formats or of the ``DEFAULT`` ones."""
        if simple:
            double = simple_double if style == "java" else simple_plain_double
        else:
            double = java_double if style == "java" else plain_double
        self.number = double

        @lru_cache(maxsize=65_536)
        def price(units: int) -> str:
            return double(units / SCALE)

        def size(units: int) -> str:
            return double(units / SCALE)

        def turnover(units: int) -> str:
            return double(units / TURNOVER_SCALE)

        self.price = price
        self.turnover = turnover
        keeps_zeros = not simple and style == "java"
        self.size = fixed if keeps_zeros else size
        self.candle_price = fixed if keeps_zeros else price
        self.candle_turnover = fixed_turnover if keeps_zeros else turnover
