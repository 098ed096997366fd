"""What decisions and releases leave in the index, row by row."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from consent.decision import RuleFinding, SectionDecision, Sharing
from consent.reasons import Reason
from hub.evidence.disclosure_search import search
from hub.intake.hub import Hub
from hub.journey.disclosure_index import FACETS, IndexRow, facets_of, index_rows_of, pattern_of
from hub.journey.entries import MODELS, EntryBody
from hub.journey.entries.decisions import DecisionEntry
from hub.journey.entries.deliveries import ReleaseEntry
from hub.journey.index_query import Query
from schemas.event import RecordStatus
from schemas.sections import Category
from tests.entry_samples import HEALTH, NOW, SAMPLES, SEN, decided, sample
from tests.events import Child, appointed, recorded, registered, withdrawn
from tests.hub.hubs import ask, delivery_of, ledger, make_hub, take

ANNA = Child(1)
CARE = SectionDecision(
    category=Category.CARE,
    sharing=Sharing.WITHHELD,
    findings=(RuleFinding(reason=Reason.CONSENT_WITHDRAWN, rule="a@1/three", directives=("d-3",)),),
)


def found(body: EntryBody) -> list[tuple[str, ...]]:
    """What an entry's rows say of category, sharing, reason, rule and directive."""
    return [
        (row.category, row.sharing, row.reason, row.rule or "", row.directive or "")
        for row in index_rows_of(7, body, NOW)
    ]


def released(**changes: Any) -> list[tuple[str, ...]]:  # noqa: ANN401  any member
    """What a release's rows say."""
    whole = {"decision": decided(HEALTH, SEN), "withheld": {}, "existence": ()}
    return found(sample(ReleaseEntry, **(whole | changes)))


def test_a_decision_has_a_row_for_each_reason_and_directive() -> None:
    """The fields' own reasons come last, but for the plainest."""
    assert found(sample(DecisionEntry, decision=decided(HEALTH))) == [
        ("health", "content", "no-consent", "a@1/one", ""),
        ("health", "content", "consent-given", "a@1/two", "d-1"),
        ("health", "content", "consent-given", "a@1/two", "d-2"),
        ("health", "content", "whereabouts-guarded", "", ""),
    ]


def test_a_notice_is_a_row_of_its_own() -> None:
    """It is about the whole record, and tells only that it is wrong."""
    rows = found(sample(DecisionEntry, decision=decided(SEN), notice=True))
    assert rows[-1] == ("", "existence", "correction-notice", "", "")


def test_a_release_has_what_permitted_each_section_that_was_given() -> None:
    """And not what other rules would have withheld."""
    assert released(released=["health"]) == [
        ("health", "content", "consent-given", "a@1/two", "d-1"),
        ("health", "content", "consent-given", "a@1/two", "d-2"),
    ]


def test_a_release_has_that_there_is_a_record() -> None:
    """Where that was disclosed, and no more: also where more would be permitted by now."""
    rows = released(released=["health"], existence=["sen"])
    assert rows[-1] == ("sen", "existence", "consent-given", "", "")
    assert {row[1] for row in released(released=[], existence=["health"])} == {"existence"}


def test_a_release_has_why_the_rest_was_withheld_and_because_of_what() -> None:
    """The rule and the directives of that reason, or the bare reason."""
    rows = released(
        anything=False, released=[], decision=decided(CARE),
        withheld={"care": ["consent-withdrawn"], "sen": ["no-rule"]},
    )  # fmt: skip
    assert rows == [
        ("care", "withheld", "consent-withdrawn", "a@1/three", "d-3"),
        ("sen", "withheld", "no-rule", "", ""),
    ]


def test_a_release_without_a_question_is_a_notice() -> None:
    """Who holds what is wrong is told so, whatever may be shared now."""
    body = sample(
        ReleaseEntry, released=(), withheld={}, existence=(), question=None, decision=None,
        considered=(),
    )  # fmt: skip
    (row,) = index_rows_of(7, body, NOW)
    assert (row.reason, row.recipient, row.kind) == ("correction-notice", "school", "disclosure")


@pytest.mark.parametrize("kind", sorted(MODELS.keys() - {DecisionEntry.kind, ReleaseEntry.kind}))
def test_other_entries_leave_nothing(kind: str) -> None:
    """Only what was decided and disclosed is looked for."""
    assert found(SAMPLES[kind]) == []


def test_a_pattern_is_numbered_by_its_facets_alone() -> None:
    """Whatever else a row says, and in whatever process: a number that is known."""
    row = found_row()
    other = IndexRow(**asdict(row) | {"position": 8, "child": "child-2", "directive": "d-9"})
    assert pattern_of(facets_of(row)) == pattern_of(facets_of(other)) == 6362484002890345515


@pytest.mark.parametrize("name", FACETS)
def test_another_facet_is_another_pattern(name: str) -> None:
    """Every facet counts."""
    row = found_row()
    other = IndexRow(**asdict(row) | {name: "x"})
    assert pattern_of(facets_of(row)) != pattern_of(facets_of(other))


def found_row() -> IndexRow:
    """A row."""
    body = sample(DecisionEntry, decision=decided(HEALTH), child="child-1")
    return replace(next(index_rows_of(7, body, NOW)), purpose="attendance")


# -- from the hub's own work


@pytest.fixture
def hub(tmp_path: Path) -> Hub:
    """A hub over SQLite."""
    return make_hub(tmp_path)


def test_what_was_disclosed_is_found_with_its_basis_and_consent(hub: Hub) -> None:
    """The keys were given by consent; the decision before them is a row apart."""
    event = appointed(ANNA)
    take(hub, registered(ANNA), recorded(ANNA, "D1"), event)
    assert ask(hub, "school", delivery_of(hub, event, "school")).keys
    query = Query(kind="disclosure", category="health", reason="consent-given")
    (row,) = search(hub, query, 10).rows
    assert (row.recipient, row.sharing, row.basis) == ("school", "content", "6(1)(e) 9(2)(h)")
    assert search(hub, Query(directive=row.directive or "-", kind="disclosure"), 10).rows


def test_what_was_withheld_as_keys_were_asked_for_is_found_by_the_withdrawn_consent(
    hub: Hub,
) -> None:
    """That the withdrawal reached what was queued can be shown by its directive."""
    event = appointed(ANNA)
    take(hub, registered(ANNA), recorded(ANNA, "D1"), event, withdrawn(ANNA, "D1"))
    ask(hub, "school", delivery_of(hub, event, "school"))
    (directive,) = [d["directive"]["id"] for d in ledger(hub, "directive-recorded")]
    query = Query(kind="disclosure", directive=directive, permitted=False)
    assert {row.reason for row in search(hub, query, 10).rows} == {"consent-withdrawn"}


def test_a_notice_is_found_as_told_and_as_disclosed(hub: Hub) -> None:
    """By the code that stands in the index alone."""
    event = appointed(ANNA, record="R1")
    take(hub, registered(ANNA), recorded(ANNA, "D1"), event)
    ask(hub, "school", delivery_of(hub, event, "school"))
    gone = appointed(ANNA, record="R1", status=RecordStatus.RETRACTED)
    take(hub, withdrawn(ANNA, "D1"), gone)
    ask(hub, "school", delivery_of(hub, gone, "school"))
    rows = search(hub, Query(reason="correction-notice"), 10).rows
    assert [row.kind for row in rows] == ["decision", "disclosure"]


def test_a_repeat_is_a_disclosure_of_its_own(hub: Hub) -> None:
    """Asked for twice, given twice, found twice."""
    take(hub, registered(ANNA))
    (made,) = ledger(hub, "delivery-made")
    for _ in range(2):
        ask(hub, made["recipient"], made["delivery"])
    rows = search(hub, Query(kind="disclosure"), 10).rows
    assert {row.recipient for row in rows} == {made["recipient"]}
    assert len({row.position for row in rows}) == 2
