"""What the audit API answers with: codes, sentences and opaque ids; names of fields, no content.

Members are only added, and never change their meaning, as codes do (docs/reference/codes.md).
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from consent.agreement import Agreement
from consent.decision import Decision
from hub.journey.daily_counts import What


class ApiModel(BaseModel):
    """The base of every answer: frozen, with nothing in it that is not described."""

    model_config = ConfigDict(frozen=True, extra="forbid", from_attributes=True)


class ApiProblem(ApiModel):
    """What is wrong, as problem details (RFC 9457)."""

    title: Annotated[str, Field(description="The HTTP status in words")]
    status: Annotated[int, Field(description="The HTTP status")]
    code: Annotated[str, Field(description="A code that never changes its meaning")]
    detail: Annotated[str, Field(description="What is wrong and what to do, for a person")]


class FoundRow(ApiModel):
    """One reason about one category of data; an entry has a row for each."""

    position: Annotated[int, Field(description="The entry in the ledger")]
    n: Annotated[int, Field(description="Which of the entry's rows")]
    at: Annotated[str, Field(description="When, in UTC")]
    told: Annotated[str, Field(description="decision, or disclosure: keys were given")]
    child: Annotated[str | None, Field(description="The hub's own id of the child")]
    event: Annotated[str | None, Field(description="The hub's own reference for the event")]
    source: Annotated[str, Field(description="The agency that sent it")]
    recipient: Annotated[str, Field(description="The agency that it was decided about")]
    type: Annotated[str, Field(description="The event's type")]
    category: Annotated[str, Field(description="Category of data; empty for the whole record")]
    sharing: Annotated[str, Field(description="content, existence or withheld")]
    reason: Annotated[str, Field(description="The reason's code; empty where none is recorded")]
    sentence: Annotated[str, Field(description="The reason in a sentence")]
    purpose: Annotated[str | None, Field(description="What the rule shares for")]
    rule: Annotated[str | None, Field(description="agreement@version/rule")]
    basis: Annotated[str | None, Field(description="Articles of the UK GDPR")]
    directive: Annotated[str | None, Field(description="The directive it rests on")]


class DecisionPage(ApiModel):
    """One page of a search, newest first; no entry is split between two pages."""

    rows: tuple[FoundRow, ...]
    before: Annotated[
        int | None, Field(description="Ask for the next page with this; null where this is all")
    ]


class FindingTold(ApiModel):
    """One reason, and what it rests on."""

    reason: str
    sentence: str
    rule: str | None
    purpose: str | None
    basis: Annotated[str | None, Field(description="The lawful basis, each part of it")]
    agreement: Annotated[str | None, Field(description="agreement@version")]
    approved_by: str | None
    approved_on: str | None
    dpia: Annotated[str | None, Field(description="The impact assessment's reference")]
    directives: tuple[str, ...]


class SectionTold(ApiModel):
    """What became of one category: each field with the rules that permit it, or why not."""

    category: str
    sharing: str
    fields: dict[str, tuple[str, ...]]
    refused: dict[str, str]
    findings: tuple[FindingTold, ...]


class StepTold(ApiModel):
    """One thing that happened, in a sentence."""

    at: str
    sentence: str


class DeliveryTold(ApiModel):
    """One delivery and what became of it."""

    delivery: str
    told: tuple[StepTold, ...]


class DecisionTold(ApiModel):
    """What was decided for one recipient."""

    position: int
    at: str
    recipient: str
    permitted: bool
    notice: Annotated[bool, Field(description="Told only that what it holds is wrong")]
    reoffer: Annotated[bool, Field(description="Decided as it was offered again")]
    sentences: tuple[str, ...]
    sections: tuple[SectionTold, ...]
    deliveries: tuple[DeliveryTold, ...]


class EntryTold(ApiModel):
    """One entry of the ledger about the event, in a sentence."""

    position: int
    at: str
    kind: str
    sentence: str


class EventTold(ApiModel):
    """One event's life: its decisions explained, and every entry about it in order."""

    event: str
    type: str
    source: str
    child: Annotated[str, Field(description="Empty for an event that is about nobody yet")]
    at: str
    entry: str
    decisions: tuple[DecisionTold, ...]
    timeline: tuple[EntryTold, ...]


class DifferenceTold(ApiModel):
    """One place where the decision in the ledger and the one made again are not the same."""

    field: str
    logged: JsonValue
    replayed: JsonValue


class AgainTold(ApiModel):
    """A decision made again from what the ledger says was asked, agreed and said at the time."""

    position: int
    at: str
    kind: Annotated[str, Field(description="decision, or release: when keys were asked for")]
    event: str
    child: str
    recipient: str
    verified: Annotated[
        bool, Field(description="It comes out the same, and the ledger's signed head verifies")
    ]
    problem: Annotated[str | None, Field(description="Why the head does not verify")]
    differences: tuple[DifferenceTold, ...]
    logged: Decision | None
    made: Decision | None
    agreements: Annotated[tuple[str, ...], Field(description="agreement@version it looked at")]
    directives: Annotated[tuple[str, ...], Field(description="Directives it considered")]


class HeadTold(ApiModel):
    """The newest signed head of the ledger (C2SP tlog-checkpoint)."""

    origin: str
    size: Annotated[int, Field(description="How many entries")]
    root: Annotated[str, Field(description="The root of the tree, in base64")]
    note: Annotated[str, Field(description="The whole signed note")]


class ProofTold(ApiModel):
    """That an entry is in the ledger of a signed head (RFC 9162); hashes in base64."""

    position: int
    entry: Annotated[
        str | None,
        Field(description="The entry's exact bytes as text; null where the role reads none"),
    ]
    leaf: Annotated[str, Field(description="The hash of the entry")]
    path: Annotated[tuple[str, ...], Field(description="The inclusion proof, the leaf's way first")]
    size: int
    root: str
    checkpoint: Annotated[str, Field(description="The signed note")]
    verified: bool


class FlowTold(ApiModel):
    """How often something happened to an agency on a day in England."""

    day: dt.date
    agency: Annotated[str, Field(description="Empty for an account that is no registered agency")]
    what: What
    count: int


class FlowsTold(ApiModel):
    """The counts of some days, in order; a day without any has no row."""

    first: dt.date
    last: dt.date
    flows: tuple[FlowTold, ...]


class AgreementTold(ApiModel):
    """One agreement in the version that counts now."""

    digest: Annotated[str, Field(description="SHA-256 of its canonical JSON, in hexadecimal")]
    in_force: bool
    agreement: Agreement


class AgreementsTold(ApiModel):
    """All agreements, by their ids."""

    agreements: tuple[AgreementTold, ...]
