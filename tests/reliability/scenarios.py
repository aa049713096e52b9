"""The faults that must be survived, each by its name: a script here, or a test of its own elsewhere."""

from __future__ import annotations

from upbit_qt_ws.testing.faults.vocabulary import BAD_MESSAGES, CLOSE_CODES, ERROR_NAMES

SCRIPTS: dict[str, str] = {
    "refused connect": "+0.1 s refuse for 1 s\n+0.1 s cut",
    "HTTP 418 on the handshake": "+0.1 s status 418 for 1 s\n+0.2 s cut",
    "HTTP 429 on the handshake": "+0.1 s status 429 for 1 s\n+0.2 s cut",
    "HTTP 503 on the handshake": "+0.1 s status 503 for 1 s\n+0.2 s cut",
    **{f"close {code}": f"+0.2 s close {code}\n+0.9 s close {code}" for code in CLOSE_CODES},
    "close 1006": "+0.2 s cut\n+0.9 s cut",
    "TCP reset": "+0.2 s reset\n+0.9 s reset",
    "half-open: the peer vanishes": "+0.2 s freeze for 3 s",
    "accepts, then says nothing": "+0.2 s mute for 1.5 s\n+0.3 s reset",
    "silence after the snapshot": "+0.2 s close 1001\n+0.5 s deaf for 2.5 s",
    "a market that stands still": "+0.2 s pause for 2.5 s",
    "one code silently not served": "+0.2 s silence KRW-BTC for 2 s",
    "one code silently lost": "+0.2 s forget KRW-BTC\n+1.2 s forget KRW-ETH",
    "slow reads": "+0.2 s slow 2000 for 1.5 s",
    "slow writes": "+0.2 s slow_writes 200 for 1.5 s",
    "1-byte fragments": "+0.2 s fragment for 1 s",
    "a slow network": "+0.2 s lag 800 for 2 s",
    "a frame cut in the middle": "+0.2 s cut_in_frame 57\n+0.9 s cut_in_frame 301",
    "garbage": "+0.2 s junk\n+0.9 s junk",
    **{f"message: {name}": f"+0.2 s bad_message {name}\n+0.5 s bad_message {name}" for name in BAD_MESSAGES},
    **{f"error frame {name}": f"+0.3 s error {name}" for name in ERROR_NAMES if name != "INVALID_AUTH"},
    "duplicated frames": "+0.4 s repeat\n+0.6 s repeat\n+0.8 s cut\n+1.2 s repeat",
    "reordered frames": "+0.4 s cut",
    "server restart during a subscription change": "+0.3 s restart for 0.7 s",
    "a cut during back-off": "+0.1 s refuse for 1.2 s\n+0.1 s cut\n+0.9 s cut\n+1.35 s cut",
    "a cut during the handshake": "+0.1 s cut_handshakes for 1.2 s\n+0.2 s cut",
    "a cut in the first read": "+0.1 s cut_first_read for 1.2 s\n+0.2 s cut",
    "a cut while the limiter waits": "+0.1 s flap 200 for 1.6 s",
    "flapping every second": "+0.1 s flap 1000 for 3.1 s",
    "a black hole": "+4 s black_hole both for 4 s",
    "a black hole for what comes": "+4 s black_hole in for 4 s",
    "a black hole for what goes": "+4 s black_hole out for 4 s",
    "a black hole during an outage": "+0.2 s refuse for 1 s\n+0.2 s cut\n+0.5 s black_hole both for 3 s",
    "all topics starve": "+4 s starve public for 4 s",
    "all topics of one connection starve": "+4 s stall public for 8 s",
    "one topic starves": "+4 s starve ticker KRW-BTC for 4 s",
    "one topic of one connection starves": "+4 s stall trade KRW-BTC for 8 s",
    "the private socket starves": "+0.5 s starve private for 3 s",
    "one private connection starves": "+0.5 s stall private for 5 s",
    "starvation while REST is away": "+4 s starve public for 4 s\n+4 s status 503 for 4 s",
}

ELSEWHERE: dict[str, str] = {
    "HTTP 401 on the handshake":
        "tests.live.test_keys:test_refused_keys_are_a_typed_state_with_a_hint_until_they_are_mended",
    "error frame INVALID_AUTH": "tests.live.test_keys:test_a_missing_permission_rejects_only_what_needs_it",
    "late frames from the previous connection":
        "tests.live.test_renewal:test_nobody_notices_that_the_connection_was_replaced",
    "clock skew": "tests.live.test_silence:test_a_clock_that_is_set_interrupts_nothing",
    "laptop sleep, connection dead": "tests.live.test_silence:test_after_a_sleep_a_dead_connection_is_found_at_once",
    "laptop sleep, link waiting": "tests.live.test_silence:test_after_a_sleep_a_waiting_link_is_tried_at_once",
    "DNS failure": "tests.reliability.test_promises:test_a_name_that_cannot_be_looked_up",
    "GUI frozen": "tests.reliability.test_promises:test_a_frozen_window",
    "a callback that raises": "tests.live.test_isolation:test_what_a_callback_raises_goes_to_its_owner_only",
    "a callback that blocks 200 ms": "tests.reliability.test_promises:test_a_callback_that_blocks",
    "a callback that deletes its own widget, subscribes again, calls cleanup()":
        "tests.live.test_isolation:test_a_callback_may_cancel_swap_subscribe_clean_up_or_destroy",
    "a widget destroyed while its event is queued":
        "tests.live.test_lifetimes:test_a_component_destroyed_while_its_event_is_queued_gets_nothing",
    "application quit in each of these states": "tests.reliability.test_promises:test_shutdown_in_every_state",
    "a server that is broken for good": "tests.reliability.test_promises:test_a_server_that_is_broken_for_good",
}  # fmt: skip
"""Those that need more than a script: keys, clocks, the window itself."""
