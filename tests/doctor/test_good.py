from __future__ import annotations

import re
import ssl
import threading
from typing import TYPE_CHECKING

import pytest
import trustme
from PyQt6.QtCore import QObject, pyqtSignal, pyqtSlot

from tests.doctor.examination import config_of, examine
from upbit_qt_ws.doctor import CheckResult, DoctorReport, Outcome, run_doctor
from upbit_qt_ws.doctor.checkup import CHECKS
from upbit_qt_ws.testing import SimulatedExchange, SimulatorOptions

if TYPE_CHECKING:
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from upbit_qt_ws.wire.auth_errors import Language

HANGUL = re.compile("[가-힣]")


@pytest.mark.parametrize("language", ["en", "ko"])
def test_all_is_well_with_a_working_exchange(language: Language) -> None:
    told: list[CheckResult] = []
    threads: set[threading.Thread] = set()

    def tell(result: CheckResult) -> None:
        told.append(result)
        threads.add(threading.current_thread())

    with SimulatedExchange(rate=200) as exchange:
        report = run_doctor(config_of(exchange), language=language, on_result=tell, environ={})
    assert [result.name for result in report.results] == [check.name for check in CHECKS]
    assert {result.name: result.figure for result in report.results if result.outcome is not Outcome.OK} == {}
    assert report.ok
    assert told == list(report.results)
    assert threading.current_thread() not in threads
    titles = " ".join(result.title for result in report.results)
    assert bool(HANGUL.search(titles)) is (language == "ko")


def test_the_figures_are_those_that_were_measured() -> None:
    with SimulatedExchange(rate=200) as exchange:
        results = examine(config_of(exchange))
        connections = exchange.connections
        port = exchange.port
    assert f"127.0.0.1:{port}" in results["tls"].figure
    assert re.search(r"KRW-BTC [\d,]+, \d+ ms, 9 more calls", results["rest"].figure)
    assert re.search(r"[+-]\d\.\d s from the exchange's clock", results["clock"].figure)
    assert re.search(r"first data after \d+ ms, ping \d+ ms, LIST_SUBSCRIPTIONS answered", results["socket"].figure)
    assert "simu****" in results["keys"].figure
    assert len(connections) == 2
    assert all(view.origin is None for view in exchange.handshakes)


def test_no_keys_are_no_failure() -> None:
    with SimulatedExchange(rate=200) as exchange:
        results = examine(config_of(exchange, access_key="", secret_key=""))
    assert results["keys"].outcome is Outcome.SKIPPED
    assert results["private_socket"].outcome is Outcome.SKIPPED
    assert results["socket"].outcome is Outcome.OK


def test_each_region_is_asked_for_a_market_of_its_own() -> None:
    with SimulatedExchange(rate=200, options=SimulatorOptions(region="id")) as exchange:
        results = examine(config_of(exchange))
    assert "IDR-BTC" in results["rest"].figure
    assert results["socket"].outcome is Outcome.OK


def test_an_authority_that_the_system_trusts_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    authority = trustme.CA(organization_name="Honest Certificates")
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(serving)
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    with SimulatedExchange(rate=200, ssl_context=serving) as exchange:
        results = examine(config_of(exchange))
    assert results["tls"].outcome is Outcome.OK
    assert results["socket"].outcome is Outcome.OK
    assert "TLSv1.3" in results["tls"].figure
    assert "Honest Certificates" in results["tls"].figure
    assert "valid until" in results["tls"].figure
    assert results["rest"].outcome is Outcome.OK


class Panel(QObject):
    """What an application would have: a signal that takes results to the GUI thread."""

    checked = pyqtSignal(object)
    ended = pyqtSignal(object)

    def __init__(self) -> None:
        super().__init__()
        self.shown: list[CheckResult] = []
        self.reports: list[DoctorReport] = []
        self.threads: set[threading.Thread] = set()
        self.checked.connect(self.show_result)
        self.ended.connect(self.reports.append)

    @pyqtSlot(object)
    def show_result(self, result: CheckResult) -> None:
        self.shown.append(result)
        self.threads.add(threading.current_thread())


def test_an_application_shows_results_while_its_gui_runs(qtbot: QtBot) -> None:
    panel = Panel()
    with SimulatedExchange(rate=200) as exchange:
        config = config_of(exchange)

        def work() -> None:
            panel.ended.emit(run_doctor(config, language="en", on_result=panel.checked.emit, environ={}))

        thread = threading.Thread(target=work)
        thread.start()
        qtbot.waitUntil(lambda: bool(panel.reports), timeout=25_000)
        thread.join()
    assert panel.shown == list(panel.reports[0].results)
    assert panel.threads == {threading.current_thread()}
