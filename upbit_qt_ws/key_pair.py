"""The API keys inside the settings: where the program needs them, and in nothing that is written or sent."""

from __future__ import annotations

from dataclasses import dataclass
from hmac import compare_digest
from typing import Self


@dataclass(frozen=True, eq=False, repr=False)
class KeyPair:
    """An access key and its secret key, either of which may be empty.

    To everything that walks through the settings and writes down what it finds (``asdict``, JSON encoders, ``pickle``,
    ``copy``) this is a record without fields, and what it makes of that is a pair without keys. The same object goes
    from one settings object into the next, as ``dataclasses.replace`` hands it on.
    """

    __slots__ = ("_access_key", "_secret_key")

    def __init__(self, access_key: str = "", secret_key: str = "") -> None:
        """Keep both, in slots that no annotation tells of, for that would make fields of them."""
        object.__setattr__(self, "_access_key", access_key)
        object.__setattr__(self, "_secret_key", secret_key)

    @property
    def access_key(self) -> str:
        """The access key; empty for none."""
        found: str = object.__getattribute__(self, "_access_key")
        return found

    @property
    def secret_key(self) -> str:
        """The secret key; empty for none."""
        found: str = object.__getattribute__(self, "_secret_key")
        return found

    def __repr__(self) -> str:
        return "KeyPair('****')" if self else "KeyPair()"

    def __bool__(self) -> bool:
        """Tell whether there are keys."""
        return bool(self.access_key or self.secret_key)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, KeyPair):
            return NotImplemented
        # In constant time and both in every case, so that the time tells nothing about the secret.
        same = [
            compare_digest(mine.encode(), others.encode())
            for mine, others in ((self.access_key, other.access_key), (self.secret_key, other.secret_key))
        ]
        return all(same)

    def __hash__(self) -> int:
        return hash(self.access_key)

    def __copy__(self) -> Self:
        return type(self)()

    def __deepcopy__(self, memo: dict[int, object]) -> Self:
        return type(self)()

    def __reduce__(self) -> tuple[type[Self], tuple[()]]:
        return type(self), ()


class WithKeys:
    """What the settings tell of their pair of keys."""

    __slots__ = ()

    keys: KeyPair

    @property
    def access_key(self) -> str:
        """The API key of the account; empty for none."""
        return self.keys.access_key

    @property
    def secret_key(self) -> str:
        """Its secret, as Upbit gave it; empty for none."""
        return self.keys.secret_key
