"""What is said of what was measured: certificates, clocks, Qt, locales. All of it without I/O."""

from __future__ import annotations

import datetime
import os
import ssl
import subprocess
import sys

import pytest
import trustme
from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st

from upbit_qt_ws.doctor import Outcome
from upbit_qt_ws.doctor.certificate import read_certificate
from upbit_qt_ws.doctor.clock import TOLERANCE, judge_clock, offset_of
from upbit_qt_ws.doctor.facts import language_of_system
from upbit_qt_ws.doctor.qt import Probe, judge_probe, run_probe
from upbit_qt_ws.doctor.server_checks import judge_certificate
from upbit_qt_ws.doctor.visit import Server

SERVER = Server("api.example", 443, True)
NOON = datetime.datetime(2026, 11, 23, 12, tzinfo=datetime.UTC)


def certificate(organization: str = "Honest Certificates", expires: datetime.datetime | None = None) -> bytes:
    authority = trustme.CA(organization_name=organization, organization_unit_name="Unit")
    issued = authority.issue_cert("api.example", not_after=expires)
    return ssl.PEM_cert_to_DER_cert(issued.cert_chain_pems[0].bytes().decode())


@pytest.mark.parametrize("year", [2027, 2049, 2050, 2120])
@pytest.mark.parametrize("organization", ["Honest Certificates", "믿음 인증"])
def test_a_certificate_is_read_as_others_read_it(year: int, organization: str) -> None:
    der = certificate(organization, datetime.datetime(year, 3, 4, 5, 6, 7, tzinfo=datetime.UTC))
    known = x509.load_der_x509_certificate(der)
    read = read_certificate(der)
    assert read.expires == known.not_valid_after_utc
    assert read.issuer == organization


@given(st.binary(max_size=400))
def test_garbage_is_no_certificate(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_certificate(data)


@given(st.integers(0, 600))
def test_half_a_certificate_is_none(length: int) -> None:
    der = certificate()
    with pytest.raises(ValueError, match=r"."):
        read_certificate(der[: min(length, len(der) - 1)])


def test_who_reads_along_is_named() -> None:
    finding = judge_certificate(SERVER, certificate("Kaspersky Lab ZAO"), "TLSv1.3", NOON)
    assert finding.outcome is Outcome.WARNING
    assert "Kaspersky Lab ZAO" in finding.figure.en
    assert "antivirus" in finding.advice.en


def test_a_certificate_that_ends_soon_is_a_warning() -> None:
    soon = certificate(expires=NOON + datetime.timedelta(days=2))
    later = certificate(expires=NOON + datetime.timedelta(days=20))
    assert judge_certificate(SERVER, soon, "TLSv1.3", NOON).outcome is Outcome.WARNING
    finding = judge_certificate(SERVER, later, "TLSv1.3", NOON)
    assert finding.outcome is Outcome.OK
    assert "20 days" in finding.figure.en


@given(
    truth=st.floats(1e9, 2e9),
    ahead=st.floats(-1e5, 1e5),
    way=st.floats(0, 2),
    back=st.floats(0, 2),
)
def test_the_true_offset_is_within_the_bounds(truth: float, ahead: float, way: float, back: float) -> None:
    """``truth``: when the exchange answers; its header is that time without its fraction."""
    second = datetime.datetime.fromtimestamp(int(truth), datetime.UTC)
    date = f"{second:%a, %d %b %Y %H:%M:%S} GMT"
    offset = offset_of(date, truth - way + ahead, truth + back + ahead)
    assert offset.least - 1e-3 <= ahead <= offset.most + 1e-3
    finding = judge_clock(offset)
    if abs(ahead) <= TOLERANCE:
        assert finding.outcome is Outcome.OK, "a clock is not blamed for a slow network"
    if abs(ahead) > TOLERANCE + 5:
        assert finding.outcome is Outcome.WARNING


LOADED: dict[str, object] = {"qt": "6.11.2", "pyqt": "6.11.0"}


@pytest.mark.parametrize(
    ("probe", "outcome", "told"),
    [
        (Probe({"missing": [], **LOADED, "platform": "xcb"}, "", True), Outcome.OK, ""),
        (
            Probe({"missing": ["libEGL.so.1", "libxcb-cursor.so.0"]}, "ImportError: libEGL.so.1: cannot open", False),
            Outcome.FAILED,
            "apt-get install libegl1",
        ),
        (Probe({"missing": []}, "ModuleNotFoundError: No module named 'PyQt6'", False), Outcome.FAILED, "pip install"),
        (
            Probe({"missing": ["libxcb-cursor.so.0"], **LOADED}, "no Qt platform plugin could be initialized", True),
            Outcome.FAILED,
            "libxcb-cursor0",
        ),
        (
            Probe({"missing": ["libxcb-cursor.so.0"], **LOADED}, "could not connect to display", False),
            Outcome.WARNING,
            "xvfb-run",
        ),
        (
            Probe({"missing": ["libxcb-cursor.so.0"], **LOADED, "platform": "offscreen"}, "", False),
            Outcome.OK,
            "",
        ),
        (None, Outcome.SKIPPED, ""),
    ],
)
def test_what_is_said_of_qt(probe: Probe | None, outcome: Outcome, told: str) -> None:
    finding = judge_probe(probe)
    assert finding.outcome is outcome
    assert told in finding.advice.en
    assert bool(finding.advice.ko) is bool(finding.advice.en)


def test_qt_is_tried_in_another_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "no-such-platform")
    code = "import os; print(os.environ.get('QT_QPA_PLATFORM'))"
    if os.name == "nt" and "no-such" not in subprocess.check_output([sys.executable, "-c", code], text=True):
        pytest.skip("this system hands no variable of Qt on to other processes, as Windows does")
    probe = run_probe(20.0)
    assert probe is not None
    assert "qt" in probe.lines
    assert "platform" not in probe.lines
    assert "no-such-platform" in probe.complaints


@pytest.mark.parametrize(
    ("environ", "language"),
    [
        ({"LANG": "ko_KR.UTF-8"}, "ko"),
        ({"LANG": "ko_KR.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LC_MESSAGES": "ko_KR", "LANG": "en_US.UTF-8"}, "ko"),
        ({"LANG": "en_US.UTF-8"}, "en"),
    ],
)
def test_the_language_is_that_of_the_locale(environ: dict[str, str], language: str) -> None:
    assert language_of_system(environ) == language
