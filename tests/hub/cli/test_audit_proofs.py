"""``hub audit checkpoint``, ``export``, ``verify-export``, ``prove``: checked without the hub."""

from __future__ import annotations

import base64
import json
import os
from typing import TYPE_CHECKING

import pytest

from hub.casework.children import changes
from hub.journey.entries import Attribution
from hub.ledger.checkpoint import verify_checkpoint
from hub.ledger.commitment import opens
from hub.ledger.keys import Algorithm, SignerKey, VerifierKey
from hub.ledger.merkle import leaf_hash, verify_inclusion
from schemas.canonical import canonical
from schemas.event import RecordStatus
from tests.events import Child, absent, appointed, recorded, registered, withdrawn

if TYPE_CHECKING:
    from pathlib import Path

    from tests.hub.cli.conftest import Cli

ORDER = ("--by", "jmalik", "--reason", "COURT-7")


@pytest.fixture
def busy(cli: Cli) -> Cli:
    """A hub with a ledger of some length, and deliveries."""
    for number in range(1, 9):
        cli.take("school", registered(Child(number)), absent(Child(number)))
    cli.take("school", recorded(Child(1), "D1"))
    cli.take("clinic", appointed(Child(1)))
    return cli


@pytest.fixture
def files(busy: Cli) -> Path:
    """An export of that ledger."""
    folder = busy.folder / "export"
    assert busy.run("audit", "export", str(folder)).code == 0
    return folder


def key_of(cli: Cli) -> VerifierKey:
    """The verifier key, as the operator hands it out."""
    return VerifierKey.parse((cli.folder / "state" / "ledger.pub").read_text().strip())


def entry(cli: Cli, position: int) -> bytes:
    """One entry as it stands."""
    return bytes(cli.sql(("SELECT entry FROM ledger WHERE position = ?", position))[0][0])


def forge(files: Path, old: bytes, new: bytes) -> None:
    """Change bytes of the first bundle."""
    (bundle,) = [f for f in (files / "tile" / "entries").rglob("*") if f.is_file()]
    content = bundle.read_bytes()
    assert old in content
    bundle.write_bytes(content.replace(old, new, 1))


def test_the_checkpoint_is_the_newest_signed_head(busy: Cli) -> None:
    """What is printed verifies with the ledger's key and counts every entry."""
    note = busy.run("audit", "checkpoint").out
    head = verify_checkpoint(note.encode(), "hub.test.example", [key_of(busy)]).checkpoint
    assert head.size == busy.sql("SELECT count(*) FROM ledger")[0][0]


def witness(cli: Cli) -> tuple[str, VerifierKey]:
    """A witness's key file and its verifier."""
    key = SignerKey("witness.example", os.urandom(32), Algorithm.COSIGNATURE_V1)
    file = cli.folder / "witness.key"
    file.write_text(key.reveal() + "\n", encoding="utf-8")
    return str(file), key.verifier()


def test_a_witness_cosigns_it(busy: Cli) -> None:
    """The note then bears both signatures, and both hold."""
    file, verifier = witness(busy)
    note = busy.run("audit", "checkpoint", "--witness", file).out
    signed = verify_checkpoint(note.encode(), "hub.test.example", [key_of(busy), verifier])
    assert [c.witness for c in signed.cosignatures] == ["witness.example"]


def test_a_witness_sees_that_the_ledger_goes_on_from_what_it_saw(busy: Cli) -> None:
    """The last checkpoint it saw is the beginning of the one it signs."""
    kept = busy.folder / "kept.txt"
    kept.write_text(busy.run("audit", "checkpoint").out, encoding="utf-8")
    busy.take("school", registered(Child(20)))
    file, _ = witness(busy)
    ran = busy.run("audit", "checkpoint", "--witness", file, "--since", str(kept))
    assert ran.code == 0


def test_a_witness_signs_no_other_past(busy: Cli) -> None:
    """A ledger cut short and gone on differently gets no cosignature."""
    kept = busy.folder / "kept.txt"
    kept.write_text(busy.run("audit", "checkpoint").out, encoding="utf-8")
    size = busy.sql("SELECT max(size) FROM checkpoints")[0][0]
    earlier = busy.sql(("SELECT max(size) FROM checkpoints WHERE size < ?", size))[0][0]
    busy.sql(
        *(f"DROP TRIGGER {t}_no_delete" for t in ("ledger", "ledger_nodes", "checkpoints")),
        ("DELETE FROM ledger WHERE position >= ?", earlier),
        ("DELETE FROM ledger_nodes WHERE (position + 1) * (1 << level) > ?", earlier),
        ("DELETE FROM checkpoints WHERE size > ?", earlier),
        ("DELETE FROM disclosure_rows WHERE position >= ?", earlier),
    )
    for number in range(30, 40):
        busy.take("school", registered(Child(number)))
    file, _ = witness(busy)
    ran = busy.run("audit", "checkpoint", "--witness", file, "--since", str(kept))
    assert ran.code == 2
    assert ran.out == ""
    assert "ledger-broken" in ran.err


def test_an_export_verifies_with_nothing_but_its_files_and_the_key(busy: Cli, files: Path) -> None:
    """No settings and no store: the folder, and the key from the operator."""
    key = busy.folder / "kept.pub"
    key.write_text(str(key_of(busy)), encoding="utf-8")
    (busy.folder / "hub.toml").unlink()
    busy.database.unlink()
    ran = busy.bare("audit", "verify-export", str(files), "--key", str(key), "--json")
    assert ran.code == 0
    assert ran.json["verified"] is True
    assert ran.json["entries"] > 30


def test_a_later_export_only_adds(busy: Cli, files: Path) -> None:
    """The files that were full stay; the folder verifies again."""
    busy.take("school", registered(Child(50)))
    assert busy.run("audit", "export", str(files)).code == 0
    assert busy.bare("audit", "verify-export", str(files)).code == 0


def test_an_export_of_several_bundles_names_an_entry_of_a_later_one(cli: Cli) -> None:
    """Full and partial files together; a changed byte in the second bundle is found there."""
    cli.take("school", *(registered(Child(number)) for number in range(1, 81)))
    folder = cli.folder / "export"
    assert cli.run("audit", "export", str(folder), "--json").json["entries"] > 512
    assert cli.bare("audit", "verify-export", str(folder)).code == 0
    second = folder / "tile" / "entries" / "001"
    whole = entry(cli, 260)
    second.write_bytes(second.read_bytes().replace(whole, whole.replace(b'"', b"'", 1)))
    ran = cli.bare("audit", "verify-export", str(folder), "--json")
    assert (ran.code, ran.json["first_bad"]) == (1, 260)


def test_a_changed_entry_of_an_export_is_named(busy: Cli, files: Path) -> None:
    """One byte in one entry: exactly that entry is the first bad one."""
    whole = entry(busy, 17)
    forge(files, whole, whole.replace(b'"', b"'", 1))
    ran = busy.bare("audit", "verify-export", str(files), "--json")
    assert ran.code == 1
    assert (ran.json["first_bad"], ran.json["span"]) == (17, 1)
    assert ran.json["problem"] == "hash-mismatch"


def test_it_says_the_first_bad_entry_in_words(busy: Cli, files: Path) -> None:
    """People read which entry it is."""
    whole = entry(busy, 17)
    forge(files, whole, whole.replace(b'"', b"'", 1))
    out = busy.bare("audit", "verify-export", str(files)).out
    assert "the first bad entry is 17" in out


def test_a_dropped_entry_of_an_export_is_found(busy: Cli, files: Path) -> None:
    """An entry that is taken out moves the next into its place."""
    whole = entry(busy, 9)
    forge(files, len(whole).to_bytes(2, "big") + whole, b"")
    assert busy.bare("audit", "verify-export", str(files), "--json").json["first_bad"] == 9


def test_an_export_without_its_last_bytes_is_found(busy: Cli, files: Path) -> None:
    """A bundle cut short lacks its last entry."""
    (bundle,) = [f for f in (files / "tile" / "entries").rglob("*") if f.is_file()]
    bundle.write_bytes(bundle.read_bytes()[:-1])
    ran = busy.bare("audit", "verify-export", str(files), "--json")
    assert ran.json["first_bad"] == busy.sql("SELECT max(position) FROM ledger")[0][0]


@pytest.mark.parametrize("path", ["checkpoint", "tile/0"])
def test_a_missing_file_of_an_export_is_found(busy: Cli, files: Path, path: str) -> None:
    """Without a signed head or a tile of hashes nothing can be vouched for."""
    found = files / path
    for file in [found] if found.is_file() else [f for f in found.rglob("*") if f.is_file()]:
        file.unlink()
    ran = busy.bare("audit", "verify-export", str(files), "--json")
    assert ran.code == 1
    assert ran.json["problem"] in {"checkpoint-missing", "file-missing"}


def test_an_export_forged_throughout_fails_at_the_key(busy: Cli, files: Path) -> None:
    """Signed by another key of the same name, it is refused with the right one."""
    other = busy.folder / "other.pub"
    other.write_text(str(SignerKey("hub.test.example", os.urandom(32)).verifier()))
    ran = busy.bare("audit", "verify-export", str(files), "--key", str(other), "--json")
    assert ran.code == 1
    assert ran.json["code"] == "ledger-note-unverified"


def test_an_export_goes_into_no_folder_of_another_ledger(busy: Cli, files: Path) -> None:
    """A file that never changes and is there with other content stops it."""
    for file in (files / "tile" / "entries").rglob("*"):
        if file.is_file():
            file.write_bytes(b"other")
    assert busy.run("audit", "export", str(files)).code == 2


@pytest.mark.parametrize("position", [0, 11, 30])
def test_a_proof_is_checked_with_itself_and_the_key_alone(busy: Cli, position: int) -> None:
    """Entry, leaf, way and signed head fit each other, without the hub."""
    proof = busy.run("audit", "prove", str(position), "--json").json
    note = proof["checkpoint"].encode()
    head = verify_checkpoint(note, "hub.test.example", [key_of(busy)]).checkpoint
    leaf = leaf_hash(proof["entry"].encode())
    path = [base64.b64decode(one) for one in proof["path"]]
    assert base64.b64encode(leaf).decode() == proof["leaf"]
    assert verify_inclusion(leaf, position, head.size, path, head.root)


def test_a_changed_entry_is_not_proved(busy: Cli) -> None:
    """What is not what was signed is said so."""
    busy.sql(
        "DROP TRIGGER ledger_no_update",
        ("UPDATE ledger SET entry = ? WHERE position = 5", entry(busy, 6)),
    )
    ran = busy.run("audit", "prove", "5", "--json")
    assert ran.code == 1
    assert ran.json["verified"] is False


def test_what_is_not_in_the_ledger_is_not_proved(busy: Cli) -> None:
    """There is no such entry."""
    assert busy.run("audit", "prove", "99999").code == 2


def deliveries(cli: Cli) -> list[str]:
    """Every delivery there is."""
    return [str(row[0]) for row in cli.sql("SELECT id FROM deliveries ORDER BY seq")]


def test_every_commitment_opens(busy: Cli) -> None:
    """The view made again from the kept event is what was committed to."""
    made = deliveries(busy)
    assert made
    for delivery in made:
        ran = busy.run("audit", "prove", "--opens", delivery, *ORDER, "--json")
        assert ran.code == 0
        assert ran.json["opens"] is True
        assert not {"salt", "payload"} & ran.json.keys()


def test_after_a_merge_what_was_delivered_before_opens(busy: Cli) -> None:
    """The recipient's pseudonym is that of the child of then, whoever it is now."""
    busy.sql("UPDATE deliveries SET state = 'delivered'")
    first, second = (row[0] for row in busy.sql("SELECT DISTINCT child FROM deliveries LIMIT 2"))
    mine = busy.sql(("SELECT id FROM deliveries WHERE child = ?", first))
    hub = busy.hub()
    changes.merge(hub, first, second, Attribution("jmalik", "T-1"))
    hub.engine.dispose()
    for (delivery,) in mine:
        assert busy.run("audit", "prove", "--opens", delivery, *ORDER, "--json").json["opens"]


def test_a_notice_opens(cli: Cli) -> None:
    """So does a view of nothing but that a record is wrong."""
    cli.take("school", registered(Child(1)), recorded(Child(1), "D1"))
    first = appointed(Child(1), record="R-1")
    cli.take("clinic", first)
    cli.sql("UPDATE deliveries SET state = 'published', releases = 1")
    cli.take("school", withdrawn(Child(1), "D1"))
    cli.take("clinic", appointed(Child(1), record="R-1", status=RecordStatus.CORRECTED))
    assert [d.get("notice") for d in cli.ledger("decision")].count(True) == 1
    assert cli.run("audit", "replay", "--all").code == 0
    for delivery in deliveries(cli):
        assert cli.run("audit", "prove", "--opens", delivery, *ORDER, "--json").json["opens"]


def test_an_opened_commitment_is_checked_with_salt_and_content_alone(busy: Cli) -> None:
    """With --show a stranger can compute the commitment and find it in the ledger."""
    delivery = deliveries(busy)[0]
    shown = busy.run("audit", "prove", "--opens", delivery, *ORDER, "--show", "--json").json
    logged = next(d for d in busy.ledger("delivery-made") if d["delivery"] == delivery)
    salt, payload = bytes.fromhex(shown["salt"]), canonical(shown["payload"])
    assert opens(bytes.fromhex(logged["commitment"]), salt, payload)


def test_opening_is_a_look_on_record(busy: Cli) -> None:
    """Who opened what, and why, stands in the ledger."""
    delivery = deliveries(busy)[0]
    busy.run("audit", "prove", "--opens", delivery, *ORDER)
    look = busy.ledger("data-accessed")[-1]
    assert (look["by"], look["reason"]) == ("jmalik", "COURT-7")
    assert delivery in look["what"]


def test_the_recipients_copy_opens_what_is_no_longer_kept(busy: Cli) -> None:
    """After its retention the event is gone; the copy of whoever got it still proves it."""
    delivery = deliveries(busy)[0]
    shown = busy.run("audit", "prove", "--opens", delivery, *ORDER, "--show", "--json").json
    copy = busy.folder / "copy.json"
    copy.write_text(json.dumps(shown["payload"], indent=2), encoding="utf-8")
    busy.sql("UPDATE events SET sealed = NULL")
    assert busy.run("audit", "prove", "--opens", delivery, *ORDER).code == 2
    with_copy = ("--opens", delivery, "--copy", str(copy))
    assert busy.run("audit", "prove", *with_copy, *ORDER).code == 0


def test_a_changed_copy_does_not_open(busy: Cli) -> None:
    """One word more, and it is not what was sent."""
    copy = busy.folder / "copy.json"
    copy.write_text('{"id": "something else"}', encoding="utf-8")
    ran = busy.run("audit", "prove", "--opens", deliveries(busy)[0], "--copy", str(copy), *ORDER)
    assert ran.code == 1


def test_after_an_erasure_nothing_opens(busy: Cli) -> None:
    """The salt went with the child's key; the entry stays."""
    delivery = deliveries(busy)[0]
    child = busy.sql(("SELECT child FROM deliveries WHERE id = ?", delivery))[0][0]
    hub = busy.hub()
    changes.erase(hub, child, Attribution("jmalik", "T-1"))
    hub.engine.dispose()
    assert busy.run("audit", "prove", "--opens", delivery, *ORDER).code != 0
    assert busy.run("audit", "verify").code == 0
