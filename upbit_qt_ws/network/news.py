"""What the network side tells the GUI about topics; immutable, since it crosses between the threads."""

from __future__ import annotations

import msgspec

from upbit_qt_ws.wire.topics import Topic


class TopicNews(msgspec.Struct, frozen=True):
    """What the network knows of topics that the GUI cannot see in the data.

    Attributes:
        retired: topics that the socket no longer carries.
        not_served: topics whose first data is overdue.
        refused: topics that the exchange refuses to be asked for, each with its reason in plain words.
        asked_again: refused topics that have now been asked for once more.
    """

    retired: tuple[Topic, ...] = ()
    not_served: tuple[Topic, ...] = ()
    refused: tuple[tuple[Topic, str], ...] = ()
    asked_again: tuple[Topic, ...] = ()
