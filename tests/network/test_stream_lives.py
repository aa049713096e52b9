"""Any life of a socket's connections: each trade and candle is told once, in order, or lies in an announced gap."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec.structs import force_setattr

from tests.helpers.made import second, trade
from upbit_qt_ws.delivery.mailbox import Mailbox
from upbit_qt_ws.events import Event, StreamType
from upbit_qt_ws.network.streams import TopicStreams
from upbit_qt_ws.wire.topics import Endpoint, Topic

if TYPE_CHECKING:
    from upbit_qt_ws.subscriptions.gaps import Gap, Refill

TRADES, SECONDS = Topic("trade", "KRW-BTC"), Topic("candle.1s", "KRW-BTC")
TICK_MS = 1_000
ENDS = 900
"""When a candle changes for the last time, in ms after its start."""

PAGE = 12
"""Events that REST reaches back to where it is asked in vain for more."""


def of_epoch(epoch: int, event: Event) -> Event:
    force_setattr(event, "epoch", epoch)
    return event


class Connection:
    """Tells every trade that happens from now on, a while later; what is under way when it breaks is lost."""

    def __init__(self, epoch: int) -> None:
        self.epoch = epoch
        self.lag = 0
        self.starves = 0
        self.under_way: deque[tuple[int, int]] = deque()


class World:
    """An exchange with a trade or a candle a tick, its REST side, and a client whose connections live and die."""

    def __init__(self, topic: Topic, *, fills: bool) -> None:
        self.topic = topic
        self.now = 0
        self.epochs = 0
        self.has_failed = False
        self.told: list[int] = []
        self.gaps: list[Gap] = []
        self.questions: list[tuple[Refill, int, str]] = []
        self.rest = ("all", 0)
        self.mailbox = Mailbox(lambda: None)
        self.streams = TopicStreams(
            self.mailbox,
            Endpoint.PUBLIC,
            fills=fills,
            gap_found=self.gaps.append,
            served=lambda topic: None,
            refill=self.ask,
        )
        self.streams.keep(frozenset({topic}))
        self.mailbox.keep_all(frozenset({topic}))
        self.present: Connection | None = None
        self.beside: Connection | None = None
        self.open()
        self.tick()
        self.frame()

    # -- the exchange -----------------------------------------------------------------------------------------

    def made(self, number: int) -> Event:
        return trade(number, at=number * TICK_MS + ENDS) if self.topic is TRADES else second(number, at=ENDS)

    def known(self) -> list[Event]:
        """Return what REST knows, oldest first: of candles also the one that is running."""
        events = [self.made(number) for number in range(1, self.now + 1)]
        return events if self.topic is TRADES else [*events, second(self.now + 1, at=100)]

    def tick(self) -> None:
        self.now += 1
        for connection in (self.present, self.beside):
            if connection is None:
                continue
            if connection.starves:
                connection.starves -= 1
                if not connection.starves:
                    # The audit has found out.
                    self.streams.lost([self.topic], "the exchange sent less than it knew")
            else:
                connection.under_way.append((self.now, self.now + connection.lag))
            while connection.under_way and connection.under_way[0][1] <= self.now:
                number, _ = connection.under_way.popleft()
                # Nothing is read any more of what the older of two tells after the newer.
                if self.beside is None or not self.streams.is_superseded(self.topic, connection.epoch):
                    self.streams.put(self.topic, of_epoch(connection.epoch, self.made(number)))
        self.answer()

    def ask(self, refill: Refill) -> None:
        outcome, takes = self.rest
        self.questions.append((refill, self.now + takes, outcome))

    def answer(self) -> None:
        due = [question for question in self.questions if question[1] <= self.now]
        self.questions = [question for question in self.questions if question[1] > self.now]
        for refill, _, outcome in due:
            known = self.known()
            if outcome == "all":
                self.streams.settle(refill, known[-refill.count :], is_complete=True)
            elif outcome == "page":
                page = known[-PAGE:]
                reaches = refill.count <= PAGE if refill.count else page[0].timestamp <= refill.since
                self.streams.settle(refill, page[-refill.count :], is_complete=reaches)
            else:
                self.streams.settle(refill, (), is_complete=False)

    # -- the client -------------------------------------------------------------------------------------------

    def open(self) -> None:
        if self.present is None:
            self.epochs += 1
            self.present = Connection(self.epochs)
            self.streams.begin_epoch(self.epochs)
            self.show(self.present)

    def show(self, connection: Connection) -> None:
        shown: Event = second(self.now + 1, StreamType.SNAPSHOT, at=100)
        if self.topic is TRADES:
            shown = trade(self.now, StreamType.SNAPSHOT, at=self.now * TICK_MS + ENDS)
        if self.now:
            self.streams.put(self.topic, of_epoch(connection.epoch, shown))

    def break_down(self) -> None:
        if self.present is not None and self.beside is None:
            self.present = None
            self.streams.lost([self.topic], "cut")

    def open_beside(self, *, mistrusts: bool, shows: bool) -> None:
        if self.present is None or self.beside is not None:
            return
        self.epochs += 1
        self.beside = Connection(self.epochs)
        self.streams.begin_epoch(self.epochs, overlaps=True)
        if mistrusts or self.present.starves:
            self.present.starves = 0
            self.streams.lost([self.topic], "the exchange sent less than it knew")
        self.streams.follow([self.topic])
        if shows:
            self.show(self.beside)

    def replace(self) -> None:
        if self.beside is not None:
            self.streams.end_overlap()
            self.present, self.beside = self.beside, None

    def fail(self) -> None:
        if self.beside is not None and self.present is not None:
            self.beside = None
            self.has_failed = True
            self.streams.epoch = self.present.epoch
            self.streams.end_overlap(is_replaced=False)

    def stand_in(self) -> None:
        if self.present is None:
            self.streams.offer(self.topic, self.known()[-PAGE:])

    def frame(self) -> None:
        for batch in self.mailbox.empty():
            stream = [event.timestamp for event, _ in batch.items if event.stream_type is StreamType.REALTIME]
            # A candle that is not at its end yet comes again.
            self.told += [time // TICK_MS for time in stream if time % TICK_MS == ENDS]


ACTS = st.one_of(
    st.sampled_from(["open", "break", "beside", "doubt", "unshown", "replace", "fail", "stand in", "frame"]),
    st.tuples(st.just("lag"), st.integers(0, 5)),
    st.tuples(st.just("starve"), st.integers(1, 5)),
    st.tuples(st.just("rest"), st.sampled_from(["all", "page", "nothing"]), st.integers(0, 4)),
)


def act(world: World, what: str | tuple[str | int, ...]) -> None:
    match what:
        case "open":
            world.open()
        case "break":
            world.break_down()
        case "beside" | "doubt" | "unshown":
            world.open_beside(mistrusts=what == "doubt", shows=what != "unshown")
        case "replace":
            world.replace()
        case "fail":
            world.fail()
        case "stand in":
            world.stand_in()
        case "frame":
            world.frame()
        case ("lag", int(ticks)) if world.present is not None and not world.present.starves:
            world.present.lag = ticks
        case ("starve", int(ticks)) if world.present is not None and world.beside is None:
            # Of what lags, the audit would find out later.
            if not world.present.under_way:
                world.present.lag, world.present.starves = 0, ticks
        case ("rest", str(outcome), int(ticks)):
            world.rest = (outcome, ticks)


def end(world: World) -> None:
    """Let all become well again."""
    world.replace()
    world.rest = ("all", 0)
    world.open()
    assert world.present is not None
    world.present.lag = 0
    for _ in range(12):
        world.tick()
        world.frame()


@settings(max_examples=300)
@pytest.mark.parametrize("topic", [TRADES, SECONDS], ids=["trades", "candles"])
@given(fills=st.booleans(), life=st.lists(st.lists(ACTS, max_size=2), max_size=25))
@example(
    # A connection breaks; the next one is mistrusted at once, and still tells something before the third does.
    fills=True,
    life=[["break"], [], [], [], [], ["open", "doubt"], [], [], ["replace"]],
)
@example(
    # The third comes before REST has answered what the second has missed.
    fills=True,
    life=[["break", ("rest", "all", 4)], [], [], ["open"], ["doubt"], [], ["replace"]],
)
def test_every_event_is_told_once_and_in_order_or_lies_in_a_gap(
    topic: Topic, fills: bool, life: list[list[str | tuple[str | int, ...]]]
) -> None:
    world = World(topic, fills=fills)
    for acts in life:
        for what in acts:
            act(world, what)
        world.tick()
    end(world)
    told = list(dict.fromkeys(world.told))
    if topic is TRADES:
        assert told == world.told, "each once; a candle is a state, which may be told again"
    if fills and (topic is TRADES or not world.has_failed):
        assert told == sorted(told), "in order; one that goes on may still tell ends of candles"
    missing = set(range(told[0], world.now + 1)) - set(told)
    holes = [(gap.since, gap.until or world.now * TICK_MS) for gap in world.gaps]
    times = {number * TICK_MS + ENDS for number in missing}
    silent = {time // TICK_MS for time in times if not any(since <= time <= until for since, until in holes)}
    assert not silent, f"told {told}, gaps {holes}"
