"""Minimising: the view holds what the decision shares, and nothing beside it."""

from __future__ import annotations

import datetime as dt

from consent.decision import Decision, RuleFinding, SectionDecision, Sharing
from consent.minimise import minimise
from consent.reasons import Reason
from schemas.event import Event, RecordStatus, View, make_event, view_envelope
from schemas.events.health import ReportAvailable
from schemas.identifiers import nhs_number
from schemas.people import Identity
from schemas.sections import Category
from schemas.sharing import Purpose

NOW = dt.datetime(2026, 3, 2, 9, 30, tzinfo=dt.UTC)
EVENT = make_event(
    "health.report-available.v1",
    "trust-paeds",
    NOW,
    [
        Identity(nhs_number=nhs_number("9990548609"), family_name="Ash", given_name="Robin"),
        ReportAvailable(report_id="r-77", author="Dr Elm", issued_on=dt.date(2026, 2, 27)),
    ],
    seed="minimise",
    record="trust-record-77",
    status=RecordStatus.CORRECTED,
    correlation="thread-9",
)


def section(
    category: Category, sharing: Sharing, *fields: str, reason: Reason = Reason.CONSENT_GIVEN
) -> SectionDecision:
    """Make one section's outcome."""
    return SectionDecision(
        category=category,
        sharing=sharing,
        fields=dict.fromkeys(fields, ("a@1/r",)),
        findings=(
            RuleFinding(reason=reason, purpose=Purpose.EHC_PLAN),
            RuleFinding(reason=Reason.NO_CONSENT, purpose=Purpose.DIRECT_CARE),
        ),
    )


IDENTITY = section(Category.IDENTITY, Sharing.CONTENT, "family_name")
HEALTH = section(Category.HEALTH, Sharing.CONTENT, "report_id")


def view_of(*sections: SectionDecision, event: Event = EVENT) -> View:
    """Minimise to a view that must be there."""
    decision = Decision(recipient="oak-school", sections=sections, decided_at=NOW)
    view = minimise(event, decision, delivery_id="d-1", child="p-1", record="rec-1")
    assert view is not None
    return view


def test_granted_fields_stay_and_others_go() -> None:
    """Each section keeps what was granted with its value."""
    view = view_of(IDENTITY, HEALTH)
    assert view.identity == Identity(family_name="Ash")
    assert view.section(ReportAvailable) == ReportAvailable(report_id="r-77")


def test_nothing_permitted_is_no_view() -> None:
    """A recipient of nothing learns nothing."""
    withheld = section(Category.HEALTH, Sharing.WITHHELD, reason=Reason.NO_CONSENT)
    decision = Decision(recipient="oak-school", sections=(withheld,), decided_at=NOW)
    assert minimise(EVENT, decision, delivery_id="d", child="p", record=None) is None


def test_existence_names_the_category_and_no_more() -> None:
    """Where only existence is shared, the section and the record's number stay behind."""
    view = view_of(section(Category.HEALTH, Sharing.EXISTENCE))
    assert view.existence == (Category.HEALTH,)
    assert not view.sections
    assert view.record is None


def test_content_that_is_no_longer_there_becomes_existence() -> None:
    """A section the event has lost is not made up."""
    view = view_of(section(Category.FAMILY, Sharing.CONTENT, "people"), HEALTH)
    assert view.existence == (Category.FAMILY,)


def test_only_purposes_that_permitted_are_told() -> None:
    """A purpose that was refused is not mentioned."""
    assert view_of(HEALTH).purposes == {Category.HEALTH: ("ehc-plan",)}


def test_a_view_names_child_and_record_by_the_recipient_s_own_pseudonyms() -> None:
    """The source's numbers are identifiers and do not travel beside the fields."""
    view = view_of(IDENTITY, HEALTH)
    assert (view.child, view.record, view.delivery_id) == ("p-1", "rec-1", "d-1")
    assert view.status is RecordStatus.CORRECTED


def test_nothing_withheld_stands_in_the_delivered_bytes() -> None:
    """Neither values nor the source's event id, record or thread are in what is sent."""
    sent = view_envelope(view_of(IDENTITY, HEALTH)).to_json().decode()
    for secret in ("9990548609", "Robin", "Elm", "trust-record-77", "thread-9", EVENT.id):
        assert secret not in sent
