"""Ledger entries about directives and agreements: what people with authority laid down."""

from __future__ import annotations

from typing import Annotated, ClassVar, Self

from pydantic import Field, JsonValue, field_serializer

from consent.agreement import Agreement
from consent.directive import Directive
from hub.journey.entries.base import ChildId, EntryBody, FoundBy, StaffRef

RecordedBy = Annotated[
    str, Field(description="the agency whose event recorded it, or the member of staff")
]
RecordingEvent = Annotated[
    str | None, Field(description="the event that recorded it; null if staff did")
]


class DirectiveRecordedEntry(EntryBody):
    """A directive was recorded: a person with authority permitted or restricted sharing."""

    kind: ClassVar[str] = "directive-recorded"
    found_by: ClassVar[FoundBy] = FoundBy(
        child="directive.child", event="event", agency="recorded_by"
    )

    directive: Annotated[
        Directive, Field(description="the directive, with an opaque reference for the person")
    ]
    recorded_by: RecordedBy
    event: RecordingEvent

    @field_serializer("directive")
    def _with_its_defaults(self, directive: Directive) -> dict[str, JsonValue]:
        """Write the directive in full: it is evidence of what a person laid down."""
        return directive.model_dump(mode="json", exclude_none=True)

    def sentence(self) -> str:
        """Describe the directive."""
        one = self.directive
        who = f"{one.decider} ({one.authority.value.replace('-', ' ')})"
        what = f"directive {one.id}: {one.kind.value} by {who} about child {one.child}"
        return f"{self.recorded_by} recorded {what}."


class DirectiveWithdrawnEntry(EntryBody):
    """A directive was withdrawn."""

    kind: ClassVar[str] = "directive-withdrawn"
    found_by: ClassVar[FoundBy] = FoundBy(child="child", event="event", agency="recorded_by")

    withdrawn: Annotated[str, Field(description="the id of the directive")]
    child: ChildId
    recorded_by: RecordedBy
    event: RecordingEvent

    def sentence(self) -> str:
        """Describe which directive was withdrawn."""
        return f"{self.recorded_by} recorded that directive {self.withdrawn} is withdrawn."


class AgreementPublishedEntry(EntryBody):
    """A version of a sharing agreement was published."""

    kind: ClassVar[str] = "agreement-published"

    agreement: Annotated[str, Field(description="the id of the agreement")]
    version: Annotated[int, Field(description="its version")]
    digest: Annotated[str, Field(description="the SHA-256 of its text, in hexadecimal")]
    by: StaffRef

    @classmethod
    def of(cls, agreement: Agreement, *, by: str) -> Self:
        """Return the entry for an agreement."""
        digest = agreement.digest()
        return cls(agreement=agreement.id, version=agreement.version, digest=digest, by=by)

    def sentence(self) -> str:
        """Describe which version was published, and by whom."""
        return f"{self.by} published agreement {self.agreement}@{self.version}."
