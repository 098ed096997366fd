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
from tests.events import Child, registered
from tests.live_hub import LiveHub

pytestmark = [pytest.mark.broker, pytest.mark.xdist_group("rotation")]

ANNA = Child(1)
SCHOOL = {
    "school": {"adapter": "education-ctf", "agency": "school", "folder": "school", "settle": 0.0}
}


def wrapped(live: LiveHub) -> dict[str, bytes]:
    """Every wrapped data key in the store."""
    return {name: bytes(key) for name, key in live.query("SELECT name, wrapped FROM data_keys")}


def test_a_worker_goes_on_while_the_master_key_is_replaced(live: LiveHub) -> None:
    """Events before, during and after three rotations are all decided, none quarantined."""
    file = master_key_file(live.settings)
    first = read_master_keys(file)
    events = [registered(Child(number)) for number in range(60)]
    with live.working():
        sending = threading.Thread(target=lambda: [live.send("school", one) for one in events])
        sending.start()
        for _ in range(3):
            rotate_master(live.hub, file, by="jmalik")
            finish_master(live.hub, file, by="jmalik")
        sending.join()
        live.ring()
    assert {live.state(one) for one in events} == {"decided"}
    assert len(live.mail("council")) == 60
    assert not live.quarantined()
    (last,) = read_master_keys(file)
    assert last not in first
    assert live.ledger_verifies()


def test_after_the_rotation_the_old_key_opens_nothing(live: LiveHub) -> None:
    """Every data key is wrapped again, and the keys themselves are the same."""
    file = master_key_file(live.settings)
    (old,) = read_master_keys(file)
    with live.working():
        live.send("school", registered(ANNA))
        live.ring()
        before = wrapped(live)
        done = rotate_master(live.hub, file, by="jmalik")
    assert done.rewrapped == len(before) > 2
    assert not set(before.values()) & set(wrapped(live).values())
    assert live.mail("council")
    write_master_keys(file, [old])
    with pytest.raises(Unavailable), open_hub(live.settings).reading() as work:
        work.blind("anything")


def test_an_old_master_key_stays_in_the_file_until_it_is_finished(live: LiveHub) -> None:
    """The newest is first."""
    file = master_key_file(live.settings)
    (old,) = read_master_keys(file)
    rotate_master(live.hub, file, by="jmalik")
    new, kept = read_master_keys(file)
    assert kept == old
    finish_master(live.hub, file, by="jmalik")
    assert read_master_keys(file) == (new,)


def test_a_rotation_that_broke_off_is_taken_up_with_the_same_key(live: LiveHub) -> None:
    """A new key was in the file, and nothing was wrapped by it yet."""
    file = master_key_file(live.settings)
    live.hub.take_receipts([("school", b"{}")])  # the first use of the store's keys
    (old,) = read_master_keys(file)
    write_master_keys(file, [bytes(range(32)), old])
    with pytest.raises(ConfigurationError, match="keys rotate --master"):
        finish_master(live.hub, file, by="jmalik")
    rotate_master(live.hub, file, by="jmalik")
    assert read_master_keys(file) == (bytes(range(32)), old)
    finish_master(live.hub, file, by="jmalik")
    assert read_master_keys(file) == (bytes(range(32)),)


def test_without_the_master_key_nothing_counts_as_erased(live: LiveHub) -> None:
    """A release waits; the delivery is unchanged."""
    file = master_key_file(live.settings)
    with live.working():
        live.send("school", registered(ANNA))
        live.ring()
    keys = read_master_keys(file)
    write_master_keys(file, [bytes(32)])
    with pytest.raises(Unavailable):
        live.mail("council")
    write_master_keys(file, keys)
    ((state,),) = live.query("SELECT state FROM deliveries")
    assert state == "published"


def test_a_worker_and_an_adapter_take_up_a_new_key_for_events(
    make_live: Callable[..., LiveHub],
) -> None:
    """Neither is started again; what was sealed to the old key is decided too."""
    live = make_live(adapters=SCHOOL)
    live.send("school", registered(Child(7)))  # queued, sealed to the old key
    before = HubKey(live.settings)()
    inbox = Path(live.folder) / "school" / "in"
    inbox.mkdir(parents=True)
    with live.working(), live.adapting("school"):
        live.ring()
        made = rotate_inbound(live.hub, live.settings, by="jmalik").inbound
        (inbox / "pupil.xml").write_bytes(common_transfer_file(ANNA))
        live.until(lambda: live.query("SELECT ref FROM events WHERE type LIKE '%registered%'"))
        live.until(lambda: len(live.ledger("event-received")) >= 3)
        live.ring()
    assert HubKey(live.settings)() != before
    assert made in {key.id.hex() for key in inbound_keys(live.settings)}
    assert not live.quarantined()


def test_each_rotation_is_in_the_ledger_without_any_key(live: LiveHub) -> None:
    """Which key, by whom, and how many data keys were wrapped; of the public one its id."""
    file = master_key_file(live.settings)
    rotate_master(live.hub, file, by="jmalik")
    finish_master(live.hub, file, by="jmalik")
    made = rotate_inbound(live.hub, live.settings, by="jmalik").inbound
    replaced = [entry["body"] for entry in live.ledger("key-replaced")]
    assert replaced == [
        {"key": "master", "rewrapped": replaced[0]["rewrapped"], "by": "jmalik"},
        {"key": "inbound", "id": made, "by": "jmalik"},
    ]
    retired = [entry["body"] for entry in live.ledger("keys-retired")]
    assert retired == [{"key": "master", "dropped": 1, "by": "jmalik"}]
