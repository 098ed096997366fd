"""Bad files and messages at the adapters: refused whole, with a reason file, and work goes on."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.bus.private_node import LocalBroker
from hub.journey.identify import usable_identifiers
from tests.brokers import fresh_bus
from tests.documents import CTF_HEAD, common_transfer_file, hl7_appointment
from tests.events import Child
from tests.live_hub import ON_THE_BUS, LiveHub, build

pytestmark = [pytest.mark.broker, pytest.mark.xdist_group("bad-files")]

LIMIT = 100_000
_fresh = iter(range(10, 1000))


@pytest.fixture(scope="module")
def live(broker: LocalBroker | None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveHub]:
    """One hub at work with a school's and a clinic's adapter, each over a folder."""
    if broker is None:
        pytest.skip("the broker of HUB_AMQP_URL has a fixed bus")
    bus, drop = fresh_bus(broker, ON_THE_BUS)
    place = {"direction": "in", "settle": 0.05}
    adapters = {
        "ctf": {"adapter": "education-ctf", "agency": "school", "folder": "school", **place},
        "hl7": {"adapter": "health-hl7v2", "agency": "clinic", "folder": "clinic", **place},
    }
    hub = build(
        tmp_path_factory.mktemp("files") / "hub", bus, adapters=adapters, max_event_bytes=LIMIT
    )
    with hub.working(), hub.adapting("ctf", "hl7"):
        hub.ring()
        yield hub
    drop()


def hand_in(live: LiveHub, agency: str, name: str, body: bytes) -> Path:
    """Drop a file, wait until it is processed, and return where it ended."""
    drop(live, agency, name, body)
    return end_of(live, agency, name)


def drop(live: LiveHub, agency: str, name: str, body: bytes) -> None:
    """Put a file where the agency's system would."""
    into = live.folder / agency / "in"
    draft = into / f".{name}.tmp"
    draft.write_bytes(body)
    draft.rename(into / name)


def end_of(live: LiveHub, agency: str, name: str) -> Path:
    """Wait until a file is processed, and return where it ended."""
    ends = [live.folder / agency / end / name for end in ("processed", "rejected")]
    live.until(lambda: any(end.exists() for end in ends))
    return next(end for end in ends if end.exists())


def reasons(rejected: Path) -> list[str]:
    """The codes in the reason beside a rejected file."""
    note = json.loads(rejected.with_name(f"{rejected.name}.reason.json").read_text())
    return [reason["code"] for reason in note["reasons"]]


_LAUGHS = "".join(
    f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10)
)  # each ten times the one before
BAD_FILES = {
    "doctype": (
        "school", "doctype-forbidden",
        common_transfer_file(Child(1)).replace(b"<CTfile>", b"<!DOCTYPE CTfile><CTfile>"),
    ),
    "external entity": (
        "school", "doctype-forbidden",
        b'<!DOCTYPE CTfile [<!ENTITY e SYSTEM "file:///etc/hostname">]>'  # noqa: ISC004  one file
        b"<CTfile><Header>&e;</Header></CTfile>",
    ),
    "parameter entity": (
        "school", "doctype-forbidden",
        b'<!DOCTYPE CTfile [<!ENTITY % e SYSTEM "http://127.0.0.1:9/x"> %e;]><CTfile/>',
    ),
    "billion laughs": (
        "school", "doctype-forbidden",
        f'<!DOCTYPE CTfile [<!ENTITY l0 "ha">{_LAUGHS}]><CTfile>&l9;</CTfile>'.encode(),
    ),
    "billion laughs in utf-16": (
        "school", "doctype-forbidden",
        f'<!DOCTYPE CTfile [<!ENTITY l0 "ha">{_LAUGHS}]><CTfile>&l9;</CTfile>'.encode("utf-16"),
    ),
    "deep": ("school", "not-xml", b"<a>" * 5_000 + b"</a>" * 5_000),
    "half": ("school", "not-xml", common_transfer_file(Child(2))[:-20]),
    "not xml": ("school", "not-xml", b"UPN,Surname\nA1,Smith\n"),
    "other xml": ("school", "unsupported", b"<Invoice><Total>7</Total></Invoice>"),
    "wrong charset": (
        "school", "wrong-encoding",
        CTF_HEAD.encode() + b"<CTFpupilData><Pupil><Surname>Zo\xeb</Surname></Pupil></CTFpupilData>"
        b"</CTfile>",
    ),
    "empty": ("school", "empty-input", b""),
    "blank": ("school", "empty-input", b"\r\n\r\n"),
    "binary": ("school", "binary-input", bytes(range(256)) * 8),
    "oversized": ("school", "too-large", common_transfer_file(Child(3)) + b" " * LIMIT),
    "hl7 without a header": ("clinic", "not-hl7", b"PID|1||999\rPV1|1|O\r"),
    "hl7 with a broken header": ("clinic", "not-hl7", b"MSH\rPID|1||999\r"),
    "hl7 with doubled separators": ("clinic", "not-hl7", b"MSH||||||X\rPID|1||999\r"),
    "hl7 in another charset than it says": (
        "clinic", "wrong-encoding",
        hl7_appointment(Child(4)).replace(Child(4).family_name.encode(), b"Zo\xeb"),
    ),
    "hl7 of an unsupported kind": (
        "clinic", "unsupported", hl7_appointment(Child(5)).replace(b"SIU^S12", b"ACK^S12"),
    ),
    "hl7 empty": ("clinic", "empty-input", b""),
    "hl7 binary": ("clinic", "binary-input", b"\x00\x01\x02\x03" * 64),
}  # fmt: skip


def good_file(agency: str, child: Child) -> bytes:
    """What the agency's system exports on any other day."""
    return common_transfer_file(child) if agency == "school" else hl7_appointment(child)


@pytest.fixture(scope="module")
def handed_in(live: LiveHub) -> dict[str, Child]:
    """Every bad file, each with a good one after it; gives the child of the good one."""
    good = {}
    for number, (name, (agency, _, body)) in enumerate(BAD_FILES.items()):
        good[name] = Child(next(_fresh))
        drop(live, agency, f"{number:02}-bad", body)
        drop(live, agency, f"{number:02}-good", good_file(agency, good[name]))
    return good


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_bad_file_is_rejected_whole_with_its_reason_and_the_next_is_taken(
    live: LiveHub, handed_in: dict[str, Child], name: str
) -> None:
    """The file lies in rejected/ byte for byte beside its reason; the good one becomes an event."""
    agency, code, body = BAD_FILES[name]
    number = list(BAD_FILES).index(name)
    bad = end_of(live, agency, f"{number:02}-bad")
    assert bad.parent.name == "rejected"
    assert bad.read_bytes() == body
    assert reasons(bad) == [code]
    assert end_of(live, agency, f"{number:02}-good").parent.name == "processed"
    live.until(lambda: knows(live, handed_in[name]))


def knows(live: LiveHub, child: Child) -> bool:
    """Whether the hub knows a child."""
    named = usable_identifiers(child.identity(), "school")
    with live.hub.reading() as work:
        return bool(work.children_named(named))


def test_an_external_entity_is_never_fetched(live: LiveHub, tmp_path: Path) -> None:
    """What a file points at is in no reason, no event and no log."""
    secret = tmp_path / "secret.txt"
    secret.write_text("the-contents-of-another-file")
    body = f'<!DOCTYPE a [<!ENTITY e SYSTEM "{secret.as_uri()}">]><CTfile>&e;</CTfile>'.encode()
    end = hand_in(live, "school", "fetch.xml", body)
    note = end.with_name("fetch.xml.reason.json").read_text()
    assert "the-contents" not in note
    assert "secret.txt" not in note


def test_a_file_that_grows_while_it_is_read_is_taken_once_and_whole(live: LiveHub) -> None:
    """A slow writer's file is left until it rests; then all its pupils are registered."""
    children = [Child(next(_fresh)) for _ in range(20)]
    body = common_transfer_file(*children)
    slow = live.folder / "school" / "in" / "slow.xml"
    with slow.open("wb", buffering=0) as file:
        for start in range(0, len(body), 400):
            file.write(body[start : start + 400])
            time.sleep(0.02)
    done = live.folder / "school" / "processed" / "slow.xml"
    live.until(done.exists)
    assert done.read_bytes() == body
    assert not list((live.folder / "school" / "rejected").glob("slow*"))
    live.ring()
    known = {view.identity.family_name for view in live.mail("council")}
    assert {child.family_name for child in children} <= known


def test_a_file_half_good_gives_its_good_part_and_a_reason_for_the_rest(live: LiveHub) -> None:
    """One pupil without a name or a number does not keep the others out."""
    child = Child(next(_fresh))
    body = common_transfer_file(child).replace(
        b"</CTFpupilData>", b"<Pupil><Sex>F</Sex></Pupil></CTFpupilData>"
    )
    end = hand_in(live, "school", "half-good.xml", body)
    live.ring()
    assert reasons(end) == ["no-child"]
    assert child.family_name in {view.identity.family_name for view in live.mail("council")}
