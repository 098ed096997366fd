"""An agency that attacks through its own folder: links, hard links and swapped folders."""

from __future__ import annotations

import datetime as dt
import json
import os
import stat
import threading
import time
from pathlib import Path

import pytest

from adapters.channels.folder import FilePickup, FolderInlet
from adapters.channels.folder_outlet import FolderOutlet
from adapters.channels.guarded_folder import GuardedFolder
from adapters.contract import Document, Refusal
from schemas.errors import ChannelBusy, ChannelRefused, ConfigurationError, Fault

NOW = dt.datetime(2026, 9, 7, 8, 30, tzinfo=dt.UTC)
OURS = "agencies/school"
THEIRS = "agencies/social-care"


class World:
    """Two agencies' folders side by side and the hub's own state."""

    def __init__(self, base: Path) -> None:
        self.base, self.root, self.other = base, base / OURS, base / THEIRS
        self.work = base / "state" / "channels" / "school"
        for folder in (self.root / "in", self.other / "out", base / "state"):
            folder.mkdir(parents=True)
        self.delivery = self.other / "out" / "d-1.xml"
        self.delivery.write_bytes(b"theirs")
        self.key = base / "state" / "master.key"
        self.key.write_bytes(b"key")

    def inlet(self, root: Path | None = None) -> FolderInlet:
        """Start a quick reader of our agency's folder."""
        return FolderInlet(root or self.root, work=self.work, settle=0.02, poll=0.01, once=True)

    def drop(self, name: str = "a.xml", body: bytes = b"<a/>") -> Path:
        """Put one of our agency's files into ``in/``."""
        path = self.root / "in" / name
        path.write_bytes(body)
        return path

    def untouched(self) -> bool:
        """Whether what is not our agency's is as it was."""
        return self.delivery.read_bytes() == b"theirs" and self.key.read_bytes() == b"key"


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A fresh world."""
    return World(tmp_path)


def take_all(inlet: FolderInlet, end: str = "accept") -> list[bytes]:
    """Take every file and end each in the same way."""
    bodies = []
    for pickup in inlet.pickups(lambda: False):
        bodies.append(pickup.document.body)
        getattr(pickup, end)(*(((Refusal(Fault.NOT_XML),),) if end == "refuse" else ()))
    inlet.close()
    return bodies


def test_claims_are_outside_of_every_folder_the_agency_may_write(world: World) -> None:
    """Nothing of the hub's is made below the agency's root but the four folders."""
    world.drop()
    stream = (inlet := world.inlet()).pickups(lambda: False)
    pickup = next(stream)
    assert pickup.claim.is_relative_to(world.work)
    assert stat.S_IMODE(world.work.stat().st_mode) == 0o700
    assert sorted(p.name for p in world.root.iterdir()) == ["in", "processed", "rejected"]
    assert list((world.root / "in").iterdir()) == []
    pickup.accept()
    inlet.close()


@pytest.mark.parametrize("target", [f"../../{THEIRS.split('/')[1]}/out", "../../../state"])
def test_a_link_in_the_place_of_the_old_claims_folder_does_nothing(
    world: World, target: str
) -> None:
    """The attack that moved another agency's deliveries and the master key."""
    (world.root / "in" / ".taken").symlink_to(target)
    world.inlet().close()
    assert take_all(world.inlet()) == []
    assert world.untouched()
    assert sorted(p.name for p in (world.root / "in").iterdir()) == [".taken"]


@pytest.mark.parametrize("name", ["in", "processed", "rejected"])
def test_a_reader_does_not_start_on_a_folder_that_is_a_link(world: World, name: str) -> None:
    """It reports that it cannot use the folder, and touches nothing behind the link."""
    if name == "in":
        (world.root / "in").rmdir()
    (world.root / name).symlink_to(world.other / "out")
    with pytest.raises(ChannelBusy):
        world.inlet()
    assert world.untouched()


def test_an_outlet_does_not_start_on_a_folder_that_is_a_link(world: World) -> None:
    """No delivery is written behind the link."""
    (world.root / "out").symlink_to(world.other / "out")
    with pytest.raises(ChannelBusy):
        FolderOutlet(world.root, work=world.work)
    assert world.untouched()


@pytest.mark.parametrize(("name", "end"), [("processed", "accept"), ("rejected", "refuse")])
def test_a_folder_swapped_for_a_link_while_the_reader_runs_is_not_followed(
    world: World, name: str, end: str
) -> None:
    """The file waits in the hub's own folder and is taken again when the folder is back."""
    world.drop(body=b"once")
    inlet = FolderInlet(world.root, work=world.work, settle=0.02, poll=0.01)
    stream = inlet.pickups(lambda: False)
    pickup = next(stream)
    (world.root / name).rename(world.root / "away")
    (world.root / name).symlink_to(world.other / "out")
    with pytest.raises(ChannelBusy):
        pickup.refuse((Refusal(Fault.NOT_XML),)) if end == "refuse" else pickup.accept()
    assert sorted(p.name for p in (world.other / "out").iterdir()) == ["d-1.xml"]
    (world.root / name).unlink()
    (world.root / "away").rename(world.root / name)
    again = next(stream)
    assert again.document.body == b"once"
    again.accept()
    inlet.close()
    assert world.untouched()


def test_an_incoming_folder_swapped_for_a_link_while_the_reader_runs_is_not_read(
    world: World,
) -> None:
    """Files of another agency are neither read nor moved."""
    inlet = world.inlet()
    (world.root / "in").rename(world.root / "away")
    (world.root / "in").symlink_to(world.other / "out")
    with pytest.raises(ChannelBusy):
        list(inlet.pickups(lambda: False))
    assert world.untouched()


def test_an_incoming_folder_that_was_made_anew_is_used(world: World) -> None:
    """A real folder of the same owner is no attack: an agency may tidy up."""
    inlet = world.inlet()
    (world.root / "in").rmdir()
    (world.root / "in").mkdir()
    world.drop(body=b"after")
    assert take_all(inlet) == [b"after"]


def test_an_outgoing_folder_swapped_for_a_link_takes_no_delivery(world: World) -> None:
    """The delivery is tried again later."""
    outlet = FolderOutlet(world.root, work=world.work)
    (world.root / "out").rename(world.root / "away")
    (world.root / "out").symlink_to(world.other / "out")
    with pytest.raises(ChannelBusy):
        outlet.hand_over(Document(b"secret", NOW, ".xml"), "d-2")
    assert sorted(p.name for p in (world.other / "out").iterdir()) == ["d-1.xml"]


def test_a_hard_link_made_in_advance_is_not_written_through(world: World) -> None:
    """Neither under the old name of a draft nor under the name of the delivery."""
    outlet = FolderOutlet(world.root, work=world.work)
    for name in (".d-2.xml.tmp", "d-2.xml"):
        os.link(world.delivery, world.root / "out" / name)
    with pytest.raises(ChannelRefused):
        outlet.hand_over(Document(b"secret", NOW, ".xml"), "d-2")
    outlet.hand_over(Document(b"ours", NOW, ".xml"), "d-3")
    assert world.untouched()
    assert (world.root / "out" / "d-3.xml").read_bytes() == b"ours"


def test_a_symbolic_link_under_a_deliverys_name_is_not_followed(world: World) -> None:
    """What it points at is left alone."""
    outlet = FolderOutlet(world.root, work=world.work)
    (world.root / "out" / "d-2.xml").symlink_to(world.key)
    with pytest.raises(ChannelRefused):
        outlet.hand_over(Document(b"secret", NOW, ".xml"), "d-2")
    assert world.untouched()


def test_a_hard_link_to_another_agencys_file_is_not_read(world: World) -> None:
    """Its content is not taken for a document of this agency."""
    os.link(world.delivery, world.root / "in" / "a.xml")
    inlet = FolderInlet(world.root, work=world.work, settle=0.02, poll=0.01, patience=0.1)
    stop = threading.Event()
    threading.Timer(1.0, stop.set).start()
    assert [p.document.body for p in inlet.pickups(stop.is_set)] == []
    inlet.close()
    assert world.untouched()


def test_reasons_of_a_refusal_are_not_written_through_links(world: World) -> None:
    """A name that is planted in ``rejected/`` is passed over."""
    world.inlet().close()
    planted = world.root / "rejected" / "a.xml.reason.json"
    planted.symlink_to(world.key)
    world.drop()
    assert take_all(world.inlet(), "refuse") == [b"<a/>"]
    assert world.untouched()
    reasons = json.loads((world.root / "rejected" / "a-2.xml.reason.json").read_text())
    assert [r["code"] for r in reasons["reasons"]] == ["not-xml"]


def test_links_swapped_under_a_running_reader_reach_nothing(world: World) -> None:
    """A thread swaps folders and links as fast as it can while files come and go."""
    stop = threading.Event()

    def swap() -> None:
        while not stop.is_set():
            for name in ("processed", "rejected", "in"):
                try:
                    (world.root / name).rename(world.root / f"{name}.away")
                    (world.root / name).symlink_to(world.other / "out")
                    time.sleep(0.001)
                    (world.root / name).unlink()
                    (world.root / f"{name}.away").rename(world.root / name)
                except OSError:
                    continue
                time.sleep(0.001)

    inlet = FolderInlet(world.root, work=world.work, settle=0.0, poll=0.001)
    for number in range(40):
        world.drop(f"{number}.xml")
    swapper = threading.Thread(target=swap)
    swapper.start()
    _work_for(inlet, 2.0)
    stop.set()
    swapper.join()
    inlet.close()
    assert sorted(p.name for p in (world.other / "out").iterdir()) == ["d-1.xml"]
    assert world.untouched()


def _work_for(inlet: FolderInlet, seconds: float) -> None:
    """Accept files for some time; a folder that is away is tried again."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            for pickup in inlet.pickups(lambda: time.monotonic() > until):
                _accept(pickup)
        except ChannelBusy:
            continue


def _accept(pickup: FilePickup) -> None:
    try:
        pickup.accept()
    except ChannelBusy:
        return


def test_a_folder_of_another_owner_is_not_used(world: World) -> None:
    """A real folder that appears under the name, but belongs to someone else, is refused."""
    if os.geteuid() != 0:
        pytest.skip("only root can give a folder away")
    folder = GuardedFolder(world.root, "in")
    (world.root / "in").rmdir()
    (world.root / "in").mkdir()
    os.chown(world.root / "in", 12345, 12345)
    with pytest.raises(OSError, match="expected"):
        folder.handle()
    folder.close()


def test_the_working_folder_may_not_be_inside_the_agencys(world: World) -> None:
    """A setting that would undo the separation is refused, with what to do."""
    with pytest.raises(ConfigurationError, match="'work'"):
        FolderInlet(world.root, work=world.root / "work")


def test_the_working_folder_must_be_on_the_same_file_system(world: World) -> None:
    """A move between file systems could not be done at once."""
    elsewhere = Path("/dev/shm")  # noqa: S108  a file system of its own on Linux
    if not elsewhere.is_dir() or elsewhere.stat().st_dev == world.base.stat().st_dev:
        pytest.skip("no second file system here")
    with pytest.raises(ConfigurationError, match="file system"):
        FolderInlet(world.root, work=elsewhere / f"hub-test-{os.getpid()}")
