"""Trades through any life of a socket's connections: each is told once, in order, or lies in an announced gap."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec.structs import force_setattr

from upbit_qt_ws.delivery.mailbox import Mailbox
from upbit_qt_ws.events import Side, StreamType, TradeEvent
from upbit_qt_ws.network.streams import TopicStreams
from upbit_qt_ws.wire.topics import Endpoint, Topic

if TYPE_CHECKING:
    from upbit_qt_ws.subscriptions.gaps import Gap, Refill

TRADES = Topic("trade", "KRW-BTC")
TICK_MS = 1_000
PAGE = 6
"""Trades that REST reaches back to where it is asked in vain for more."""


def trade(number: int, epoch: int, kind: StreamType = StreamType.REALTIME) -> TradeEvent:
    time = number * TICK_MS
    made = TradeEvent(
        type="trade",
        code="KRW-BTC",
        trade_price=1.0,
        trade_volume=1.0,
        ask_bid=Side.BID,
        sequential_id=number,
        timestamp=time,
        trade_timestamp=time,
        stream_type=kind,
    )
    force_setattr(made, "epoch", epoch)
    return made


class Connection:
    """Tells every trade that happens from now on, a while later; what is under way when it breaks is lost."""

    def __init__(self, epoch: int) -> None:
        self.epoch = epoch
        self.lag = 0
        self.starves = 0
        self.under_way: deque[tuple[int, int]] = deque()


class World:
    """An exchange with a trade a tick, its REST side, and a client whose connections live and die."""

    def __init__(self, *, fills: bool) -> None:
        self.now = 0
        self.epochs = 0
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
        self.streams.keep(frozenset({TRADES}))
        self.present: Connection | None = None
        self.beside: Connection | None = None
        self.open()
        self.tick()
        self.frame()

    # -- the exchange -----------------------------------------------------------------------------------------

    def tick(self) -> None:
        self.now += 1
        for connection in (self.present, self.beside):
            if connection is None:
                continue
            if connection.starves:
                connection.starves -= 1
                if not connection.starves:
                    # The audit has found out.
                    self.streams.lost([TRADES], "the exchange sent less than it knew")
            else:
                connection.under_way.append((self.now, self.now + connection.lag))
            while connection.under_way and connection.under_way[0][1] <= self.now:
                number, _ = connection.under_way.popleft()
                # Nothing is read any more of what the older of two tells after the newer.
                if self.beside is None or not self.streams.is_superseded(TRADES, connection.epoch):
                    self.streams.put(TRADES, trade(number, connection.epoch))
        self.answer()

    def ask(self, refill: Refill) -> None:
        outcome, takes = self.rest
        self.questions.append((refill, self.now + takes, outcome))

    def answer(self) -> None:
        due = [question for question in self.questions if question[1] <= self.now]
        self.questions = [question for question in self.questions if question[1] > self.now]
        for refill, _, outcome in due:
            known = [trade(number, 0) for number in range(1, self.now + 1)]
            if outcome == "all":
                self.streams.settle(refill, known, is_complete=True)
            elif outcome == "page":
                reaches = known[-PAGE:][0].trade_timestamp <= refill.since
                self.streams.settle(refill, known[-PAGE:], is_complete=reaches)
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
        if self.now:
            self.streams.put(TRADES, trade(self.now, connection.epoch, StreamType.SNAPSHOT))

    def break_down(self) -> None:
        if self.present is not None and self.beside is None:
            self.present = None
            self.streams.lost([TRADES], "cut")

    def open_beside(self, *, mistrusts: bool, shows: bool) -> None:
        if self.present is None or self.beside is not None:
            return
        self.epochs += 1
        self.beside = Connection(self.epochs)
        self.streams.begin_epoch(self.epochs, overlaps=True)
        if mistrusts or self.present.starves:
            self.present.starves = 0
            self.streams.lost([TRADES], "the exchange sent less than it knew")
        self.streams.follow([TRADES])
        if shows:
            self.show(self.beside)

    def replace(self) -> None:
        if self.beside is not None:
            self.streams.end_overlap()
            self.present, self.beside = self.beside, None

    def fail(self) -> None:
        if self.beside is not None and self.present is not None:
            self.beside = None
            self.streams.epoch = self.present.epoch
            self.streams.end_overlap(is_replaced=False)

    def stand_in(self) -> None:
        if self.present is None:
            self.streams.offer(TRADES, [trade(number, 0) for number in range(max(1, self.now - PAGE), self.now + 1)])

    def frame(self) -> None:
        for batch in self.mailbox.empty():
            self.told += [
                event.sequential_id
                for event, _ in batch.items
                if isinstance(event, TradeEvent) and event.stream_type is StreamType.REALTIME
            ]


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
    world.fail()
    world.rest = ("all", 0)
    world.open()
    assert world.present is not None
    world.present.lag = 0
    for _ in range(12):
        world.tick()
        world.frame()


@settings(max_examples=300)
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
def test_every_trade_is_told_once_and_in_order_or_lies_in_a_gap(
    fills: bool, life: list[list[str | tuple[str | int, ...]]]
) -> None:
    world = World(fills=fills)
    for acts in life:
        for what in acts:
            act(world, what)
        world.tick()
    end(world)
    assert len(world.told) == len(set(world.told)), "each once"
    if fills:
        assert world.told == sorted(world.told), "in order"
    missing = set(range(world.told[0], world.now + 1)) - set(world.told)
    holes = [(gap.last_sequential_id or 0, gap.next_sequential_id or world.now) for gap in world.gaps]
    silent = {number for number in missing if not any(last <= number <= following for last, following in holes)}
    assert not silent, f"told {world.told}, gaps {holes}"
