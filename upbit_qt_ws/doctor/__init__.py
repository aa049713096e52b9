"""Why it does not work: checks of this computer, the way to the exchange, the exchange and the keys.

``run_doctor`` makes them for a program, ``upbit-qt doctor`` in a terminal; both can write a bundle without secrets.
"""

from upbit_qt_ws.doctor.report import DoctorReport, line_of
from upbit_qt_ws.doctor.results import CheckResult, Outcome
from upbit_qt_ws.doctor.run import run_doctor

__all__ = ["CheckResult", "DoctorReport", "Outcome", "line_of", "run_doctor"]
