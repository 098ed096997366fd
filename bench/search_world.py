"""The index of a ledger of millions of entries, invented: what bench/search.py searches.

A borough over four years: 100 agencies, 10,000 children, agreements in several versions. Of the
entries 24 % are decisions and 13 % releases, as in a demonstration's ledger. The rows go straight
into the store's own tables; the entries themselves are left empty, for no search reads them.
"""

from __future__ import annotations

import datetime as dt
import random
import sqlite3
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from hub.journey.disclosure_index import FACETS, Facets, pattern_of
from hub.store.engine import migrate, open_store
from schemas.times import stamp

BEGAN = dt.datetime(2022, 9, 1, tzinfo=dt.UTC)
YEARS = 4
CHILDREN, PEOPLE = 10_000, 200
DECISIONS, RELEASES, LOOKS = 0.24, 0.13, 0.01
EPOCHS = 4  # from one to the next every second agreement gets a new version
BUSY_CHILD = "child-busy"
SECTORS = {
    "school": ("education", 60, ("identity", "contact", "education", "sen")),
    "clinic": ("health", 18, ("identity", "contact", "health")),
    "care": ("care", 12, ("identity", "care", "safeguarding")),
    "council": ("ehc", 10, ("identity", "sen", "health", "care")),
}
TYPES = {
    "education": ("child-registered", "attendance-concern", "exclusion", "sen-support-recorded"),
    "health": ("referral-made", "appointment-changed", "report-available", "discharge"),
    "care": ("case-opened", "plan-changed", "worker-allocated", "case-closed"),
    "ehc": ("ehc-advice-requested", "ehc-plan-issued", "ehc-plan-reviewed", "ehc-decision-made"),
}
PURPOSES = ("education-provision", "ehc-assessment", "sen-support", "safeguarding", "attendance")
BASES = ("6(1)(c)", "6(1)(e)", "6(1)(e) 9(2)(g)", "6(1)(e) 9(2)(h)", "6(1)(c) 9(2)(g)")
OLD_LAW = "6(1)(f)"  # a basis that no rule uses after the first year
OLD_TYPE = "health.waiting-list-moved.v1"  # a type that was withdrawn after the first year
NEW_AGENCY, GONE_AGENCY = "school-59", "clinic-17"  # in the last month only; in the first only
RARE_REASON = "restricted-court-order"  # a few dozen times, all in the first year

# What comes of an event for a recipient, by what the agreements say of its case: a reason, how much
# is shared, whether it rests on a directive, and how often that is so of a hundred.
Outcome = tuple[str, str, bool, int]
BY_DUTY: tuple[Outcome, ...] = (
    ("basis-without-consent", "content", False, 69),
    ("not-involved", "withheld", False, 30),
    ("safeguarding-override", "content", False, 1),
)
BY_CONSENT: tuple[Outcome, ...] = (
    ("consent-given", "content", True, 45),
    ("no-consent", "withheld", False, 25),
    ("not-involved", "withheld", False, 20),
    ("consent-refused", "withheld", True, 6),
    ("consent-withdrawn", "withheld", True, 4),
)
BY_NOTHING: tuple[Outcome, ...] = (("no-rule", "withheld", False, 100),)


@dataclass(frozen=True, slots=True)
class Case:
    """One sender, recipient and type: what comes of it, and for each of that a decision's rows."""

    source: str
    outcomes: tuple[Outcome, ...]
    weights: tuple[int, ...]
    rows: tuple[tuple[Facets, ...], ...]


def agencies() -> list[str]:
    """Name the agencies."""
    return [f"{name}-{n:02}" for name, (_, count, _) in SECTORS.items() for n in range(count)]


def cases(epoch: int, draw: random.Random, recipients: int) -> list[Case]:
    """Give every case of an epoch; each sender has its recipients, and each wants some types."""
    made = []
    for source in agencies():
        sector, _, categories = SECTORS[source[:-3]]
        own = random.Random(source)  # noqa: S311  a bench, not a key
        others = [name for name in agencies() if name[:-3] != source[:-3]]
        for recipient in own.sample(others, recipients):
            for kind in own.sample(TYPES[sector], 2):
                key = OLD_TYPE if kind == "discharge" and epoch == 0 else f"{sector}.{kind}.v1"
                made.append(_case(source, recipient, key, categories, epoch))
    draw.shuffle(made)
    return made


def _case(source: str, recipient: str, key: str, categories: Sequence[str], epoch: int) -> Case:
    own = random.Random(f"{source[:-3]} {recipient[:-3]} {key}")  # noqa: S311  not for security
    paper = f"{source[:-3]}s-to-{recipient[:-3]}"
    version = 1 + (epoch + 1) // 2 if own.random() < 0.5 else 1 + epoch
    rule = f"{paper}@{version}/{key.split('.')[1]}"
    purpose = own.choice(PURPOSES)
    basis = OLD_LAW if epoch == 0 and own.random() < 0.3 else own.choice(BASES)
    (outcomes,) = own.choices((BY_DUTY, BY_CONSENT, BY_NOTHING), (7, 2, 1))
    rows = []
    for reason, sharing, _, _ in outcomes:
        clause = ("", "", "") if outcomes is BY_NOTHING else (purpose, rule, basis)
        of_all = ("decision", source, recipient, key)
        rows.append(tuple((*of_all, part, sharing, reason, *clause) for part in categories))
    return Case(source, outcomes, tuple(one[3] for one in outcomes), tuple(rows))


def build(file: Path, entries: int, recipients: int) -> None:
    """Make the store and fill its index."""
    file.parent.mkdir(parents=True, exist_ok=True)
    engine = open_store(f"sqlite:///{file}")
    migrate(engine)
    engine.dispose()
    with closing(sqlite3.connect(file, isolation_level=None)) as store:
        store.execute("PRAGMA journal_mode=OFF")
        store.execute("PRAGMA synchronous=OFF")
        store.execute("PRAGMA cache_size=-400000")
        later = _without_indexes(store)
        store.execute("BEGIN")
        _fill(store, entries, recipients)
        for statement in later:
            store.execute(statement)
        store.execute("COMMIT")
        store.execute("PRAGMA journal_mode=WAL")


_INDEX = frozenset({"disclosure_rows", "access_log", "daily_counts"})


def _without_indexes(store: sqlite3.Connection) -> list[str]:
    """Drop the indexes of the index's tables, to be made once these are full; and the ledger's."""
    rows = store.execute("SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'index'")
    found = [(name, table, sql) for name, table, sql in rows if sql]
    for name, table, _ in found:
        if table in {*_INDEX, "ledger"}:
            store.execute(f"DROP INDEX {name}")
    return [sql for _, table, sql in found if table in _INDEX]


Rows = tuple[list[tuple[object, ...]], list[tuple[object, ...]], list[tuple[object, ...]]]


def _fill(store: sqlite3.Connection, entries: int, recipients: int) -> None:
    seen: set[Facets] = set()
    batches = _batches(_world(entries, recipients, seen))
    for done, (ledger, found, looked) in enumerate(batches, start=1):
        store.executemany("INSERT INTO ledger VALUES (?, ?, ?, ?, ?, ?, x'')", ledger)
        store.executemany("INSERT INTO disclosure_rows VALUES (?, ?, ?, ?, ?, ?)", found)
        store.executemany("INSERT INTO access_log VALUES (?, ?, ?, ?, ?, ?)", looked)
        sys.stderr.write(f"\r{done * _BATCH:,} of {entries:,} entries")
    sys.stderr.write("\n")
    marks = ", ".join("?" * (1 + len(FACETS)))
    rows = [(pattern_of(facets), *facets) for facets in seen]
    store.executemany(f"INSERT INTO facet_patterns VALUES ({marks})", rows)  # noqa: S608  marks alone
    store.executemany("INSERT INTO daily_counts VALUES (?, ?, ?, ?)", _flows())


_BATCH = 100_000


def _batches(world: Iterator[_Entry]) -> Iterator[Rows]:
    while some := list(islice(world, _BATCH)):
        ledger = [one for one, _, _ in some]
        found = [row for _, rows, _ in some for row in rows]
        yield ledger, found, [look for _, _, look in some if look]


_Entry = tuple[tuple[object, ...], list[tuple[object, ...]], tuple[object, ...] | None]


def _world(entries: int, recipients: int, seen: set[Facets]) -> Iterator[_Entry]:
    """Give entry by entry its row in the ledger, its findings, and the look it may be."""
    draw = random.Random(12)  # noqa: S311  a bench, not a key
    step = dt.timedelta(days=365.25 * YEARS) / entries
    for epoch in range(EPOCHS):
        begin, end = entries * epoch // EPOCHS, entries * (epoch + 1) // EPOCHS
        known = cases(epoch, draw, recipients)
        for position in range(begin, end):
            at, lot = stamp(BEGAN + position * step), draw.random()
            if lot < DECISIONS + RELEASES:
                child = _child(draw)
                event = f"{draw.getrandbits(64):016x}-0000-0000-0000-000000000000"[:36]
                told = "decision" if lot < DECISIONS else "disclosure"
                rows = _rows(position, entries, told, known, draw)
                found = [
                    (position, n, pattern_of(facets), child, event, directive and f"d-{child}")
                    for n, (facets, directive) in enumerate(rows)
                ]
                seen.update(facets for facets, _ in rows)
                yield (position, told, at, child, event, rows[0][0][2]), found, None
            elif lot < DECISIONS + RELEASES + LOOKS:
                child, by = _child(draw), f"person-{int(PEOPLE * draw.random() ** 3):03}"
                look = (position, at, by, "decisions", child, "CASE-1")
                yield (position, "look", at, child, None, None), [], look
            else:
                yield (position, "receipt", at, _child(draw), None, None), [], None


def _child(draw: random.Random) -> str:
    """Some children have far more to do with the hub than others; one most of all."""
    if draw.random() < 0.003:
        return BUSY_CHILD
    return f"child-{int(CHILDREN * draw.random() ** 2):05}-0000-0000-0000-00000000"


def _rows(
    position: int, entries: int, told: str, known: Sequence[Case], draw: random.Random
) -> list[tuple[Facets, bool]]:
    """Draw one decision: which case, and what came of its sections."""
    case = known[int(len(known) * draw.random() ** 2)]
    age = position / entries
    if (case.source == NEW_AGENCY and age < 0.98) or (case.source == GONE_AGENCY and age > 0.02):
        case = known[0]
    (number,) = draw.choices(range(len(case.rows)), case.weights)
    directive, rows = case.outcomes[number][2], case.rows[number]
    if age < 0.2 and draw.random() < 0.0001:
        directive = False
        rows = tuple((*row[:5], "withheld", RARE_REASON, *row[7:]) for row in rows)
    if told == "disclosure":
        rows = tuple(("disclosure", *row[1:]) for row in rows)
    return [(row, directive) for row in rows]


def _flows() -> Iterator[tuple[str, str, str, int]]:
    """Count every day of every agency."""
    for n in range(int(365.25 * YEARS)):
        day = (BEGAN.date() + dt.timedelta(days=n)).isoformat()
        for agency in agencies():
            for what in ("events", "told", "withheld"):
                yield day, agency, what, 1 + n % 40
