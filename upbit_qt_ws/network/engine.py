"""The feed engine: all links and the REST client of the toolkit on one asyncio loop. It does not know which loop."""

from __future__ import annotations

import asyncio
import contextlib
from functools import partial
from typing import TYPE_CHECKING

from upbit_qt_ws.errors import AuthError
from upbit_qt_ws.network.clients import UpbitWebSocketPrivateClient, UpbitWebSocketPublicClient
from upbit_qt_ws.network.dynamic_limiter import get_dynamic_rate_limiter
from upbit_qt_ws.network.global_limiter import get_global_rate_limiter
from upbit_qt_ws.network.key_source import KeySource
from upbit_qt_ws.network.questions import Answer, Question
from upbit_qt_ws.wire.auth_errors import error_of, problem_of
from upbit_qt_ws.wire.topics import Endpoint, Topic, Want, endpoint_of

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from typing import Any

    from upbit_qt_ws.config import WebSocketConfig
    from upbit_qt_ws.delivery.mailbox import Mailbox
    from upbit_qt_ws.health.status import LinkStatus
    from upbit_qt_ws.network.keys import ApiKeys
    from upbit_qt_ws.network.link import Link
    from upbit_qt_ws.network.news import TopicNews
    from upbit_qt_ws.network.rest import UpbitRestClient
    from upbit_qt_ws.subscriptions import DesiredState


class FeedEngine:
    """Owns the links and makes them follow the desired state.

    Level-triggered: only the newest desired state counts, and applying the same one twice does nothing.

    Args:
        config: addresses and times.
        mailbox: where events go.
        report_link: called with a link's name and its new state.
        report_topics: called with a link's name and its news of topics.
        report_answer: called with the answer to each question.
    """

    def __init__(
        self,
        config: WebSocketConfig,
        mailbox: Mailbox,
        report_link: Callable[[str, LinkStatus], None],
        report_topics: Callable[[str, TopicNews], None],
        report_answer: Callable[[Answer], None],
    ) -> None:
        """Set up the links; nothing is opened before :meth:`start`."""
        self._config = config
        self._report_link = report_link
        self._report_answer = report_answer
        connects = get_global_rate_limiter(config.public_url).connects
        self._gate = get_dynamic_rate_limiter(host=config.rest_url)
        self._keys = KeySource(config)
        # A refusal on one way says nothing about the others: each has its own state, all read the same keys.
        self._rest_keys = self._keys.manager()
        self._links: dict[Endpoint, Link] = {}
        for endpoint in Endpoint:
            status, topics = partial(report_link, endpoint.value), partial(report_topics, endpoint.value)
            if endpoint is Endpoint.PUBLIC:
                self._links[endpoint] = UpbitWebSocketPublicClient(config, mailbox, connects, status, topics)
            else:
                self._links[endpoint] = UpbitWebSocketPrivateClient(
                    config, mailbox, connects, self._keys, status, topics, endpoint
                )
        self._rest: UpbitRestClient | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """Start the links on the running loop."""
        for endpoint, link in self._links.items():
            self._spawn(link.run(), f"upbit link {endpoint.value}")

    def apply(self, desired: DesiredState) -> None:
        """Make the links follow ``desired``."""
        wants: dict[Endpoint, dict[Topic, Want]] = {endpoint: {} for endpoint in Endpoint}
        for topic, want in desired.wants.items():
            wants[endpoint_of(topic.type)][topic] = want
        for endpoint, link in self._links.items():
            link.apply(wants[endpoint])

    def set_keys(self, keys: ApiKeys | None) -> None:
        """Use other keys from now on; None for those of the configuration."""
        self._keys.set(keys)
        self._rest_keys.keys_changed()
        for link in self._links.values():
            link.keys_changed()

    def ask(self, number: int, question: Question) -> None:
        """Answer a question over REST; the answer is reported."""
        self._spawn(self._answer(number, question), f"upbit question {number}")

    def publish(self) -> None:
        """Report the state of all links with their counters as they are now."""
        for endpoint, link in self._links.items():
            self._report_link(endpoint.value, link.status())

    async def stop(self) -> None:
        """Close all sockets and end all tasks; takes at most about a second."""
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        for task in tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await task
        if self._rest is not None:
            await self._rest.aclose()

    def _spawn(self, work: Coroutine[Any, Any, None], name: str) -> None:
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _answer(self, number: int, question: Question) -> None:
        try:
            if question.is_private:
                await self._keys.renew(self._rest_keys)
            generation = self._rest_keys.generation
            value = await question.ask(self._client())
        except AuthError as error:
            if not problem_of(error.name).concerns_one_call:
                self._rest_keys.refused(error, generation=generation)
            self._report_answer(Answer(number, error=error.with_traceback(None)))
        except Exception as error:
            # What went wrong is for the asker, also a defect of ours; the traceback stays in this thread.
            self._report_answer(Answer(number, error=error.with_traceback(None)))
        else:
            if question.is_private:
                self._rest_keys.accepted(generation=generation)
            self._report_answer(Answer(number, value))

    def _client(self) -> UpbitRestClient:
        if self._rest is None:
            # Imported at the first call: many applications need no REST at all.
            from upbit_qt_ws.network.rest import UpbitRestClient

            self._rest = UpbitRestClient(
                self._config.rest_url,
                gate=self._gate,
                authorize=self._rest_keys.authorization,
                # The asker's own time limit comes first, and its error says what was asked for.
                timeout=self._config.snapshot_timeout_s + 1.0,
                auth_error=error_of,
            )
        return self._rest
