"""The hub's keys are replaced while a worker and adapters run: nothing stops, nothing is lost."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from hub.keys.master_keys import read_master_keys, write_master_keys
from hub.keys.sealing_keys import HubKey, inbound_keys
from hub.runtime.bootstrap import master_key_file, open_hub
from hub.runtime.key_rotation import finish_master, rotate_inbound, rotate_master
from schemas.errors import ConfigurationError, Unavailable
from tests.documents import common_transfer_file
from tests.happenings import Child, registered
from tests.house import House

pytestmark = [pytest.mark.broker, pytest.mark.xdist_group("rotation")]

ANNA = Child(1)
SCHOOL = {
    "school": {"adapter": "education-ctf", "agency": "school", "folder": "school", "settle": 0.0}
}


def wrapped(house: House) -> dict[str, bytes]:
    """Every wrapped data key in the store."""
    return {name: bytes(key) for name, key in house.query("SELECT name, wrapped FROM data_keys")}


def test_a_worker_goes_on_while_the_master_key_is_replaced(house: House) -> None:
    """Events before, during and after three rotations are all decided, none quarantined."""
    file = master_key_file(house.settings)
    first = read_master_keys(file)
    events = [registered(Child(number)) for number in range(60)]
    with house.working():
        sending = threading.Thread(target=lambda: [house.send("school", one) for one in events])
        sending.start()
        for _ in range(3):
            rotate_master(house.hub, file, by="jmalik")
            finish_master(house.hub, file, by="jmalik")
        sending.join()
        house.ring()
    assert {house.state(one) for one in events} == {"decided"}
    assert len(house.mail("council")) == 60
    assert not house.quarantined()
    (last,) = read_master_keys(file)
    assert last not in first
    assert house.ledger_verifies()


def test_after_the_rotation_the_old_key_opens_nothing(house: House) -> None:
    """Every data key is wrapped again, and the keys themselves are the same."""
    file = master_key_file(house.settings)
    (old,) = read_master_keys(file)
    with house.working():
        house.send("school", registered(ANNA))
        house.ring()
        before = wrapped(house)
        done = rotate_master(house.hub, file, by="jmalik")
    assert done.rewrapped == len(before) > 2
    assert not set(before.values()) & set(wrapped(house).values())
    assert house.mail("council")
    write_master_keys(file, [old])
    with pytest.raises(Unavailable), open_hub(house.settings).reading() as work:
        work.blind("anything")


def test_an_old_master_key_stays_in_the_file_until_it_is_finished(house: House) -> None:
    """The newest is first."""
    file = master_key_file(house.settings)
    (old,) = read_master_keys(file)
    rotate_master(house.hub, file, by="jmalik")
    new, kept = read_master_keys(file)
    assert kept == old
    finish_master(house.hub, file, by="jmalik")
    assert read_master_keys(file) == (new,)


def test_a_rotation_that_broke_off_is_taken_up_with_the_same_key(house: House) -> None:
    """A new key was in the file, and nothing was wrapped by it yet."""
    file = master_key_file(house.settings)
    house.hub.take_receipts([("school", b"{}")])  # the first use of the store's keys
    (old,) = read_master_keys(file)
    write_master_keys(file, [bytes(range(32)), old])
    with pytest.raises(ConfigurationError, match="keys rotate --master"):
        finish_master(house.hub, file, by="jmalik")
    rotate_master(house.hub, file, by="jmalik")
    assert read_master_keys(file) == (bytes(range(32)), old)
    finish_master(house.hub, file, by="jmalik")
    assert read_master_keys(file) == (bytes(range(32)),)


def test_without_the_master_key_nothing_counts_as_erased(house: House) -> None:
    """A release waits; the delivery is unchanged."""
    file = master_key_file(house.settings)
    with house.working():
        house.send("school", registered(ANNA))
        house.ring()
    keys = read_master_keys(file)
    write_master_keys(file, [bytes(32)])
    with pytest.raises(Unavailable):
        house.mail("council")
    write_master_keys(file, keys)
    ((state,),) = house.query("SELECT state FROM deliveries")
    assert state == "published"


def test_a_worker_and_an_adapter_take_up_a_new_key_for_events(
    make_house: Callable[..., House],
) -> None:
    """Neither is started again; what was sealed to the old key is decided too."""
    house = make_house(adapters=SCHOOL)
    house.send("school", registered(Child(7)))  # queued, sealed to the old key
    before = HubKey(house.settings)()
    inbox = Path(house.folder) / "school" / "in"
    inbox.mkdir(parents=True)
    with house.working(), house.adapting("school"):
        house.ring()
        made = rotate_inbound(house.hub, house.settings, by="jmalik").inbound
        (inbox / "pupil.xml").write_bytes(common_transfer_file(ANNA))
        house.until(lambda: house.query("SELECT ref FROM events WHERE type LIKE '%registered%'"))
        house.until(lambda: len(house.ledger("event-received")) >= 3)
        house.ring()
    assert HubKey(house.settings)() != before
    assert made in {key.id.hex() for key in inbound_keys(house.settings)}
    assert not house.quarantined()


def test_each_rotation_is_in_the_ledger_without_any_key(house: House) -> None:
    """Which key, by whom, and how many data keys were wrapped; of the public one its id."""
    file = master_key_file(house.settings)
    rotate_master(house.hub, file, by="jmalik")
    finish_master(house.hub, file, by="jmalik")
    made = rotate_inbound(house.hub, house.settings, by="jmalik").inbound
    replaced = [entry["body"] for entry in house.ledger("key-replaced")]
    assert replaced == [
        {"key": "master", "rewrapped": replaced[0]["rewrapped"], "by": "jmalik"},
        {"key": "inbound", "id": made, "by": "jmalik"},
    ]
    retired = [entry["body"] for entry in house.ledger("keys-retired")]
    assert retired == [{"key": "master", "dropped": 1, "by": "jmalik"}]
