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
from tests.events import Child, registered
from tests.hub import hubs

if TYPE_CHECKING:
    from pathlib import Path

    from hub.intake.hub import Hub


@pytest.fixture
def hub(tmp_path: Path) -> Hub:
    """A hub that keeps its newest head in its folder."""
    made = replace(hubs.make_hub(tmp_path), kept=tmp_path / "newest.checkpoint")
    hubs.take(made, registered(Child(1)))
    return made


def kept(hub: Hub) -> str:
    """What is kept."""
    assert hub.kept is not None
    return hub.kept.read_text()


def older(hub: Hub, tmp_path: Path) -> None:
    """Keep the head, go on, keep again, and put the store of before in its place."""
    copy = tmp_path / "copy.sqlite"
    hub.engine.dispose()
    shutil.copy(tmp_path / "hub.sqlite", copy)
    hubs.take(hub, registered(Child(2)))
    keep_newest(hub)
    hub.engine.dispose()
    shutil.copy(copy, tmp_path / "hub.sqlite")


def test_nothing_is_kept_before_somebody_keeps_it(hub: Hub) -> None:
    """And that is in order."""
    assert check_kept(hub) is None
    assert verify_ledger(hub).verified


def test_whoever_is_handed_a_checkpoint_has_it_kept(hub: Hub) -> None:
    """The file is what was handed out."""
    assert newest_head(hub).note == kept(hub)


def test_a_worker_keeps_it_by_the_clock(hub: Hub) -> None:
    """Not with each batch: one small file in a minute."""
    keeper = Housekeeping(hub, Terms(every=60))
    keeper.tick()
    first = kept(hub)
    hubs.take(hub, registered(Child(2)))
    keeper.tick()
    assert kept(hub) == first
    assert check_kept(hub) is not None


def test_a_worker_that_stops_in_good_order_keeps_the_last_head(hub: Hub) -> None:
    """No minute is left that no file speaks of."""
    keeper = Housekeeping(hub, Terms(every=60))
    keeper.tick()
    hubs.take(hub, registered(Child(2)))
    keeper.end()
    with hub.reading() as work:
        assert check_kept(hub) == work.ledger.size()


def test_a_file_that_lags_behind_is_in_order(hub: Hub) -> None:
    """As after a crash between commit and file."""
    keep_newest(hub)
    hubs.take(hub, registered(Child(2)))
    assert verify_ledger(hub).verified
    assert verify_head(hub).verified


def test_an_older_copy_of_the_store_does_not_fit(hub: Hub, tmp_path: Path) -> None:
    """Quick look and full look both say so."""
    older(hub, tmp_path)
    with pytest.raises(LedgerBroken, match="older copy"):
        check_kept(hub)
    assert not verify_head(hub).verified
    assert not verify_ledger(hub).verified


def test_nothing_is_handed_out_of_an_older_copy(hub: Hub, tmp_path: Path) -> None:
    """And what is kept stays: it is the evidence."""
    older(hub, tmp_path)
    before = kept(hub)
    with pytest.raises(LedgerBroken):
        newest_head(hub)
    Housekeeping(hub, Terms()).tick()
    assert kept(hub) == before


def test_an_older_copy_that_went_on_does_not_fit(hub: Hub, tmp_path: Path) -> None:
    """As long as before or longer, it has another past."""
    older(hub, tmp_path)
    for number in range(3, 6):
        hubs.take(hub, registered(Child(number)))
    found = verify_ledger(hub)
    assert found.problem is not None
    assert "beside the store" in found.problem
    with pytest.raises(LedgerBroken, match="another root"):
        check_kept(hub)


def test_a_file_that_is_no_head_of_ours_is_told(hub: Hub) -> None:
    """No entry is to blame for it."""
    assert hub.kept is not None
    hub.kept.write_text("nothing of ours\n")
    found = verify_ledger(hub)
    assert (found.verified, found.first_bad) == (False, None)
    with pytest.raises(LedgerBroken):
        check_kept(hub)


def test_a_folder_that_cannot_be_written_is_told_as_such(hub: Hub, tmp_path: Path) -> None:
    """It is tried again; no event waits for it."""
    elsewhere = replace(hub, kept=tmp_path / "gone" / "newest.checkpoint")
    with pytest.raises(Unavailable):
        keep_newest(elsewhere)
    Housekeeping(elsewhere, Terms()).tick()
