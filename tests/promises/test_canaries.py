"""Personal data is nowhere but where it is sealed, and in the agencies' own folders.

Unmistakable values are pushed through every path, good and bad, by a worker and adapters that run
as processes of their own; then everything they left behind is searched.
"""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from adapters.contract import AgencySystem, Document, translate
from hub.bus.private_node import LocalBroker
from hub.bus.topology import RECEIPTS
from hub.foundation import clock
from hub.journey.pipeline import Letter, Limits, recognise
from hub.runtime.plugins import load_adapter
from schemas.errors import InputRefused
from tests.brokers import fresh_bus
from tests.documents import CTF_HEAD
from tests.live_hub import ON_THE_BUS, PARTIES, LiveHub, build
from tests.promises import canaries
from tests.promises.canaries import FAMILY, GIVEN, NHS, NOTE, POSTCODE, UPN, found_in

pytestmark = [pytest.mark.broker, pytest.mark.xdist_group("canaries")]

_PUPIL = (
    f"<Pupil><UPN>{UPN}</UPN><Surname>{FAMILY}</Surname><Forename>{GIVEN}</Forename>"
    "<DOB>2015-01-01</DOB></Pupil>"
)
SCHOOL_FILES = {
    "good.xml": f"{CTF_HEAD}<CTFpupilData>{_PUPIL}</CTFpupilData></CTfile>",
    "half.xml": f"{CTF_HEAD}<CTFpupilData>{_PUPIL}",
    "element.xml": f"<{FAMILY}><Pupil nhs='{NHS}'>{NOTE}</Pupil></{FAMILY}>",
    "unclosed.xml": f"<{FAMILY}></{FAMILY}x>",
    "entity.xml": f"<!DOCTYPE a [<!ENTITY {FAMILY} '{NHS}'>]><a>&{FAMILY};</a>",
    "dates.xml": f"{CTF_HEAD}<CTFpupilData>{_PUPIL.replace('2015-01-01', FAMILY)}</CTFpupilData>"
    "</CTfile>",
    "nobody.xml": f"{CTF_HEAD}<CTFpupilData><Pupil><{FAMILY}>{NHS}</{FAMILY}></Pupil>"
    "</CTFpupilData></CTfile>",
    "prose.xml": f"{FAMILY} {NHS} {NOTE}",
}
_ROW = f"care.case-opened.v1,{NHS},{FAMILY},2015-01-01"
CARE_FILES = {
    "column.csv": f"event_type,nhs_number,family_name,birth_date,{FAMILY.lower()}\n{_ROW},1\n",
    "value.csv": f"event_type,nhs_number,family_name\n{FAMILY},{NHS},{NOTE}\n",
    "headless.csv": f"{FAMILY},{NHS}\n{GIVEN},{POSTCODE}\n",
    "object.json": f'[{{"{FAMILY}": "{NHS}", "event_type": "{GIVEN}"}}]',
    "broken.json": f'{{"{FAMILY}": ',
}
_MSH = "MSH|^~\\&|PAS|RIVER|HUB|HUB|20260201080000||{kind}|{id}|P|2.5.1\r"
CLINIC_FILES = {
    "kind.hl7": _MSH.format(kind=f"{FAMILY}^A01", id=NHS) + f"PID|1||{NHS}||{FAMILY}^{GIVEN}\r",
    "segment.hl7": _MSH.format(kind="SIU^S12", id=FAMILY) + f"{FAMILY}|{NHS}\r",
    "header.hl7": f"MSH{FAMILY}|{NHS}\r",
    "dates.hl7": _MSH.format(kind="SIU^S12", id=NHS)
    + f"SCH|{FAMILY}\rPID|1||{NHS}^^^NHS^NH||{FAMILY}^{GIVEN}||{GIVEN}|{FAMILY}\r",
}
FILES = {"school": SCHOOL_FILES, "care": CARE_FILES, "clinic": CLINIC_FILES}
_PLACE = {"direction": "in", "settle": 0.05}
ADAPTERS = {
    "ctf": {"adapter": "education-ctf", "agency": "school", "folder": "school", **_PLACE},
    "extract": {"adapter": "care-extract", "agency": "care", "folder": "care", **_PLACE},
    "hl7": {"adapter": "health-hl7v2", "agency": "clinic", "folder": "clinic", **_PLACE},
    "out": {
        "adapter": "care-extract", "agency": "council", "folder": "council", "direction": "out",
        "settings": {"la": "899"},
    },
}  # fmt: skip
# A sender's own AMQP properties may hold anything; none of them may come out again.
TELLING = {
    "message_id": f"{FAMILY}-{NHS}",
    "correlation_id": FAMILY,
    "type": FAMILY,
    "app_id": FAMILY,
    "reply_to": FAMILY,
    "headers": {FAMILY: NHS, "child": GIVEN},
    "routing_key": f"{FAMILY}.{NHS}",
}


class Aftermath:
    """What a day full of canaries left behind, place by place."""

    def __init__(self, live: LiveHub, log: Path, broker_log: Path) -> None:
        """Gather; the processes have ended."""
        self.live = live
        self.taken = {a: live.take(f"agency.{a}", a) for a in PARTIES}
        self.taken |= {f"{a}.dead": live.take(f"agency.{a}.dead", a) for a in PARTIES}
        self.delivered = [body for found in self.taken.values() for _, _, body in found]
        self.out = sorted((live.folder / "council" / "out").iterdir())
        self.notes = sorted(live.folder.glob("*/rejected/*.reason.json"))
        self.places: Mapping[str, bytes] = {
            "logs": log.read_bytes(),
            "the broker's log": broker_log.read_bytes(),
            "state folder": b"".join(
                path.name.encode() + path.read_bytes()
                for path in sorted(live.settings.state.rglob("*"))
                if path.is_file()
            ),
            "reason files": b"".join(note.read_bytes() for note in self.notes),
            "names of what was written": b"\n".join(os.fsencode(path.name) for path in self.out),
            "AMQP properties": repr(
                [(m, p.headers, p) for found in self.taken.values() for m, p, _ in found]
            ).encode(),
            "deliveries": b"".join(self.delivered),
            "ledger": repr(live.ledger()).encode(),
            "clear columns": _clear_columns(live),
            "places of refusals": repr([(k.code, k.place) for k in live.quarantined()]).encode(),
            "exception texts": "\n".join(_texts(live)).encode(),
        }


def _clear_columns(live: LiveHub) -> bytes:
    """Every value of the store that is no blob, as SQLite itself tells them."""
    with sqlite3.connect(live.settings.state / "hub.sqlite") as store:
        tables = [n for (n,) in store.execute("SELECT name FROM sqlite_master WHERE type='table'")]
        rows = [row for table in tables for row in store.execute(f"SELECT * FROM {table}")]  # noqa: S608
    store.close()
    return repr([[v for v in row if not isinstance(v, bytes)] for row in rows]).encode()


def _texts(live: LiveHub) -> Iterator[str]:
    """What the errors about each bad input say."""
    now = clock.now()
    with live.hub.reading() as work:
        for body in canaries.bad_bodies():
            try:
                recognise(Letter(body, "school", now), work, now, Limits())
            except InputRefused as error:
                yield f"{error} {error.args} {error.__cause__}"
    formats = {"school": "education-ctf", "care": "care-extract", "clinic": "health-hl7v2"}
    for agency, files in FILES.items():
        for text in files.values():
            document = Document(text.encode(), now)
            found = translate(load_adapter(formats[agency]).format, document, AgencySystem(agency))
            yield repr(found.refused)


@pytest.fixture(scope="module")
def aftermath(broker: LocalBroker | None, tmp_path_factory: pytest.TempPathFactory) -> Aftermath:
    """A day full of canaries, and what it left behind."""
    if broker is None:
        pytest.skip("the broker's own log file is searched, so it must be a private one")
    bus, _ = fresh_bus(broker, ON_THE_BUS)
    folder = tmp_path_factory.mktemp("canaries")
    live = build(folder / "hub", bus, adapters=ADAPTERS, max_event_bytes=150_000)
    log = folder / "log"
    running = [live.process(part, log) for part in ("worker", *ADAPTERS)]
    try:
        _live_through(live)
    finally:
        for process in running:
            process.send_signal(signal.SIGTERM)
        for process in running:
            _end(process)
    assert [process.returncode for process in running] == [0] * len(running)
    return Aftermath(live, log, broker.log_file)


def _end(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _live_through(live: LiveHub) -> None:
    live.ring()
    for agency, event in canaries.good_events():
        live.smuggle(agency, event.to_json(), user_id=agency, **TELLING)
        live.ring()
    for body in canaries.bad_bodies():
        live.smuggle("school", body, user_id="school", **TELLING)
        live.smuggle("clinic", body, **TELLING)
    for body in (FAMILY.encode(), f'{{"{FAMILY}": "{NHS}"}}'.encode()):
        live.smuggle("care", body, RECEIPTS, **{**TELLING, "routing_key": RECEIPTS})
    for agency, files in FILES.items():
        into = live.folder / agency / "in"
        live.until(into.is_dir)
        for name, text in files.items():
            (into / name).write_bytes(text.encode())
    ends = [live.folder / a / end / n for a, f in FILES.items() for n in f for end in _ENDS]
    live.until(lambda: sum(end.exists() for end in ends) == sum(map(len, FILES.values())))
    live.ring()
    out = live.folder / "council" / "out"
    live.until(lambda: out.is_dir() and any(p.is_file() for p in out.iterdir()))
    live.ring()


_ENDS = ("processed", "rejected")


def test_the_canaries_were_really_there(aftermath: Aftermath) -> None:
    """The search means something: they were taken, refused, held and delivered."""
    live = aftermath.live
    assert len(live.ledger("event-received")) >= 10
    assert len(live.ledger("event-held")) >= 2
    assert len(live.ledger("event-quarantined")) >= 60
    assert {FAMILY, UPN} <= found_in(b"".join(p.read_bytes() for p in aftermath.out if p.is_file()))
    assert len(aftermath.delivered) >= 3
    assert len(aftermath.notes) >= 10
    assert all(canaries.found_in(k.body) for k in live.quarantined())


# The broker's message store is not searched: some of these senders publish in clear, which no hub
# can keep them from, and their messages lie there as they were sent.
@pytest.mark.parametrize(
    "place",
    [
        "logs", "the broker's log", "state folder", "reason files", "names of what was written",
        "AMQP properties", "deliveries", "ledger", "clear columns", "places of refusals",
        "exception texts",
    ],
)  # fmt: skip
def test_no_canary_is_found_in(aftermath: Aftermath, place: str) -> None:
    """Not as it stands, in other letters, spelled in hex, in base64, or as a plain hash."""
    haystack = aftermath.places[place]
    assert haystack or place == "the broker's log"
    assert found_in(haystack) == set()
