"""What ``upbit-qt doctor`` does: a line for each check in a terminal, or JSON, and a bundle if one is wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from upbit_qt_ws.doctor import facts
from upbit_qt_ws.doctor.report import line_of
from upbit_qt_ws.doctor.results import Outcome, Text
from upbit_qt_ws.doctor.run import run_doctor
from upbit_qt_ws.errors import ConfigurationError
from upbit_qt_ws.system.output import Output, can_write, complain

if TYPE_CHECKING:
    from pathlib import Path

    from upbit_qt_ws.config import WebSocketConfig
    from upbit_qt_ws.doctor.results import CheckResult
    from upbit_qt_ws.wire.auth_errors import Language

_FAILED: Final = 1
_INTERRUPTED: Final = 130  # As shells count it: 128 and the number of SIGINT.


def examine(
    config: WebSocketConfig | None,
    *,
    language: Language | None,
    as_json: bool,
    bundle: Path | None,
    log: Path | None,
    config_file: Path | None = None,
) -> int:
    """Make the checks, print what they find, and return the exit code.

    It is 0 when no check failed, 1 when one did, and 130 when it was interrupted.

    Args:
        config: what to check; None reads it from ``config_file`` and the environment.
        language: of the texts; None for that of the system.
        as_json: print one JSON object at the end instead of lines.
        bundle: the zip file to write; None for none.
        log: the log file for the bundle; None for none.
        config_file: see ``config``.

    Raises:
        ConfigurationError: the bundle cannot be written, or the log file not be read.
    """
    if log is not None:
        if bundle is None:
            raise ConfigurationError(f"--log {str(log)!r} needs --bundle FILE.zip: its lines go there")
        facts.log_tail(log)  # A wrong name is told before the checks, not after them.
    output = Output()
    # In a terminal that lacks Korean letters English can be read, unless somebody asked for Korean.
    spoken = language or (facts.language_of_system() if can_write("가") else "en")

    def show(result: CheckResult) -> None:
        if not output.write(line_of(result, spoken, color=output.has_colors) + "\n"):
            # Whoever read this has had enough.
            raise BrokenPipeError

    try:
        report = run_doctor(config, language=spoken, on_result=None if as_json else show, config_file=config_file)
    except (KeyboardInterrupt, BrokenPipeError):
        return _INTERRUPTED
    if as_json:
        output.write_json(report.json())
    else:
        failed = sum(result.outcome is Outcome.FAILED for result in report.results)
        good = Text("Nothing failed.", "실패한 검사가 없습니다.")
        bad = Text(f"Failed: {failed}.", f"실패한 검사: {failed}개.")
        output.write((bad if failed else good).in_language(spoken) + "\n")
    if bundle is not None:
        report.write_bundle(bundle, log=log)
        written = Text(f"The bundle, without secrets: {bundle}", f"비밀 값이 없는 진단 파일: {bundle}")
        complain(written.in_language(spoken))
    return 0 if report.ok else _FAILED
