"""The report of a link: plain data that can be written as JSON."""

from __future__ import annotations

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from upbit_qt_ws.health.status import LinkState, LinkStatus, link_report

TIMES = st.floats(min_value=0.0, max_value=1e9)
COUNTS = st.integers(min_value=0, max_value=2**53)
STATUSES = st.builds(
    LinkStatus,
    state=st.sampled_from(LinkState),
    epoch=COUNTS,
    since=TIMES,
    reason=st.text(max_size=20),
    hint=st.text(max_size=20),
    retry_at=st.none() | TIMES,
    sockets_opened=COUNTS,
    failures=COUNTS,
    requests_sent=COUNTS,
    listings=COUNTS,
    repairs=COUNTS,
    frames=COUNTS,
    late=COUNTS,
    malformed=COUNTS,
    unknown=COUNTS,
    duplicates=COUNTS,
    refilled=COUNTS,
    unanswered=COUNTS,
    audits=COUNTS,
    starved=COUNTS,
    unknown_fields=st.lists(st.text(max_size=8), max_size=3).map(tuple),
)


@given(status=STATUSES, now=TIMES)
def test_a_report_survives_json_unchanged_and_leaves_nothing_out(status: LinkStatus, now: float) -> None:
    report = link_report(status, now)
    assert json.loads(json.dumps(report, allow_nan=False)) == report
    renamed = {"since": "since_s", "retry_at": "retry_in_s"}
    assert set(report) == {renamed.get(field.name, field.name) for field in msgspec.structs.fields(LinkStatus)}
    for name in ("epoch", "reason", "sockets_opened", "requests_sent", "frames", "late", "malformed", "unknown"):
        assert report[name] == getattr(status, name)
    assert report["state"] == status.state.value


@given(status=STATUSES, now=TIMES)
def test_times_are_seconds_from_now_and_never_negative(status: LinkStatus, now: float) -> None:
    report = link_report(status, now)
    assert report["since_s"] == pytest.approx(max(0.0, now - status.since), abs=1e-3)
    if status.retry_at is None:
        assert report["retry_in_s"] is None
    else:
        assert report["retry_in_s"] == pytest.approx(max(0.0, status.retry_at - now), abs=1e-3)


def test_a_link_that_never_ran_has_an_empty_report() -> None:
    assert link_report(LinkStatus(), 12.3456) == {
        "state": "idle", "epoch": 0, "reason": "", "hint": "", "since_s": 12.346, "retry_in_s": None,
        "sockets_opened": 0, "failures": 0, "requests_sent": 0, "listings": 0, "repairs": 0, "frames": 0, "late": 0,
        "malformed": 0, "unknown": 0, "duplicates": 0, "refilled": 0, "unanswered": 0, "audits": 0, "starved": 0,
        "unknown_fields": [],
    }  # fmt: skip


def test_a_status_cannot_be_changed_because_two_threads_hold_it() -> None:
    status = LinkStatus()
    with pytest.raises(AttributeError):
        status.frames = 5  # type: ignore[misc]
