"""The newest signed head beside the store: never ahead of the ledger, and never forgotten by it."""

from __future__ import annotations

import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from hub.evidence.export import newest_head
from hub.evidence.pinned_checkpoint import LedgerBroken, check_kept, keep_newest
from hub.evidence.verification import verify_head, verify_ledger
from hub.runtime.housekeeping import Housekeeping, Terms
from schemas.errors import Unavailable
from tests.happenings import Child, registered
from tests.hub import offices

if TYPE_CHECKING:
    from pathlib import Path

    from hub.intake.hub import Office


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """An office that keeps its newest head in its folder."""
    made = replace(offices.make_office(tmp_path), kept=tmp_path / "newest.checkpoint")
    offices.take(made, registered(Child(1)))
    return made


def kept(office: Office) -> str:
    """What is kept."""
    assert office.kept is not None
    return office.kept.read_text()


def older(office: Office, tmp_path: Path) -> None:
    """Keep the head, go on, keep again, and put the store of before in its place."""
    copy = tmp_path / "copy.sqlite"
    office.engine.dispose()
    shutil.copy(tmp_path / "hub.sqlite", copy)
    offices.take(office, registered(Child(2)))
    keep_newest(office)
    office.engine.dispose()
    shutil.copy(copy, tmp_path / "hub.sqlite")


def test_nothing_is_kept_before_somebody_keeps_it(office: Office) -> None:
    """And that is in order."""
    assert check_kept(office) is None
    assert verify_ledger(office).verified


def test_whoever_is_handed_a_checkpoint_has_it_kept(office: Office) -> None:
    """The file is what was handed out."""
    assert newest_head(office).note == kept(office)


def test_a_worker_keeps_it_by_the_clock(office: Office) -> None:
    """Not with each batch: one small file in a minute."""
    keeper = Housekeeping(office, Terms(every=60))
    keeper.tick()
    first = kept(office)
    offices.take(office, registered(Child(2)))
    keeper.tick()
    assert kept(office) == first
    assert check_kept(office) is not None


def test_a_worker_that_stops_in_good_order_keeps_the_last_head(office: Office) -> None:
    """No minute is left that no file speaks of."""
    keeper = Housekeeping(office, Terms(every=60))
    keeper.tick()
    offices.take(office, registered(Child(2)))
    keeper.end()
    with office.reading() as books:
        assert check_kept(office) == books.ledger.size()


def test_a_file_that_lags_behind_is_in_order(office: Office) -> None:
    """As after a crash between commit and file."""
    keep_newest(office)
    offices.take(office, registered(Child(2)))
    assert verify_ledger(office).verified
    assert verify_head(office).verified


def test_an_older_copy_of_the_store_does_not_fit(office: Office, tmp_path: Path) -> None:
    """Quick look and full look both say so."""
    older(office, tmp_path)
    with pytest.raises(LedgerBroken, match="older copy"):
        check_kept(office)
    assert not verify_head(office).verified
    assert not verify_ledger(office).verified


def test_nothing_is_handed_out_of_an_older_copy(office: Office, tmp_path: Path) -> None:
    """And what is kept stays: it is the evidence."""
    older(office, tmp_path)
    before = kept(office)
    with pytest.raises(LedgerBroken):
        newest_head(office)
    Housekeeping(office, Terms()).tick()
    assert kept(office) == before


def test_an_older_copy_that_went_on_does_not_fit(office: Office, tmp_path: Path) -> None:
    """As long as before or longer, it has another past."""
    older(office, tmp_path)
    for number in range(3, 6):
        offices.take(office, registered(Child(number)))
    found = verify_ledger(office)
    assert found.problem is not None
    assert "beside the store" in found.problem
    with pytest.raises(LedgerBroken, match="another root"):
        check_kept(office)


def test_a_file_that_is_no_head_of_ours_is_told(office: Office) -> None:
    """No entry is to blame for it."""
    assert office.kept is not None
    office.kept.write_text("nothing of ours\n")
    found = verify_ledger(office)
    assert (found.verified, found.first_bad) == (False, None)
    with pytest.raises(LedgerBroken):
        check_kept(office)


def test_a_folder_that_cannot_be_written_is_told_as_such(office: Office, tmp_path: Path) -> None:
    """It is tried again; no event waits for it."""
    elsewhere = replace(office, kept=tmp_path / "gone" / "newest.checkpoint")
    with pytest.raises(Unavailable):
        keep_newest(elsewhere)
    Housekeeping(elsewhere, Terms()).tick()
