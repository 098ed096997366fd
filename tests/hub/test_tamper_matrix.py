"""Each way to tamper with the ledger is detected, and the first bad entry named.

Tampering with any stored entry, dropping one, reordering two, truncating the tail after a
checkpoint, and swapping the store for an older copy.
Each is done to the store, over SQLite and over PostgreSQL, and verified as ``hub audit verify``
does; and to an export, verified as ``hub audit verify-export`` does. What ties the tail down is the
head that is kept beside the store; against whoever replaces that too, what a witness has signed.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from hub.evidence.cosigning import request, take
from hub.evidence.export import check_export, export, newest_head
from hub.evidence.pinned_checkpoint import keep_newest
from hub.evidence.verification import Audit, verify_ledger
from hub.evidence.witness import sign
from hub.intake.hub import Hub
from hub.journey.entries.directives import AgreementPublishedEntry
from hub.ledger.export import ExportReport, Kept
from hub.ledger.keys import Algorithm, SignerKey
from hub.ledger.tiles import bundle_bytes
from hub.store.engine import migrate, open_store
from tests.configuration import agreement
from tests.events import Child, registered
from tests.hub import hubs
from tests.merkle import bundle_entries
from tests.postgres import Postgres, private_postgres

WITNESS = SignerKey("trust.example/witness", bytes(range(3, 35)), Algorithm.COSIGNATURE_V1)
TABLES = ("ledger", "ledger_nodes", "checkpoints", "cosignatures")


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    """One database server for the tests of this file."""
    with private_postgres() as server:
        yield server


@dataclass
class Store:
    """A hub, whose store somebody with every right on its machine tampers with."""

    hub: Hub
    folder: Path

    @property
    def size(self) -> int:
        """How many entries the ledger has."""
        with self.hub.reading() as work:
            return work.ledger.size()

    def verify(self, *kept: str) -> Audit:
        """Verify it, with checkpoints that somebody else kept."""
        return verify_ledger(self.hub, None, [("elsewhere", note.encode()) for note in kept])

    def entry(self, position: int) -> bytes:
        """One entry as it stands."""
        with self.hub.reading() as work:
            return next(work.ledger.rows(position, position + 1)).entry

    def change(self, *statements: tuple[str, dict[str, object]]) -> None:
        """Tamper for good."""
        with self.hub.engine.connect() as connection, connection.begin():
            self._unguard(connection)
            for statement, values in statements:
                connection.execute(text(statement), values)

    def _unguard(self, connection: Connection) -> None:
        for table in TABLES:
            if connection.dialect.name == "postgresql":
                connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER ALL"))
                continue
            for verb in ("update", "delete"):
                connection.execute(text(f"DROP TRIGGER IF EXISTS {table}_no_{verb}"))

    def set_entry(self, position: int, entry: bytes) -> None:
        """Put other bytes in the place of one entry."""
        self.change(
            (
                "UPDATE ledger SET entry = :entry WHERE position = :position",
                {"entry": entry, "position": position},
            )
        )

    def cut(self, size: int) -> None:
        """Leave the first entries alone, with their tree and checkpoints: a store in good order."""
        self.change(
            ("DELETE FROM ledger WHERE position >= :size", {"size": size}),
            ("DELETE FROM disclosure_rows WHERE position >= :size", {"size": size}),
            (
                "DELETE FROM ledger_nodes WHERE (position + 1) * (1 << level) > :size",
                {"size": size},
            ),
            ("DELETE FROM checkpoints WHERE size > :size", {"size": size}),
            ("DELETE FROM cosignatures WHERE size > :size", {"size": size}),
        )

    def heads(self) -> dict[int, str]:
        """Every signed head."""
        with self.hub.reading() as work:
            return dict(work.ledger.checkpoints())


@pytest.fixture(
    params=["sqlite", pytest.param("postgresql", marks=pytest.mark.xdist_group("postgresql"))]
)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A ledger of some length under several checkpoints, the newest kept beside the store."""
    made = hubs.make_hub(tmp_path)
    if request.param == "postgresql":
        made.engine.dispose()
        server: Postgres = request.getfixturevalue("postgres")
        made = replace(made, engine=open_store(server.new_database()))
        migrate(made.engine)
        with made.writing() as (work, lines):
            work.agreements.publish(agreement(), work.now)
            lines.append(AgreementPublishedEntry.of(agreement(), by="test"))
    kept = tmp_path / "newest.checkpoint"
    made = replace(made, kept=kept, witnesses=(WITNESS.verifier(),))
    for number in range(1, 5):
        hubs.take(made, registered(Child(number)))
    keep_newest(made)
    yield Store(made, tmp_path)
    made.engine.dispose()


def first_bad(found: Audit) -> int | None:
    """The first bad entry of a ledger that must not verify."""
    assert not found.verified
    assert found.problem
    return found.first_bad


# --- the store ------------------------------------------------------------------------------------


def test_untouched_it_verifies(store: Store) -> None:
    """Or nothing below would mean anything."""
    found = store.verify()
    assert (found.verified, found.entries) == (True, store.size)
    assert found.checkpoints > 3


def test_tampering_with_any_stored_entry_is_detected_and_the_entry_named(store: Store) -> None:
    """Every entry in turn: one bit of one byte."""
    for position in range(store.size):
        whole = store.entry(position)
        place = (position * 37) % len(whole)
        changed = whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :]
        store.set_entry(position, changed)
        assert first_bad(store.verify()) == position
        store.set_entry(position, whole)
    assert store.verify().verified


def test_tampering_that_still_reads_well_is_detected_and_the_entry_named(store: Store) -> None:
    """Every entry in turn takes the place of another: canonical, and not what was signed."""
    for position in range(store.size):
        whole, other = store.entry(position), store.entry((position + 1) % store.size)
        store.set_entry(position, other)
        assert first_bad(store.verify()) == position
        store.set_entry(position, whole)


def test_dropping_any_one_is_detected_and_the_entry_named(store: Store) -> None:
    """Every entry in turn, the gap left open."""
    names = ", ".join(_row(store, 0))
    marks = ", ".join(f":{name}" for name in _row(store, 0))
    back = f"INSERT INTO ledger ({names}) VALUES ({marks})"  # noqa: S608  of our own columns
    for position in range(store.size):
        row = _row(store, position)
        store.change(("DELETE FROM ledger WHERE position = :p", {"p": position}))
        assert first_bad(store.verify()) == position
        store.change((back, row))
    assert store.verify().verified


def test_dropping_one_and_closing_the_gap_is_detected_and_the_entry_named(store: Store) -> None:
    """The next entry stands where the dropped one stood."""
    position = store.size // 2
    last = store.size - 1
    moves = [
        ("UPDATE ledger SET position = :to WHERE position = :old", {"to": p - 1, "old": p})
        for p in range(position + 1, last + 1)
    ]
    store.change(("DELETE FROM ledger WHERE position = :p", {"p": position}), *moves)
    assert first_bad(store.verify()) == position


def test_reordering_any_two_is_detected_and_the_first_named(store: Store) -> None:
    """Neighbours, and entries far apart."""
    last = store.size - 1
    pairs = [(p, p + 1) for p in range(last)] + [(p, last - p) for p in range(last // 2)]
    for one, other in pairs:
        first, second = store.entry(one), store.entry(other)
        store.set_entry(one, second)
        store.set_entry(other, first)
        assert first_bad(store.verify()) == one
        store.set_entry(one, first)
        store.set_entry(other, second)
    assert store.verify().verified


def test_of_several_bad_entries_the_first_is_named(store: Store) -> None:
    """One that reads well and was forged, before one that does not read at all."""
    first = store.size - 4
    store.set_entry(first, store.entry(0))
    store.set_entry(first + 2, b"{")
    assert first_bad(store.verify()) == first


def test_truncating_the_tail_is_detected_and_the_first_missing_entry_named(store: Store) -> None:
    """The entries alone, their checkpoints left: at every place."""
    for size in range(store.size - 1, store.size - 6, -1):
        store.change(("DELETE FROM ledger WHERE position >= :size", {"size": size}))
        assert first_bad(store.verify()) == size


def test_truncating_the_tail_in_good_order_is_detected_by_the_head_beside_the_store(
    store: Store,
) -> None:
    """Entries, tree, checkpoints and all cut back to an earlier head: nobody gave a file."""
    sizes = sorted(store.heads())
    for size in reversed(sizes[:-1]):
        store.cut(size)
        assert first_bad(store.verify()) == size


def test_truncating_the_tail_in_good_order_is_detected_by_a_kept_checkpoint(store: Store) -> None:
    """Whoever takes the head beside the store away too is found by what somebody else kept."""
    heads = store.heads()
    *_, earlier, newest = sorted(heads)
    store.cut(earlier)
    _kept_file(store).unlink()
    assert store.verify().verified
    assert first_bad(store.verify(heads[newest])) == earlier


def test_truncating_the_tail_is_detected_by_what_a_witness_signed(store: Store) -> None:
    """Its line stays in the store, or comes back from the witness."""
    cosigned = _cosign(store)
    earlier = sorted(store.heads())[-2]
    with store.hub.reading() as work:
        (kept,) = work.cosignatures.heads()
    assert kept.note == cosigned
    store.cut(earlier)
    _kept_file(store).unlink()
    assert first_bad(store.verify(cosigned)) == earlier


def test_a_cut_that_leaves_the_witnesss_line_is_detected(store: Store) -> None:
    """Without a head of its own the line fits nothing."""
    _cosign(store)
    store.change(("DELETE FROM checkpoints WHERE size = :size", {"size": store.size}))
    assert not store.verify().verified


def test_another_past_after_a_cut_is_detected_from_the_last_head_that_fits(store: Store) -> None:
    """Cut, and gone on with otherwise until it is longer than before."""
    earlier = sorted(store.heads())[-3]
    store.cut(earlier)
    for number in range(20, 24):
        hubs.take(store.hub, registered(Child(number)))
    bad = first_bad(store.verify())
    assert bad is not None
    assert earlier <= bad < store.size


def test_swapping_the_store_for_an_older_copy_is_detected_and_the_first_lost_entry_named(
    tmp_path: Path,
) -> None:
    """The file of yesterday, byte for byte, in the place of today's."""
    made = replace(hubs.make_hub(tmp_path), kept=tmp_path / "newest.checkpoint")
    today = Store(made, tmp_path)
    hubs.take(made, registered(Child(1)))
    made.engine.dispose()
    yesterday = today.size
    made.engine.dispose()
    shutil.copy(tmp_path / "hub.sqlite", tmp_path / "yesterday")
    hubs.take(made, registered(Child(2)))
    newest_head(made)
    made.engine.dispose()
    shutil.copy(tmp_path / "yesterday", tmp_path / "hub.sqlite")
    assert first_bad(today.verify()) == yesterday
    made.engine.dispose()


# --- an export ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Files:
    """An export of more than one bundle, and every head of its ledger."""

    store: Store
    folder: Path
    heads: dict[int, str]

    def check(self, *kept: str) -> ExportReport:
        """Verify it with the operator's key, and with checkpoints that somebody kept."""
        named = [Kept("elsewhere", note.encode()) for note in kept]
        return check_export(self.folder, self.store.hub.signer.verifier(), named)

    def entries(self) -> list[bytes]:
        """The entries of the first bundle."""
        return list(bundle_entries(self.bundle.read_bytes()))

    def write(self, changed: Sequence[bytes]) -> None:
        """Put other entries into the first bundle."""
        self.bundle.write_bytes(bundle_bytes(changed))

    @property
    def bundle(self) -> Path:
        """The file of the first entries."""
        return self.folder / "tile" / "entries" / "000"


@pytest.fixture
def files(tmp_path: Path) -> Files:
    """An export of a ledger of more than one bundle."""
    made = hubs.make_hub(tmp_path)
    for number in range(1, 42):
        hubs.take(made, registered(Child(number)))
    folder = tmp_path / "export"
    assert export(made, folder).entries > 256
    store = Store(made, tmp_path)
    return Files(store, folder, store.heads())


def test_tampering_with_any_entry_of_an_export_is_detected_and_the_entry_named(
    files: Files,
) -> None:
    """One byte of each in turn."""
    whole = files.entries()
    for position in range(0, 256, 5):
        entry = whole[position]
        files.write([*whole[:position], b"!" + entry[1:], *whole[position + 1 :]])
        report = files.check()
        assert (report.first_bad, report.span) == (position, 1)


def test_dropping_one_from_an_export_is_detected_and_the_entry_named(files: Files) -> None:
    """The next moves into its place."""
    whole = files.entries()
    for position in range(0, 256, 17):
        files.write([*whole[:position], *whole[position + 1 :]])
        assert files.check().first_bad == position


def test_reordering_two_of_an_export_is_detected_and_the_first_named(files: Files) -> None:
    """Wherever they stand."""
    whole = files.entries()
    for one, other in ((0, 1), (3, 200), (254, 255)):
        swapped = list(whole)
        swapped[one], swapped[other] = swapped[other], swapped[one]
        files.write(swapped)
        assert files.check().first_bad == one


def test_truncating_an_export_is_detected_and_the_first_missing_entry_named(files: Files) -> None:
    """The last bundle cut within its last entry."""
    size = max(files.heads)
    last = files.folder / "tile" / "entries" / "001.p" / str(size - 256)
    last.write_bytes(last.read_bytes()[:-1])
    assert files.check().first_bad == size - 1


def test_an_older_export_is_detected_by_a_kept_checkpoint(files: Files, tmp_path: Path) -> None:
    """It agrees with itself; the first entry it lacks is named."""
    size = sorted(files.heads)[-4]
    newest = files.heads[max(files.heads)]
    files.store.cut(size)
    old = replace(files, folder=tmp_path / "old")
    export(files.store.hub, old.folder)
    assert old.check().verified
    assert old.check(newest).first_bad == size


def test_no_older_ledger_is_exported_over_a_newer_one(files: Files) -> None:
    """The folder's own head stops it."""
    files.store.cut(sorted(files.heads)[-4])
    with pytest.raises(Exception, match="does not go on from the given checkpoint"):
        export(files.store.hub, files.folder)


# --- by hand --------------------------------------------------------------------------------------


def _kept_file(store: Store) -> Path:
    assert store.hub.kept is not None
    return store.hub.kept


def _cosign(store: Store) -> str:
    """Have a witness sign the newest head, and take it back."""
    log = [store.hub.signer.verifier()]
    asked = request(store.hub).request.encode()
    signed = sign(asked, WITNESS, log, store.folder / "seen", 1_700_000_000)
    assert take(store.hub, signed.note.encode()).new == 1
    return signed.note


def _row(store: Store, position: int) -> dict[str, object]:
    with store.hub.engine.connect() as connection:
        query = text("SELECT * FROM ledger WHERE position = :p")
        return dict(connection.execute(query, {"p": position}).mappings().one())
