"""What time does to the store, who was sent what, and keys wrapped anew; on both databases."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from hub.casework.deliveries.corrections import listed
from hub.foundation import clock
from hub.intake.hub import Hub
from hub.intake.retention import purge, purgeable, raise_alarms
from hub.journey.pipeline import Letter
from hub.keys.master_keys import MasterKeys
from schemas.event import Event, RecordStatus
from tests.events import Child, event_of, registered

NONE = dt.timedelta(0)
ANNA = Child(1)


def take(hub: Hub, *events: Event) -> None:
    """Have the hub take a school's events, and put what follows on the bus."""
    hub.take([Letter(event.to_json(), "school", clock.now()) for event in events])
    hub.published([one.id for one in hub.pending(100)])


def test_a_purge_empties_what_is_older_and_nothing_else(hub: Hub) -> None:
    """Counted first, then done, then done with."""
    take(hub, registered(ANNA), registered(Child(2)))
    assert purge(hub, dt.timedelta(days=1), by="jmalik") == 0
    assert purgeable(hub, NONE) == 2
    assert purge(hub, NONE, by="jmalik") == 2
    assert purge(hub, NONE, by="jmalik") == 0


def test_an_alarm_is_raised_once(hub: Hub) -> None:
    """However many look."""
    take(hub, registered(ANNA))
    assert [raise_alarms(hub, NONE) for _ in range(3)] == [1, 0, 0]


def test_a_retraction_is_listed_with_whom_it_was_told(hub: Hub) -> None:
    """The council was sent the registration, so it is sent the notice."""
    event = registered(ANNA, record="MIS-1")
    gone = event_of(
        event.kind.key, "school", ANNA.identity(), record="MIS-1", status=RecordStatus.RETRACTED
    )
    take(hub, event, gone)
    (correction,) = listed(hub)
    assert [(t.recipient, t.notice, t.state) for t in correction.recipients] == [
        ("council", True, "published")
    ]
    assert correction.outstanding == ("council",)


def test_data_keys_wrapped_anew_open_with_the_new_master_key_alone(hub: Hub) -> None:
    """Every one of them, and what they sealed."""
    event = registered(ANNA)
    take(hub, event)
    both = replace(hub, master=MasterKeys([bytes(32), bytes(range(32))]))
    with both.writing() as (work, _):
        wrapped = dict(work.data_keys.all())
        anew = {name: work.vault.rewrapped(name, key) for name, key in wrapped.items()}
        work.data_keys.replace({name: key for name, key in anew.items() if key is not None})
    assert None not in anew.values()
    new = replace(hub, master=MasterKeys([bytes(32)]))
    with new.reading() as work:
        (child,) = [name.partition(":")[2] for name in anew if name.startswith("child:")]
        (ref,) = work.disclosures.kept_of(child)
        kept = work.inbox.find(ref)
    assert kept is not None
    assert kept.body == event.to_json()
