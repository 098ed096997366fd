"""Read-only queries of a broker: its version, missing exchanges and queues, queue lengths."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hub.bus.connection import Link
from hub.bus.topology import TopologyNames

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pika.channel import Channel
    from pika.frame import Method

DEFAULT_TIMEOUT = 10.0


@dataclass(frozen=True, slots=True)
class BrokerFacts:
    """The facts that a broker reports about itself."""

    product: str
    version: str
    cluster: str
    account: str


def inspect(url: str, timeout: float = DEFAULT_TIMEOUT) -> BrokerFacts:
    """Log in and return the broker's facts; raises BrokerUnreachable or BrokerRefused."""
    survey = _Survey(url, [])
    survey.run(timeout)
    facts = survey.facts
    return BrokerFacts(
        product=str(facts.get("product", "unknown")),
        version=str(facts.get("version", "unknown")),
        cluster=str(facts.get("cluster_name", "")),
        account=survey.account,
    )


def queue_depth(
    url: str, queues: Sequence[str], timeout: float = DEFAULT_TIMEOUT
) -> dict[str, int | None]:
    """Return the number of ready messages in each queue; None for a missing queue."""
    survey = _Survey(url, [("queue", name) for name in queues])
    survey.run(timeout)
    return {name: survey.found.get(("queue", name)) for name in queues}


def check(url: str, expected: TopologyNames, timeout: float = DEFAULT_TIMEOUT) -> TopologyNames:
    """Return the expected exchanges and queues that do not exist."""
    probes = [("exchange", name) for name in expected.exchanges]
    probes += [("queue", name) for name in expected.queues]
    survey = _Survey(url, probes)
    survey.run(timeout)
    return TopologyNames(
        exchanges=tuple(_missing(survey, "exchange", expected.exchanges)),
        queues=tuple(_missing(survey, "queue", expected.queues)),
    )


def _missing(survey: _Survey, kind: str, wanted: Iterable[str]) -> Iterable[str]:
    return (name for name in wanted if survey.found.get((kind, name)) is None)


class _Survey:
    """One connection with a list of passive declarations.

    Each missing exchange or queue closes its channel, so every such query uses a new one.
    """

    def __init__(self, url: str, probes: Sequence[tuple[str, str]]) -> None:
        self.facts: dict[str, object] = {}
        self.found: dict[tuple[str, str], int | None] = {}
        self._probes = list(probes)
        self._next = 0
        self._done = threading.Event()
        self._link = Link(url, "hub survey", self, quiet=True)
        self.account = self._link.account

    def run(self, timeout: float) -> None:
        """Connect and run all queries."""
        deadline = time.monotonic() + timeout
        self._link.start()
        try:
            self._link.wait_ready(timeout)
            if not self._done.wait(max(0.0, deadline - time.monotonic())):
                raise self._link.unreachable()
        finally:
            self._link.close(timeout)

    def opened(self, channel: Channel) -> None:
        """Record the broker's facts, then start the queries."""
        self.facts = dict(channel.connection.server_properties or {})
        self._link.ready()
        channel.connection.channel(on_open_callback=self._on_probe_channel)

    def lost(self, _code: int) -> str | None:
        """Repeat the current query after a reconnection."""
        return None

    def _on_probe_channel(self, channel: Channel) -> None:
        channel.add_on_close_callback(self._on_probe_refused)
        self._ask(channel)

    def _ask(self, channel: Channel) -> None:
        if self._next == len(self._probes):
            self._done.set()
            return
        kind, name = self._probes[self._next]

        def answered(frame: Method) -> None:
            self._answer(int(frame.method.message_count) if kind == "queue" else 0)
            self._ask(channel)

        if kind == "queue":
            channel.queue_declare(name, passive=True, callback=answered)
        else:
            channel.exchange_declare(name, passive=True, callback=answered)

    def _answer(self, count: int | None) -> None:
        self.found[self._probes[self._next]] = count
        self._next += 1

    def _on_probe_refused(self, channel: Channel, _reason: Exception) -> None:
        if channel.connection.is_open:
            self._answer(None)
            channel.connection.channel(on_open_callback=self._on_probe_channel)
