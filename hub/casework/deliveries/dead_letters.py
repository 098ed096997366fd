"""Deliveries: list and show them, and retry or discard dead letters.

A dead letter is a delivery that an agency's adapter could not hand over; it waits, sealed, in the
agency's dead-letter queue until a person decides. Retrying it discloses nothing by itself: the
adapter asks for its keys again, and the hub decides with what is in force then.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from hub.bus import Arrival, BrokerUnreachable, BusMessage, Consumer, Publisher, queue_depth
from hub.bus.address import HUB_ACCOUNT
from hub.bus.topology import OUTBOUND, dead_queue
from hub.intake.hub import Hub
from hub.journey.deliveries import DeliveryCard
from hub.journey.entries.deliveries import DeadLetterClosedEntry
from hub.journey.entries.events import Resolution
from hub.sealing.header import read_header
from schemas.errors import ConfigurationError, InputRefused, NotFound, Unavailable
from schemas.suggestion import suggestion

RETRIED, DISCARDED = "retried", "discarded"
_BATCH = 500
_WAIT_SECONDS = 5.0
_PUBLISH_SECONDS = 30.0
_MOST = 65_535  # what a channel can hold unacknowledged


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One message of an agency's dead-letter queue; ``card`` is its delivery in the store.

    A message that is no delivery of the hub to this agency has no card; its id is a hash of it.
    """

    id: str
    agency: str
    size: int
    card: DeliveryCard | None


@dataclass(frozen=True, slots=True)
class _Found:
    letter: DeadLetter
    arrival: Arrival


def listed(hub: Hub, *, state: str = "", agency: str = "", limit: int = 1000) -> list[DeliveryCard]:
    """Return deliveries, newest first; raises ConfigurationError for an unknown agency."""
    if agency:
        _check_agency(hub, agency)
    with hub.reading() as work:
        return work.deliveries.cards(state=state, recipient=agency, limit=limit)


def shown(hub: Hub, delivery: str) -> DeliveryCard:
    """Return one delivery; raises NotFound."""
    with hub.reading() as work:
        card = work.deliveries.card(delivery)
    if card is None:
        raise NotFound(f"There is no delivery {delivery}. See 'hub delivery list'.")
    return card


def dead_letters(hub: Hub, url: str, agency: str) -> list[DeadLetter]:
    """Return an agency's dead letters, oldest event first; they stay in their queue."""
    with _dead_letters(hub, url, agency) as (_, found):
        return [one.letter for one in found]


def agency_of(hub: Hub, url: str, identifier: str) -> str:
    """Return the agency whose dead letter has this id; raises NotFound."""
    with hub.reading() as work:
        card = work.deliveries.card(identifier)
    if card is not None:
        return card.recipient
    for agency in sorted(hub.directory.agencies):
        if any(letter.id == identifier for letter in dead_letters(hub, url, agency)):
            return agency
    raise NotFound(f"{identifier} is not among the dead letters. See 'hub delivery list --dead'.")


def retry(  # noqa: PLR0913  which letters, of which agency, by whom and why
    hub: Hub, url: str, agency: str, wanted: Sequence[str] | None, *, by: str, reason: str
) -> list[str]:
    """Put dead letters back into the agency's queue, in the order of their events.

    ``wanted`` names them; None means all that are deliveries of the hub. Each is recorded,
    published and confirmed before it leaves the dead letters. Raises NotFound where one is missing,
    ConfigurationError where it is no delivery, Unavailable where the broker does not take it: it is
    then still a dead letter.
    """
    with _dead_letters(hub, url, agency) as (consumer, found):
        chosen = _chosen(found, wanted)
        foreign = [one.letter.id for one in chosen if one.letter.card is None]
        if foreign and wanted is not None:
            raise ConfigurationError(f"{foreign[0]} is no delivery of the hub; discard it.")
        chosen = [one for one in chosen if one.letter.card is not None]
        _record(hub, chosen, RETRIED, (by, reason))
        _publish(url, chosen)
        consumer.ack([one.arrival for one in chosen])
        return [one.letter.id for one in chosen]


def discard(  # noqa: PLR0913  which letters, of which agency, by whom and why
    hub: Hub, url: str, agency: str, wanted: Sequence[str], *, by: str, reason: str
) -> list[str]:
    """Remove dead letters for good; raises NotFound where one is missing."""
    with _dead_letters(hub, url, agency) as (consumer, found):
        chosen = _chosen(found, wanted)
        _record(hub, chosen, DISCARDED, (by, reason))
        consumer.ack([one.arrival for one in chosen])
        return [one.letter.id for one in chosen]


@contextmanager
def _dead_letters(hub: Hub, url: str, agency: str) -> Iterator[tuple[Consumer, list[_Found]]]:
    """Consume all dead letters of an agency; those not acknowledged return to the queue."""
    _check_agency(hub, agency)
    queue = dead_queue(agency)
    depth = queue_depth(url, [queue])[queue]
    if depth is None:
        raise Unavailable(f"The broker has no queue {queue}. See 'hub topology check'.")
    wanted = min(depth, _MOST)
    with Consumer(url, "hub: dead letters", queue, prefetch=max(1, wanted)) as consumer:
        arrivals: list[Arrival] = []
        while len(arrivals) < wanted and (more := consumer.next_batch(_BATCH, _WAIT_SECONDS)):
            arrivals += more
        yield consumer, sorted((_found(hub, agency, a) for a in arrivals), key=_order)


def _order(one: _Found) -> tuple[int, str]:
    return (one.letter.card.seq if one.letter.card else 0, one.letter.id)


def _found(hub: Hub, agency: str, arrival: Arrival) -> _Found:
    delivery = _delivery_of(arrival, agency)
    card = None
    if delivery is not None:
        with hub.reading() as work:
            card = work.deliveries.card(delivery)
    if delivery is None or card is None or card.recipient != agency:
        name = f"unknown-{hashlib.sha256(arrival.body).hexdigest()[:16]}"
        return _Found(DeadLetter(name, agency, len(arrival.body), None), arrival)
    return _Found(DeadLetter(delivery, agency, len(arrival.body), card), arrival)


def _delivery_of(arrival: Arrival, agency: str) -> str | None:
    """Return the id of a dead letter's delivery; None where the hub did not send it there."""
    if arrival.user_id != HUB_ACCOUNT:
        return None
    try:
        header = read_header(arrival.body)
    except InputRefused:
        return None
    return header.delivery if header.recipient == agency else None


def _chosen(found: Sequence[_Found], wanted: Sequence[str] | None) -> list[_Found]:
    if wanted is None:
        return list(found)
    present = {one.letter.id for one in found}
    for name in wanted:
        if name not in present:
            raise NotFound(f"{name} is not among the dead letters. See 'hub delivery list --dead'.")
    return [one for one in found if one.letter.id in wanted]


def _record(hub: Hub, chosen: Sequence[_Found], state: str, order: tuple[str, str]) -> None:
    """Record the act, once for each delivery, before the broker is asked to do it."""
    with hub.writing() as (work, lines):
        for letter in {one.letter.id: one.letter for one in chosen}.values():
            card = letter.card
            if card is not None:
                if state == RETRIED:
                    work.deliveries.sent_again(card.id, work.now)
                else:
                    work.deliveries.discard(card.id)
            lines.append(
                DeadLetterClosedEntry(
                    delivery=letter.id,
                    event=card.event if card else None,
                    child=card.child if card else None,
                    recipient=card.recipient if card else letter.agency,
                    state=Resolution(state),
                    by=order[0],
                    reason=order[1],
                )
            )


def _publish(url: str, chosen: Sequence[_Found]) -> None:
    messages = [
        BusMessage(
            OUTBOUND,
            one.letter.agency,
            one.arrival.body,
            message_id=one.letter.id,
            content_type="application/octet-stream",
        )
        for one in chosen
    ]
    with Publisher(url, "hub: retry") as publisher:
        outcomes = publisher.publish(messages, _PUBLISH_SECONDS)
    if not all(outcome.confirmed for outcome in outcomes):
        raise BrokerUnreachable("The broker did not take all of them; they are still dead letters.")


def _check_agency(hub: Hub, agency: str) -> None:
    if hub.directory.find(agency) is None:
        raise ConfigurationError(f"Unknown agency. {suggestion(agency, hub.directory.agencies)}")
