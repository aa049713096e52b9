"""Why keys are refused, when the socket and REST say it in different words. Pure."""

from __future__ import annotations

from typing import Final

from upbit_qt_ws import AuthError
from upbit_qt_ws.wire.auth_errors import AuthProblem, problem_in

_VAGUE: Final = (AuthProblem.INVALID_AUTH, AuthProblem.UNKNOWN)


def clearest(by_stream: Exception | None, by_rest: Exception | None) -> AuthError | None:
    """Return the refusal that says more: the socket may call all of them ``INVALID_AUTH``, where REST has a reason.

    Args:
        by_stream: the error of the subscription; None if it has none.
        by_rest: the error of the newest answer; None if it has none.

    Returns:
        One of the two; None if neither is about keys.
    """
    refusals = [error for error in (by_stream, by_rest) if isinstance(error, AuthError)]
    clear = [error for error in refusals if problem_in(error) not in _VAGUE]
    return next(iter(clear or refusals), None)
