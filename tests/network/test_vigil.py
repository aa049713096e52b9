"""Which silences are a reason to ask, and what is said meanwhile, on a clock that the test moves."""

from __future__ import annotations

from msgspec.structs import force_setattr

from upbit_qt_ws.events import Source, TickerEvent
from upbit_qt_ws.network.vigil import Look, Patience, Vigil
from upbit_qt_ws.wire.topics import Topic

BTC, ETH, RARE = (Topic("ticker", f"KRW-{name}") for name in ("BTC", "ETH", "RARE"))
STEP = 0.25


class Market:
    """A vigil, and what comes to it: BTC and ETH several times a second, RARE every now and then."""

    def __init__(self, *, audits: bool = True) -> None:
        self.vigil = Vigil(Patience(), audits=audits)
        self.now = 100.0
        self.newest: dict[Topic, TickerEvent] = {}
        self.wanted = frozenset({BTC, ETH, RARE})
        self.awaited: set[tuple[str, str, float]] = set()
        self.last = 0
        self.vigil.opened()

    def hear(self, *topics: Topic, source: Source = Source.WEBSOCKET) -> None:
        for topic in topics:
            event = TickerEvent(type="ticker", code=topic.code, trade_price=1.0)
            force_setattr(event, "received_ns", int(self.now * 1e9))
            force_setattr(event, "source", source)
            # The streams know their topics by plain tuples.
            self.newest[tuple(topic)] = event  # type: ignore[index]
            if source is Source.WEBSOCKET:
                self.last = int(self.now * 1e9)

    def look(self, elapsed: float = STEP) -> Look:
        self.now += elapsed
        return self.vigil.look(self.newest, self.wanted, self.awaited, self.last, self.now)

    def run(self, seconds: float, *topics: Topic) -> list[Look]:
        """Let time pass in which these topics come; return what each look has found."""
        looks = []
        for _ in range(round(seconds / STEP)):
            self.hear(*topics)
            looks.append(self.look())
        return looks


def busy(**options: bool) -> Market:
    market = Market(**options)
    market.hear(RARE)
    assert all(look == Look() for look in market.run(10.0, BTC, ETH))
    return market


def first(looks: list[Look], what: str) -> float:
    """Return after how many seconds of silence something was found first."""
    return next(number for number, look in enumerate(looks, 1) if getattr(look, what)) * STEP


def test_a_busy_socket_that_falls_silent_is_asked_after_three_seconds_and_called_live_for_less_than_five() -> None:
    looks = busy().run(20.0)
    assert first(looks, "doubt") == 3.0
    assert sum(look.doubt for look in looks) == 1, "once in a silence"
    assert first(looks, "suspects") == 3.0
    assert looks[11].suspects == {BTC, ETH, RARE}, "also what comes rarely: the whole socket is silent"
    assert first(looks, "unsure") == 4.5
    told = [topic for look in looks for topic in look.unsure]
    assert sorted(told) == [BTC, ETH, RARE], "each is told once"


def test_one_busy_topic_that_falls_silent_is_asked_about_alone() -> None:
    looks = busy().run(20.0, ETH)
    assert not any(look.doubt for look in looks)
    assert first(looks, "suspects") == 3.0
    assert looks[11].suspects == {BTC}
    assert [look.unsure for look in looks if look.unsure] == [(BTC,)]
    assert first(looks, "unsure") == 4.5


def test_topics_that_are_rare_each_and_busy_together_are_asked_about_when_all_are_silent() -> None:
    market = Market()
    many = [Topic("ticker", f"KRW-{number}") for number in range(100)]
    market.wanted = frozenset(many)
    market.hear(*many)
    for number in range(200):
        market.hear(many[number % 100])
        assert market.look() == Look()
    looks = market.run(10.0)
    assert first(looks, "doubt") == 3.0
    assert looks[11].suspects == market.wanted


def test_a_calm_market_stays_live_and_is_asked_about_ever_later() -> None:
    market = busy()
    asked = []
    for number in range(1, 400):
        look = market.look()
        assert look.unsure == ()
        if look.suspects:
            asked.append(number * STEP)
            market.vigil.calm(market.wanted)
            market.vigil.audited()
    assert asked == [3.0, 6.0, 12.0, 24.0, 48.0, 96.0]


def test_without_an_answer_of_rest_a_topic_is_unsure_until_it_is_heard_or_found_calm() -> None:
    market = busy()
    market.run(5.0)
    assert market.vigil.doubted == {BTC, ETH, RARE}
    market.run(1.0, BTC)
    assert market.vigil.doubted == {ETH, RARE}
    assert market.vigil.calm({ETH, BTC}) == (ETH,)
    assert market.vigil.doubted == {RARE}


def test_what_rest_tells_is_not_heard() -> None:
    market = busy()
    looks = []
    for _ in range(20):
        market.hear(BTC, ETH, source=Source.REST)
        looks.append(market.look())
    assert first(looks, "suspects") == 3.0


def test_a_loop_that_stood_still_has_heard_nothing_and_suspects_nobody() -> None:
    market = busy()
    look = market.look(elapsed=90.0)
    assert look == Look()
    market.vigil.rest()
    assert market.look(elapsed=3600.0) == Look()
    # It reads what has come meanwhile.
    assert all(look == Look() for look in market.run(5.0, BTC, ETH))


def test_starved_topics_are_not_asked_about_again_and_the_connection_is_renewed_ever_more_rarely() -> None:
    market = busy()
    market.run(4.0, ETH)
    market.vigil.starve({BTC})
    assert market.vigil.doubted == {BTC}
    looks = market.run(400.0, ETH)
    assert not any(look.suspects - {RARE} or look.unsure for look in looks)
    renewed = [number * STEP for number, look in enumerate(looks, 1) if look.renew]
    assert renewed == [3.0, 33.0, 93.0, 213.0]
    market.run(1.0, BTC)
    assert not market.vigil.starved
    assert not market.vigil.doubted
    assert not any(look.renew for look in market.run(700.0, BTC, ETH))


def test_what_owes_its_first_data_is_not_live_and_not_doubted() -> None:
    market = busy()
    market.awaited = {tuple(BTC)}  # type: ignore[arg-type]
    looks = market.run(6.0)
    assert looks[11].suspects == {ETH, RARE}
    assert market.vigil.doubted == {ETH, RARE}


def test_a_new_connection_that_says_nothing_at_all_is_asked() -> None:
    market = busy()
    market.vigil.opened()
    market.last = 0
    market.awaited = {tuple(topic) for topic in market.wanted}  # type: ignore[misc]
    looks = market.run(10.0)
    assert first(looks, "doubt") == 3.0
    assert sum(look.doubt for look in looks) == 1
    assert not any(look.suspects or look.unsure for look in looks)


def test_a_socket_of_which_nothing_is_wanted_is_not_asked() -> None:
    market = busy()
    market.wanted = frozenset()
    assert all(look == Look() for look in market.run(20.0))


def test_a_socket_that_was_taken_for_dead_and_answers_makes_live_what_need_not_have_come() -> None:
    market = busy()
    market.run(4.0)
    assert market.vigil.doubt(market.wanted) == (BTC, ETH, RARE)
    assert market.vigil.doubt(market.wanted) == ()
    assert market.vigil.answered() == (RARE,)
    assert market.vigil.doubted == {BTC, ETH}


def test_without_audits_the_socket_alone_decides() -> None:
    market = busy(audits=False)
    looks = market.run(60.0)
    assert first(looks, "doubt") == 3.0
    assert not any(look.suspects or look.unsure or look.renew for look in looks)
    market.vigil.doubt(market.wanted)
    assert market.vigil.answered() == (BTC, ETH, RARE)


def test_what_is_not_wanted_any_more_is_forgotten() -> None:
    market = busy()
    market.run(5.0)
    market.vigil.starve({ETH})
    market.wanted = frozenset({RARE})
    market.look()
    assert market.vigil.doubted == {RARE}
    assert not market.vigil.starved
