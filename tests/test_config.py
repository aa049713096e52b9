"""The settings: checked value by value, code < file < environment, and no plain text to another machine."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from upbit_qt_ws.config import REGIONS, WebSocketConfig, check_url
from upbit_qt_ws.errors import ConfigurationError, UpbitQtError

if TYPE_CHECKING:
    from pathlib import Path

NOT_A_NUMBER: list[Any] = ["1", None, True, False, [], float("nan"), float("inf"), -float("inf"), -0.1, -1, 1e6, 10**9]
MAY_BE_ZERO = {
    "settle_s", "settle_max_s", "linger_s", "hidden_linger_s", "reopen_grace_s", "list_after_s", "list_every_s",
    "retry_base_s", "stable_after_s", "audit_every_s",
}  # fmt: skip
BAD_VALUES: dict[str, list[Any]] = {
    "region": ["", "KR", "us", None, 1, []],
    "loop": ["", "qasync", None, True],
    "wire_format": ["", "default", "JSON", None],
    "level_policy": ["", "last_wins", None],
    "jwt_algorithm": ["", "none", "RS256", None],
    "use_keyring": [None, 1, "yes"],
    "compression": [None, 0, "deflate"],
    "refill_gaps": [None, 1, "no"],
    "rest_fallback": [None, 0, "no"],
    "low_latency": [None, 1, "yes"],
    "handle_interrupts": [None, 1, "yes"],
    "refill_trades": [*NOT_A_NUMBER, 0, 0.5, 1000.0],
    "public_url": [
        "ws://example.com",
        "http://api.upbit.com",
        "api.upbit.com",
        "wss://",
        "wss:///path",
        5,
        ["wss://a"],
    ],
    "rest_url": ["http://example.com", "wss://api.upbit.com", "https://", "ftp://127.0.0.1", 5],
    "private_url": ["ws://example.com", "https://api.upbit.com", 5],
    "info_url": ["ws://example.com", "https://api.upbit.com", 5],
    "ring_size": [*NOT_A_NUMBER, 0, 0.5, 2048.0],
    "frame_rate": [*NOT_A_NUMBER, 0],
    "alert_error_rate": [*NOT_A_NUMBER, 0, 1.01, 5],
    "alert_queue": [*NOT_A_NUMBER, 0, 80],
    "alert_reconnects": [*NOT_A_NUMBER, 0, 2.5],
    "alert_memory_mb": [*NOT_A_NUMBER, 0],
    "pause_after_failures": [*NOT_A_NUMBER, -1, 2.5],
}
for _field in fields(WebSocketConfig):
    if _field.name.endswith("_s"):
        BAD_VALUES[_field.name] = NOT_A_NUMBER if _field.name in MAY_BE_ZERO else [*NOT_A_NUMBER, 0]

CONTROLS = "".join(map(chr, range(33)))
"""What stands before an address is ignored by the parser of the standard library."""

GOOD_PUBLIC = [
    "wss://api.upbit.com/websocket/v1", "wss://example.com", "wss://example.com:8443/x", "ws://127.0.0.1:9001",
    "ws://127.1.2.3", "ws://[::1]:9001/websocket/v1", "ws://localhost", "ws://localhost:1", "wss://[2001:db8::1]/v1",
]  # fmt: skip
SPELT = {
    "ws://LOCALHOST:1": "ws://localhost:1",
    "WSS://Example.COM": "wss://example.com",
    "wss://example.com/": "wss://example.com",
    "wss://example.com/Websocket/V1//": "wss://example.com/Websocket/V1",
    " \twss://example.com:8443/x \n": "wss://example.com:8443/x",
    "WS://[::1]:9001/": "ws://[::1]:9001",
}
USER_INFO = [
    "wss://name:hidden@example.com", "wss://hidden@example.com", "ws://hidden@127.0.0.1", "wss://a:hidden@b:99999",
    "wss://name:hid/den@example.com", "wss://name:hid#den@example.com", "http://name:hidden@[::1", "wss://hidden@",
]  # fmt: skip
BAD_PUBLIC = [
    "ws://example.com", "ws://192.168.0.5", "ws://0.0.0.0", "ws://localhost.example.com", "ws://127.0.0.1.example.com",
    "ws://[2001:db8::1]", "http://127.0.0.1", "https://api.upbit.com", "ws://", "wss://",
    "wss:///websocket/v1", "wss://:443/", "wss:api.upbit.com", "/websocket/v1", "x", "wss://a:99999", "wss://a:port",
    "wss://[::1", "file:///etc/passwd", "wss://a/b?c=d", "wss://a/?", "wss://a#b", "wss://a:0", "wss://a b",
    "wss://a\u202eb",
]  # fmt: skip


def test_the_defaults_are_the_live_exchange_of_korea() -> None:
    config = WebSocketConfig()
    assert config.public_url == "wss://api.upbit.com/websocket/v1"
    assert config.rest_url == "https://api.upbit.com/v1"


@pytest.mark.parametrize("region", REGIONS)
def test_a_region_has_its_own_addresses(region: str) -> None:
    config = WebSocketConfig(region=region)
    assert config.public_url == f"wss://{REGIONS[region]}/websocket/v1"
    assert config.private_url == f"wss://{REGIONS[region]}/websocket/v1/private"
    assert config.info_url == f"wss://{REGIONS[region]}/websocket/v1/info"
    assert config.rest_url == f"https://{REGIONS[region]}/v1"


def test_keys_are_read_and_never_shown() -> None:
    config = WebSocketConfig.load(environ={"UPBIT_ACCESS_KEY": "an access key", "UPBIT_SECRET_KEY": "a secret"})
    assert (config.access_key, config.secret_key) == ("an access key", "a secret")
    for shown in (repr(config), str(config), f"{config}"):
        assert "an access key" not in shown
        assert "a secret" not in shown


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"access_key": "hidden"}, "secret_key is not"),
        ({"secret_key": "hidden"}, "access_key is not"),
        ({"access_key": b"hidden", "secret_key": "hidden"}, "access_key is a bytes"),
        ({"access_key": "hidden", "secret_key": ["hidden"]}, "secret_key is a list"),
    ],
)
def test_half_a_key_is_refused_without_showing_it(values: dict[str, Any], told: str) -> None:
    with pytest.raises(ConfigurationError, match=told) as caught:
        WebSocketConfig(**values)
    assert "hidden" not in str(caught.value)


def test_addresses_follow_a_region_from_the_environment_unless_they_were_given() -> None:
    config = WebSocketConfig.load(WebSocketConfig(rest_url="https://rest.example"), environ={"UPBIT_REGION": "id"})
    assert config.public_url == f"wss://{REGIONS['id']}/websocket/v1"
    assert config.rest_url == "https://rest.example"


def test_every_setting_has_bad_values_to_refuse() -> None:
    assert set(BAD_VALUES) | {"keys"} == {item.name for item in fields(WebSocketConfig)}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in BAD_VALUES.items() for value in values])
def test_a_value_that_cannot_work_is_refused_and_named(name: str, value: Any) -> None:
    with pytest.raises(ConfigurationError) as caught:
        WebSocketConfig(**{name: value})
    assert name in str(caught.value)
    assert repr(value) in str(caught.value)
    assert isinstance(caught.value, UpbitQtError)
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize("name", sorted(MAY_BE_ZERO))
def test_these_times_may_be_zero(name: str) -> None:
    assert getattr(WebSocketConfig(**{name: 0}), name) == 0  # type: ignore[arg-type]


@given(value=st.floats(1e-3, 1e6, exclude_max=True) | st.integers(1, 999_999))
def test_any_sensible_number_is_taken(value: float) -> None:
    assert WebSocketConfig(first_data_s=value, frame_rate=value).first_data_s == value


@pytest.mark.parametrize("url", GOOD_PUBLIC)
def test_an_encrypted_address_or_one_of_this_machine_is_taken(url: str) -> None:
    assert WebSocketConfig(public_url=url).public_url == url


@pytest.mark.parametrize(("url", "usual"), SPELT.items())
def test_an_address_is_brought_into_its_usual_form(url: str, usual: str) -> None:
    assert WebSocketConfig(public_url=url).public_url == usual
    assert WebSocketConfig.load(environ={"UPBIT_WEBSOCKET_PRIVATE_URL": url}).private_url == usual
    rest = {"ws": "http", "wss": "https"}[usual.partition(":")[0]] + usual[usual.index(":") :]
    assert WebSocketConfig(rest_url=rest + "/").rest_url == rest


@pytest.mark.parametrize("url", USER_INFO)
def test_a_password_in_an_address_is_refused_and_not_shown(url: str) -> None:
    for name in ("UPBIT_WEBSOCKET_PUBLIC_URL", "UPBIT_WEBSOCKET_INFO_URL", "UPBIT_REST_URL"):
        with pytest.raises(ConfigurationError, match="_url") as caught:
            WebSocketConfig.load(environ={name: url})
        assert "hid" not in str(caught.value)
        assert caught.value.__suppress_context__ or caught.value.__context__ is None


@pytest.mark.parametrize("url", BAD_PUBLIC)
def test_any_other_address_is_refused_and_named(url: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        WebSocketConfig(public_url=url)
    assert "public_url" in str(caught.value)
    assert repr(url) in str(caught.value)


@pytest.mark.parametrize(
    "url", ["https://api.upbit.com/v1", "http://127.0.0.1:8080", "http://[::1]", "http://localhost"]
)
def test_the_rest_address_follows_the_same_rule(url: str) -> None:
    assert WebSocketConfig(rest_url=url).rest_url == url


@given(
    url=st.text(max_size=30) | st.text(max_size=20).map("ws://{}".format) | st.text(max_size=20).map("wss://{}".format)
)
def test_no_text_as_an_address_raises_anything_else(url: str) -> None:
    try:
        check_url("public_url", url, secure="wss", plain="ws")
    except ConfigurationError:
        return
    assert url.lower().lstrip(CONTROLS).startswith(("wss:", "ws:"))


def test_the_environment_wins_over_the_file_and_the_file_over_the_code(tmp_path: Path) -> None:
    file = tmp_path / "upbit.toml"
    file.write_text('public_url = "wss://file.example"\nrest_url = "https://file.example"\nframe_rate = 30\n')
    code = WebSocketConfig(public_url="wss://code.example", frame_rate=10, linger_s=1.0)
    environ = {"UPBIT_WEBSOCKET_PUBLIC_URL": "wss://environment.example"}
    config = WebSocketConfig.load(code, file=file, environ=environ)
    assert config.public_url == "wss://environment.example"
    assert config.rest_url == "https://file.example"
    assert config.frame_rate == 30
    assert config.linger_s == 1.0
    assert code.public_url == "wss://code.example"


def test_the_process_environment_is_read_if_none_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UPBIT_REST_URL", "https://environment.example")
    monkeypatch.setenv("UPBIT_WEBSOCKET_PUBLIC_URL", "")
    config = WebSocketConfig.load()
    assert config.rest_url == "https://environment.example"
    assert config.public_url == WebSocketConfig().public_url


def test_a_region_from_the_file_brings_its_addresses(tmp_path: Path) -> None:
    file = tmp_path / "upbit.toml"
    file.write_text('region = "sg"\n')
    config = WebSocketConfig.load(file=file, environ={})
    assert config == WebSocketConfig(region="sg")
    assert config.public_url == "wss://sg-api.upbit.com/websocket/v1"


def test_an_address_from_the_code_stays_when_the_file_names_a_region(tmp_path: Path) -> None:
    file = tmp_path / "upbit.toml"
    file.write_text('region = "sg"\n')
    config = WebSocketConfig.load(WebSocketConfig(public_url="ws://127.0.0.1:9"), file=file, environ={})
    assert config.public_url == "ws://127.0.0.1:9"
    assert config.region == "sg"


def test_the_settings_may_stand_in_a_table_of_a_shared_file(tmp_path: Path) -> None:
    file = tmp_path / "application.toml"
    file.write_text('[other]\ncolour = "red"\n[upbit_qt_ws]\nlinger_s = 2\nwire_format = "SIMPLE"\n')
    config = WebSocketConfig.load(file=file, environ={})
    assert (config.linger_s, config.wire_format) == (2, "SIMPLE")


@pytest.mark.parametrize(
    "text",
    ["colour = 1\n", "= broken", 'linger_s = "2"\n', 'region = "mars"\n', "upbit_qt_ws = 5\n", "upbit_qt_ws = 'x'\n"],
)
def test_a_file_that_cannot_work_is_a_configuration_error(tmp_path: Path, text: str) -> None:
    file = tmp_path / "upbit.toml"
    file.write_text(text)
    with pytest.raises(ConfigurationError):
        WebSocketConfig.load(file=file, environ={})


def test_a_missing_or_unreadable_file_is_named(tmp_path: Path) -> None:
    missing, binary = tmp_path / "missing.toml", tmp_path / "binary.toml"
    binary.write_bytes(b"\xff\xfe\x00")
    for file in (missing, binary, tmp_path):
        with pytest.raises(ConfigurationError) as caught:
            WebSocketConfig.load(file=file, environ={})
        assert str(file) in str(caught.value)


@pytest.mark.parametrize("name", ["UPBIT_WEBSOCKET_PUBLIC_URL", "UPBIT_REST_URL"])
def test_a_bad_address_in_the_environment_is_refused_and_named(name: str) -> None:
    with pytest.raises(ConfigurationError, match="example_invalid"):
        WebSocketConfig.load(environ={name: "http://example_invalid"})


def test_the_settings_are_frozen() -> None:
    with pytest.raises(FrozenInstanceError):
        WebSocketConfig().region = "sg"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("public", "rest", "every", "audits"),
    [
        ("wss://api.upbit.com/websocket/v1", "https://api.upbit.com/v1", 60.0, True),
        ("wss://api.upbit.com/websocket/v1", "https://api.upbit.com/v1", 0.0, False),
        ("ws://127.0.0.1:9/websocket/v1", "http://localhost:9/v1", 60.0, True),
        ("ws://127.0.0.1:9/websocket/v1", "https://api.upbit.com/v1", 60.0, False),
        ("wss://api.upbit.com/websocket/v1", "http://127.0.0.1:9/v1", 60.0, False),
    ],
)
def test_a_socket_and_a_rest_interface_of_two_exchanges_are_not_compared(
    public: str, rest: str, every: float, audits: bool
) -> None:
    config = WebSocketConfig(public_url=public, rest_url=rest, audit_every_s=every)
    assert config.audits(config.public_url) is audits
