"""What was chosen is read back as it was, and whatever the texts say, something sensible is read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from upbit_qt_demo.areas import TABS, Area
from upbit_qt_demo.preferences import LINES, Preferences, read_preferences, write_preferences
from upbit_qt_demo.theme import Theme
from upbit_qt_widgets import ColorScheme
from upbit_qt_widgets.chart.intervals import INTERVALS

NAMES = tuple(write_preferences(Preferences()))

chosen = st.builds(
    Preferences,
    language=st.sampled_from(["ko", "en"]),
    theme=st.sampled_from(Theme),
    colors=st.sampled_from(ColorScheme),
    market=st.sampled_from(["KRW-BTC", "BTC-ETH", "USDT-XRP"]),
    quote=st.sampled_from(["KRW", "BTC", "USDT", "favourites"]),
    interval=st.sampled_from(INTERVALS),
    tabs=st.permutations(TABS).map(tuple),
    tab=st.sampled_from(TABS),
    sizes=st.dictionaries(st.sampled_from(LINES), st.integers(1, 10_000)),
    geometry=st.binary(max_size=80),
)
# Some of them nearly right.
nonsense = st.one_of(
    st.text(max_size=40),
    st.none(),
    st.integers(),
    st.binary(max_size=8),
    st.lists(st.text(max_size=5), max_size=3),
    st.sampled_from(
        ["ko ", "DARK", "KRW-btc", "KRW-", "depth depth", "markets", "-1", "0", "٣", "1e3", "100001", "=="]
    ),
)


@given(chosen)
def test_what_was_written_is_read_back(preferences: Preferences) -> None:
    assert read_preferences(write_preferences(preferences)) == (preferences, ())


@given(st.dictionaries(st.sampled_from([*NAMES, "unknown"]), nonsense))
def test_nonsense_is_left_out_and_named(texts: dict[str, object]) -> None:
    found, refused = read_preferences(texts)

    assert read_preferences(write_preferences(found)) == (found, ())
    assert set(refused) <= texts.keys()
    assert sorted(found.tabs) == sorted(TABS)
    assert found.tab in TABS
    assert all(0 < size <= 100_000 for size in found.sizes.values())


@given(chosen, st.sampled_from(NAMES), nonsense)
def test_one_broken_text_costs_itself_only(preferences: Preferences, name: str, value: object) -> None:
    texts: dict[str, object] = dict(write_preferences(preferences))

    found, refused = read_preferences(texts | {name: value})
    without, _ = read_preferences({key: text for key, text in texts.items() if key != name})

    if name in refused or not value:
        assert found == without
    for other in set(NAMES) - {name}:
        assert write_preferences(found)[other] == texts[other]


def test_an_empty_file_is_the_first_time() -> None:
    assert read_preferences({}) == (Preferences(), ())


@pytest.mark.parametrize(
    ("text", "tabs"),
    [
        ("assets depth", (Area.ASSETS, Area.DEPTH, Area.ORDERS, Area.HEALTH)),
        ("health health", (Area.HEALTH, Area.DEPTH, Area.ORDERS, Area.ASSETS)),
        ("chart orders", (Area.ORDERS, Area.DEPTH, Area.ASSETS, Area.HEALTH)),
    ],
)
def test_tabs_that_are_not_named_follow(text: str, tabs: tuple[Area, ...]) -> None:
    assert read_preferences({"tabs": text})[0].tabs == tabs
