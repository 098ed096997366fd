"""``hub audit``: what verifies, what does not, and what the ledger says in words."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

import pytest

from hub.evidence.verification import verify_head, verify_ledger
from hub.ledger.merkle import Frontier, SubtreeNode, leaf_hash
from tests.events import Child, absent, recorded, referred, registered

if TYPE_CHECKING:
    from tests.hub.cli.conftest import Cli

DROP = [
    f"DROP TRIGGER {table}_no_{verb}"
    for table in ("ledger", "ledger_nodes", "checkpoints")
    for verb in ("update", "delete")
]
KEYS = {"entries", "verified", "checkpoints", "cosigned", "first_bad", "problem", "root"}


@pytest.fixture
def busy(cli: Cli) -> Cli:
    """A hub with a ledger of some length, under several checkpoints."""
    for number in range(1, 9):
        cli.take("school", registered(Child(number)), absent(Child(number)))
    return cli


def test_an_untouched_ledger_verifies(busy: Cli) -> None:
    """Every entry counts, every checkpoint holds, and the exit code is 0."""
    ran = busy.run("audit", "verify", "--json")
    assert ran.code == 0
    assert ran.json.keys() == KEYS
    assert ran.json["verified"] is True
    assert ran.json["entries"] == busy.sql("SELECT count(*) FROM ledger")[0][0]
    assert ran.json["checkpoints"] == busy.sql("SELECT count(*) FROM checkpoints")[0][0]
    assert ran.json["first_bad"] is None
    assert len(base64.b64decode(ran.json["root"])) == 32


def test_it_says_so_in_words(busy: Cli) -> None:
    """People read a sentence, and nothing on standard error."""
    ran = busy.run("audit", "verify")
    assert ran.out.startswith("The ledger verifies: ")
    assert ran.err == ""


def test_an_empty_ledger_verifies(bare_cli: Cli) -> None:
    """Before anything happened there is nothing wrong."""
    bare_cli.bare("init")
    assert bare_cli.bare("audit", "verify", "--json").json["entries"] == 0


def _rehash(node: SubtreeNode) -> str:
    where = f"WHERE level = {node.level} AND position = {node.index}"
    return f"UPDATE ledger_nodes SET hash = ? {where}"  # noqa: S608  of our own numbers


def broken(cli: Cli) -> tuple[int, str]:
    """Verify a ledger that must not verify; gives the first bad entry and the problem."""
    ran = cli.run("audit", "verify", "--json")
    assert ran.code == 1
    assert ran.json["verified"] is False
    return ran.json["first_bad"], ran.json["problem"]


def test_a_changed_entry_is_named(busy: Cli) -> None:
    """One word changed in one entry: that entry is the first bad one."""
    entry = busy.sql("SELECT entry FROM ledger WHERE position = 5")[0][0]
    changed = entry.replace(b'"event"', b'"avent"')
    busy.sql(*DROP, ("UPDATE ledger SET entry = ? WHERE position = 5", changed))
    assert broken(busy)[0] == 5


def test_an_entry_in_another_spelling_is_named(busy: Cli) -> None:
    """The same meaning with a space more is not the entry."""
    entry = busy.sql("SELECT entry FROM ledger WHERE position = 4")[0][0]
    changed = entry.replace(b":", b": ", 1)
    busy.sql(*DROP, ("UPDATE ledger SET entry = ? WHERE position = 4", changed))
    position, problem = broken(busy)
    assert position == 4
    assert "ledger-not-canonical" in problem


def test_a_dropped_entry_is_named(busy: Cli) -> None:
    """An entry taken out leaves a gap that is named."""
    busy.sql(*DROP, "DELETE FROM ledger WHERE position = 7")
    assert broken(busy) == (7, "entry 7 is missing; entry 8 comes next")


def test_a_dropped_entry_with_the_gap_closed_is_found(busy: Cli) -> None:
    """Moving the rest up does not help: the hashes are those of others."""
    busy.sql(
        *DROP,
        "DELETE FROM ledger WHERE position = 7",
        "UPDATE ledger SET position = -position WHERE position > 7",
        "UPDATE ledger SET position = -position - 1 WHERE position < 0",
    )
    assert broken(busy)[0] == 7


def test_the_last_entry_dropped_is_found(busy: Cli) -> None:
    """The newest checkpoint counts more entries than there are."""
    last = busy.sql("SELECT max(position) FROM ledger")[0][0]
    busy.sql(*DROP, ("DELETE FROM ledger WHERE position = ?", last))
    position, problem = broken(busy)
    assert position == last
    assert "ends before the checkpoint" in problem


def test_reordered_entries_are_found(busy: Cli) -> None:
    """Two entries that changed places: the first of them is named."""
    busy.sql(
        *DROP,
        "UPDATE ledger SET position = -1 WHERE position = 6",
        "UPDATE ledger SET position = 6 WHERE position = 9",
        "UPDATE ledger SET position = 9 WHERE position = -1",
    )
    assert broken(busy)[0] == 6


def test_an_entry_forged_with_its_hash_is_found(busy: Cli) -> None:
    """Whoever forges the leaf as well is found by the hash over it."""
    entry = busy.sql("SELECT entry FROM ledger WHERE position = 5")[0][0]
    forged = entry.replace(b'"source":"school"', b'"source":"skhool"')
    busy.sql(
        *DROP,
        ("UPDATE ledger SET entry = ? WHERE position = 5", forged),
        (
            "UPDATE ledger_nodes SET hash = ? WHERE level = 0 AND position = 5",
            leaf_hash(forged),
        ),
    )
    position, problem = broken(busy)
    assert position in {4, 5}
    assert "stored" in problem


def test_a_whole_forged_tree_is_found_by_the_signed_root(busy: Cli) -> None:
    """An entry forged with every hash over it: only who has the key could sign its root."""
    entries = [bytes(row[0]) for row in busy.sql("SELECT entry FROM ledger ORDER BY position")]
    entries[5] = entries[5].replace(b'"source":"school"', b'"source":"skhool"')
    _, nodes = Frontier().extend([leaf_hash(entry) for entry in entries])
    busy.sql(
        *DROP,
        ("UPDATE ledger SET entry = ? WHERE position = 5", entries[5]),
        *((_rehash(node), node.hash) for node in nodes),
    )
    position, problem = broken(busy)
    assert position <= 5
    assert "do not give the root of the checkpoint" in problem


def test_a_missing_tree_node_is_found(busy: Cli) -> None:
    """A hash that the store lacks is named."""
    busy.sql(*DROP, "DELETE FROM ledger_nodes WHERE level = 1 AND position = 1")
    assert broken(busy) == (2, "the tree lacks the node 1/1")


def test_a_forged_checkpoint_is_found(busy: Cli) -> None:
    """A signature that does not hold is a problem from its entries on."""
    busy.sql(
        *DROP,
        "UPDATE checkpoints SET note = replace(note, 'hub.test.example', 'hub.fake.example') "
        "WHERE size = (SELECT min(size) FROM checkpoints WHERE size > 1)",
    )
    assert "ledger-note-unverified" in broken(busy)[1]


def test_a_dropped_newest_checkpoint_is_found(busy: Cli) -> None:
    """Entries that stand under no checkpoint cannot be vouched for."""
    busy.sql(*DROP, "DELETE FROM checkpoints WHERE size = (SELECT max(size) FROM checkpoints)")
    assert "under no signed checkpoint" in broken(busy)[1]


def test_an_entry_filed_under_another_kind_is_found(busy: Cli) -> None:
    """The columns entries are found by must hold what the entry holds."""
    busy.sql(*DROP, "UPDATE ledger SET kind = 'signed-out' WHERE position = 3")
    position, problem = broken(busy)
    assert position == 3
    assert "filed under another" in problem


@pytest.mark.parametrize("column", ["child", "event", "agency"])
def test_an_entry_hidden_from_those_it_is_about_is_found(busy: Cli, column: str) -> None:
    """An entry that is not filed under its child would be missing in the child's history."""
    chosen = f"SELECT max(position) FROM ledger WHERE {column} IS NOT NULL"  # noqa: S608  our own
    ((position,),) = busy.sql(chosen)
    busy.sql(*DROP, f"UPDATE ledger SET {column} = NULL WHERE position = {position}")  # noqa: S608
    found, problem = broken(busy)
    assert found == position
    assert "filed under another" in problem


def test_a_ledger_cut_short_in_good_order_is_found_by_a_kept_checkpoint(busy: Cli) -> None:
    """Cut with its checkpoints it agrees with itself, but not with what was kept elsewhere."""
    newest = busy.sql("SELECT max(size) FROM checkpoints")[0][0]
    note = busy.sql(("SELECT note FROM checkpoints WHERE size = ?", newest))[0][0]
    kept = busy.folder / "kept.txt"
    kept.write_text(note, encoding="utf-8")
    assert busy.run("audit", "verify", "--checkpoint", str(kept)).code == 0
    earlier = busy.sql(("SELECT max(size) FROM checkpoints WHERE size < ?", newest))[0][0]
    busy.sql(
        *DROP,
        ("DELETE FROM ledger WHERE position >= ?", earlier),
        ("DELETE FROM checkpoints WHERE size > ?", earlier),
    )
    assert busy.run("audit", "verify").code == 0
    ran = busy.run("audit", "verify", "--json", "--checkpoint", str(kept))
    assert ran.code == 1
    assert ran.json["first_bad"] == earlier


def test_a_kept_checkpoint_of_another_ledger_is_refused(busy: Cli) -> None:
    """A checkpoint that this hub's key did not sign shows nothing."""
    kept = busy.folder / "kept.txt"
    kept.write_text("nothing of ours\n", encoding="utf-8")
    ran = busy.run("audit", "verify", "--json", "--checkpoint", str(kept))
    assert ran.code == 1
    assert "is not this ledger's" in ran.json["problem"]


def test_the_head_alone_is_verified_quickly(busy: Cli) -> None:
    """The doctor's quick look sees a head that fits, and one that does not."""
    hub = busy.hub()
    assert verify_head(hub).verified
    busy.sql(*DROP, "DELETE FROM checkpoints WHERE size = (SELECT max(size) FROM checkpoints)")
    assert not verify_head(hub).verified
    hub.engine.dispose()


def test_the_progress_is_told(busy: Cli) -> None:
    """Whoever waits is told how far it is."""
    hub, told = busy.hub(), []
    found = verify_ledger(hub, lambda done, of: told.append((done, of)))
    hub.engine.dispose()
    assert told[-1] == (found.entries, found.entries)


def test_tail_says_who_what_outcome_and_why(cli: Cli) -> None:
    """A decision reads as a sentence with the reason that stands on its code."""
    child = Child(1)
    cli.take("school", registered(child))
    cli.take("clinic", referred(child))
    cli.take("school", recorded(child, "D1", kind="refusal"))
    out = cli.run("audit", "tail", "-n", "50").out
    assert "school sent education.child-registered.v1 about child" in out
    assert "council may see" in out
    assert "care receives nothing" in out
    assert "Withheld: no agreement lets this sender tell this recipient" in out
    assert "school recorded directive d-" in out
    assert "published agreement test-sharing@1." in out


def test_tail_gives_the_newest_as_json_lines(busy: Cli) -> None:
    """A program gets positions, kinds, sentences and bodies."""
    ran = busy.run("audit", "tail", "-n3", "--json")
    lines = [json.loads(line) for line in ran.out.splitlines()]
    assert len(lines) == 3
    assert lines[-1]["position"] == busy.sql("SELECT max(position) FROM ledger")[0][0]
    assert {"position", "at", "kind", "sentence", "body"} == lines[0].keys()


def test_tail_shows_an_unreadable_entry_as_such(busy: Cli) -> None:
    """A tampered entry does not stop the reading."""
    busy.sql(*DROP, "UPDATE ledger SET entry = x'00' WHERE position = 3")
    ran = busy.run("audit", "tail", "-n", "1000")
    assert ran.code == 0
    assert "This entry cannot be read" in ran.out
