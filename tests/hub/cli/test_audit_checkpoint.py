"""``hub audit checkpoint``: what witnesses signed, taken back; and proofs between two heads."""

from __future__ import annotations

import shutil

import pytest

from tests.events import Child, registered
from tests.hub.cli.agency import Agency, ask, rewrite, sizes, take_back
from tests.hub.cli.conftest import Cli

# --- taken back -----------------------------------------------------------------------------------


def test_a_cosigned_head_is_taken_back_once(cli: Cli, agency: Agency) -> None:
    """Again it is known already."""
    note = agency.sign(ask(cli)).out
    assert take_back(cli, note).json == {
        "size": sizes(cli)[-1],
        "witnesses": ["trust.example/witness"],
        "new": 1,
    }
    assert take_back(cli, note).json["new"] == 0


def test_the_checkpoint_carries_the_witnesss_line(cli: Cli, agency: Agency) -> None:
    """While it is the newest; afterwards it is given by --witnessed."""
    note = agency.sign(ask(cli)).out
    take_back(cli, note)
    assert cli.run("audit", "checkpoint").out == note
    cli.take("school", registered(Child(9)))
    assert "trust.example" not in cli.run("audit", "checkpoint").out
    assert cli.run("audit", "checkpoint", "--witnessed").out == note


def test_verifying_the_ledger_counts_what_witnesses_signed(cli: Cli, agency: Agency) -> None:
    """And checks it."""
    take_back(cli, agency.sign(ask(cli)).out)
    cli.take("school", registered(Child(9)))
    assert cli.run("audit", "verify", "--json").json["cosigned"] == 1
    cli.sql(
        "DROP TRIGGER cosignatures_no_update",
        "UPDATE cosignatures SET line = replace(line, 'trust', 'tryst')",
    )
    ran = cli.run("audit", "verify", "--json")
    assert (ran.code, ran.json["first_bad"]) == (1, None)


def test_an_export_carries_what_witnesses_signed(cli: Cli, agency: Agency) -> None:
    """Whoever has the witness's key asks for it."""
    folder = str(cli.folder / "export")
    key = ("--key", str(agency.folder / "hub.pub"))
    cli.run("audit", "export", folder)
    witness = ("--witness-key", str(agency.key))
    ran = cli.bare("audit", "verify-export", folder, *key, *witness, "--json")
    assert (ran.code, ran.json["problem"]) == (1, "not-witnessed")
    take_back(cli, agency.sign(ask(cli)).out)
    size = sizes(cli)[-1]
    cli.take("school", registered(Child(9)))
    cli.run("audit", "export", folder)
    ran = cli.bare("audit", "verify-export", folder, *key, *witness, "--json")
    assert (ran.code, ran.json["witnessed"]) == (0, size)


def test_what_no_known_witness_signed_is_not_taken(cli: Cli, agency: Agency) -> None:
    """The log's own line is not enough; nor is that of a stranger."""
    assert take_back(cli, cli.run("audit", "checkpoint").out).code == 2
    stranger = Agency(cli, cli.folder / "stranger")
    key = ("--key", str(stranger.folder / "w.key"), "--name", "stranger.example")
    cli.bare("witness", "init", *key)
    shutil.copy(agency.folder / "hub.pub", stranger.folder / "hub.pub")
    ran = take_back(cli, stranger.sign(ask(cli)).out)
    assert ran.code == 2
    assert "No witness of the setting" in ran.err


def test_a_forged_line_is_not_taken(cli: Cli, agency: Agency) -> None:
    """It does not hold."""
    note = agency.sign(ask(cli)).out
    log, _, line = note.rpartition("— ")
    name, packed = line.split(" ")
    forged = f"{log}— {name} {packed[:20]}{'A' if packed[20] != 'A' else 'B'}{packed[21:]}"
    assert take_back(cli, forged).code == 2


def test_without_witnesses_in_the_settings_nothing_is_taken(cli: Cli) -> None:
    """It says where they are named."""
    ran = take_back(cli, cli.run("audit", "checkpoint").out)
    assert ran.code == 2
    assert "'witnesses'" in ran.err


def test_the_key_of_a_log_is_no_witnesss_key(cli: Cli, agency: Agency) -> None:
    """An operator cannot witness for itself by mistake."""
    text = cli.config.read_text().replace("trust/w.pub", "state/ledger.pub")
    cli.config.write_text(text)
    ran = cli.run("audit", "checkpoint")
    assert ran.code == 2
    assert "not of a witness" in ran.err
    assert agency.key.name not in ran.err


def test_what_a_witness_signed_is_not_taken_by_another_ledger(cli: Cli, agency: Agency) -> None:
    """A store that was cut since does not have that head any more."""
    note = agency.sign(ask(cli)).out
    rewrite(cli, sizes(cli)[-2])
    ran = take_back(cli, note)
    assert ran.code == 2
    assert "ledger-broken" in ran.err


@pytest.mark.parametrize(
    "statement", ["UPDATE cosignatures SET line = ''", "DELETE FROM cosignatures"]
)
def test_what_a_witness_signed_stays_in_the_store(cli: Cli, agency: Agency, statement: str) -> None:
    """The database itself refuses to change it."""
    take_back(cli, agency.sign(ask(cli)).out)
    with pytest.raises(Exception, match="append-only"):
        cli.sql(statement)


# --- an older copy of the store -------------------------------------------------------------------


@pytest.mark.parametrize("command", [("worker",), ("up",), ("audit", "checkpoint")])
@pytest.mark.usefixtures("agency")
def test_nothing_starts_over_an_older_copy_of_the_store(cli: Cli, command: tuple[str]) -> None:
    """What it wrote next would contradict what was handed out before."""
    copy = cli.database.read_bytes()
    cli.take("school", registered(Child(9)))
    cli.run("audit", "checkpoint")
    cli.database.write_bytes(copy)
    ran = cli.run(*command)
    assert ran.code == 2
    assert "older copy" in ran.err


def test_verifying_an_older_copy_names_the_first_entry_it_lacks(cli: Cli, agency: Agency) -> None:
    """Nobody gave a file; the witness's checkpoint says the same."""
    copy, size = cli.database.read_bytes(), sizes(cli)[-1]
    cli.take("school", registered(Child(9)))
    note = agency.sign(ask(cli)).out
    cli.database.write_bytes(copy)
    ran = cli.run("audit", "verify", "--json")
    assert (ran.code, ran.json["first_bad"]) == (1, size)
    (cli.folder / "state" / "newest.checkpoint").unlink()
    assert cli.run("audit", "verify").code == 0
    file = cli.folder / "witnessed.txt"
    file.write_text(note, encoding="utf-8")
    ran = cli.run("audit", "verify", "--checkpoint", str(file), "--json")
    assert (ran.code, ran.json["first_bad"]) == (1, size)


# --- between two heads ----------------------------------------------------------------------------


def test_a_proof_between_two_heads_is_checked_with_itself_and_the_key(
    cli: Cli, agency: Agency
) -> None:
    """In the form that a witness reads: it signs the newer because it goes on from the older."""
    old, new = sizes(cli)[-3], sizes(cli)[-1]
    ran = cli.run("audit", "prove", "--between", str(old), str(new), "--json")
    assert (ran.code, ran.json["verified"]) == (0, True)
    first = f"old 0\n\n{ran.json['old_checkpoint']}"
    assert agency.sign(first).code == 0
    way = "".join(f"{one}\n" for one in ran.json["path"])
    assert agency.sign(f"old {old}\n{way}\n{ran.json['new_checkpoint']}").code == 0


@pytest.mark.usefixtures("agency")
def test_a_proof_between_checkpoints_in_files(cli: Cli) -> None:
    """Whoever kept one has the way to the other."""
    old, new = cli.folder / "old.txt", cli.folder / "new.txt"
    old.write_text(cli.run("audit", "checkpoint").out)
    cli.take("school", registered(Child(9)))
    new.write_text(cli.run("audit", "checkpoint").out)
    ran = cli.run("audit", "prove", "--between", str(old), str(new), "--json")
    assert (ran.json["old_checkpoint"], ran.json["new_checkpoint"]) == (
        old.read_text(),
        new.read_text(),
    )


@pytest.mark.usefixtures("agency")
def test_between_a_head_of_another_past_and_this_there_is_no_proof(cli: Cli) -> None:
    """It is said that the ledger does not go on from it."""
    old = cli.folder / "old.txt"
    old.write_text(cli.run("audit", "checkpoint").out)
    rewrite(cli, sizes(cli)[-2], 31, 32)
    ran = cli.run("audit", "prove", "--between", str(old), str(sizes(cli)[-1]))
    assert ran.code == 2
    assert "does not go on from the given checkpoint" in ran.err


@pytest.mark.usefixtures("agency")
def test_there_is_no_proof_to_a_size_that_nobody_signed(cli: Cli) -> None:
    """Nor back in time."""
    ends = sizes(cli)
    between = ("audit", "prove", "--between")
    assert cli.run(*between, str(ends[0]), str(ends[-1] + 1)).code == 2
    assert cli.run(*between, str(ends[-1]), str(ends[0])).code == 2
