"""The receiving end of a subscription: what it lets through, what waits for it, and its account. GUI thread, no Qt."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from upbit_qt_ws.delivery.backpressure import DropOldest, default_policy
from upbit_qt_ws.events import Event, StreamType
from upbit_qt_ws.wire.topics import CONFLATED_TYPES, PRIVATE_TYPES, Stream

if TYPE_CHECKING:
    from collections.abc import Callable

    from upbit_qt_ws.delivery.backpressure import BackpressureHandler, Policy
    from upbit_qt_ws.subscriptions import SubscriptionSpec


class Account(NamedTuple):
    """What became of the events of a subscription; ``received`` is always the sum of the other three."""

    received: int = 0
    delivered: int = 0
    coalesced: int = 0
    dropped: int = 0

    def plus(self, other: Account) -> Account:
        """Return the sum, field by field."""
        return Account(*(mine + its for mine, its in zip(self, other, strict=True)))


class Receiver:
    """The receiving end of one subscription: what it lets through, and its account.

    Attributes:
        on_end: a weak reference to what must be told when the subscription ends with its component.
        generation: grows when the subscription swaps its codes or ends; a delivery that was queued for an older
            generation is dropped.
        policy: what gives way when there are too many events.
        is_own: its events are those of the account, of which none may be lost without a word.
        is_paused: nobody can see it, so nothing is delivered.
        is_plain: what the mailbox hands over is delivered as it is.
        is_whole: every event is wanted, also of states.
        overflowed: how many of the dropped events there was no room for.
        parked: events that wait because the component is just being delivered to, see :class:`ParkedDeliveries`.
    """

    __slots__ = (
        "_handler",
        "coalesced",
        "component",
        "delivered",
        "dropped",
        "generation",
        "id",
        "is_own",
        "is_paused",
        "is_plain",
        "is_whole",
        "kinds",
        "on_end",
        "overflowed",
        "parked",
        "policy",
        "received",
        "type",
        "units",
    )

    def __init__(
        self, subscription_id: int, component: int, spec: SubscriptionSpec, policy: Policy | None = None
    ) -> None:
        """Start with an empty account."""
        self.id = subscription_id
        self.component = component
        self.generation = 0
        self.type = spec.type
        usual = default_policy(spec.type)
        self.policy = policy or usual
        self.is_plain = policy is None or (policy == usual and spec.type in CONFLATED_TYPES)
        self.is_paused = False
        self.is_own = spec.type in PRIVATE_TYPES
        self.is_whole = not self.is_plain and isinstance(policy, DropOldest)
        self._handler: BackpressureHandler | None = None
        self.on_end: Callable[[], Callable[[], None] | None] | None = None
        self.received = self.delivered = self.coalesced = self.dropped = self.overflowed = self.parked = 0
        self.configure(spec)

    def configure(self, spec: SubscriptionSpec) -> None:
        """Take what the subscription wants now."""
        kinds = set()
        if spec.stream & Stream.SNAPSHOT:
            kinds.add(StreamType.SNAPSHOT)
        if spec.stream & Stream.REALTIME:
            kinds.add(StreamType.REALTIME)
        self.kinds = frozenset(kinds)
        self.units = spec.units

    @property
    def handler(self) -> BackpressureHandler:
        """What waits for this subscription."""
        if self._handler is None:
            self._handler = self.policy.handler()
        return self._handler

    def offer(self, event: Event, now: float) -> None:
        """Have an event wait for its turn, and enter what gave way to it."""
        self.gave_way(self.handler.offer(event, now), loses=self.handler.loses)

    def gave_way(self, count: int, *, loses: bool) -> None:
        """Enter events that made room for newer ones, and are lost or were replaced by them."""
        if loses:
            self.dropped += count
            self.overflowed += count
        else:
            self.coalesced += count

    def pass_over(self, frames: int) -> None:
        """Enter frames that nobody can see: states are replaced by what is shown later, other events are lost."""
        self.received += frames
        if self.type in CONFLATED_TYPES:
            self.coalesced += frames
        else:
            self.dropped += frames

    def give_up(self) -> None:
        """Let nothing wait any more."""
        self.generation += 1
        if self._handler is not None:
            self.dropped += self._handler.discard()

    @property
    def account(self) -> Account:
        """The account as it is now; what waits for its time is not in it yet."""
        waiting = self.parked + (0 if self._handler is None else len(self._handler))
        return Account(self.received - waiting, self.delivered, self.coalesced, self.dropped)


class Delivery(NamedTuple):
    """One event on its way to one subscription."""

    receiver: Receiver
    generation: int
    event: Event
