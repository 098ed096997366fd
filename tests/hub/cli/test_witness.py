"""``hub witness``: another agency cosigns, with files alone, and never another past."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
from pathlib import Path

from hub.ledger.checkpoint import verify_checkpoint
from hub.ledger.witness import AddCheckpoint
from tests.events import Child, registered
from tests.hub.cli.agency import Agency, ask, rewrite, sizes, take_back
from tests.hub.cli.conftest import Cli

# --- a key ----------------------------------------------------------------------------------------


def test_a_witnesss_secret_is_open_to_its_owner_only(agency: Agency) -> None:
    """And the verifier key lies beside it."""
    assert stat.S_IMODE((agency.folder / "w.key").stat().st_mode) == 0o600
    assert agency.key.name == "trust.example/witness"


def test_no_key_is_written_over(agency: Agency) -> None:
    """A witness that lost its key could not go on."""
    before = (agency.folder / "w.key").read_bytes()
    ran = agency.cli.bare("witness", "init", "--key", agency.own[1], "--name", "other.example")
    assert ran.code == 2
    assert (agency.folder / "w.key").read_bytes() == before


def test_a_name_that_no_key_can_have_is_refused(bare_cli: Cli) -> None:
    """Spaces would end it in a note."""
    ran = bare_cli.bare("witness", "init", "--key", "w.key", "--name", "the trust")
    assert ran.code == 2
    assert not (bare_cli.folder / "w.key").exists()


# --- signing --------------------------------------------------------------------------------------


def test_a_witness_cosigns_with_files_alone(cli: Cli, agency: Agency) -> None:
    """No settings, no store, no broker: a process in a folder where nothing else is."""
    (agency.folder / "ask.txt").write_text(ask(cli), encoding="utf-8")
    own = ("--key", "w.key", "--log-key", "hub.pub", "--kept", "seen")
    done = subprocess.run(
        [sys.executable, "-m", "hub", "witness", "sign", "ask.txt", *own],
        cwd=agency.folder,
        env={"PYTHONPATH": str(Path(__file__).parents[3]), "PATH": ""},
        capture_output=True,
        check=True,
    )
    signed = verify_checkpoint(done.stdout, agency.log.name, [agency.log, agency.key])
    assert [one.witness for one in signed.cosignatures] == ["trust.example/witness"]


def test_the_request_is_in_the_form_of_the_witness_protocol(cli: Cli, agency: Agency) -> None:
    """Old size, proof, empty line, checkpoint; later ones go on from what came back."""
    assert ask(cli).startswith("old 0\n\nhub.test.example\n")
    assert take_back(cli, agency.sign(ask(cli)).out).code == 0
    size = sizes(cli)[-1]
    cli.take("school", registered(Child(9)))
    request = AddCheckpoint.parse(ask(cli).encode())
    assert request.old_size == size
    assert request.proof


def test_the_operator_may_say_what_the_witness_saw(cli: Cli, agency: Agency) -> None:
    """By size, or with the checkpoint itself."""
    note = agency.sign(ask(cli)).out
    file = cli.folder / "seen.txt"
    file.write_text(note, encoding="utf-8")
    cli.take("school", registered(Child(9)))
    size = verify_checkpoint(note.encode(), "hub.test.example", [agency.log]).checkpoint.size
    assert ask(cli, "--since", str(file)) == ask(cli, "--since", str(size))
    assert agency.sign(ask(cli, "--since", str(size))).code == 0


def test_a_witness_that_is_asked_from_another_size_says_from_which(
    cli: Cli, agency: Agency
) -> None:
    """Nothing is signed, and nothing is wrong."""
    agency.sign(ask(cli))
    size = sizes(cli)[-1]
    cli.take("school", registered(Child(9)))
    ran = agency.sign(ask(cli, "--since", "0"))
    assert (ran.code, ran.out) == (1, "")
    assert f"--since {size}" in ran.err


def test_the_line_alone_is_printed_for_the_protocol(cli: Cli, agency: Agency) -> None:
    """The response body of add-checkpoint."""
    out = agency.sign(ask(cli), "--lines").out
    assert out.startswith("— trust.example/witness ")
    assert out.count("\n") == 1


def test_what_is_signed_is_kept_first(cli: Cli, agency: Agency) -> None:
    """The folder holds what was given out, and `show` says so."""
    out = agency.sign(ask(cli)).out
    (kept,) = (agency.folder / "seen").glob("*.checkpoint")
    assert kept.read_text() == out
    (shown,) = agency.cli.bare("witness", "show", *agency.kept, "--json").json["ledgers"]
    assert (shown["origin"], shown["size"], shown["note"]) == (
        "hub.test.example",
        sizes(cli)[-1],
        out,
    )


def test_a_witness_that_cannot_keep_signs_nothing(cli: Cli, agency: Agency) -> None:
    """A file stands where its folder should be."""
    (agency.folder / "seen").write_text("in the way")
    ran = agency.sign(ask(cli))
    assert ran.code == 2
    assert ran.out == ""


def test_what_the_log_did_not_sign_is_refused(cli: Cli, agency: Agency) -> None:
    """A digit changed, or another log's key."""
    request = ask(cli)
    size = sizes(cli)[-1]
    ran = agency.sign(request.replace(f"\n{size}\n", f"\n{size + 1}\n"))
    assert (ran.code, ran.out) == (1, "")
    assert "witness-refused" in ran.err
    assert not list((agency.folder / "seen").glob("*.checkpoint"))


def test_what_is_no_request_is_refused(agency: Agency) -> None:
    """With what is wrong about it."""
    ran = agency.sign("sign this, please\n")
    assert ran.code == 2
    assert "ledger-request-malformed" in ran.err


def test_a_damaged_folder_signs_nothing(cli: Cli, agency: Agency) -> None:
    """A witness that forgot what it signed must not begin anew by itself."""
    agency.sign(ask(cli))
    (kept,) = (agency.folder / "seen").glob("*.checkpoint")
    kept.write_text("gone")
    ran = agency.sign(ask(cli))
    assert ran.code == 2
    assert "damaged" in ran.err


# --- never another past ---------------------------------------------------------------------------


def test_a_smaller_ledger_is_never_signed(cli: Cli, agency: Agency) -> None:
    """The store was swapped for an older copy."""
    agency.sign(ask(cli))
    rewrite(cli, sizes(cli)[-3])
    ran = agency.sign(ask(cli, "--since", "0"), "--json")
    assert (ran.code, ran.json["verdict"], ran.json["note"]) == (1, "smaller", "")


def test_the_operator_is_told_of_a_witness_that_saw_more(cli: Cli, agency: Agency) -> None:
    """The hub itself makes no such request."""
    agency.sign(ask(cli))
    size = sizes(cli)[-1]
    rewrite(cli, sizes(cli)[-3])
    ran = cli.run("audit", "checkpoint", "--request", "--since", str(size))
    assert ran.code == 2
    assert "ledger-broken" in ran.err


def test_another_past_of_the_same_size_convicts_the_operator(cli: Cli, agency: Agency) -> None:
    """Two heads, both signed by the log: the evidence is checked with its key alone."""
    agency.sign(ask(cli))
    rewrite(cli, sizes(cli)[-2], 31)
    ran = agency.sign(ask(cli, "--since", "0"), "--json")
    assert (ran.code, ran.json["verdict"], ran.json["convicts"]) == (1, "fork", True)
    evidence = ran.json["evidence"]
    log = ("--log-key", str(agency.folder / "hub.pub"))
    assert cli.bare("witness", "fork", evidence, *log, "--json").json == {"convicts": True}


def test_another_past_that_went_on_convicts_the_operator(cli: Cli, agency: Agency) -> None:
    """Its own proof leads from other entries than those that were signed."""
    agency.sign(ask(cli))
    size = sizes(cli)[-1]
    assert size & (size - 1)
    rewrite(cli, sizes(cli)[-2], 31, 32, 33)
    before = next(iter((agency.folder / "seen").glob("*.checkpoint"))).read_bytes()
    ran = agency.sign(ask(cli, "--since", str(size)))
    assert (ran.code, ran.out) == (1, "")
    assert "TWO PASTS" in ran.err
    (evidence,) = (agency.folder / "seen").glob("fork-*.json")
    paper = json.loads(evidence.read_text())
    assert paper["kept"] != paper["offered"]
    log = ("--log-key", str(agency.folder / "hub.pub"))
    assert cli.bare("witness", "fork", str(evidence), *log).code == 0
    assert next(iter((agency.folder / "seen").glob("*.checkpoint"))).read_bytes() == before


def test_evidence_that_proves_nothing_is_said_to(cli: Cli, agency: Agency) -> None:
    """Two heads of one honest ledger."""
    first = agency.sign(ask(cli)).out
    cli.take("school", registered(Child(9)))
    second = cli.run("audit", "checkpoint").out
    file = cli.folder / "evidence.json"
    file.write_text(json.dumps({"origin": "hub.test.example", "kept": first, "offered": second}))
    log = ("--log-key", str(agency.folder / "hub.pub"))
    assert cli.bare("witness", "fork", str(file), *log).code == 1
    file.write_text("{}")
    assert cli.bare("witness", "fork", str(file), *log).code == 2
