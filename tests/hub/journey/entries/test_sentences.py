"""What the sentence of an entry tells people: who, what, the outcome and the reason."""

from __future__ import annotations

import pytest

from consent.reasons import Reason
from hub.journey.entries import EntryBody
from hub.journey.entries.access import AccountChange, AccountChangedEntry, DataAccessedEntry
from hub.journey.entries.decisions import DecisionEntry
from hub.journey.entries.deliveries import KeyRequestRefusedEntry, ReceiptEntry, ReleaseEntry
from hub.journey.entries.events import EventReceivedEntry
from hub.journey.receipts import ReceiptOutcome
from schemas.event import RecordStatus
from schemas.sections import Category
from tests.entry_samples import CONTACT, decided, sample


@pytest.mark.parametrize(
    ("body", "facts"),
    [
        (sample(EventReceivedEntry), ["clinic", "health.discharge.v1", "c-1", "new to the hub"]),
        (
            sample(EventReceivedEntry, status=RecordStatus.RETRACTED, override=True),
            ["(retracted)", "override"],
        ),
        (
            sample(DecisionEntry),
            ["school", "health (start)", "a sen record", Reason.CONSENT_REFUSED.sentence],
        ),
        (
            sample(DecisionEntry, decision=decided(CONTACT), permitted=False, notice=True),
            ["receives nothing", "the record it holds is wrong"],
        ),
        (sample(ReleaseEntry), ["given", "v-1", "health", Reason.CONSENT_REFUSED.sentence]),
        (sample(ReleaseEntry, released=(), withheld={}), ["given", "that it exists"]),
        (
            sample(
                ReleaseEntry,
                anything=False,
                released=(),
                withheld={Category.HEALTH: (Reason.CONSENT_WITHDRAWN,)},
            ),
            ["refused", "v-1", f"health: {Reason.CONSENT_WITHDRAWN.sentence}"],
        ),
        (sample(ReceiptEntry), ["v-1", "could not be handed", "channel-refused"]),
        (sample(ReceiptEntry, outcome=ReceiptOutcome.DELIVERED, code=""), ["school has", "v-1"]),
        (
            sample(KeyRequestRefusedEntry, agency="", delivery=None),
            ["no registered agency", "unknown-delivery"],
        ),
        (sample(DataAccessedEntry), ["jmalik", "the child's page", "c-1", "CASE-9"]),
        *((sample(AccountChangedEntry, act=act), ["root", "jmalik"]) for act in AccountChange),
    ],
)
def test_a_sentence_tells_the_facts(body: EntryBody, facts: list[str]) -> None:
    """Every fact is in it; how it is worded is not tested."""
    words = body.sentence()
    assert [fact for fact in facts if fact not in words] == []
