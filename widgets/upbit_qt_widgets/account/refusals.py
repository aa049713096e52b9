"""Why keys are refused, when the socket and REST say it in different words. Pure."""

from __future__ import annotations

from typing import Final

from upbit_qt_ws import AuthError
from upbit_qt_ws.wire.auth_errors import AuthProblem

_NAMES: Final = frozenset(problem.value for problem in AuthProblem)
_BY_HINT: Final = {problem.hint(): problem for problem in AuthProblem}
_VAGUE: Final = (AuthProblem.INVALID_AUTH, AuthProblem.UNKNOWN)


def problem_with(error: AuthError) -> AuthProblem:
    """Return why keys are refused; an error that was found without the exchange has only its hint to tell it by."""
    if error.name in _NAMES:
        return AuthProblem(error.name)
    return _BY_HINT.get(error.hint, AuthProblem.UNKNOWN)


def clearest(by_stream: Exception | None, by_rest: Exception | None) -> AuthError | None:
    """Return the refusal that says more: the socket may call all of them ``INVALID_AUTH``, where REST has a reason.

    Args:
        by_stream: the error of the subscription; None if it has none.
        by_rest: the error of the newest answer; None if it has none.

    Returns:
        The error with the name of its problem; None if neither is about keys.
    """
    refusals = [error for error in (by_stream, by_rest) if isinstance(error, AuthError)]
    if not refusals:
        return None
    clear = [error for error in refusals if problem_with(error) not in _VAGUE]
    error = (clear or refusals)[0]
    return AuthError(str(error), name=problem_with(error), hint=error.hint)
