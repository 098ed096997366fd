"""Children merged, split and erased at the desk, on a real store."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.casework.children.changes import erase, merge, split
from hub.casework.reviews.closing import accept, listed
from hub.evidence.child_lookup import Sought, find
from hub.intake.hub import Hub
from hub.journey.entries import Attribution
from hub.journey.pipeline import EventFate
from schemas.errors import ConfigurationError, NotFound
from schemas.event import Event, parse_event
from schemas.identifiers import System
from tests.events import (
    Child,
    appointed,
    case_opened,
    recorded,
    referred,
    registered,
    withdrawn,
)
from tests.hub.casework.reviews.test_closing import mixed, numbers
from tests.hub.hubs import (
    ask,
    delivery_of,
    doubtful_referral,
    ledger,
    make_hub,
    own_id,
    ref_of,
    state,
    take,
    verifies,
)

ANNA, BEN = Child(1), Child(2)
WORD = Attribution("jmalik", "CASE-104")


@pytest.fixture
def hub(tmp_path: Path) -> Hub:
    """A hub on a store of its own."""
    return make_hub(tmp_path)


def two(hub: Hub, *more: Event) -> tuple[str, str]:
    """Anna's id and Ben's, once both are registered and more has happened."""
    first, second = registered(ANNA), registered(BEN)
    take(hub, first, second, *more)
    return own_id(hub, first), own_id(hub, second)


def column(hub: Hub, statement: str) -> list[object]:
    """One column straight from the store."""
    with hub.engine.connect() as connection:
        return list(connection.exec_driver_sql(statement).scalars())


# -- merge


def test_after_a_merge_the_numbers_of_both_are_the_survivors(hub: Hub) -> None:
    """And their values still open."""
    anna, ben = two(hub)
    merge(hub, ben, anna, WORD)
    assert numbers(hub, anna) == {ANNA.nhs, ANNA.upn, BEN.nhs, BEN.upn}
    assert numbers(hub, ben) == set()


def test_after_a_merge_events_for_either_are_the_survivors(hub: Hub) -> None:
    """By number, and by either id at the desk."""
    anna, ben = two(hub)
    merge(hub, ben, anna, WORD)
    later = referred(ANNA), referred(BEN)
    take(hub, *later)
    assert [own_id(hub, event) for event in later] == [anna, anna]
    (found,) = find(hub, Sought(ben), by="jmalik", reason="CASE-104")
    assert found.child == anna


def test_a_merge_of_a_merge_leads_to_the_last_survivor(hub: Hub) -> None:
    """However many steps there are."""
    anna, ben = two(hub)
    third = registered(Child(3))
    take(hub, third)
    carl = own_id(hub, third)
    merge(hub, ben, anna, WORD)
    merge(hub, anna, carl, WORD)
    with hub.reading() as work:
        assert work.children.known(ben) == carl
        assert work.children.former(carl) == tuple(sorted((anna, ben)))


def test_a_merge_joins_who_takes_part(hub: Hub) -> None:
    """Whoever took part in the care of either."""
    anna, ben = two(hub, case_opened(BEN))
    merge(hub, ben, anna, WORD)
    with hub.reading() as work:
        assert work.involved(anna) == {"school", "care"}


def test_what_was_said_of_the_losing_child_holds_for_the_survivor(hub: Hub) -> None:
    """The same words under the same id; only whom they are about is new."""
    anna, ben = two(hub, recorded(BEN, "consent-1"))
    with hub.reading() as work:
        (before,) = work.directives_of(ben)
        detail = work.directives.detail(before)
    merge(hub, ben, anna, WORD)
    with hub.reading() as work:
        (after,) = work.directives_of(anna)
        assert work.directives.detail(after) == detail
    assert after == before.model_copy(update={"child": anna})


def test_a_consent_of_the_losing_child_can_still_be_withdrawn_by_its_number(
    hub: Hub,
) -> None:
    """Its recorder knows nothing of the merge."""
    anna, ben = two(hub, recorded(BEN, "consent-1"))
    merge(hub, ben, anna, WORD)
    (verdict,) = take(hub, withdrawn(BEN, "consent-1"))
    assert verdict.fate is EventFate.DECIDED
    with hub.reading() as work:
        assert [d.withdrawn_at is not None for d in work.directives_of(anna)] == [True]


def test_a_number_that_means_two_directives_after_a_merge_is_for_a_person(hub: Hub) -> None:
    """Nothing is guessed about what was said."""
    anna, ben = two(hub, recorded(ANNA, "1"), recorded(BEN, "1"))
    merge(hub, ben, anna, WORD)
    (verdict,) = take(hub, withdrawn(BEN, "1"))
    assert verdict.fate is EventFate.QUARANTINED


def test_what_was_on_its_way_about_the_losing_child_is_never_released(hub: Hub) -> None:
    """Published or not; the ledger says why."""
    event = registered(BEN)
    take(hub, registered(ANNA), event)
    anna, ben = column(hub, "SELECT child FROM children ORDER BY made_at")
    old = delivery_of(hub, event, "council")
    hub.published([old])
    merge(hub, str(ben), str(anna), WORD)
    assert ask(hub, "council", old).code == "withheld"
    (voided,) = ledger(hub, "delivery-voided")
    assert (voided["delivery"], voided["cause"]) == (old, "merged")


def test_what_was_voided_by_a_merge_is_decided_and_made_anew(hub: Hub) -> None:
    """Under another id, and its keys are given."""
    event = registered(BEN)
    take(hub, registered(ANNA), event)
    anna, ben = column(hub, "SELECT child FROM children ORDER BY made_at")
    done = merge(hub, str(ben), str(anna), WORD)
    assert (done.voided, done.made) == (1, 1)
    (fresh,) = [out for out in hub.pending(10) if _event_of(hub, out.id) == event.id]
    assert fresh.id != delivery_of(hub, event, "council")
    assert ask(hub, "council", fresh.id).keys


def _event_of(hub: Hub, delivery: str) -> str | None:
    with hub.reading() as work:
        known = work.deliveries.find(delivery)
        kept = work.inbox.find(known.event) if known else None
    return parse_event(kept.body).id if kept else None


def test_after_a_merge_nothing_is_sealed_under_the_losing_key(hub: Hub) -> None:
    """It is destroyed, so that erasing the survivor leaves nothing behind."""
    anna, ben = two(hub, recorded(BEN, "consent-1"), referred(BEN))
    merge(hub, ben, anna, WORD)
    for statement in (
        "SELECT key FROM events",
        "SELECT key FROM deliveries",
        "SELECT key FROM reviews",
        "SELECT name FROM data_keys",
    ):
        assert f"child:{ben}" not in column(hub, statement)
    with hub.reading() as work:
        assert all(work.inbox.find(str(ref)) for ref in column(hub, "SELECT ref FROM events"))


def test_a_merge_lets_what_was_held_between_the_two_flow(hub: Hub) -> None:
    """The numbers no longer conflict."""
    anna, ben = two(hub)
    doubtful = mixed(ANNA, BEN)
    take(hub, doubtful)
    done = merge(hub, ben, anna, WORD)
    assert [e.event for e in done.events] == [ref_of(hub, doubtful)]
    assert listed(hub) == []


def test_a_merge_stands_in_the_ledger_with_both_ids(hub: Hub) -> None:
    """Who, why, and how much went over."""
    anna, ben = two(hub)
    merge(hub, ben, anna, WORD)
    (entry,) = ledger(hub, "children-merged")
    assert (entry["merged"], entry["into"], entry["by"]) == (ben, anna, "jmalik")
    assert entry["counts"]["identifiers"] == 2
    assert verifies(hub)


def test_a_child_is_not_merged_twice_nor_with_itself(hub: Hub) -> None:
    """The second time names the survivor."""
    anna, ben = two(hub)
    merge(hub, ben, anna, WORD)
    for pair in ((ben, anna), (anna, anna)):
        with pytest.raises(ConfigurationError):
            merge(hub, *pair, WORD)
    with pytest.raises(NotFound):
        merge(hub, "nobody", anna, WORD)


# -- split


def test_a_split_gives_the_named_numbers_to_a_new_child(hub: Hub) -> None:
    """Events with them are the new child's from now on."""
    anna, _ = two(hub)
    done = split(hub, anna, [(System.UPN, ANNA.upn)], WORD)
    assert numbers(hub, anna) == {ANNA.nhs}
    assert numbers(hub, done.child) == {ANNA.upn}
    later = registered(ANNA, record="other")
    (verdict,) = take(hub, later)
    assert verdict.fate is EventFate.HELD


def test_a_split_voids_what_was_on_its_way(hub: Hub) -> None:
    """Nobody knows which of the two it was about."""
    first = registered(ANNA)
    take(hub, first)
    done = split(hub, own_id(hub, first), [(System.UPN, ANNA.upn)], WORD)
    assert done.voided == 1
    assert ask(hub, "council", delivery_of(hub, first, "council")).code == "withheld"
    assert hub.pending(10) == []


def test_after_a_split_what_was_said_against_sharing_holds_for_both(hub: Hub) -> None:
    """A consent stays where it was; a restriction may be either's."""
    anna, _ = two(hub, recorded(ANNA, "c-1"), recorded(ANNA, "r-1", kind="restriction"))
    done = split(hub, anna, [(System.UPN, ANNA.upn)], WORD)
    with hub.reading() as work:
        kinds = {c: [d.kind.value for d in work.directives_of(c)] for c in (anna, done.child)}
    assert sorted(kinds[anna]) == ["consent", "restriction"]
    assert kinds[done.child] == ["restriction"]
    assert done.carried == 1


def test_a_split_leaves_some_numbers_and_takes_only_the_childs_own(hub: Hub) -> None:
    """Otherwise nothing is changed."""
    anna, _ = two(hub)
    with pytest.raises(NotFound):
        split(hub, anna, [(System.UPN, BEN.upn)], WORD)
    with pytest.raises(ConfigurationError):
        split(hub, anna, [(System.UPN, ANNA.upn), (System.NHS_NUMBER, ANNA.nhs)], WORD)
    assert numbers(hub, anna) == {ANNA.nhs, ANNA.upn}


def test_a_split_stands_in_the_ledger_and_the_past_stays(hub: Hub) -> None:
    """Both ids, who and why, but no number."""
    anna, _ = two(hub)
    before = ledger(hub, "event-received")
    done = split(hub, anna, [(System.UPN, ANNA.upn)], WORD)
    (entry,) = ledger(hub, "child-split")
    assert (entry["split"], entry["new"], entry["identifiers"]) == (anna, done.child, 1)
    assert ANNA.upn not in str(entry)
    assert ledger(hub, "event-received") == before


# -- erase


def test_an_erased_child_is_found_by_nobody(hub: Hub) -> None:
    """Neither by number nor by id."""
    anna, _ = two(hub)
    erase(hub, anna, WORD)
    for sought in (Sought(anna), Sought(ANNA.upn, System.UPN)):
        assert find(hub, sought, by="jmalik", reason="CASE-104") == []


def test_after_an_erasure_a_release_answers_erased(hub: Hub) -> None:
    """Whether the delivery had gone out or not."""
    first = registered(ANNA)
    take(hub, first)
    delivery = delivery_of(hub, first, "council")
    hub.published([delivery])
    erase(hub, own_id(hub, first), WORD)
    assert ask(hub, "council", delivery).code == "erased"
    assert column(hub, "SELECT state FROM deliveries") == ["void"]


def test_an_erasure_destroys_the_key_and_all_it_sealed(hub: Hub) -> None:
    """Of the child's, and of no other's."""
    anna, ben = two(hub, recorded(ANNA, "c-1"), appointed(ANNA))
    erase(hub, anna, WORD)
    names = column(hub, "SELECT name FROM data_keys")
    assert f"child:{anna}" not in names
    assert f"child:{ben}" in names
    with hub.engine.connect() as connection:
        rows = connection.exec_driver_sql(
            "SELECT e.sealed, d.secret, d.body FROM events e JOIN deliveries d ON d.event = e.ref "
            "WHERE d.child = ?",
            (anna,),
        ).all()
    assert rows
    assert {value for row in rows for value in row} == {None}


def test_nothing_of_an_erased_child_is_in_the_stores_files(hub: Hub, tmp_path: Path) -> None:
    """Neither name nor number, nor the hash by which the number was found, nor the wrapped key."""
    anna, ben = two(hub, recorded(ANNA, "c-1"))
    with hub.reading() as work:
        traces = [blind.encode() for blind in work.erasure.bearing(anna)]
        kept = [blind.encode() for blind in work.erasure.bearing(ben)]
        wrapped = work.data_keys.wrapped(f"child:{anna}")
    assert wrapped is not None
    assert erase(hub, anna, WORD).cleared
    whole = b"".join(file.read_bytes() for file in tmp_path.glob("hub.sqlite*"))
    for trace in (*traces, wrapped, ANNA.nhs.encode(), ANNA.family_name.encode()):
        assert trace not in whole
    assert all(trace in whole for trace in kept)


def test_after_an_erasure_the_same_numbers_make_a_new_child(hub: Hub) -> None:
    """Nothing ties it to the one that was erased."""
    anna, _ = two(hub)
    erase(hub, anna, WORD)
    again = registered(ANNA, record="again")
    take(hub, again)
    assert own_id(hub, again) != anna


def test_an_erasure_leaves_the_ledger_verifiable_and_stands_in_it(hub: Hub) -> None:
    """Who and why; the entries about the child are all still there."""
    anna, _ = two(hub)
    before = len(ledger(hub, "decision"))
    erase(hub, anna, WORD)
    (entry,) = ledger(hub, "child-erased")
    assert (entry["child"], entry["by"], entry["reason"]) == (anna, "jmalik", "CASE-104")
    assert len(ledger(hub, "decision")) == before
    assert verifies(hub)


def test_erasing_a_survivor_erases_what_was_merged_into_it(hub: Hub) -> None:
    """Neither id means anybody any more."""
    anna, ben = two(hub)
    merge(hub, ben, anna, WORD)
    with pytest.raises(ConfigurationError):
        erase(hub, ben, WORD)
    erase(hub, anna, WORD)
    assert column(hub, "SELECT child FROM children") == []
    assert set(column(hub, "SELECT sealed FROM events")) == {None}


def test_a_child_is_not_erased_while_a_held_event_may_be_about_it(hub: Hub) -> None:
    """What is held is sealed under another key, and would stay."""
    first, doubtful = registered(ANNA), doubtful_referral(ANNA)
    take(hub, first, doubtful)
    with pytest.raises(ConfigurationError):
        erase(hub, own_id(hub, first), WORD)
    accept(hub, listed(hub)[0].id, WORD, child=own_id(hub, first))
    erase(hub, own_id(hub, first), WORD)
    assert state(hub, doubtful) == "decided"
    assert set(column(hub, "SELECT sealed FROM events")) == {None}
