"""``hub subject-access`` on a real store: what it writes, for whom, and what it says."""

from __future__ import annotations

import json
import stat
from pathlib import Path

from tests.events import Child, absent, case_opened, with_override
from tests.hub.cli.conftest import Cli

WHO = ("--by", "jmalik", "--reason", "SAR-2026-017")


def test_it_writes_four_files_for_their_owner_alone(cli: Cli, tmp_path: Path) -> None:
    """The copy and the officer's note, each as a page and as JSON."""
    child, out = cli.child(), tmp_path / "out"
    ran = cli.run("subject-access", child, *WHO, "--out", str(out))
    assert ran.code == 0, ran.err
    assert {one.name: stat.S_IMODE(one.stat().st_mode) for one in out.iterdir()} == dict.fromkeys(
        ("report.html", "report.json", "officer-note.html", "officer-note.json"), 0o600
    )
    assert stat.S_IMODE(out.stat().st_mode) == 0o700


def test_json_counts_what_was_found(cli: Cli, tmp_path: Path) -> None:
    """Entries, disclosures, what is held back, and what may be about others."""
    child = cli.child()
    cli.take("care", with_override(case_opened(Child(1))))
    said = cli.run("subject-access", child, *WHO, "--out", str(tmp_path / "out"), "--json").json
    assert list(said) == ["folder", "entries", "disclosures", "held_back", "third_party"]
    assert said["disclosures"] == 1
    assert said["held_back"] > 0
    note = json.loads((tmp_path / "out" / "officer-note.json").read_text(encoding="utf-8"))
    assert len(note["held_back"]) == said["held_back"]


def test_the_folder_is_named_without_anything_of_the_child(cli: Cli) -> None:
    """A date and a number by chance."""
    child = cli.child()
    ran = cli.run("subject-access", "--nhs-number", "-", *WHO, stdin=f"{Child(1).nhs}\n")
    (folder,) = cli.folder.glob("subject-access-*")
    assert ran.code == 0, ran.err
    assert len(folder.name) == len("subject-access-2026-03-01-") + 8
    assert child not in ran.out + folder.name
    assert Child(1).nhs not in ran.out + ran.err


def test_the_copy_tells_what_happened(cli: Cli, tmp_path: Path) -> None:
    """The registration and the absence, by their titles."""
    child = cli.child()
    cli.take("school", absent(Child(1)))
    cli.run("subject-access", child, *WHO, "--out", str(tmp_path / "out"))
    report = json.loads((tmp_path / "out" / "report.json").read_text(encoding="utf-8"))
    assert [one["title"] for one in report["events"]] == [
        "A child is on a school's roll",
        "A child's attendance gives cause for concern",
    ]
    assert report["retention_days"] == 28


def test_an_item_is_handed_over_by_its_id(cli: Cli, tmp_path: Path) -> None:
    """As the note says."""
    child = cli.child()
    cli.take("care", with_override(case_opened(Child(1))))
    cli.run("subject-access", child, *WHO, "--out", str(tmp_path / "a"))
    note = json.loads((tmp_path / "a" / "officer-note.json").read_text(encoding="utf-8"))
    (item,) = [one["id"] for one in note["held_back"] if one["kind"] == "Event"]
    ran = cli.run("subject-access", child, *WHO, "--out", str(tmp_path / "b"), "--hand-over", item)
    assert ran.code == 0, ran.err
    report = (tmp_path / "b" / "report.html").read_text(encoding="utf-8")
    assert "case with children" in report


def test_nothing_is_written_over(cli: Cli, tmp_path: Path) -> None:
    """A folder with something in it is refused."""
    child = cli.child()
    (tmp_path / "mine").write_text("x", encoding="utf-8")
    ran = cli.run("subject-access", child, *WHO, "--out", str(tmp_path))
    assert (ran.code, "Name a new folder" in ran.err) == (2, True)


def test_an_unknown_child_is_said_so(cli: Cli) -> None:
    """And no folder is made."""
    ran = cli.run("subject-access", "nobody", *WHO)
    assert ran.code == 2
    assert not list(cli.folder.glob("subject-access-*"))


def test_the_look_is_recorded(cli: Cli, tmp_path: Path) -> None:
    """With who asked and why."""
    child = cli.child()
    cli.run("subject-access", child, *WHO, "--out", str(tmp_path / "out"))
    (look,) = cli.ledger("data-accessed")
    assert (look["by"], look["child"], look["reason"]) == ("jmalik", child, "SAR-2026-017")
