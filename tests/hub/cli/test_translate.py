"""``hub translate``: files into events and back, with a code for all that is refused."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from adapters.contract import Adapter, AgencySystem, Document, Format, Translation
from hub.runtime import translation
from schemas.event import View, parse_event
from tests.events import SEN_SUPPORT, Child, event_of, registered, section

if TYPE_CHECKING:
    from tests.hub.cli.conftest import Cli

ROOT = Path(__file__).parents[3]
CTF = ("translate", "--adapter", "education-ctf")
EXTRACT = ("translate", "--adapter", "care-extract")


@pytest.fixture
def events(bare_cli: Cli) -> Path:
    """Two events in a file, one a line."""
    support = event_of(
        SEN_SUPPORT, "school", Child(2).identity(), section(SEN_SUPPORT, provision="K")
    )
    lines = [registered(Child(1)).to_json(), support.to_json()]
    file = bare_cli.folder / "events.jsonl"
    file.write_bytes(b"\n".join(lines) + b"\n")
    return file


@pytest.fixture
def ctf(bare_cli: Cli, events: Path) -> Path:
    """A folder of CTF files, made of those events."""
    folder = bare_cli.folder / "ctf"
    assert bare_cli.bare(*CTF, "--reverse", "--out", str(folder), str(events)).code == 0
    return folder


def test_events_become_files_and_files_events(bare_cli: Cli, ctf: Path) -> None:
    """Each event a file of its type; read again they are events of the same types."""
    assert sorted(f.name for f in ctf.iterdir()) == [
        "00001-education.child-registered.v1.xml",
        "00002-education.sen-support-recorded.v1.xml",
    ]
    ran = bare_cli.bare(*CTF, "--agency", "oak", str(ctf))
    read = [parse_event(line.encode()) for line in ran.out.splitlines()]
    assert {event.source for event in read} == {"oak"}
    assert {"education.child-registered.v1", SEN_SUPPORT} <= {event.kind.key for event in read}


def test_the_summary_is_the_last_line(bare_cli: Cli, ctf: Path) -> None:
    """Files, events, refusals by code, failures of the format itself."""
    (ctf / "broken.xml").write_text("<CTfile")
    ran = bare_cli.bare(*CTF, "--json", str(ctf), "nowhere.xml")
    *events, summary = ran.out.splitlines()
    assert ran.code == 1
    assert json.loads(summary) == {
        "files": 4,
        "events": len(events),
        "refused": {"not-xml": 1, "unreadable-file": 1},
        "crashed": 0,
    }


def test_a_refusal_names_file_code_and_sentence(bare_cli: Cli) -> None:
    """On standard error; exit code 1; nothing on standard output."""
    Path("bad.xml").write_text("<CTfile")
    ran = bare_cli.bare(*CTF, "bad.xml")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith("bad.xml: not-xml: The input is not well-formed XML.")


def test_reading_twice_gives_the_same_events(bare_cli: Cli, ctf: Path) -> None:
    """A file's moment is that of its last change."""
    assert bare_cli.bare(*CTF, str(ctf)).out == bare_cli.bare(*CTF, str(ctf)).out


def test_folders_are_walked(bare_cli: Cli, ctf: Path) -> None:
    """Every file below, in the order of its name; an unreadable one is a refusal."""
    deep = ctf / "a" / "b"
    deep.mkdir(parents=True)
    (deep / "x.xml").write_bytes(b"")
    os.mkfifo(ctf / "pipe")
    (ctf / "dangling").symlink_to("nowhere")
    ran = bare_cli.bare(*CTF, "--json", str(ctf))
    refused = json.loads(ran.out.splitlines()[-1])["refused"]
    assert refused == {"empty-input": 1, "unreadable-file": 1}


def test_the_largest_file_is_a_setting(bare_cli: Cli, ctf: Path) -> None:
    """Larger ones are refused before they are read."""
    ran = bare_cli.bare(*CTF, "--json", "--max-bytes", "100", str(ctf))
    assert json.loads(ran.out)["refused"] == {"too-large": 2}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--adapter", "education-ctv"], "Did you mean education-ctf?"),
        (["--adapter", "education-ctf", "--setting", "nonsense=1"], 'no setting "nonsense"'),
        (["--adapter", "education-ctf", "--setting", "schol-urn=1"], "Did you mean school-urn?"),
        (["--adapter", "education-ctf", "--setting", "school-urn=1"], '"school-urn" is wrong'),
        (["--adapter", "education-ctf", "--setting", "school-urn"], "NAME=VALUE"),
        (["--adapter", "education-ctf", "--agency", "Not A Name"], "lower-case letters"),
        (["--adapter", "education-ctf", "--out", "x"], "--out goes with --reverse"),
    ],
)
def test_wrong_options_end_with_2(bare_cli: Cli, arguments: list[str], words: str) -> None:
    """What is wrong, and what there is."""
    ran = bare_cli.bare("translate", *arguments, "file.xml")
    assert ran.code == 2
    assert words in ran.err


def test_standard_input_is_a_dash(ctf: Path) -> None:
    """So that it can stand in a pipe."""
    file = ctf / "00001-education.child-registered.v1.xml"
    done = subprocess.run(
        [sys.executable, "-m", "hub", *CTF, "-"],
        cwd=ROOT,
        input=file.read_bytes(),
        capture_output=True,
        check=True,
    )
    assert parse_event(done.stdout.splitlines()[0]).source == "sample-agency"


def test_the_summary_is_no_event_on_the_way_back(ctf: Path) -> None:
    """What one writes with its summary the other reads without it."""
    forth = subprocess.run(
        [sys.executable, "-m", "hub", *CTF, "--json", str(ctf)],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    back = subprocess.run(
        [sys.executable, "-m", "hub", *EXTRACT, "--reverse", "--json", "-"],
        cwd=ROOT,
        input=forth.stdout,
        capture_output=True,
        check=True,
    )
    assert back.stderr == b""
    assert json.loads(back.stdout.splitlines()[-1])["events"] == forth.stdout.count(b"\n") - 1


def test_reverse_refuses_line_by_line(bare_cli: Cli, events: Path) -> None:
    """A bad line has its number; the good ones are written."""
    with events.open("ab") as file:
        file.write(b"{}\nnot json\n\n")
    ran = bare_cli.bare(*EXTRACT, "--reverse", "--json", str(events))
    *documents, summary = [json.loads(line) for line in ran.out.splitlines()]
    assert [d["line"] for d in documents] == [1, 2]
    assert documents[0]["text"].strip()
    assert summary["refused"] == {"missing-field": 1, "not-json": 1}
    assert f"{events}:3: missing-field: " in ran.err
    assert ran.code == 1


def test_what_a_format_has_no_words_for_is_said(bare_cli: Cli, events: Path) -> None:
    """With the code that a delivery would fail with."""
    ran = bare_cli.bare("translate", "--adapter", "care-cin", "--reverse", "--json", str(events))
    assert ran.code == 1
    assert json.loads(ran.out)["refused"] == {"cannot-express": 2}


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_file_without_rights_is_a_refusal(bare_cli: Cli, ctf: Path) -> None:
    """Not an error that ends all."""
    (ctf / "00001-education.child-registered.v1.xml").chmod(0)
    ran = bare_cli.bare(*CTF, "--json", str(ctf))
    assert json.loads(ran.out.splitlines()[-1])["refused"] == {"unreadable-file": 1}


class Falling(Format):
    """A format that fails on everything."""

    reads = writes = frozenset({SEN_SUPPORT})

    def read(self, document: Document, speaker: AgencySystem) -> Translation:  # noqa: ARG002
        """Fall."""
        raise ZeroDivisionError

    def write(self, view: View, speaker: AgencySystem) -> Document:  # noqa: ARG002
        """Fall."""
        raise ZeroDivisionError


def test_a_failing_format_is_counted_as_such(events: Path) -> None:
    """Both ways: contained, with a code, marked as the format's own fault."""
    falling = Adapter("falling", "Falls", Falling(), ("folder",))
    (read,) = translation.read_file(str(events), falling, AgencySystem("oak"), 9999)
    assert isinstance(read, translation.Complaint)
    assert (read.code, read.crashed) == ("unreadable", True)
    written = list(translation.write_file(str(events), falling, AgencySystem("oak"), 9999))
    assert [getattr(one, "code", "") for one in written] == ["adapter-failed"] * 2


def test_a_line_without_end_is_refused(events: Path) -> None:
    """Nothing larger than the limit is ever held."""
    falling = Adapter("falling", "Falls", Falling(), ("folder",))
    (found,) = translation.write_file(str(events), falling, AgencySystem("oak"), 10)
    assert isinstance(found, translation.Complaint)
    assert found.code == "too-large"


def test_written_files_are_ordinary_files(ctf: Path) -> None:
    """Readable as any file the person makes."""
    assert all(stat.S_ISREG(f.stat().st_mode) for f in ctf.iterdir())


def test_explain_lists_every_element_and_shows_no_value(bare_cli: Cli, ctf: Path) -> None:
    """One table a file: path, status, fields or reason."""
    file = ctf / "00001-education.child-registered.v1.xml"
    ran = bare_cli.bare(*CTF, "--explain", str(file))
    assert ran.code == 0
    assert "identity.upn" in ran.out
    assert Child(1).family_name not in ran.out
    assert Child(1).upn not in ran.out


def test_explain_as_json_is_one_object_a_file_and_a_summary(bare_cli: Cli, ctf: Path) -> None:
    """The summary counts the elements of all files."""
    ran = bare_cli.bare(*CTF, "--explain", "--json", str(ctf), "nowhere.xml")
    *files, summary = [json.loads(line) for line in ran.out.splitlines()]
    assert ran.code == 1
    assert len(files) == 2
    assert set(files[0]["elements"][0]) == {"path", "status", "fields", "events", "reason"}
    assert (summary["files"], summary["refused_files"]) == (3, 1)
    assert summary["mapped"] == sum(one["mapped"] for one in files)


def test_coverage_counts_by_path_over_all_files(bare_cli: Cli, ctf: Path) -> None:
    """Numbers of repeated elements are left out of the paths."""
    ran = bare_cli.bare(*CTF, "--coverage", "--json", str(ctf))
    found = {one["path"]: one for one in json.loads(ran.out)["paths"]}
    assert found["CTfile/CTFpupilData/Pupil/UPN"]["mapped"] == 2
    assert bare_cli.bare(*CTF, "--coverage", str(ctf)).out.startswith("PATH ")


@pytest.mark.parametrize("options", ["--explain", "--reverse", "--out x"])
def test_explain_goes_with_nothing_else(bare_cli: Cli, ctf: Path, options: str) -> None:
    """The two are ways of their own to use the command."""
    ran = bare_cli.bare(*CTF, "--coverage", *options.split(), str(ctf))
    assert ran.code == 2
    assert "configuration" in ran.err
