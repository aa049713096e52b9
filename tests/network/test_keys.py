"""Keys: where they come from, and that they show themselves nowhere."""

from __future__ import annotations

import copy
import dataclasses
import json
import logging
import pickle
import sys
import traceback
from typing import TYPE_CHECKING, Any

import keyring
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from keyring.backend import KeyringBackend
from keyring.backends import fail, null
from keyring.errors import KeyringLocked

from upbit_qt_ws.errors import AuthError, ConfigurationError
from upbit_qt_ws.network.keys import (
    ApiKeys,
    KeyReading,
    delete_from_keyring,
    find_keys,
    keys_from_environment,
    keys_from_keyring,
    store_in_keyring,
)

if TYPE_CHECKING:
    from collections.abc import Callable

ACCESS, SECRET = "an-access-key-of-twenty", "a-secret-key-of-forty-characters-0123456"
KEYS = ApiKeys(ACCESS, SECRET)
ENVIRONMENT = {"UPBIT_ACCESS_KEY": ACCESS, "UPBIT_SECRET_KEY": SECRET}
SECRETS = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=16, max_size=80)


class _Ring(KeyringBackend):
    """A backend that keeps its entries in memory."""

    priority = 5.0

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.entries: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.entries[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.entries[service, username]


class _Plain(_Ring):
    """As those of keyrings.alt, which write plain text and give themselves a priority below 1."""

    priority = 0.5


class _ChainOfPlain(_Ring):
    """As keyring's own chain, which has a priority of 10 whatever is in it."""

    priority = 10.0

    def __init__(self) -> None:
        super().__init__()
        self.backends = [_Plain()]


class _Failing(_Ring):
    """Raises the same error at everything."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error

    def get_password(self, service: str, username: str) -> str | None:
        raise self.error

    def set_password(self, service: str, username: str, password: str) -> None:
        raise self.error


# keyring offers every subclass to the whole process from its definition on; these are for this module only.
KeyringBackend._classes -= {_Ring, _Plain, _ChainOfPlain, _Failing}


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch) -> Callable[[KeyringBackend], None]:
    def set_ring(ring: KeyringBackend) -> None:
        monkeypatch.setattr(keyring.core, "_keyring_backend", ring)

    return set_ring


@pytest.fixture
def ring(use: Callable[[KeyringBackend], None]) -> _Ring:
    backend = _Ring()
    use(backend)
    return backend


@given(access=SECRETS, secret=SECRETS)
def test_no_text_of_the_keys_holds_them(access: str, secret: str) -> None:
    keys = ApiKeys(access, secret)
    for text in (repr(keys), str(keys), f"{keys}", f"{[keys]}", ascii(keys), logging.Formatter("%(message)s").format(
        logging.LogRecord("", logging.INFO, "", 0, "%s", (keys,), None)
    )):  # fmt: skip
        assert secret not in text
        assert access not in text
    assert len(keys.masked.removesuffix("****")) <= 4


@given(access=SECRETS, secret=SECRETS, hole=st.sampled_from([" ", "\n", "\r", "\t", "\0", "키", "\u00a0"]))
def test_the_message_about_a_bad_key_does_not_repeat_it(access: str, secret: str, hole: str) -> None:
    for pair in ((access, secret + hole), (hole + access, secret)):
        with pytest.raises(ConfigurationError, match="copy it again") as caught:
            ApiKeys(*pair)
        for text in (repr(caught.value), "".join(traceback.format_exception(caught.value))):
            assert secret not in text
            assert access not in text


@pytest.mark.parametrize(
    ("access", "secret", "message"),
    [
        ("", SECRET, "the access key is empty"),
        (ACCESS, "", "the secret key is empty"),
        (ACCESS, None, "the secret key is NoneType and not text"),
        (ACCESS.encode(), SECRET, "the access key is bytes and not text"),
    ],
)
def test_what_cannot_be_a_key_is_refused(access: Any, secret: Any, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        ApiKeys(access, secret)


def test_keys_are_kept_as_given_and_cannot_be_changed() -> None:
    assert (KEYS.access_key, KEYS.secret_key, KEYS.masked) == (ACCESS, SECRET, "an-a****")
    for name in ("access_key", "secret_key", "other"):
        with pytest.raises(AttributeError):
            setattr(KEYS, name, "x")


def test_keys_are_equal_when_both_parts_are() -> None:
    same = ApiKeys(ACCESS, SECRET)
    assert same == KEYS
    assert hash(KEYS) == hash(same)
    assert ApiKeys(ACCESS, SECRET + "x") != KEYS
    assert ApiKeys(ACCESS + "x", SECRET) != KEYS
    assert KEYS != (ACCESS, SECRET)


def test_a_copy_is_the_same_object() -> None:
    assert copy.copy(KEYS) is KEYS
    assert copy.deepcopy({"keys": [KEYS]})["keys"][0] is KEYS


def test_nothing_that_writes_objects_out_takes_keys_along() -> None:
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        with pytest.raises(TypeError, match="cannot be pickled"):
            pickle.dumps(KEYS, protocol)
    writers: list[Callable[[Any], object]] = [json.dumps, msgspec.json.encode, dataclasses.asdict, vars]
    for write in writers:
        with pytest.raises(TypeError):
            write(KEYS)


def test_the_environment_gives_both_keys_or_none() -> None:
    assert keys_from_environment(ENVIRONMENT) == KEYS
    assert keys_from_environment({}) is None
    assert keys_from_environment({"UPBIT_ACCESS_KEY": "", "UPBIT_SECRET_KEY": ""}) is None


def test_the_environment_of_the_process_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    assert keys_from_environment() == KEYS


@pytest.mark.parametrize("missing", ENVIRONMENT)
def test_half_a_pair_in_the_environment_is_an_error_that_names_the_other_half(missing: str) -> None:
    half = {name: value for name, value in ENVIRONMENT.items() if name != missing}
    with pytest.raises(ConfigurationError, match=f"^{missing} is not set") as caught:
        keys_from_environment(half)
    assert not any(value in str(caught.value) for value in ENVIRONMENT.values())


@pytest.mark.parametrize("bad", ENVIRONMENT)
def test_a_bad_value_in_the_environment_is_named_by_its_variable(bad: str) -> None:
    with pytest.raises(ConfigurationError, match=f"^{bad} holds a blank") as caught:
        keys_from_environment(ENVIRONMENT | {bad: f"{ENVIRONMENT[bad]}\n"})
    assert ENVIRONMENT[bad] not in str(caught.value)


def test_keys_go_into_the_ring_and_come_back_and_can_be_deleted(ring: _Ring) -> None:
    assert keys_from_keyring() is None
    store_in_keyring(KEYS)
    assert keys_from_keyring() == KEYS
    other = ApiKeys("another-access-key", "another-secret-key")
    store_in_keyring(other)
    assert keys_from_keyring() == other
    delete_from_keyring()
    delete_from_keyring()
    assert keys_from_keyring() is None
    assert ring.entries == {}


def test_two_programs_may_use_names_of_their_own(ring: _Ring) -> None:
    store_in_keyring(KEYS, service="mine")
    assert keys_from_keyring() is None
    assert keys_from_keyring("mine") == KEYS
    delete_from_keyring("mine")
    assert keys_from_keyring("mine") is None


@pytest.mark.parametrize("entry", ["", ACCESS, f"{ACCESS}:{SECRET}", f"{ACCESS}  {SECRET}", f"{ACCESS} {SECRET} x"])
def test_an_entry_that_is_not_a_pair_is_named_and_not_shown(ring: _Ring, entry: str) -> None:
    ring.set_password("upbit_qt_ws", "api_keys", entry)
    with pytest.raises(ConfigurationError, match="upbit_qt_ws/api_keys") as caught:
        keys_from_keyring()
    assert ACCESS not in str(caught.value)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("backend", [_Plain, _ChainOfPlain, null.Keyring])
def test_keys_are_never_stored_in_plain_text_nor_where_they_are_lost(
    use: Callable[[KeyringBackend], None], backend: type[KeyringBackend]
) -> None:
    ring = backend()
    use(ring)
    with pytest.raises(ConfigurationError, match="not a safe place: use the environment variables UPBIT_ACCESS_KEY"):
        store_in_keyring(KEYS)
    assert getattr(ring, "entries", {}) == {}


def test_a_computer_without_a_ring_is_told_the_way_out(use: Callable[[KeyringBackend], None]) -> None:
    use(fail.Keyring())  # type: ignore[no-untyped-call]
    for action in (keys_from_keyring, delete_from_keyring):
        with pytest.raises(ConfigurationError, match="no key ring: use the environment variables UPBIT_ACCESS_KEY"):
            action()
    with pytest.raises(ConfigurationError, match="use the environment variables UPBIT_ACCESS_KEY"):
        store_in_keyring(KEYS)


def test_without_the_package_the_user_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    for action in (keys_from_keyring, delete_from_keyring, lambda: store_in_keyring(KEYS)):
        with pytest.raises(ConfigurationError, match=r"pip install 'upbit-qt-ws\[keyring\]', or use"):
            action()


@pytest.mark.parametrize(
    "error",
    [
        KeyringLocked(f"locked: {SECRET}"),
        UnicodeDecodeError("utf-8", f"{ACCESS} {SECRET}".encode(), 0, 1, "bad"),
        OSError("no bus"),
    ],
)
def test_a_ring_that_fails_is_an_error_with_a_hint_and_without_what_it_held(
    use: Callable[[KeyringBackend], None], error: Exception
) -> None:
    use(_Failing(error))
    for action in (keys_from_keyring, delete_from_keyring, lambda: store_in_keyring(KEYS)):
        with pytest.raises(AuthError, match=type(error).__name__) as caught:
            action()
        assert "UPBIT_ACCESS_KEY" in caught.value.hint
        assert caught.value.__context__ is None
        assert SECRET not in "".join(traceback.format_exception(caught.value))


def test_the_environment_wins_over_the_code_and_the_ring_comes_last(ring: _Ring) -> None:
    in_code, in_ring = ApiKeys("in-the-code", "secret-in-the-code"), ApiKeys("in-the-ring", "secret-in-the-ring")
    store_in_keyring(in_ring)
    assert find_keys(in_code, ENVIRONMENT, True) == KEYS
    assert find_keys(in_code, {}, True) == in_code
    assert find_keys(None, {}, True) == in_ring
    assert find_keys(None, {}, False) is None


def test_a_ring_that_is_not_needed_is_not_asked(use: Callable[[KeyringBackend], None]) -> None:
    use(_Failing(KeyringLocked()))
    assert find_keys(KEYS, {}, True) == KEYS
    assert find_keys(None, ENVIRONMENT, True) == KEYS
    with pytest.raises(AuthError):
        find_keys(None, {}, True)


def reading_of(outcome: ApiKeys | Exception | None) -> KeyReading:
    def provider() -> ApiKeys | None:
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    reading = KeyReading(provider)
    reading.read()
    return reading


@pytest.mark.parametrize("keys", [KEYS, None])
def test_a_reading_keeps_what_the_provider_returned(keys: ApiKeys | None) -> None:
    reading = reading_of(keys)
    assert (reading.keys, reading.failure) == (keys, "")


@pytest.mark.parametrize(
    ("error", "failure", "lasting"),
    [
        (OSError(SECRET), "OSError", False),
        (AuthError("the key ring did not answer", hint="unlock it"), "the key ring did not answer", False),
        (AuthError(""), "AuthError", False),
        (ConfigurationError("UPBIT_SECRET_KEY is not set"), "UPBIT_SECRET_KEY is not set", True),
    ],
)
def test_a_reading_that_failed_keeps_words_and_the_way_out(error: Exception, failure: str, lasting: bool) -> None:
    reading = reading_of(error)
    assert (reading.keys, reading.failure, reading.lasting) == (None, failure, lasting)
    assert reading.hint == getattr(error, "hint", "") or "UPBIT_ACCESS_KEY" in reading.hint


def test_a_provider_that_returns_something_else_is_a_failure_that_does_not_show_it() -> None:
    reading = KeyReading(lambda: (ACCESS, SECRET))  # type: ignore[arg-type, return-value]
    reading.read()
    assert reading.keys is None
    assert reading.failure == "the provider of the keys returned tuple and not ApiKeys"
    assert reading.lasting
