"""Ledger entries about deliveries: made, released, received, dead, overdue or voided."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from consent.decision import Decision
from consent.question import Question
from consent.reasons import Reason
from hub.journey.entries.base import (
    ActReason,
    ChildId,
    CountKind,
    DeliveryId,
    EntryBody,
    EventRef,
    FoundBy,
    Recipient,
    StaffRef,
)
from hub.journey.entries.decisions import Considered, DecisionBasis
from hub.journey.entries.events import Resolution
from hub.journey.receipts import ReceiptOutcome
from schemas.sections import Category


class VoidCause(StrEnum):
    """What happened to the child of a delivery that can no longer be released."""

    MERGED = "merged"
    SPLIT = "split"
    ERASED = "erased"


class DeliveryEntry(EntryBody):
    """What every entry about one delivery has: the delivery and its recipient."""

    delivery: DeliveryId
    recipient: Recipient


class MadeDeliveryEntry(DeliveryEntry):
    """What an entry about a delivery that the hub made has besides: its event and child."""

    found_by: ClassVar[FoundBy] = FoundBy(child="child", event="event", agency="recipient")

    event: EventRef
    child: ChildId


class DeliveryMadeEntry(MadeDeliveryEntry):
    """A delivery was sealed for a recipient."""

    kind: ClassVar[str] = "delivery-made"

    commitment: Annotated[
        str,
        Field(
            pattern="^[0-9a-f]{64}$",
            description="the salted commitment to exactly what was sealed, in hexadecimal",
        ),
    ]

    def sentence(self) -> str:
        """Describe the delivery."""
        return f"Delivery {self.delivery} was made for {self.recipient}."


class DeliveryVoidedEntry(MadeDeliveryEntry):
    """A delivery can no longer be released: its child was merged, split or erased."""

    kind: ClassVar[str] = "delivery-voided"

    cause: Annotated[VoidCause, Field(description="what happened to the child")]
    releases: Annotated[int, Field(description="how often its keys had been released")]

    def sentence(self) -> str:
        """Describe the delivery and why it is void."""
        what = f"Delivery {self.delivery} for {self.recipient}"
        return f"{what} was voided: its child was {self.cause.value}."


class ReleaseEntry(MadeDeliveryEntry):
    """A recipient asked for a delivery's keys, and it was decided again: the disclosure.

    A notice that a record is wrong rests on no decision; its entry has no question.
    """

    kind: ClassVar[str] = "release"

    released: Annotated[
        tuple[Category, ...], Field(description="the sections whose keys were given")
    ]
    withheld: Annotated[
        dict[Category, tuple[Reason, ...]],
        Field(description="the other sections, each with the reasons"),
    ]
    anything: Annotated[bool, Field(description="whether any key was given")]
    repeat: Annotated[int, Field(description="how often keys had been given before")]
    existence: Annotated[
        tuple[Category, ...], Field(description="sections of which only the existence is disclosed")
    ] = ()
    question: Annotated[Question | None, Field(description="as in a decision")] = None
    decision: Annotated[Decision | None, Field(description="as in a decision")] = None
    considered: Considered = ()

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.question is None) is not (self.decision is None):
            raise ValueError("a question has a decision")
        return self

    @property
    def basis(self) -> DecisionBasis | None:
        """The decision and what it was made of; None for a notice."""
        if self.question is None or self.decision is None:
            return None
        return DecisionBasis(self.question, self.decision, self.considered)

    def sentence(self) -> str:
        """Describe what was released and, by section, why the rest was not."""
        what = f"the keys of delivery {self.delivery}"
        names = ", ".join(part.value for part in self.released) or "that it exists"
        first = (
            f"{self.recipient} was given {what}: {names}."
            if self.anything
            else f"{self.recipient} was refused {what}: none of it may be disclosed now."
        )
        against = (
            f"{part.value}: {' '.join(reason.sentence for reason in why)}"
            for part, why in self.withheld.items()
        )
        return " ".join([first, *against])

    def daily_counts(self) -> Iterator[tuple[str, CountKind]]:
        """Count the first disclosure of a delivery, and every refusal of its keys."""
        if not self.anything:
            yield self.recipient, CountKind.WITHHELD
        elif self.repeat == 0:
            yield self.recipient, CountKind.TOLD


class ReceiptEntry(MadeDeliveryEntry):
    """A recipient's adapter handed a delivery over to its system, or could not."""

    kind: ClassVar[str] = "receipt"

    outcome: Annotated[ReceiptOutcome, Field(description="delivered or failed")]
    code: Annotated[str, Field(description="why it failed; empty if delivered")]

    def sentence(self) -> str:
        """Describe the outcome."""
        if self.outcome is ReceiptOutcome.DELIVERED:
            return f"{self.recipient} has delivery {self.delivery}."
        return f"Delivery {self.delivery} could not be handed to {self.recipient}: {self.code}."

    def daily_counts(self) -> Iterator[tuple[str, CountKind]]:
        """Count a failure for the recipient."""
        if self.outcome is ReceiptOutcome.FAILED:
            yield self.recipient, CountKind.FAILED


class DeadLetterClosedEntry(DeliveryEntry):
    """A person had a dead letter delivered again or discarded."""

    kind: ClassVar[str] = "dead-letter-closed"
    found_by: ClassVar[FoundBy] = FoundBy(child="child", event="event", agency="recipient")

    event: Annotated[str | None, Field(description="its event; null if the hub did not make it")]
    child: Annotated[str | None, Field(description="its child; null if the hub did not make it")]
    state: Annotated[Resolution, Field(description="retried or discarded")]
    by: StaffRef
    reason: ActReason

    def sentence(self) -> str:
        """Describe who closed it, how, and why."""
        what = f"the dead letter {self.delivery} of {self.recipient}"
        return f"{self.by} {self.state.value} {what}. Reason: {self.reason}."


class ReceiptOverdueEntry(MadeDeliveryEntry):
    """A delivery on the bus has had no receipt in time; recorded once for each."""

    kind: ClassVar[str] = "receipt-overdue"

    def sentence(self) -> str:
        """Describe what is missing."""
        return f"{self.recipient} has sent no receipt for delivery {self.delivery}."


class KeyRequestRefusedEntry(EntryBody):
    """A request for keys was refused: forged, malformed, or for a delivery it may not have."""

    kind: ClassVar[str] = "key-request-refused"
    found_by: ClassVar[FoundBy] = FoundBy(agency="agency")

    agency: Annotated[str, Field(description="who asked; empty if not a registered agency")]
    code: Annotated[str, Field(description="why it was refused")]
    delivery: Annotated[str | None, Field(description="the delivery it names, if it names one")]

    def sentence(self) -> str:
        """Describe who asked for what, and why it was refused."""
        agency = self.agency or "an account that is no registered agency"
        about = f" about delivery {self.delivery}" if self.delivery else ""
        return f"A request for keys by {agency}{about} was refused: {self.code}."
