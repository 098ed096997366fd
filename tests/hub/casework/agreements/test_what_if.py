"""What a proposed agreement would have changed in the last decisions, on a real store."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from sqlalchemy import text

from consent.agreement import Agreement
from consent.decision import Decision, SectionDecision, Sharing
from hub.casework.agreements import publishing
from hub.casework.agreements.what_if import what_if
from hub.intake.hub import Hub
from hub.journey.comparison import VisibilityChange, compare
from schemas.sections import Category
from tests.configuration import agreement
from tests.events import (
    APPOINTMENT,
    Child,
    absent,
    appointed,
    case_opened,
    recorded,
    registered,
    withdrawn,
)
from tests.hub.hubs import ledger, make_hub, take

ANNA, BEN = Child(1), Child(2)
NOW = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


@pytest.fixture
def hub(tmp_path: Path) -> Hub:
    """A hub on a store of its own."""
    return make_hub(tmp_path)


@pytest.fixture
def past(hub: Hub) -> Hub:
    """Two children's appointments: Anna's mother consented and withdrew, Ben's said nothing."""
    take(hub, registered(ANNA), registered(BEN), recorded(ANNA, "D1"), case_opened(ANNA))
    take(hub, appointed(ANNA, "A1"), appointed(BEN, "B1"), absent(ANNA))
    take(hub, withdrawn(ANNA, "D1"), appointed(ANNA, "A2"))
    return hub


def proposed(rule: str, **changes: object) -> Agreement:
    """The tests' agreement in version 2, with one rule changed."""
    paper = agreement()
    rules = tuple(r.model_copy(update=changes) if r.id == rule else r for r in paper.rules)
    return paper.model_copy(update={"version": 2, "rules": rules})


def without(rule: str) -> Agreement:
    """The tests' agreement in version 2, without one rule."""
    paper = agreement()
    rules = tuple(one for one in paper.rules if one.id != rule)
    return paper.model_copy(update={"version": 2, "rules": rules})


def section(sharing: Sharing, *fields: str) -> Decision:
    """A decision about one section."""
    named = dict.fromkeys(fields, ("a@1/r",))
    part = SectionDecision(category=Category.HEALTH, sharing=sharing, fields=named)
    return Decision(recipient="school", sections=(part,), decided_at=NOW)


# -- comparing


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        (section(Sharing.CONTENT, "a"), section(Sharing.CONTENT, "a"), {}),
        (
            section(Sharing.CONTENT, "a", "b"),
            section(Sharing.CONTENT, "b", "c"),
            {"gained": ("c",), "lost": ("a",)},
        ),
        (section(Sharing.WITHHELD), section(Sharing.EXISTENCE), {"exists": True}),
        (section(Sharing.EXISTENCE), section(Sharing.WITHHELD), {"vanishes": True}),
        (section(Sharing.CONTENT, "a"), section(Sharing.EXISTENCE), {"lost": ("a",)}),
        (section(Sharing.EXISTENCE), section(Sharing.CONTENT, "a"), {"gained": ("a",)}),
    ],
)
def test_fields_and_existence_are_told_apart(
    before: Decision, after: Decision, change: dict[str, object]
) -> None:
    """Content is fields; existence is only that there is a record."""
    expected = (VisibilityChange(category=Category.HEALTH, **change),) if change else ()  # type: ignore[arg-type]
    assert compare(before, after) == expected


# -- what if


def test_the_agreement_of_then_changes_nothing(past: Hub) -> None:
    """Every decision is made again, and none would be another."""
    found = what_if(past, agreement())
    assert found.decisions == len(ledger(past, "decision"))
    assert (found.changed, found.groups, found.differing, found.replaces) == (0, (), 0, 1)


def test_a_field_more_is_newly_seen_where_consent_stood(past: Hub) -> None:
    """Only in the decision in which there was a consent: the directives are those of then."""
    fields = {Category.IDENTITY: ("upn",), Category.HEALTH: ("status", "start", "location")}
    found = what_if(past, proposed("appointments", fields=fields))
    groups = {group.category: group for group in found.groups}
    assert set(groups) == {Category.HEALTH, Category.IDENTITY}
    health = groups[Category.HEALTH]
    assert (health.source, health.recipient, health.type) == ("clinic", "school", APPOINTMENT)
    assert (health.gained, health.lost) == (("location",), ())
    assert (health.decisions, health.children, len(health.examples)) == (1, 1, 1)
    assert groups[Category.IDENTITY].lost == ("birth_date", "family_name", "given_name")
    assert (found.changed, found.begins, found.ends) == (1, 0, 0)


def test_another_basis_newly_makes_deliveries(past: Hub) -> None:
    """What was withheld for want of consent would have gone, about both children."""
    basis = next(rule.basis for rule in agreement().rules if rule.id == "attendance")
    found = what_if(past, proposed("appointments", basis=basis))
    health = next(group for group in found.groups if group.category is Category.HEALTH)
    assert (health.decisions, health.children, health.begins) == (2, 2, 2)
    assert (found.begins, found.children) == (2, 2)


def test_a_rule_less_ends_deliveries(past: Hub) -> None:
    """And what was seen is no longer seen."""
    found = what_if(past, without("attendance"))
    education = next(group for group in found.groups if group.category is Category.EDUCATION)
    assert education.lost == ("sessions_attended", "sessions_possible")
    assert (education.ends, found.ends) == (1, 1)


def test_existence_is_told_apart(past: Hub) -> None:
    """A rule that shares only that there is a record, whatever anybody said."""
    changes = {
        "fields": {Category.IDENTITY: ("upn",)},
        "existence": (Category.HEALTH,),
        "basis": next(rule.basis for rule in agreement().rules if rule.id == "attendance"),
    }
    found = what_if(past, proposed("appointments", **changes))
    health = next(group for group in found.groups if group.category is Category.HEALTH)
    assert (health.lost, health.decisions, health.exists) == (("start", "status"), 3, 2)


def test_a_proposal_with_an_id_of_its_own_stands_beside_the_others(past: Hub) -> None:
    """Nobody loses anything by it."""
    fields = {Category.EDUCATION: ("note",)}
    other = proposed("attendance", fields=fields).model_copy(update={"id": "another", "version": 1})
    found = what_if(past, other)
    assert found.replaces is None
    assert [(g.gained, g.lost) for g in found.groups] == [(("note",), ())]


def test_its_own_dates_do_not_matter(past: Hub) -> None:
    """A draft that begins next year is taken as in force then."""
    later = {"valid_from": dt.datetime(2090, 1, 1, tzinfo=dt.UTC)}
    found = what_if(past, without("attendance").model_copy(update=later))
    assert found.ends == 1
    assert any("not in force before" in text for text in found.warnings)


def test_only_the_last_decisions_are_made_again(past: Hub) -> None:
    """The newest, by their place in the ledger."""
    found = what_if(past, without("attendance"), last=3)
    assert (found.decisions, found.changed) == (3, 0)
    assert found.first is not None
    assert found.first > what_if(past, agreement()).first


def test_an_empty_ledger_is_no_fault(hub: Hub) -> None:
    """Nothing was decided yet."""
    found = what_if(hub, agreement())
    assert (found.decisions, found.first, found.groups) == (0, None, ())
    assert len(found.untouched) == len(agreement().rules)


def test_rules_that_no_decision_touched_are_named(past: Hub) -> None:
    """Those that spoke are not among them, though one withheld."""
    names = {*what_if(past, agreement()).untouched}
    assert {"discharge", "diagnosis-exists", "advice", "plan-safeguarding"} == names


def test_nothing_is_changed_or_recorded(past: Hub) -> None:
    """The ledger is as long as it was, and the agreement is not published."""
    with past.reading() as work:
        before = work.ledger.size()
    what_if(past, without("attendance"))
    with past.reading() as work:
        assert work.ledger.size() == before
        assert [one.version for one in work.rules.agreements] == [1]


def test_a_version_that_is_taken_is_warned_of(past: Hub) -> None:
    """As publishing it would be refused."""
    changed = without("attendance").model_copy(update={"version": 1})
    warned = what_if(past, changed).warnings
    assert "version 1 is published already: publish this as version 2" in warned
    assert not any("published already" in text for text in what_if(past, agreement()).warnings)


def test_what_the_settings_never_ask_about_is_warned_of(past: Hub) -> None:
    """The school receives no education events: past decisions cannot show what it would see."""
    found = what_if(past, proposed("attendance", sources=("school",), recipients=("porter",)))
    assert any("is never sent to porter" in text for text in found.warnings)


def test_an_earlier_version_counts_for_decisions_of_its_time(past: Hub) -> None:
    """What counted then is what is compared with, not what counts now."""
    publishing.publish(past, [without("attendance")], by="test")
    take(past, absent(ANNA, attended=40))
    third = without("attendance").model_copy(update={"version": 3})
    found = what_if(past, third)
    assert (found.ends, found.differing, found.replaces) == (1, 0, 2)


def test_a_decision_that_does_not_come_out_as_logged_is_counted(past: Hub) -> None:
    """Then a replay comes first."""
    with past.engine.begin() as connection:
        connection.execute(text("DROP TRIGGER ledger_no_update"))
        connection.execute(
            text(
                "UPDATE ledger SET entry = CAST(replace(CAST(entry AS TEXT), 'consent-withdrawn', "
                "'no-consent') AS BLOB) WHERE kind = 'decision'"
            )
        )
    assert what_if(past, agreement()).differing == 1
