"""What is copied for a report."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import qVersion

from upbit_qt_widgets.connection.diagnostics import diagnostics_text
from upbit_qt_widgets.connection.health_sample import sample_accounts, sample_status

if TYPE_CHECKING:
    import pytest

ACCESS, SECRET, OTHER = "aB3" * 12, "xY9" * 12, "qW7" * 12


def test_no_secret_and_no_name_of_a_user_is_copied(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UPBIT_ACCESS_KEY", OTHER)
    reasons = [
        f"refused: {ACCESS}",
        f"secret_key={SECRET}",
        f"of the environment: {OTHER}",
        "Authorization: Bearer eyJhbGciOiJIUzI1NiJ9.eyJub25jZSI6IjEifQ.c2ln",
        f"{Path.home()}/certificates.pem",
        "/home/somebody/ca.pem",
        "/Users/somebody/ca.pem",
        r"C:\Users\somebody\ca.pem",
        "proxy http://somebody:hunter2@proxy:8080",
    ]

    text = diagnostics_text({**sample_status(), "reasons": reasons}, [], [ACCESS, SECRET])

    for secret in (ACCESS, SECRET, OTHER, "eyJ", "somebody", "hunter2", f"{Path.home()}/"):
        assert secret not in text, secret
    told = json.loads(text)["health"]["reasons"]
    assert told[4] == "~/certificates.pem"
    assert told[7].startswith("C:\\Users\\")
    assert told[7].endswith("\\ca.pem")


def test_versions_status_and_components_are_copied_as_indented_json() -> None:
    text = diagnostics_text(sample_status(), sample_accounts())
    told = json.loads(text)

    assert text.startswith('{\n  "versions": {\n')
    assert told["versions"]["Qt"] == qVersion()
    assert {"Python", "PyQt", "PyQt6", "system", "upbit-qt-ws", "websockets"} <= told["versions"].keys()
    assert told["health"]["connections"]["public"]["frames"] == 1_204_388
    assert told["components"][1]["name"] == "MarketTable"
    assert told["components"][1]["received"] == 2_914_007
