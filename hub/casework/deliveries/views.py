"""View models of deliveries: what became of each, and dead letters; names of fields, no content."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from hub.foundation.view_model import ViewModel
from hub.journey.deliveries import DeliveryCard
from hub.journey.release import Contents


class DeliveryView(ViewModel):
    """One delivery and what became of it."""

    id: str
    recipient: str
    type: Annotated[str, Field(description="The event's type")]
    state: str
    code: Annotated[str, Field(description="Why it failed; empty where it did not")]
    releases: Annotated[int, Field(description="How often its keys were released")]
    made_at: str
    published_at: str
    receipt_at: str


class DeliveryDetail(DeliveryView):
    """One delivery with the names of what was sealed into it."""

    event: Annotated[str, Field(description="The hub's own reference for the event")]
    child: Annotated[str, Field(description="The hub's own id of the child")]
    sections: Annotated[
        dict[str, tuple[str, ...]], Field(description="Names of fields, by category")
    ]
    existence: Annotated[
        tuple[str, ...], Field(description="Categories of which only the existence is shared")
    ]


class DeadLetterView(ViewModel):
    """One dead letter; what the hub does not know of it is empty."""

    id: str
    recipient: str
    type: str = ""
    state: str = ""
    code: str = ""
    releases: int = 0
    made_at: str = ""
    published_at: str = ""
    receipt_at: str = ""
    size: Annotated[int, Field(description="In bytes, sealed")]


def delivery_view(card: DeliveryCard) -> DeliveryView:
    """Return a delivery as a list shows it."""
    return DeliveryView(
        id=card.id,
        recipient=card.recipient,
        type=card.type,
        state=card.state,
        code=card.code,
        releases=card.releases,
        made_at=card.made_at,
        published_at=card.published_at,
        receipt_at=card.receipt_at,
    )


def delivery_detail(card: DeliveryCard) -> DeliveryDetail:
    """Return a delivery with the names of what was sealed into it."""
    sealed = Contents.model_validate_json(card.contents)
    return DeliveryDetail(
        **dict(delivery_view(card)),
        event=card.event,
        child=card.child,
        sections={category.value: fields for category, fields in sealed.sections.items()},
        existence=tuple(category.value for category in sealed.existence),
    )


def dead_letter_view(
    identifier: str, recipient: str, size: int, card: DeliveryCard | None
) -> DeadLetterView:
    """Return a dead letter; ``card`` is None for a message that is no delivery of the hub's."""
    if card is None:
        return DeadLetterView(id=identifier, recipient=recipient, size=size)
    known = dict(delivery_view(card)) | {"id": identifier, "size": size}
    return DeadLetterView(**known)
