"""The copy does not reveal that anything is withheld: two worlds give the same copy."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hub.casework.subject_access.render import note_html, note_json, report_html, report_json
from hub.casework.subject_access.report import SubjectAccess
from hub.casework.subject_access.withheld_fields import WithholdReason
from tests.events import absent, appointed, recorded
from tests.hub.hubs import take
from tests.hub.subject_worlds import (
    CANARIES,
    CHILD,
    copy_of,
    guarded,
    homeless,
    hub_of,
    open_events,
    page,
    plain,
    play,
    secret_events,
)


@pytest.fixture
def with_secrets(tmp_path: Path) -> SubjectAccess:
    """A world with a case under an override, child protection and a court's restriction."""
    hub = hub_of(tmp_path / "with")
    first, *rest = open_events()
    play(hub, [first, *secret_events(), *rest])
    return copy_of(hub, first)


@pytest.fixture
def without(tmp_path: Path) -> SubjectAccess:
    """The same world without them, in which social care subscribes to nothing."""
    hub = hub_of(tmp_path / "without", care=())
    first, *rest = open_events()
    play(hub, [first, *rest])
    return copy_of(hub, first)


def test_the_copies_of_both_worlds_are_equal(
    with_secrets: SubjectAccess, without: SubjectAccess
) -> None:
    """But for dates: same entries, same order, same lines."""
    assert with_secrets.withheld
    assert plain(with_secrets) == plain(without)


def test_the_pages_of_both_worlds_are_equal(
    with_secrets: SubjectAccess, without: SubjectAccess
) -> None:
    """What a parent reads is the same text."""
    assert page(with_secrets) == page(without)


def test_nothing_withheld_is_in_the_copy(with_secrets: SubjectAccess) -> None:
    """No canary appears in either form of the copy."""
    text = report_html(with_secrets) + json.dumps(report_json(with_secrets))
    assert [one for one in CANARIES if one in text] == []


def test_no_word_about_withholding_is_in_the_copy(with_secrets: SubjectAccess) -> None:
    """No internal id, code or word of safeguarding."""
    text = report_html(with_secrets) + json.dumps(report_json(with_secrets))
    words = ("safeguarding", "override", "held back", "restriction", "court", "social care")
    assert [one for one in words if one in text.lower()] == []
    assert with_secrets.child not in text


def test_the_officer_sees_all_of_it(with_secrets: SubjectAccess) -> None:
    """Every kind of withheld item, with the law and its content."""
    note = note_html(with_secrets) + json.dumps(note_json(with_secrets))
    assert {
        WithholdReason.OVERRIDE,
        WithholdReason.SAFEGUARDING,
        WithholdReason.RESTRICTION,
        WithholdReason.INVOLVEMENT,
    } <= {one.why for one in with_secrets.withheld}
    assert "Schedule 3 paragraph 21" in note
    assert [one for one in CANARIES[4:] if one not in note] == []


def test_where_a_guarded_child_lives_is_nowhere_in_the_copy(tmp_path: Path) -> None:
    """The copy is as if the hub had never received an address."""
    copies = []
    for name, first in (("guarded", guarded()), ("homeless", homeless())):
        hub = hub_of(tmp_path / name)
        play(hub, [first, *open_events()[1:3], absent(CHILD, seed="after")])
        copies.append(copy_of(hub, first))
    assert plain(copies[0]) == plain(copies[1])
    assert [one for one in CANARIES if one in report_html(copies[0])] == []
    assert WithholdReason.WHEREABOUTS in {one.why for one in copies[0].withheld}
    assert "Canary Mews" in note_html(copies[0])


def test_a_later_guard_removes_an_address_sent_before_from_the_copy(
    tmp_path: Path,
) -> None:
    """The council received the address; the copy names neither address nor field."""
    hub = hub_of(tmp_path)
    first, *rest = open_events()
    play(hub, [first, *rest, guarded()])
    text = report_html(copy_of(hub, first))
    assert "Low Lane" not in text
    assert "Address" not in text


def test_a_sharing_that_a_restriction_stopped_leaves_no_line(tmp_path: Path) -> None:
    """The appointment is there; the refusal to the school and its reason are not."""
    hub = hub_of(tmp_path)
    first, *rest = open_events()
    mark = {"restriction": "sensitive", "authority": "professional"}
    stop = recorded(CHILD, "R1", "restriction", "council", **mark)
    play(hub, [first, *rest[:2]])
    take(hub, stop)
    play(hub, [appointed(CHILD)])
    found = copy_of(hub, first)
    (event,) = [one for one in found.report.events if "appointment" in one.title]
    assert "Oak School" not in {made.agency for made in event.decisions}
    assert "sensitive" not in report_html(found)


def test_a_child_known_only_from_what_is_withheld_has_an_empty_copy(tmp_path: Path) -> None:
    """The copy shows no identity, and is the same as any empty one."""
    hub = hub_of(tmp_path)
    case = secret_events()[0]
    play(hub, [case])
    report = copy_of(hub, case).report
    assert [report.identifiers, report.particulars, report.agencies, report.events] == [()] * 4


def test_what_the_officer_discloses_is_in_the_copy(tmp_path: Path) -> None:
    """By the ids of the note: the event, then the decisions that rest on the same."""
    hub = hub_of(tmp_path)
    case = secret_events()[0]
    play(hub, [open_events()[0], case])
    first = copy_of(hub, case)
    (item,) = [one.id for one in first.withheld if one.kind == "Event"]
    found = copy_of(hub, case, disclosed=(item,))
    assert "A case with children's social care has been opened" in {
        one.title for one in found.report.events
    }
