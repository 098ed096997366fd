"""What time does to the store, who was sent what, and keys wrapped anew; on both databases."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from hub.casework.deliveries.corrections import listed
from hub.foundation import clock
from hub.intake.hub import Office
from hub.intake.retention import purge, purgeable, raise_alarms
from hub.journey.pipeline import Letter
from hub.keys.master_keys import MasterKeys
from schemas.event import Event, RecordStatus
from tests.happenings import Child, happening, registered

NONE = dt.timedelta(0)
ANNA = Child(1)


def take(office: Office, *events: Event) -> None:
    """Have the office take a school's events, and put what follows on the bus."""
    office.take([Letter(event.to_json(), "school", clock.now()) for event in events])
    office.published([one.id for one in office.pending(100)])


def test_a_purge_empties_what_is_older_and_nothing_else(office: Office) -> None:
    """Counted first, then done, then done with."""
    take(office, registered(ANNA), registered(Child(2)))
    assert purge(office, dt.timedelta(days=1), by="jmalik") == 0
    assert purgeable(office, NONE) == 2
    assert purge(office, NONE, by="jmalik") == 2
    assert purge(office, NONE, by="jmalik") == 0


def test_an_alarm_is_raised_once(office: Office) -> None:
    """However many look."""
    take(office, registered(ANNA))
    assert [raise_alarms(office, NONE) for _ in range(3)] == [1, 0, 0]


def test_a_retraction_is_listed_with_whom_it_was_told(office: Office) -> None:
    """The council was sent the registration, so it is sent the notice."""
    event = registered(ANNA, record="MIS-1")
    gone = happening(
        event.kind.key, "school", ANNA.identity(), record="MIS-1", status=RecordStatus.RETRACTED
    )
    take(office, event, gone)
    (correction,) = listed(office)
    assert [(t.recipient, t.notice, t.state) for t in correction.told] == [
        ("council", True, "published")
    ]
    assert correction.outstanding == ("council",)


def test_data_keys_wrapped_anew_open_with_the_new_master_key_alone(office: Office) -> None:
    """Every one of them, and what they sealed."""
    event = registered(ANNA)
    take(office, event)
    both = replace(office, master=MasterKeys([bytes(32), bytes(range(32))]))
    with both.writing() as (books, _):
        wrapped = dict(books.shelf.all())
        anew = {name: books.vault.rewrapped(name, key) for name, key in wrapped.items()}
        books.shelf.replace({name: key for name, key in anew.items() if key is not None})
    assert None not in anew.values()
    new = replace(office, master=MasterKeys([bytes(32)]))
    with new.reading() as books:
        (child,) = [name.partition(":")[2] for name in anew if name.startswith("child:")]
        (ref,) = books.trail.kept_of(child)
        kept = books.inbox.find(ref)
    assert kept is not None
    assert kept.body == event.to_json()
