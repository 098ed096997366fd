"""The folder inlet on real files: nothing half read, nothing twice, nothing lost."""

from __future__ import annotations

import datetime as dt
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from adapters.channels.folder import FilePickup, FolderInlet
from adapters.channels.guarded_folder import GuardedFolder
from adapters.contract import Document, Refusal
from schemas.errors import ChannelBusy, Fault

ROOT = Path(__file__).parents[3]
NOW = dt.datetime(2026, 9, 7, 8, 30, tzinfo=dt.UTC)
HALF_WAY = (
    "import sys, time\n"
    "from adapters.channels.folder import FolderInlet\n"
    "inlet = FolderInlet(sys.argv[1], settle=0.01, poll=0.01)\n"
    "for pickup in inlet.pickups(lambda: False):\n"
    "    print('taken', flush=True)\n"
    "    time.sleep(60)\n"
)


def drop(root: Path, name: str, body: bytes = b"<a/>", age: float = 0.0) -> Path:
    """Put a file into ``in/`` as an agency system would, ``age`` seconds old."""
    path = root / "in" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(body)
    then = 1_780_000_000 - age
    os.utime(path, (then, then))
    return path


def inlet_of(root: Path, **options: float) -> FolderInlet:
    """Make a quick inlet that ends when there is nothing left."""
    settings = {"settle": 0.02, "poll": 0.01, **options}
    return FolderInlet(root, once=True, **settings)  # type: ignore[arg-type]  # numbers all


def work_of(root: Path) -> Path:
    """Name the hub's own folder for claims, which is beside the agency's by default."""
    return root.parent / f".{root.name}.hub"


def names(folder: Path) -> list[str]:
    """List the visible names in a folder."""
    return sorted(p.name for p in folder.iterdir() if not p.name.startswith("."))


def each(root: Path, end: Callable[[FilePickup], None], **options: float) -> list[Document]:
    """Take everything and end it in one way."""
    inlet = inlet_of(root, **options)
    taken = []
    for pickup in inlet.pickups(lambda: False):
        taken.append(pickup.document)
        end(pickup)
    inlet.close()
    return taken


class TestTaking:
    """Which files are taken, and when."""

    def test_files_are_taken_oldest_first_then_by_name(self, tmp_path: Path) -> None:
        """Order is that of modification times; names decide ties."""
        for name, age in (("c.xml", 5), ("b.xml", 9), ("a.xml", 5)):
            drop(tmp_path, name, name.encode(), age)
        taken = each(tmp_path, FilePickup.accept)
        assert [d.body for d in taken] == [b"b.xml", b"a.xml", b"c.xml"]
        assert names(tmp_path / "processed") == ["a.xml", "b.xml", "c.xml"]
        assert names(tmp_path / "in") == []

    def test_a_document_carries_its_files_time_and_suffix(self, tmp_path: Path) -> None:
        """The modification time in UTC makes reading twice the same."""
        drop(tmp_path, "a.XML")
        (document,) = each(tmp_path, FilePickup.accept)
        assert document.received_at == dt.datetime.fromtimestamp(1_780_000_000, dt.UTC)
        assert document.suffix == ".xml"

    @pytest.mark.parametrize(
        "name", [".hidden.xml", "a.xml.tmp", "a.part", "A.FILEPART", "a.xml.done.tmp"]
    )
    def test_unfinished_names_are_left_alone(self, tmp_path: Path, name: str) -> None:
        """What an uploader names as unfinished is not looked into."""
        path = drop(tmp_path, name)
        assert each(tmp_path, FilePickup.accept) == []
        assert path.exists()

    def test_only_plain_files_are_taken(self, tmp_path: Path) -> None:
        """Links, folders, pipes and sockets are left alone, never followed or waited on."""
        secret = tmp_path / "secret"
        secret.write_bytes(b"not to be read")
        folder = tmp_path / "in"
        folder.mkdir()
        (folder / "link.xml").symlink_to(secret)
        (folder / "folder.xml").mkdir()
        os.mkfifo(folder / "pipe.xml")
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(folder / "socket.xml"))
        assert each(tmp_path, FilePickup.accept) == []
        assert len(names(folder)) == 4
        assert secret.read_bytes() == b"not to be read"

    def test_a_link_put_in_a_files_place_is_not_followed(self, tmp_path: Path) -> None:
        """Even between the look and the claim."""
        secret = tmp_path / "secret"
        secret.write_bytes(b"not to be read")
        path = drop(tmp_path, "a.xml")
        inlet = inlet_of(tmp_path)
        inlet._scan()
        path.unlink()
        path.symlink_to(secret)
        assert inlet._take("a.xml") is None
        assert path.is_symlink()
        inlet.close()

    def test_an_oversized_file_is_read_to_the_limit_and_one_byte(self, tmp_path: Path) -> None:
        """It shows as too large without being held in memory."""
        drop(tmp_path, "big.xml", b"x" * 10_000)
        (document,) = each(tmp_path, FilePickup.accept, limit=100)
        assert len(document.body) == 101

    def test_a_growing_file_is_taken_whole_or_not_at_all(self, tmp_path: Path) -> None:
        """While it is being written nobody reads it; when it rests it is read whole."""
        path = drop(tmp_path, "slow.xml", b"")

        def write() -> None:
            with path.open("ab") as file:
                for _ in range(12):
                    file.write(b"0123456789")
                    file.flush()
                    time.sleep(0.03)

        writer = threading.Thread(target=write)
        writer.start()
        taken = each(tmp_path, FilePickup.accept, settle=0.6)
        writer.join()
        assert [len(d.body) for d in taken] == [120]

    def test_a_file_that_never_rests_is_refused_and_kept(self, tmp_path: Path) -> None:
        """Out of patience it goes to rejected/ with its reason, not one byte lost."""
        path = drop(tmp_path, "log.xml", b"")
        done = threading.Event()

        def write() -> None:
            with path.open("ab") as file:
                while not done.is_set():
                    file.write(b"x")
                    file.flush()
                    time.sleep(0.005)

        writer = threading.Thread(target=write)
        writer.start()
        taken = each(tmp_path, FilePickup.accept, settle=0.1, patience=0.3)
        done.set()
        writer.join()
        assert taken == []
        reason = json.loads((tmp_path / "rejected/log.xml.reason.json").read_text())
        assert [r["code"] for r in reason["reasons"]] == ["still-growing"]
        assert (tmp_path / "rejected/log.xml").stat().st_size > 0

    def test_a_file_that_grows_after_it_was_read_is_read_again(self, tmp_path: Path) -> None:
        """Accepting what was read must not bury what came later."""
        drop(tmp_path, "a.xml", b"half")
        inlet = inlet_of(tmp_path)
        bodies = []
        for pickup in inlet.pickups(lambda: False):
            bodies.append(pickup.document.body)
            if len(bodies) == 1:
                with pickup.claim.open("ab") as file:
                    file.write(b" and half")
            pickup.accept()
        inlet.close()
        assert bodies == [b"half", b"half and half"]
        assert (tmp_path / "processed/a.xml").read_bytes() == b"half and half"

    def test_stop_is_heard_at_once(self, tmp_path: Path) -> None:
        """A long poll does not hold up the end."""
        inlet = FolderInlet(tmp_path, poll=30)
        stop = threading.Event()
        threading.Timer(0.1, stop.set).start()
        begin = time.monotonic()
        assert list(inlet.pickups(stop.is_set)) == []
        assert time.monotonic() - begin < 5
        inlet.close()


class TestEnding:
    """What becomes of a taken file."""

    def test_nothing_is_written_over(self, tmp_path: Path) -> None:
        """The same name twice is kept twice."""
        for body in (b"one", b"two", b"three"):
            drop(tmp_path, "a.xml", body)
            each(tmp_path, FilePickup.accept)
        kept = {(tmp_path / "processed" / n).read_bytes() for n in names(tmp_path / "processed")}
        assert kept == {b"one", b"two", b"three"}
        assert names(tmp_path / "processed") == ["a-2.xml", "a-3.xml", "a.xml"]

    def test_a_refused_file_lies_beside_its_reasons(self, tmp_path: Path) -> None:
        """Codes, sentences, places and the time; each file has its own."""
        refusals = (Refusal(Fault.BAD_VALUE, "Pupil[1]/DOB"), Refusal(Fault.NO_CHILD))
        for _ in range(2):
            drop(tmp_path, "a.xml")
            each(tmp_path, lambda p: p.refuse(refusals))
        expected = ["a-2.xml", "a-2.xml.reason.json", "a.xml", "a.xml.reason.json"]
        assert names(tmp_path / "rejected") == expected
        reason = json.loads((tmp_path / "rejected/a.xml.reason.json").read_text())
        assert reason["reasons"][0] == {
            "code": "bad-value",
            "sentence": Fault.BAD_VALUE.sentence,
            "where": "Pupil[1]/DOB",
        }
        assert dt.datetime.fromisoformat(reason["when"]).tzinfo is not None

    def test_a_very_long_name_can_be_refused(self, tmp_path: Path) -> None:
        """The name is cut so that its reasons fit beside it."""
        drop(tmp_path, "n" * 251 + ".xml")
        each(tmp_path, lambda p: p.refuse((Refusal(Fault.NOT_XML),)))
        kept = names(tmp_path / "rejected")
        assert len(kept) == 2
        assert kept[0].endswith(".xml")

    def test_a_postponed_file_goes_back_and_is_read_again(self, tmp_path: Path) -> None:
        """Under its own name, with its own time."""
        drop(tmp_path, "a.xml", b"same")
        first = each(tmp_path, FilePickup.postpone)
        assert names(tmp_path / "in") == ["a.xml"]
        assert each(tmp_path, FilePickup.accept) == first

    def test_a_pickup_nobody_ended_goes_back(self, tmp_path: Path) -> None:
        """A worker that fails in the middle loses nothing."""
        drop(tmp_path, "a.xml")
        inlet = inlet_of(tmp_path)
        stream = inlet.pickups(lambda: False)
        next(stream)
        assert isinstance(stream, Iterator)
        stream.close()  # type: ignore[attr-defined]  # a generator
        inlet.close()
        assert names(tmp_path / "in") == ["a.xml"]

    def test_only_the_first_end_counts(self, tmp_path: Path) -> None:
        """A second one does nothing."""

        def both(pickup: FilePickup) -> None:
            pickup.accept()
            pickup.refuse((Refusal(Fault.NOT_XML),))

        drop(tmp_path, "a.xml")
        each(tmp_path, both)
        assert names(tmp_path / "processed") == ["a.xml"]
        assert names(tmp_path / "rejected") == []

    def test_a_file_that_cannot_be_moved_is_kept_and_read_again(self, tmp_path: Path) -> None:
        """The trouble is said as ChannelBusy, and the file comes again."""
        drop(tmp_path, "a.xml")
        inlet = FolderInlet(tmp_path, settle=0.02, poll=0.01)
        stream = inlet.pickups(lambda: False)
        pickup = next(stream)
        (tmp_path / "processed").rename(tmp_path / "away")
        with pytest.raises(ChannelBusy):
            pickup.accept()
        (tmp_path / "away").rename(tmp_path / "processed")
        next(stream).accept()
        inlet.close()
        assert names(tmp_path / "processed") == ["a.xml"]

    def test_without_hard_links_a_taken_name_is_not_written_over(self, tmp_path: Path) -> None:
        """What stands in for a link on a network share refuses a name that is there."""
        two, one = drop(tmp_path, "two.xml", b"two"), tmp_path / "one.xml"
        one.write_bytes(b"one")
        folder = GuardedFolder(tmp_path, "in")
        with pytest.raises(FileExistsError):
            folder.rename_if_free(one, "two.xml")
        folder.rename_if_free(one, "three.xml")
        folder.close()
        assert names(tmp_path / "in") == ["three.xml", "two.xml"]
        assert two.read_bytes() == b"two"


class TestSharing:
    """Two readers, and readers that die."""

    def test_two_readers_take_each_file_once(self, tmp_path: Path) -> None:
        """Every file is taken by one of them and by one only."""
        for number in range(60):
            drop(tmp_path, f"{number:02}.xml", str(number).encode())
        taken: list[bytes] = []

        def work(inlet: FolderInlet) -> None:
            for pickup in inlet.pickups(lambda: False):
                taken.append(pickup.document.body)
                pickup.accept()

        inlets = [inlet_of(tmp_path) for _ in range(3)]
        threads = [threading.Thread(target=work, args=(i,)) for i in inlets]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for inlet in inlets:
            inlet.close()
        assert sorted(taken) == sorted(str(n).encode() for n in range(60))

    def test_what_a_killed_reader_held_comes_back(self, tmp_path: Path) -> None:
        """The next one that starts puts it back and reads it; a living one's is not touched."""
        drop(tmp_path, "a.xml", b"alive after all")
        command = [sys.executable, "-c", HALF_WAY, str(tmp_path)]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == b"taken\n"
            assert each(tmp_path, FilePickup.accept) == []
            process.send_signal(signal.SIGKILL)
        (document,) = each(tmp_path, FilePickup.accept)
        assert document.body == b"alive after all"
        assert list((work_of(tmp_path) / "taken").iterdir()) == []

    def test_a_file_left_bare_in_taken_comes_back(self, tmp_path: Path) -> None:
        """Whoever put it there, it is an agency's file."""
        drop(tmp_path, "a.xml")
        taken = work_of(tmp_path) / "taken"
        taken.mkdir(parents=True)
        (tmp_path / "in/a.xml").rename(taken / "a.xml")
        assert len(each(tmp_path, FilePickup.accept)) == 1
