"""Switches of the simulated exchange, one for each fact about the real one that is uncertain or adjustable."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from upbit_qt_ws.errors import ConfigurationError

if TYPE_CHECKING:
    from upbit_qt_ws.testing.api_keys import ApiKey
    from upbit_qt_ws.testing.coins import Region
    from upbit_qt_ws.testing.numbers import NumberSpelling
    from upbit_qt_ws.testing.streams import SeveralLevels


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatorOptions:
    """How the simulated exchange behaves. Times are in seconds unless the name says otherwise.

    Marks: [A] official documentation, [B] measured on the live service, [C] third-party code, [D] inferred.

    Attributes:
        region: ``kr``, or ``id`` for the Indonesian exchange: English errors, IDR markets, no ``level``, a
            slower close after an error [B]. ``sg`` and ``th`` (SGD, THB) are taken to be like it [D]. Indicators
            are served in Korea alone [A].
        regional_level: whether ``sg`` and ``th`` know ``level``: ``refused`` as in Indonesia, or ``served``: 0 is
            accepted and in every book, other levels are silent. Unknown. [D]
        snapshot_delays: after a request, when the first and the second half of the snapshots are sent. Two
            bursts about 10 and 170 ms of server time after the request. [B] ``(0, 0)`` answers at once.
        late_frames: frames of the old subscription that may still come after a new request; 0 to 2 seen. [B]
        error_close_delay: from an error frame to the close frame (code 1000); None takes the region's, 0.15 s
            in Korea and 0.6 s in Indonesia. [B]
        idle_timeout: silence in both directions after which the connection is cut without a close frame. About
            60.5 s measured [B], documented as 120 s [A]. None never cuts.
        status_period: the clock of ``{"status":"UP"}`` after a text ``PING``; 10 s. [A, B]
        permessage_deflate: compress when the client offers it. [A, B] False refuses every offer.
        number_spelling: ``java`` (``1.16539E8``, September 2026 [B]) or ``plain`` (other captures of 2026 [C]).
        camel_case_flags: accept ``isOnlySnapshot`` and ``isOnlyRealtime`` too; documented until 2024. [C]
        wrap_control_frames: in the list formats send errors, ``UP`` and ``LIST_SUBSCRIPTIONS`` replies inside
            an array; nothing is known about it. [D]
        several_levels: one code in several ``orderbook`` objects with different level or depth: serve
            ``both``, only the ``first`` or the ``last`` of them, ``neither`` (silence about the code), or
            ``refuse`` the request with ``INVALID_PARAM``. Unknown. [D]
        list_without_format: a ``LIST_SUBSCRIPTIONS`` without a format object: ``keep`` the format of the
            connection or switch to the ``default`` one. Only the case with a format is documented. [D]
        unknown_in_list: list codes that the exchange does not know in that reply ``as_asked``, or ``only_known``
            ones; unknown. [D]
        suffix_in_list: list order book codes in that reply with their ``.15`` suffix; unknown. [D]
        account_snapshots: private streams begin with a ``SNAPSHOT`` of the account: ``none``, ``orders`` (one
            frame for each open order) or ``both`` (the assets too). The guide says real-time only, the table of
            myOrder has SNAPSHOT, the SDK has it for both. [A, contradictory]
        first_asset_delay: the first connection ever to ask for myAsset gets nothing for this long (real time)
            although assets change, any later one works at once; documented as several minutes [A]. None for an
            account whose stream has been used before.
        indicator_params: parameters of indicators: only the ``documented`` ones, those of the official SDK [A], or
            ``any`` positive number. Others are ``INVALID_PARAM``.
        indicator_other_quotes: indicators of markets that are not quoted in KRW: ``silence`` as for unknown codes,
            or ``refuse`` the request with ``INVALID_PARAM``. Only KRW markets are served [A]; how is unknown. [D]
        announcement_categories: the ``documented`` ones [A], or those of the official ``sdk`` too, among them
            ``trading`` of the guide's example. [A, contradictory]
        announcement_interval: mean simulated time between two announcements that the exchange makes by itself;
            None makes none.
        message_limits: enforce 5 messages a second and 100 a minute per connection. [A]
        connect_limits: enforce 5 connects a second, and 1 request per 10 s with an ``Origin`` header. [A, B]
        rest_limits: enforce the REST limits, 10 a second per group and 30 for exchange calls. [A]
        strict_dates: REST refuses a ``to`` whose colons are not percent-encoded, as documented. [A]
        rate_limit_error: ``error.name`` when the message limit is broken: ``Too Many Requests`` in the error
            table, ``TOO_MANY_REQUEST`` on the indicator page; never captured. [A, contradictory]
        limit_error_body: body of a 429 or 418: a REST error whose ``name`` is a string (``name``) as in exchange
            errors, or the ``status`` as in quotation errors, or plain ``text``. Never captured. [D]
        block_message: a 418 names the ``seconds`` that are left, or has ``no_number``; "the block time is in the
            response" [A], where is unknown. [D]
        retry_after: send a ``Retry-After`` header with 429 and 418. None was seen with a 429. [C]
        block_after: so many 429 within a minute get the address blocked, for a minute at first and twice as long
            each time; None never. Documented without numbers. [A, D]
        access_key, secret_key: a pair of keys that may do everything.
        keys: further ones, each with its scopes, addresses and state.
        out_of_scope_status: HTTP status of ``out_of_scope``: 403 in the table of errors, 401 or 403 in the text
            beside it. [A, contradictory]
        address_error_name: the error of a call from an address that is not allowed: ``no_authorization_ip`` [A]
            or, on older pages and in third-party code, ``no_authorization_i_p`` [A, C].
        scope_error: what a request for a stream gets that the key may not see: an error frame ``INVALID_AUTH``
            or ``out_of_scope``, or ``silence``. Never captured. [D]
        sockets_of_deleted_key: open connections of a key that is deleted are ``kept``, or ``closed`` with an
            ``INVALID_AUTH`` frame; unknown. [D]
        private_auth_failure: what a bad token on the private path gets: ``http`` for status 401 with a REST
            error body, ``frame`` for an open connection, an ``INVALID_AUTH`` frame and a close. Neither was
            ever captured. [D]
        reorder: fraction of trades that are sent after the next trade of their market; seen in 2021. [C]
        volatility: multiplies how far prices move; 1 is an ordinary day.
        send_buffer_limit: bytes that may wait for a client that reads too slowly. Beyond that, the exchange
            cuts the connection without a close frame: skipping frames would silently lose trades. [D]
        clock_offset_s: how far the exchange's clock is ahead of this machine's at the start; negative is behind. All
            times of its messages, replies and headers are counted by it. Without effect where ``start_ms`` is given.
        records: requests, handshakes, REST calls and connections remembered for tests, each.
    """

    region: Region = "kr"
    regional_level: Literal["refused", "served"] = "refused"
    snapshot_delays: tuple[float, float] = (0.010, 0.170)
    late_frames: int = 2
    error_close_delay: float | None = None
    idle_timeout: float | None = 60.0
    status_period: float = 10.0
    permessage_deflate: bool = True
    number_spelling: NumberSpelling = "java"
    camel_case_flags: bool = True
    wrap_control_frames: bool = False
    several_levels: SeveralLevels = "both"
    list_without_format: Literal["keep", "default"] = "keep"
    unknown_in_list: Literal["as_asked", "only_known"] = "as_asked"
    suffix_in_list: bool = False
    account_snapshots: Literal["none", "orders", "both"] = "none"
    first_asset_delay: float | None = None
    indicator_params: Literal["documented", "any"] = "documented"
    indicator_other_quotes: Literal["silence", "refuse"] = "silence"
    announcement_categories: Literal["documented", "sdk"] = "documented"
    announcement_interval: float | None = 1_800.0
    message_limits: bool = True
    connect_limits: bool = True
    rest_limits: bool = True
    strict_dates: bool = True
    rate_limit_error: str = "Too Many Requests"
    limit_error_body: Literal["name", "status", "text"] = "name"
    block_message: Literal["seconds", "no_number"] = "seconds"
    retry_after: bool = False
    block_after: int | None = None
    access_key: str = "simulated-access-key"
    secret_key: str = "simulated-secret-key-of-forty-characters"
    keys: tuple[ApiKey, ...] = ()
    out_of_scope_status: Literal[401, 403] = 403
    address_error_name: Literal["no_authorization_ip", "no_authorization_i_p"] = "no_authorization_ip"
    scope_error: Literal["INVALID_AUTH", "out_of_scope", "silence"] = "INVALID_AUTH"
    sockets_of_deleted_key: Literal["kept", "closed"] = "kept"
    private_auth_failure: Literal["http", "frame"] = "http"
    reorder: float = 0.001
    volatility: float = 1.0
    send_buffer_limit: int = 16 * 1024 * 1024
    clock_offset_s: float = 0.0
    records: int = 100_000

    def __post_init__(self) -> None:
        """Refuse values that cannot work."""
        first, second = self.snapshot_delays
        checks = (
            ("snapshot_delays", 0 <= first <= second, "two times in s, the first not after the second"),
            ("late_frames", self.late_frames >= 0, "0 or more"),
            ("error_close_delay", self.error_close_delay is None or self.error_close_delay >= 0, "s or None"),
            ("idle_timeout", self.idle_timeout is None or self.idle_timeout > 0, "s above 0, or None"),
            ("status_period", self.status_period > 0, "s above 0"),
            ("first_asset_delay", self.first_asset_delay is None or self.first_asset_delay > 0, "s above 0, or None"),
            (
                "announcement_interval",
                self.announcement_interval is None or self.announcement_interval > 0,
                "s above 0, or None",
            ),
            ("block_after", self.block_after is None or self.block_after > 0, "above 0, or None"),
            ("reorder", 0 <= self.reorder <= 1, "a fraction from 0 to 1"),
            ("volatility", self.volatility >= 0, "0 or more"),
            ("send_buffer_limit", self.send_buffer_limit > 0, "bytes above 0"),
            ("clock_offset_s", math.isfinite(self.clock_offset_s), "a number of seconds"),
            ("records", self.records > 0, "above 0"),
            ("region", self.region in ("kr", "id", "sg", "th"), "'kr', 'id', 'sg' or 'th'"),
        )
        for name, good, wanted in checks:
            if not good:
                raise ConfigurationError(f"{name} is {wanted}, not {getattr(self, name)!r}")

    @property
    def has_level(self) -> bool:
        """Whether order books have a ``level`` and requests may name one."""
        return self.region == "kr" or (self.region != "id" and self.regional_level == "served")

    @property
    def close_delay(self) -> float:
        """From an error frame to the close frame, in s."""
        if self.error_close_delay is not None:
            return self.error_close_delay
        return 0.15 if self.region == "kr" else 0.6
