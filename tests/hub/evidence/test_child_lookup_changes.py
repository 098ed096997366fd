"""Children merged, split and erased at the desk, on a real store."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.hub.test_review_desk import mixed, numbers

from hub.casework.children.changes import erase, merge, split
from hub.casework.reviews.closing import accept, listed
from hub.evidence.child_lookup import Sought, find
from hub.intake.hub import Office
from hub.journey.entries import Word
from hub.journey.pipeline import Fate
from schemas.errors import ConfigurationError, NotFound
from schemas.event import Event, parse_event
from schemas.identifiers import System
from tests.happenings import (
    Child,
    appointed,
    case_opened,
    referred,
    registered,
    said,
    withdrawn,
)
from tests.hub.offices import (
    ask,
    delivery_of,
    doubtful_referral,
    ledger,
    make_office,
    own_id,
    ref_of,
    state,
    take,
    verifies,
)

ANNA, BEN = Child(1), Child(2)
WORD = Word("jmalik", "CASE-104")


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """An office on a store of its own."""
    return make_office(tmp_path)


def two(office: Office, *more: Event) -> tuple[str, str]:
    """Anna's id and Ben's, once both are registered and more has happened."""
    first, second = registered(ANNA), registered(BEN)
    take(office, first, second, *more)
    return own_id(office, first), own_id(office, second)


def column(office: Office, statement: str) -> list[object]:
    """One column straight from the store."""
    with office.engine.connect() as connection:
        return list(connection.exec_driver_sql(statement).scalars())


# -- merge


def test_after_a_merge_the_numbers_of_both_are_the_survivors(office: Office) -> None:
    """And their values still open."""
    anna, ben = two(office)
    merge(office, ben, anna, WORD)
    assert numbers(office, anna) == {ANNA.nhs, ANNA.upn, BEN.nhs, BEN.upn}
    assert numbers(office, ben) == set()


def test_after_a_merge_events_for_either_are_the_survivors(office: Office) -> None:
    """By number, and by either id at the desk."""
    anna, ben = two(office)
    merge(office, ben, anna, WORD)
    later = referred(ANNA), referred(BEN)
    take(office, *later)
    assert [own_id(office, event) for event in later] == [anna, anna]
    (found,) = find(office, Sought(ben), by="jmalik", reason="CASE-104")
    assert found.child == anna


def test_a_merge_of_a_merge_leads_to_the_last_survivor(office: Office) -> None:
    """However many steps there are."""
    anna, ben = two(office)
    third = registered(Child(3))
    take(office, third)
    carl = own_id(office, third)
    merge(office, ben, anna, WORD)
    merge(office, anna, carl, WORD)
    with office.reading() as books:
        assert books.children.known(ben) == carl
        assert books.children.former(carl) == tuple(sorted((anna, ben)))


def test_a_merge_joins_who_takes_part(office: Office) -> None:
    """Whoever took part in the care of either."""
    anna, ben = two(office, case_opened(BEN))
    merge(office, ben, anna, WORD)
    with office.reading() as books:
        assert books.involved(anna) == {"school", "care"}


def test_what_was_said_of_the_losing_child_holds_for_the_survivor(office: Office) -> None:
    """The same words under the same id; only whom they are about is new."""
    anna, ben = two(office, said(BEN, "consent-1"))
    with office.reading() as books:
        (before,) = books.directives(ben)
        detail = books.said.detail(before)
    merge(office, ben, anna, WORD)
    with office.reading() as books:
        (after,) = books.directives(anna)
        assert books.said.detail(after) == detail
    assert after == before.model_copy(update={"child": anna})


def test_a_consent_of_the_losing_child_can_still_be_withdrawn_by_its_number(
    office: Office,
) -> None:
    """Its recorder knows nothing of the merge."""
    anna, ben = two(office, said(BEN, "consent-1"))
    merge(office, ben, anna, WORD)
    (verdict,) = take(office, withdrawn(BEN, "consent-1"))
    assert verdict.fate is Fate.DECIDED
    with office.reading() as books:
        assert [d.withdrawn_at is not None for d in books.directives(anna)] == [True]


def test_a_number_that_means_two_directives_after_a_merge_is_for_a_person(office: Office) -> None:
    """Nothing is guessed about what was said."""
    anna, ben = two(office, said(ANNA, "1"), said(BEN, "1"))
    merge(office, ben, anna, WORD)
    (verdict,) = take(office, withdrawn(BEN, "1"))
    assert verdict.fate is Fate.QUARANTINED


def test_what_was_on_its_way_about_the_losing_child_is_never_released(office: Office) -> None:
    """Published or not; the ledger says why."""
    event = registered(BEN)
    take(office, registered(ANNA), event)
    anna, ben = column(office, "SELECT child FROM children ORDER BY made_at")
    old = delivery_of(office, event, "council")
    office.published([old])
    merge(office, str(ben), str(anna), WORD)
    assert ask(office, "council", old).code == "withheld"
    (voided,) = [body for body in ledger(office, "delivery") if "voided" in body]
    assert (voided["delivery"], voided["voided"]) == (old, "merged")


def test_what_was_voided_by_a_merge_is_decided_and_made_anew(office: Office) -> None:
    """Under another id, and its keys are given."""
    event = registered(BEN)
    take(office, registered(ANNA), event)
    anna, ben = column(office, "SELECT child FROM children ORDER BY made_at")
    done = merge(office, str(ben), str(anna), WORD)
    assert (done.voided, done.made) == (1, 1)
    (fresh,) = [out for out in office.pending(10) if _event_of(office, out.id) == event.id]
    assert fresh.id != delivery_of(office, event, "council")
    assert ask(office, "council", fresh.id).keys


def _event_of(office: Office, delivery: str) -> str | None:
    with office.reading() as books:
        known = books.deliveries.find(delivery)
        kept = books.inbox.find(known.event) if known else None
    return parse_event(kept.body).id if kept else None


def test_after_a_merge_nothing_is_sealed_under_the_losing_key(office: Office) -> None:
    """It is destroyed, so that erasing the survivor leaves nothing behind."""
    anna, ben = two(office, said(BEN, "consent-1"), referred(BEN))
    merge(office, ben, anna, WORD)
    for statement in (
        "SELECT key FROM events",
        "SELECT key FROM deliveries",
        "SELECT key FROM reviews",
        "SELECT name FROM keys",
    ):
        assert f"child:{ben}" not in column(office, statement)
    with office.reading() as books:
        assert all(books.inbox.find(str(ref)) for ref in column(office, "SELECT ref FROM events"))


def test_a_merge_lets_what_was_held_between_the_two_flow(office: Office) -> None:
    """The numbers no longer conflict."""
    anna, ben = two(office)
    doubtful = mixed(ANNA, BEN)
    take(office, doubtful)
    done = merge(office, ben, anna, WORD)
    assert [e.ref for e in done.events] == [ref_of(office, doubtful)]
    assert listed(office) == []


def test_a_merge_stands_in_the_ledger_with_both_ids(office: Office) -> None:
    """Who, why, and how much went over."""
    anna, ben = two(office)
    merge(office, ben, anna, WORD)
    entry = ledger(office, "identity")[-1]
    assert (entry["merged"], entry["into"], entry["by"]) == (ben, anna, "jmalik")
    assert entry["counts"]["identifiers"] == 2
    assert verifies(office)


def test_a_child_is_not_merged_twice_nor_with_itself(office: Office) -> None:
    """The second time names the survivor."""
    anna, ben = two(office)
    merge(office, ben, anna, WORD)
    for pair in ((ben, anna), (anna, anna)):
        with pytest.raises(ConfigurationError):
            merge(office, *pair, WORD)
    with pytest.raises(NotFound):
        merge(office, "nobody", anna, WORD)


# -- split


def test_a_split_gives_the_named_numbers_to_a_new_child(office: Office) -> None:
    """Events with them are the new child's from now on."""
    anna, _ = two(office)
    done = split(office, anna, [(System.UPN, ANNA.upn)], WORD)
    assert numbers(office, anna) == {ANNA.nhs}
    assert numbers(office, done.child) == {ANNA.upn}
    later = registered(ANNA, record="other")
    (verdict,) = take(office, later)
    assert verdict.fate is Fate.HELD


def test_a_split_voids_what_was_on_its_way(office: Office) -> None:
    """Nobody knows which of the two it was about."""
    first = registered(ANNA)
    take(office, first)
    done = split(office, own_id(office, first), [(System.UPN, ANNA.upn)], WORD)
    assert done.voided == 1
    assert ask(office, "council", delivery_of(office, first, "council")).code == "withheld"
    assert office.pending(10) == []


def test_after_a_split_what_was_said_against_sharing_holds_for_both(office: Office) -> None:
    """A consent stays where it was; a restriction may be either's."""
    anna, _ = two(office, said(ANNA, "c-1"), said(ANNA, "r-1", kind="restriction"))
    done = split(office, anna, [(System.UPN, ANNA.upn)], WORD)
    with office.reading() as books:
        kinds = {c: [d.kind.value for d in books.directives(c)] for c in (anna, done.child)}
    assert sorted(kinds[anna]) == ["consent", "restriction"]
    assert kinds[done.child] == ["restriction"]
    assert done.carried == 1


def test_a_split_leaves_some_numbers_and_takes_only_the_childs_own(office: Office) -> None:
    """Otherwise nothing is changed."""
    anna, _ = two(office)
    with pytest.raises(NotFound):
        split(office, anna, [(System.UPN, BEN.upn)], WORD)
    with pytest.raises(ConfigurationError):
        split(office, anna, [(System.UPN, ANNA.upn), (System.NHS_NUMBER, ANNA.nhs)], WORD)
    assert numbers(office, anna) == {ANNA.nhs, ANNA.upn}


def test_a_split_stands_in_the_ledger_and_the_past_stays(office: Office) -> None:
    """Both ids, who and why, but no number."""
    anna, _ = two(office)
    before = ledger(office, "event-received")
    done = split(office, anna, [(System.UPN, ANNA.upn)], WORD)
    entry = ledger(office, "identity")[-1]
    assert (entry["split"], entry["new"], entry["identifiers"]) == (anna, done.child, 1)
    assert ANNA.upn not in str(entry)
    assert ledger(office, "event-received") == before


# -- erase


def test_an_erased_child_is_found_by_nobody(office: Office) -> None:
    """Neither by number nor by id."""
    anna, _ = two(office)
    erase(office, anna, WORD)
    for sought in (Sought(anna), Sought(ANNA.upn, System.UPN)):
        assert find(office, sought, by="jmalik", reason="CASE-104") == []


def test_after_an_erasure_a_release_answers_erased(office: Office) -> None:
    """Whether the delivery had gone out or not."""
    first = registered(ANNA)
    take(office, first)
    delivery = delivery_of(office, first, "council")
    office.published([delivery])
    erase(office, own_id(office, first), WORD)
    assert ask(office, "council", delivery).code == "erased"
    assert column(office, "SELECT state FROM deliveries") == ["void"]


def test_an_erasure_destroys_the_key_and_all_it_sealed(office: Office) -> None:
    """Of the child's, and of no other's."""
    anna, ben = two(office, said(ANNA, "c-1"), appointed(ANNA))
    erase(office, anna, WORD)
    names = column(office, "SELECT name FROM keys")
    assert f"child:{anna}" not in names
    assert f"child:{ben}" in names
    with office.engine.connect() as connection:
        rows = connection.exec_driver_sql(
            "SELECT e.sealed, d.secret, d.body FROM events e JOIN deliveries d ON d.event = e.ref "
            "WHERE d.child = ?",
            (anna,),
        ).all()
    assert rows
    assert {value for row in rows for value in row} == {None}


def test_nothing_of_an_erased_child_is_in_the_stores_files(office: Office, tmp_path: Path) -> None:
    """Neither name nor number, nor the hash by which the number was found, nor the wrapped key."""
    anna, ben = two(office, said(ANNA, "c-1"))
    with office.reading() as books:
        traces = [blind.encode() for blind in books.belongings.bearing(anna)]
        kept = [blind.encode() for blind in books.belongings.bearing(ben)]
        wrapped = books.shelf.wrapped(f"child:{anna}")
    assert wrapped is not None
    assert erase(office, anna, WORD).cleared
    whole = b"".join(file.read_bytes() for file in tmp_path.glob("hub.sqlite*"))
    for trace in (*traces, wrapped, ANNA.nhs.encode(), ANNA.family_name.encode()):
        assert trace not in whole
    assert all(trace in whole for trace in kept)


def test_after_an_erasure_the_same_numbers_make_a_new_child(office: Office) -> None:
    """Nothing ties it to the one that was erased."""
    anna, _ = two(office)
    erase(office, anna, WORD)
    again = registered(ANNA, record="again")
    take(office, again)
    assert own_id(office, again) != anna


def test_an_erasure_leaves_the_ledger_verifiable_and_stands_in_it(office: Office) -> None:
    """Who and why; the entries about the child are all still there."""
    anna, _ = two(office)
    before = len(ledger(office, "decision"))
    erase(office, anna, WORD)
    (entry,) = ledger(office, "erasure")
    assert (entry["child"], entry["by"], entry["reason"]) == (anna, "jmalik", "CASE-104")
    assert len(ledger(office, "decision")) == before
    assert verifies(office)


def test_erasing_a_survivor_erases_what_was_merged_into_it(office: Office) -> None:
    """Neither id means anybody any more."""
    anna, ben = two(office)
    merge(office, ben, anna, WORD)
    with pytest.raises(ConfigurationError):
        erase(office, ben, WORD)
    erase(office, anna, WORD)
    assert column(office, "SELECT child FROM children") == []
    assert set(column(office, "SELECT sealed FROM events")) == {None}


def test_a_child_is_not_erased_while_a_held_event_may_be_about_it(office: Office) -> None:
    """What is held is sealed under another key, and would stay."""
    first, doubtful = registered(ANNA), doubtful_referral(ANNA)
    take(office, first, doubtful)
    with pytest.raises(ConfigurationError):
        erase(office, own_id(office, first), WORD)
    accept(office, listed(office)[0].id, WORD, child=own_id(office, first))
    erase(office, own_id(office, first), WORD)
    assert state(office, doubtful) == "decided"
    assert set(column(office, "SELECT sealed FROM events")) == {None}
