"""Request the keys of deliveries from the hub, on the agency's side, and wait for the reply."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Self

import structlog

from hub.bus import BrokerUnreachable, BusMessage, Consumer, Publisher
from hub.bus.topology import RELEASE, keys_queue
from hub.sealing.hpke import OpeningKey
from hub.sealing.inbound import seal_inbound
from hub.sealing.reply import DeliveryAnswer, ReleaseRequest, open_reply
from schemas.errors import InputRefused

log = structlog.get_logger()

ANSWER_SECONDS = 10.0
HUB_ACCOUNT = "hub"


class ReleaseClient:
    """Requests keys on the agency's account, one request at a time.

    A request is sealed, so that only the hub knows its number; a reply is accepted only if it
    repeats the number of the open request.
    """

    def __init__(
        self,
        url: str,
        name: str,
        agency: str,
        keys: tuple[Callable[[], bytes], OpeningKey],
        publisher: Publisher,
    ) -> None:
        self._agency = agency
        self._hub_key, self._own_key = keys
        self._publisher = publisher
        self._replies = Consumer(url, f"adapter {name}: keys", keys_queue(agency))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._replies.close()

    def ask(
        self, deliveries: Sequence[str], stop: threading.Event
    ) -> dict[str, DeliveryAnswer] | None:
        """Request the keys of deliveries until the hub replies; None where stopped first.

        Each request has a new number, so that a late reply to an earlier one is not accepted.
        """
        while not stop.is_set():
            request = ReleaseRequest(
                request=uuid.uuid4(), deliveries=tuple(uuid.UUID(d) for d in deliveries)
            )
            try:
                self._send(request)
            except BrokerUnreachable:
                continue
            answers = self._wait(request, stop)
            if answers is not None:
                return {str(answer.delivery): answer for answer in answers}
            log.warning("release.unanswered", agency=self._agency, count=len(deliveries))
        return None

    def _send(self, request: ReleaseRequest) -> None:
        message = BusMessage(
            RELEASE,
            RELEASE,
            seal_inbound(self._hub_key(), self._agency, request.to_json()),
            message_id=str(uuid.uuid4()),
            content_type="application/octet-stream",
        )
        self._publisher.publish([message], ANSWER_SECONDS)

    def _wait(
        self, request: ReleaseRequest, stop: threading.Event
    ) -> tuple[DeliveryAnswer, ...] | None:
        deadline = time.monotonic() + ANSWER_SECONDS
        while time.monotonic() < deadline and not stop.is_set():
            for arrival in self._replies.next_batch(50, 0.2):
                self._replies.ack([arrival])
                if arrival.user_id != HUB_ACCOUNT:
                    log.error("release.forged", agency=self._agency)
                    continue
                try:
                    reply = open_reply(self._own_key, self._agency, arrival.body)
                except InputRefused as error:
                    log.warning("release.unreadable", agency=self._agency, code=error.code)
                    continue
                if reply.request == request.request:
                    return reply.answers
        return None
