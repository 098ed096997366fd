"""What sealing and release cost: whole journeys in one process, with and without them.

``python bench/journey.py [events]`` carries events from sender to reader over an embedded SQLite
store, without a broker, in alternating rounds of two ways:

    sealed   seal to the hub, judge, record, seal section by section, take from the outbox,
             ask for keys (a release: decided again, recorded), open
    plain    judge, record, take from the outbox the same view as plain JSON, read it

Everything else is the same in both: the same events and decisions, the same ledger with its signed
heads, the same encryption at rest of what was received. See bench/README.md.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from consent.agreement import load_agreement
from hub.cli.context import quiet_logs
from hub.foundation import clock
from hub.foundation.settings import Settings, load_settings
from hub.intake import record
from hub.intake.hub import Hub
from hub.journey.pipeline import Letter
from hub.keys.sealing_keys import HubKey, agency_key
from hub.runtime.bootstrap import open_hub, prepare
from hub.sealing.delivery import open_delivery, seal_delivery
from hub.sealing.inbound import seal_inbound
from hub.sealing.reply import ReleaseRequest, open_reply
from schemas.envelope import parse_envelope
from schemas.event import Event, View, make_event, read_view, view_envelope
from schemas.identifiers import Identifier
from schemas.people import Identity
from schemas.registry import EVENT_TYPES
from schemas.sections import Category

KEY = "education.attendance-concern.v1"
BATCH, PER_REQUEST = 200, 50
ROUNDS, LONGEST = 5, 40.0
CHILDREN = 20

_SETTINGS = """\
name = "hub.bench.example"

[agencies.school]
title = "School"
sector = "education"
sends = ["education.*"]

[agencies.care]
title = "Care"
sector = "care"
receives = ["education.*"]
"""

_AGREEMENT = """\
id = "bench"
version = 1
title = "Bench"
parties = ["school", "care"]
approved_by = "Bench"
approved_on = 2020-01-01
valid_from = 2020-01-01T00:00:00Z
valid_until = 2099-01-01T00:00:00Z
dpia = "NONE"

[bases.duty]
article_6 = "6(1)(e)"
confidentiality = "legal-duty"
gate = "None"

[[rules]]
id = "attendance"
sources = ["school"]
recipients = ["care"]
event_types = ["education.attendance-concern.v1"]
purpose = "attendance"
basis = "duty"
involvement = "any"
fields.identity = ["family_name", "given_name", "birth_date"]
fields.education = ["sessions_possible", "sessions_attended", "note"]
"""


@dataclass(frozen=True, slots=True)
class Round:
    """A hub of its own for one round."""

    settings: Settings
    hub: Hub


def make_round(folder: Path) -> Round:
    """Make a hub in a folder, where the children of the events are known."""
    folder.mkdir()
    config = folder / "hub.toml"
    config.write_text(_SETTINGS, encoding="utf-8")
    settings = load_settings(config)
    prepare(settings)
    hub = open_hub(settings)
    with hub.writing() as (work, _):
        work.agreements.publish(load_agreement(_AGREEMENT), work.now)
    register = "education.sen-support-recorded.v1"
    known = [_event(register, n, f"known {n}", provision="K") for n in range(CHILDREN)]
    hub.take([Letter(e.to_json(), "school", clock.now()) for e in known])
    return Round(settings, hub)


def _event(key: str, child: int, seed: str, **fields: object) -> Event:
    kind = EVENT_TYPES[key]
    own = next(model for name, model in kind.sections.items() if name not in _PARTICULARS)
    name = hashlib.sha256(f"{child}".encode()).hexdigest().translate(_LETTERS)
    identity = Identity(
        nhs_number=Identifier(value=_number(child)),
        family_name=name[:9].capitalize(),
        given_name=name[9:15].capitalize(),
        birth_date=dt.date(2012, 1, 1) + dt.timedelta(days=67 * child),
    )
    sections = [identity, own.model_validate(fields)]
    return make_event(key, "school", clock.now(), sections, seed=seed)


def _number(child: int) -> str:
    """Give an NHS number of the range that is never issued; each child has one of its own."""
    nine = f"{999_000_000 + 7 * child}"
    check = (11 - sum((10 - n) * int(d) for n, d in enumerate(nine)) % 11) % 11
    return f"{nine}{check}" if check < 10 else _number(child + 100)


_LETTERS = str.maketrans("0123456789", "ghjklmnopq")
_PARTICULARS = frozenset({Category.IDENTITY, Category.CONTACT, Category.FAMILY})


def events(count: int, round_: int) -> list[Event]:
    """Concerns about some children, each with a sentence in it."""
    note = "Often tired; came late on most days of this half of term and leaves early for therapy."
    return [
        _event(
            KEY, n % CHILDREN, f"{round_}-{n}",
            sessions_possible=380, sessions_attended=n % 380, note=note,
        )
        for n in range(count)
    ]  # fmt: skip


def sealed_way(bench: Round, given: Sequence[Event]) -> list[View]:
    """Carry events from sender to reader, sealed all the way."""
    public, own = (
        HubKey(bench.settings)(),
        agency_key(bench.settings, "care"),
    )
    letters = [
        Letter(seal_inbound(public, "school", e.to_json()), "school", clock.now(), sealed=True)
        for e in given
    ]
    bench.hub.take(letters)
    views: list[View] = []
    for out in _outbox(bench, PER_REQUEST):
        bodies = dict(out)
        asked = ReleaseRequest(request=uuid.uuid4(), deliveries=tuple(map(uuid.UUID, bodies)))
        (reply,) = bench.hub.release([("care", seal_inbound(public, "care", asked.to_json()))])
        answers = open_reply(own, "care", reply.body).answers
        views += [open_delivery(bodies[str(a.delivery)], a.keys) for a in answers]
    return views


def plain_way(bench: Round, given: Sequence[Event]) -> list[View]:
    """Carry the same events without sealing and without release."""
    bench.hub.take([Letter(e.to_json(), "school", clock.now()) for e in given])
    sent = _outbox(bench, PER_REQUEST)
    return [read_view(parse_envelope(body)) for out in sent for _, body in out]


def _outbox(bench: Round, size: int) -> list[list[tuple[str, bytes]]]:
    """Take all that is to be delivered, in batches, as the worker does."""
    batches = []
    while pending := bench.hub.pending(size):
        bench.hub.published([out.id for out in pending])
        batches.append([(out.id, out.body) for out in pending])
    return batches


def unsealed(view: View, *_: object) -> bytes:
    """Replace sealing: the view unchanged."""
    return view_envelope(view).to_json()


Way = Callable[[Round, Sequence[Event]], list[View]]


def run(way: Way, folder: Path, count: int, round_: int) -> float:
    """Carry events one way on a fresh hub, a batch at a time; gives events per second."""
    record.seal_delivery = seal_delivery if way is sealed_way else unsealed
    made, given = make_round(folder), events(count, round_)
    began, arrived = time.perf_counter(), 0
    for start in range(0, count, BATCH):
        arrived += len(way(made, given[start : start + BATCH]))
    rate = count / (time.perf_counter() - began)
    assert arrived == count, f"{arrived} of {count} arrived"
    made.hub.engine.dispose()
    return rate


def main(count: int) -> None:
    """Run both ways in turn and print rates and their ratio."""
    quiet_logs()
    rates: dict[Way, list[float]] = {plain_way: [], sealed_way: []}
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as place:
        for way in rates:
            run(way, Path(place) / f"warm-{way.__name__}", BATCH, -1)
        for round_ in range(ROUNDS):
            order = list(rates) if round_ % 2 == 0 else list(reversed(rates))
            for way in order:
                folder = Path(place) / f"{round_}-{way.__name__}"
                rates[way].append(run(way, folder, count, round_))
            if time.monotonic() - began > LONGEST:
                break
    _tell(count, rates[plain_way], rates[sealed_way])


def _tell(count: int, plain: Sequence[float], sealed: Sequence[float]) -> None:
    ratios = [p / s for p, s in zip(plain, sealed, strict=True)]
    say = sys.stdout.write
    say(f"{count} events in each of {len(plain)} rounds, in one process over SQLite; medians\n")
    say(f"plain  (no sealing, no release): {statistics.median(plain):,.0f} events/s\n")
    say(f"sealed (sealed, released, opened): {statistics.median(sealed):,.0f} events/s\n")
    say(f"ratio: a sealed journey takes {statistics.median(ratios):.2f} times as long ")
    say(f"(rounds: {', '.join(f'{ratio:.2f}' for ratio in ratios)})\n")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 600)
