"""Runs the checks against a simulated exchange, without the one that starts a process for Qt."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from upbit_qt_ws import WebSocketConfig
from upbit_qt_ws.doctor.checkup import CHECKS, check_up
from upbit_qt_ws.doctor.scrub import Scrubber
from upbit_qt_ws.doctor.visit import Visit

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from upbit_qt_ws.doctor import CheckResult
    from upbit_qt_ws.testing import SimulatedExchange
    from upbit_qt_ws.wire.auth_errors import Language


def config_of(exchange: SimulatedExchange, **changes: str) -> WebSocketConfig:
    """Returns settings with the exchange's own keys, unless `changes` names others."""
    options = exchange.server.options
    config = WebSocketConfig(
        region=options.region,
        public_url=exchange.websocket_url,
        private_url=exchange.private_url,
        rest_url=exchange.rest_url,
        access_key=options.access_key,
        secret_key=options.secret_key,
    )
    return replace(config, **changes)  # type: ignore[arg-type] # All that tests change is text.


def examine(
    config: WebSocketConfig,
    *,
    language: Language = "en",
    limits: Mapping[str, float] | None = None,
    wall_clock: Callable[[], float] = time.time,
    proxies: Mapping[str, str] | None = None,
    tell: Callable[[CheckResult], object] = lambda _: None,
) -> dict[str, CheckResult]:
    """Returns the results by the names of the checks; `limits` replaces the times that checks may take."""
    visit = Visit(
        load=lambda: config,
        language=language,
        scrubber=Scrubber(),
        environ={},
        wall_clock=wall_clock,
        proxies=proxies or {},
    )
    shorter = limits or {}
    checks = [check._replace(limit=shorter.get(check.name, check.limit)) for check in CHECKS if check.name != "qt"]
    with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
        results = runner.run(check_up(visit, tell, checks=checks))
    return {result.name: result for result in results}
