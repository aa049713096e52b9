"""The user's pair of API keys, and where it comes from: the environment, the code, the system's key ring.

The environment wins over the code, as in :class:`upbit_qt_ws.config.WebSocketConfig`, and the key ring comes last.
Keys are never written to a file.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from hmac import compare_digest
from typing import TYPE_CHECKING, Final, NoReturn, Self, TypeVar

from upbit_qt_ws.errors import AuthError, ConfigurationError, MissingExtraError, UpbitQtError
from upbit_qt_ws.system.environment import ACCESS_VARIABLE, SECRET_VARIABLE
from upbit_qt_ws.wire.auth_errors import AuthProblem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from keyring.backend import KeyringBackend

__all__ = [
    "ACCESS_VARIABLE",
    "SECRET_VARIABLE",
    "ApiKeys",
    "KeyReading",
    "KeysProvider",
    "delete_from_keyring",
    "find_keys",
    "keys_from_environment",
    "keys_from_keyring",
    "store_in_keyring",
]

_T = TypeVar("_T")
# One entry for both keys, with a blank between them: a pair is then stored, replaced and deleted in one step, and a
# ring that fails in between cannot be left with halves of two pairs.
_ENTRY: Final = "api_keys"
_USE_VARIABLES: Final = f"use the environment variables {ACCESS_VARIABLE} and {SECRET_VARIABLE} instead"


class ApiKeys:
    """An access key and its secret key; cannot be changed, and shows neither in its text.

    Not a dataclass, because ``asdict`` and the JSON encoders write those out whole. It cannot be pickled, so that no
    session file, queue or crash report takes it along; a copy of it is itself.

    Attributes:
        access_key: names the key; a part of every token.
        secret_key: signs the tokens, and never leaves this computer.
    """

    __slots__ = ("_access_key", "_secret_key")

    def __init__(self, access_key: str, secret_key: str) -> None:
        """Check and keep both keys.

        Raises:
            ConfigurationError: one is not text, is empty, or holds anything but printable ASCII without blanks. The
                message does not repeat it.
        """
        self._access_key = _checked("the access key", access_key)
        self._secret_key = _checked("the secret key", secret_key)

    @property
    def access_key(self) -> str:
        """The access key."""
        return self._access_key

    @property
    def secret_key(self) -> str:
        """The secret key, as Upbit gave it: it is not base64."""
        return self._secret_key

    @property
    def masked(self) -> str:
        """The beginning of the access key, at most 4 characters, for people who have several."""
        return self._access_key[: min(4, len(self._access_key) // 4)] + "****"

    def __repr__(self) -> str:
        return f"ApiKeys(access_key='{self.masked}', secret_key='****')"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ApiKeys):
            return NotImplemented
        # In constant time and both in every case, so that the time tells nothing about the secret.
        same_access = compare_digest(self._access_key, other._access_key)
        return compare_digest(self._secret_key, other._secret_key) and same_access

    def __hash__(self) -> int:
        return hash(self._access_key)

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: dict[int, object]) -> Self:
        return self

    def __reduce__(self) -> NoReturn:
        raise TypeError("ApiKeys cannot be pickled: read them anew in the other process")


KeysProvider = Callable[[], ApiKeys | None]
"""Returns the keys, or None when there are none; may raise, for example when the key ring is locked."""


class KeyReading:
    """One reading of the keys from a provider, which may block: ``read`` may run in any thread.

    Attributes:
        keys: what was read; None when there are none.
        failure: why they could not be read; empty when they could.
        hint: what to do about the failure.
        lasting: whether reading again cannot mend it.
    """

    def __init__(self, provider: KeysProvider) -> None:
        """Take where the keys come from."""
        self._provider = provider
        self.keys: ApiKeys | None = None
        self.failure = self.hint = ""
        self.lasting = False

    def read(self) -> None:
        """Ask the provider and keep its answer; never raises an error of the provider."""
        try:
            keys: object = self._provider()
            if keys is not None and not isinstance(keys, ApiKeys):
                raise ConfigurationError(f"the provider of the keys returned {type(keys).__name__} and not ApiKeys")
            self.keys = keys
        except Exception as error:
            # Kept are words and not the exception, whose traceback holds the frames that handled the keys. The text
            # of a stranger's error is left out, for it may quote what was read.
            self.failure = (str(error) if isinstance(error, UpbitQtError) else "") or type(error).__name__
            self.hint = (error.hint if isinstance(error, AuthError) else "") or AuthProblem.KEYS_UNREADABLE.hint()
            self.lasting = isinstance(error, ConfigurationError)


def keys_from_environment(environ: Mapping[str, str] | None = None) -> ApiKeys | None:
    """Return the keys in ``UPBIT_ACCESS_KEY`` and ``UPBIT_SECRET_KEY``, or None when neither is set.

    Args:
        environ: the environment; that of the process if None. An empty variable counts as not set.

    Raises:
        ConfigurationError: only one of them is set, or one cannot be a key.
    """
    variables = os.environ if environ is None else environ
    found = {name: variables[name] for name in (ACCESS_VARIABLE, SECRET_VARIABLE) if variables.get(name)}
    if not found:
        return None
    for name in (ACCESS_VARIABLE, SECRET_VARIABLE):
        if name not in found:
            raise ConfigurationError(f"{name} is not set, but {next(iter(found))} is: set both, or neither")
        _checked(name, found[name])
    return ApiKeys(found[ACCESS_VARIABLE], found[SECRET_VARIABLE])


def keys_from_keyring(service: str = "upbit_qt_ws") -> ApiKeys | None:
    """Return the keys in the key ring of the operating system, or None when it has none.

    This can block for as long as the ring asks the user for its password: call it outside the GUI thread, and outside
    an event loop.

    Args:
        service: the name that they are stored under.

    Raises:
        ConfigurationError: there is no ring, the entry is not a pair of keys, or the package keyring is not installed
            (MissingExtraError).
        AuthError: the ring is locked, or failed.
    """
    stored = _ask(lambda ring: ring.get_password(service, _ENTRY))
    if stored is None:
        return None
    access_key, _, secret_key = stored.partition(" ")
    _checked(f"the access key in the key ring entry {service}/{_ENTRY}", access_key)
    _checked(f"the secret key in the key ring entry {service}/{_ENTRY}", secret_key)
    return ApiKeys(access_key, secret_key)


def store_in_keyring(keys: ApiKeys, service: str = "upbit_qt_ws") -> None:
    """Put the keys into the key ring of the operating system, in the place of any older ones.

    This can block, see :func:`keys_from_keyring`.

    Raises:
        ConfigurationError: there is no ring, or it is one that keeps nothing or keeps it in plain text, or the package
            keyring is not installed (MissingExtraError).
        AuthError: the ring is locked, or failed.
    """

    def store(ring: KeyringBackend) -> None:
        # A chain of rings writes to its first one. keyring gives those that it recommends a priority of 1 or more;
        # below are the one that forgets everything and those of keyrings.alt, which write files in plain text.
        target = next(iter(getattr(ring, "backends", ())), ring)
        if target.priority < 1:
            raise ConfigurationError(f"the key ring {type(target).__module__} is not a safe place: {_USE_VARIABLES}")
        ring.set_password(service, _ENTRY, f"{keys.access_key} {keys.secret_key}")

    _ask(store)


def delete_from_keyring(service: str = "upbit_qt_ws") -> None:
    """Delete the keys from the key ring of the operating system, if they are there.

    This can block, see :func:`keys_from_keyring`.

    Raises:
        ConfigurationError: the package keyring is not installed (MissingExtraError), or there is no ring.
        AuthError: the ring is locked, or failed.
    """

    def delete(ring: KeyringBackend) -> None:
        if ring.get_password(service, _ENTRY) is not None:
            ring.delete_password(service, _ENTRY)

    _ask(delete)


def find_keys(
    explicit: ApiKeys | None = None, environ: Mapping[str, str] | None = None, use_keyring: bool = False
) -> ApiKeys | None:
    """Return the keys of the environment, else ``explicit``, else those of the key ring, else None.

    Args:
        explicit: keys from code.
        environ: the environment; that of the process if None.
        use_keyring: whether the key ring is asked when there are no others, which can block.

    Raises:
        ConfigurationError: see :func:`keys_from_environment` and :func:`keys_from_keyring`.
        AuthError: the key ring is locked, or failed.
    """
    found = keys_from_environment(environ) or explicit
    return keys_from_keyring() if found is None and use_keyring else found


def _checked(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise ConfigurationError(f"{name} is {type(value).__name__} and not text")
    if not value:
        raise ConfigurationError(f"{name} is empty")
    if not (value.isascii() and value.isprintable()) or " " in value:
        raise ConfigurationError(
            f"{name} holds a blank, a line break or a character that is not ASCII: copy it again, without quotes"
        )
    return value


def _ask(action: Callable[[KeyringBackend], _T]) -> _T:
    try:
        import keyring
        import keyring.errors
    except ImportError as error:
        raise MissingExtraError(
            "the key ring", library="keyring", extra="keyring", error=error, otherwise=_USE_VARIABLES
        ) from None
    try:
        return action(keyring.get_keyring())
    except ConfigurationError:
        raise
    except keyring.errors.NoKeyringError:
        raise ConfigurationError(f"this computer has no key ring: {_USE_VARIABLES}") from None
    except Exception as error:  # Backends raise whatever their system library does.
        failure = type(error).__name__
    # Not inside the handler, and without the text of the backend's error: it may hold what was stored, as the
    # arguments of a UnicodeDecodeError do, and a chained exception would carry it into a log.
    problem = AuthProblem.KEYS_UNREADABLE
    raise AuthError(f"the key ring did not answer ({failure})", name=problem.value, hint=problem.hint())
