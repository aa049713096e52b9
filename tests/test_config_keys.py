"""The keys in the settings: handed on where the program says so, and in nothing that is written or sent."""

from __future__ import annotations

import copy
import json
import pickle
import pprint
from dataclasses import asdict, astuple, fields, replace
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from upbit_qt_ws.config import WebSocketConfig
from upbit_qt_ws.doctor.facts import settings
from upbit_qt_ws.errors import ConfigurationError
from upbit_qt_ws.key_pair import KeyPair

if TYPE_CHECKING:
    from collections.abc import Callable

ACCESS, SECRET = "an-access-key-nobody-may-see", "a-secret-nobody-may-see"
CONFIG = WebSocketConfig(access_key=ACCESS, secret_key=SECRET, frame_rate=30.0)


def walk(value: Any, depth: int = 6) -> str:
    """Return all that somebody who looks into every corner of a copy may find."""
    slots = [name for cls in type(value).__mro__ for name in getattr(cls, "__slots__", ())]
    parts = [repr(value), str(getattr(value, "__dict__", ""))]
    if depth:
        parts += [walk(getattr(value, name), depth - 1) for name in slots if hasattr(value, name)]
        if isinstance(value, dict | list | tuple):
            parts += [walk(item, depth - 1) for item in (value.values() if isinstance(value, dict) else value)]
    return " ".join(parts)


TAKERS: dict[str, Callable[[WebSocketConfig], Any]] = {
    "repr": repr,
    "pprint": pprint.pformat,
    "asdict": asdict,
    "astuple": astuple,
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "copy of a tuple": lambda config: copy.deepcopy((config,)),
    "pickle": lambda config: pickle.loads(pickle.dumps(config)),
    "pickle 0": lambda config: pickle.dumps(config, 0).decode("latin-1"),
    "pickle 5": lambda config: pickle.dumps(config, 5).decode("latin-1"),
    "state": lambda config: pickle.loads(pickle.dumps(config.__getstate__())),
    "json of asdict": lambda config: json.dumps(asdict(config)),
    "json by default": lambda config: json.dumps({"config": config}, default=str),
    "msgspec": lambda config: msgspec.json.encode(config).decode(),
    "builtins": msgspec.to_builtins,
    "doctor": settings,
}


@pytest.mark.parametrize("take", TAKERS.values(), ids=TAKERS)
def test_whoever_takes_the_settings_along_gets_no_keys(take: Callable[[WebSocketConfig], Any]) -> None:
    taken = take(CONFIG)
    found = walk(taken)
    assert ACCESS not in found
    assert SECRET not in found
    assert "wss://api.upbit.com" in found, "all else is there"


@pytest.mark.parametrize("remake", [copy.copy, copy.deepcopy, lambda config: pickle.loads(pickle.dumps(config))])
def test_settings_that_were_copied_are_the_same_without_keys(
    remake: Callable[[WebSocketConfig], WebSocketConfig],
) -> None:
    made = remake(CONFIG)
    assert (made.access_key, made.secret_key) == ("", "")
    assert made == WebSocketConfig(frame_rate=30.0)
    assert replace(made, access_key=ACCESS, secret_key=SECRET) == CONFIG


@pytest.mark.parametrize("take", [asdict, msgspec.to_builtins, lambda config: msgspec.convert(asdict(config), dict)])
def test_settings_can_be_made_of_what_was_written(take: Callable[[WebSocketConfig], dict[str, Any]]) -> None:
    assert WebSocketConfig(**take(CONFIG)) == WebSocketConfig(frame_rate=30.0)


def test_replace_hands_the_keys_on() -> None:
    changed = replace(CONFIG, frame_rate=20.0)
    assert (changed.access_key, changed.secret_key, changed.frame_rate) == (ACCESS, SECRET, 20.0)
    other = replace(CONFIG, access_key="other", secret_key="pair")
    assert (other.access_key, other.secret_key) == ("other", "pair")
    assert replace(CONFIG, secret_key="new").secret_key == "new"
    assert replace(CONFIG, access_key="", secret_key="") == WebSocketConfig(frame_rate=30.0)
    with pytest.raises(ConfigurationError, match="secret_key is not"):
        replace(CONFIG, secret_key="")


def test_the_environment_and_a_file_still_bring_keys(tmp_path: Any) -> None:
    file = tmp_path / "upbit.toml"
    file.write_text('access_key = "of-the-file"\nsecret_key = "its-secret"\nframe_rate = 20\n')
    config = WebSocketConfig.load(CONFIG, file=file, environ={})
    assert (config.access_key, config.secret_key) == ("of-the-file", "its-secret")
    config = WebSocketConfig.load(CONFIG, file=file, environ={"UPBIT_ACCESS_KEY": ACCESS, "UPBIT_SECRET_KEY": SECRET})
    assert (config.access_key, config.secret_key, config.frame_rate) == (ACCESS, SECRET, 20)
    file.write_text('keys = "a"\n')
    with pytest.raises(ConfigurationError, match="unknown setting 'keys'"):
        WebSocketConfig.load(file=file, environ={})


def test_settings_differ_by_their_keys() -> None:
    assert WebSocketConfig(access_key=ACCESS, secret_key=SECRET, frame_rate=30.0) == CONFIG
    assert replace(CONFIG, secret_key="other") != CONFIG
    assert replace(CONFIG, access_key="other") != CONFIG
    assert hash(CONFIG) == hash(replace(CONFIG))
    assert CONFIG in {replace(CONFIG)}
    assert CONFIG.keys != "text"
    assert WebSocketConfig().keys == KeyPair()


def test_no_field_is_a_key() -> None:
    assert not {"access_key", "secret_key"} & {item.name for item in fields(CONFIG)}
    assert repr(CONFIG.keys) == "KeyPair('****')"
