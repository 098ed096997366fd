"""The folder outlet on real files: whole or not at all, and once."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from adapters.channels.folder_outlet import FolderOutlet
from adapters.contract import Document
from schemas.errors import ChannelBusy, ChannelRefused

ROOT = Path(__file__).parents[3]
NOW = dt.datetime(2026, 9, 7, 8, 30, tzinfo=dt.UTC)
SMALL_DISK = (
    "import datetime, resource, sys\n"
    "from adapters.channels.folder_outlet import FolderOutlet\n"
    "from adapters.contract import Document\n"
    "from schemas.errors import ChannelBusy\n"
    "outlet = FolderOutlet(sys.argv[1])\n"
    "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
    "try:\n"
    "    outlet.hand_over(Document(b'x' * 5000, datetime.datetime.now(), '.xml'), 'd1')\n"
    "except ChannelBusy as error:\n"
    "    print(error)\n"
)


def names(folder: Path) -> list[str]:
    """List the visible names in a folder."""
    return sorted(p.name for p in folder.iterdir() if not p.name.startswith("."))


class TestHandingOver:
    """The outgoing side."""

    def test_a_delivery_is_one_file_named_for_it(self, tmp_path: Path) -> None:
        """Nothing unfinished is left beside it."""
        FolderOutlet(tmp_path).hand_over(Document(b"<a/>", NOW, ".xml"), "d1")
        assert (tmp_path / "out/d1.xml").read_bytes() == b"<a/>"
        assert names(tmp_path / "out") == ["d1.xml"]
        assert [p.name for p in (tmp_path / "out").iterdir()] == ["d1.xml"]

    def test_the_same_delivery_twice_has_one_effect(self, tmp_path: Path) -> None:
        """Even where the agency has taken the file away in between."""
        outlet = FolderOutlet(tmp_path)
        for _ in range(2):
            outlet.hand_over(Document(b"<a/>", NOW, ".xml"), "d1")
        assert names(tmp_path / "out") == ["d1.xml"]
        (tmp_path / "out/d1.xml").unlink()
        FolderOutlet(tmp_path).hand_over(Document(b"<a/>", NOW, ".xml"), "d1")
        assert names(tmp_path / "out") == []

    def test_a_delivery_cut_off_before_its_renaming_is_finished(self, tmp_path: Path) -> None:
        """Killed between the mark and the renaming, the next try completes it."""
        outlet = FolderOutlet(tmp_path)
        work = tmp_path.parent / f".{tmp_path.name}.hub"
        (work / "drafts/d1.xml").write_bytes(b"<whole/>")
        (work / "handed/d1.xml").touch()
        outlet.hand_over(Document(b"<whole/>", NOW, ".xml"), "d1")
        assert (tmp_path / "out/d1.xml").read_bytes() == b"<whole/>"

    def test_a_draft_cut_off_while_it_was_written_is_written_anew(self, tmp_path: Path) -> None:
        """Half a file is never handed over."""
        outlet = FolderOutlet(tmp_path)
        (tmp_path.parent / f".{tmp_path.name}.hub/drafts/d1.xml").write_bytes(b"<ha")
        outlet.hand_over(Document(b"<whole/>", NOW, ".xml"), "d1")
        assert (tmp_path / "out/d1.xml").read_bytes() == b"<whole/>"

    def test_a_full_disk_is_busy_and_leaves_nothing_half_written(self, tmp_path: Path) -> None:
        """A process that may write no more bytes meets it for real."""
        command = [sys.executable, "-c", SMALL_DISK, str(tmp_path)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
        assert "EFBIG" in done.stdout
        assert names(tmp_path / "out") == []
        FolderOutlet(tmp_path).hand_over(Document(b"<a/>", NOW, ".xml"), "d1")
        assert names(tmp_path / "out") == ["d1.xml"]

    def test_a_folder_that_is_away_is_busy(self, tmp_path: Path) -> None:
        """The message names no file."""
        outlet = FolderOutlet(tmp_path)
        (tmp_path / "out").rename(tmp_path / "gone")
        with pytest.raises(ChannelBusy) as caught:
            outlet.hand_over(Document(b"<a/>", NOW, ".xml"), "d1")
        assert "d1" not in str(caught.value)

    @pytest.mark.parametrize("delivery", ["", "../escape", ".hidden", "a/b", "x" * 200])
    def test_an_id_that_cannot_name_a_file_is_refused(self, tmp_path: Path, delivery: str) -> None:
        """No delivery leaves the folder."""
        with pytest.raises(ChannelRefused):
            FolderOutlet(tmp_path).hand_over(Document(b"<a/>", NOW, ".xml"), delivery)

    def test_two_threads_hand_over_one_delivery(self, tmp_path: Path) -> None:
        """Whoever comes second finds it done."""
        document = Document(b"x" * 50_000, NOW, ".xml")
        outlet = FolderOutlet(tmp_path)
        threads = [
            threading.Thread(target=outlet.hand_over, args=(document, "d1")) for _ in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert (tmp_path / "out/d1.xml").read_bytes() == document.body
        assert names(tmp_path / "out") == ["d1.xml"]
