"""Market codes: ``QUOTE-BASE`` in upper case, quote currency first, as Upbit wants them.

Upbit answers a lower-case or misspelt code with silence, not with an error, so the spelling is checked here,
where a wrong one can still be named to the caller.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from upbit_qt_ws.errors import SubscriptionError

if TYPE_CHECKING:
    from collections.abc import Iterable

_CURRENCY: Final = re.compile(r"[A-Z][A-Z0-9]{1,9}")
_CODE: Final = re.compile(rf"{_CURRENCY.pattern}-[A-Z0-9]{{1,20}}")


def is_code(text: str) -> bool:
    """Tell whether a text is spelt like a market code of Upbit: the one definition of what can be asked for.

    What the exchange itself tells is to be asked, too: a code of another form in its lists would be refused later.
    """
    return _CODE.fullmatch(text) is not None


def is_quote(text: str) -> bool:
    """Tell whether a text is spelt like a quote currency: ``KRW``."""
    return _CURRENCY.fullmatch(text) is not None


def parse_code(code: str) -> str:
    """Return ``code`` if it is spelt like a market code of Upbit.

    Raises:
        SubscriptionError: it is not; the message says how to write it.
    """
    if not isinstance(code, str):
        raise SubscriptionError(f"market code {code!r} is not text: write it as 'KRW-BTC'")
    if is_code(code):
        return code
    hint = code.strip().upper().replace("/", "-").replace("_", "-")
    if not is_code(hint):
        hint = "KRW-BTC"
    raise SubscriptionError(f"market code {code!r} is not of the form QUOTE-BASE in upper case: write it as {hint!r}")


def parse_codes(codes: str | Iterable[str]) -> tuple[str, ...]:
    """Return the codes in the caller's order, each once; a single code may be given as plain text.

    Raises:
        SubscriptionError: there is no code at all, or one of them is misspelt.
    """
    listed = (codes,) if isinstance(codes, str) else codes
    try:
        unique = tuple(dict.fromkeys(parse_code(code) for code in listed))
    except TypeError as error:
        raise SubscriptionError(f"market codes {codes!r} are not a list: write ['KRW-BTC', 'KRW-ETH']") from error
    if not unique:
        raise SubscriptionError("no market code was given: write at least one, for example ['KRW-BTC']")
    return unique


def quote_of(code: str) -> str:
    """Return the quote currency of a market code: ``KRW`` of ``KRW-BTC``."""
    return code.partition("-")[0]


def base_of(code: str) -> str:
    """Return the base currency of a market code: ``BTC`` of ``KRW-BTC``."""
    return code.partition("-")[2]
