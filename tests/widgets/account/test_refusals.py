"""Which refusal of keys is shown."""

from __future__ import annotations

import pytest

from upbit_qt_widgets.account.refusals import clearest
from upbit_qt_ws import AuthError, RestError

VAGUE = AuthError("refused", name="INVALID_AUTH")
CLEAR = AuthError("refused", name="out_of_scope")
OTHER = AuthError("refused", name="expired_access_key")


@pytest.mark.parametrize(
    ("by_stream", "by_rest", "name"),
    [
        (VAGUE, CLEAR, "out_of_scope"),
        (CLEAR, VAGUE, "out_of_scope"),
        (CLEAR, OTHER, "out_of_scope"),
        (VAGUE, None, "INVALID_AUTH"),
        (None, CLEAR, "out_of_scope"),
        (VAGUE, RestError("busy"), "INVALID_AUTH"),
    ],
)
def test_the_one_that_says_more_is_shown(by_stream: Exception | None, by_rest: Exception | None, name: str) -> None:
    shown = clearest(by_stream, by_rest)
    assert shown is not None
    assert shown.name == name


def test_other_errors_are_no_refusals() -> None:
    assert clearest(None, RestError("busy")) is None
