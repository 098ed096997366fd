"""The ledger handed to others: signed heads, cosigned heads, whole exports, proofs of one entry.

All of it is made to be checked without the hub, its store and its word (docs/ledger.md).
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from consent.ledger.checkpoint import cosign_checkpoint, verify_checkpoint
from consent.ledger.errors import LedgerError
from consent.ledger.export import Report, verify_export
from consent.ledger.keys import SignerKey, VerifierKey
from consent.ledger.merkle import (
    consistency_path,
    inclusion_path,
    leaf_hash,
    verify_consistency,
    verify_inclusion,
)
from consent.ledger.tiles import CHECKPOINT_PATH, export_files
from hub import clock
from hub.child_desk import NotFound
from hub.knowledge import Books
from hub.office import Office
from schemas.errors import ConfigurationError, HubError

KEY_FILE = "verifier.pub"


class LedgerBroken(HubError):
    """The ledger does not fit its own signed head: nothing is signed or handed out of it."""

    code = "ledger-broken"


@dataclass(frozen=True, slots=True)
class Head:
    """The newest signed head: whose, of how many entries, the root in base64, the whole note."""

    origin: str
    size: int
    root: str
    note: str


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export wrote: entries, files that are new, and the verifier key."""

    entries: int
    files: int
    key: str


@dataclass(frozen=True, slots=True)
class Proof:
    """That an entry is in the ledger of a signed head; hashes in base64, the leaf's way first.

    ``entry`` is its exact bytes as text: canonical JSON is UTF-8.
    """

    position: int
    entry: str
    leaf: str
    path: tuple[str, ...]
    size: int
    root: str
    checkpoint: str
    verified: bool


def newest_head(office: Office) -> Head:
    """Give the newest signed head; raises NotFound before there is one."""
    with office.reading() as books:
        return head_of(office, books)


def head_of(office: Office, books: Books) -> Head:
    """Give the newest signed head from books that are open; raises NotFound before there is one."""
    newest = books.ledger.newest_checkpoint()
    if newest is None:
        raise NotFound("The ledger has no entries, and so no signed checkpoint yet.")
    key = office.signer.verifier()
    head = verify_checkpoint(newest[1].encode(), key.name, [key]).checkpoint
    return Head(head.origin, head.size, _b64(head.root), newest[1])


def cosigned(office: Office, witness: SignerKey, kept: bytes | None) -> Head:
    """Give the newest head with a witness's signature under it.

    ``kept`` is the last checkpoint that the witness saw: the ledger of then must be the beginning
    of this one. Raises LedgerBroken where it is not, or where the tree is not that of the head.
    """
    with office.reading() as books:
        head = head_of(office, books)
        key = office.signer.verifier()
        seen = verify_checkpoint(head.note.encode(), key.name, [key]).checkpoint
        old = verify_checkpoint(kept, key.name, [key]).checkpoint if kept else seen
        if old.size > head.size:
            raise LedgerBroken("The kept checkpoint counts more entries than the ledger has.")
        path = consistency_path(old.size, head.size, books.ledger.nodes)
        if not verify_consistency(old.size, old.root, head.size, seen.root, path):
            raise LedgerBroken("The ledger does not go on from the kept checkpoint.")
    note = cosign_checkpoint(head.note.encode(), witness, int(clock.now().timestamp()))
    return Head(head.origin, head.size, head.root, note.decode())


def export(office: Office, folder: Path) -> Exported:
    """Write the ledger's files into a folder, the signed head last; what is there is added to.

    Raises ConfigurationError where a file that never changes is there with other content.
    """
    new = 0
    with office.reading() as books:
        head = head_of(office, books)

        def read(start: int, end: int) -> list[bytes]:
            return [row.entry for row in books.ledger.rows(start, end)]

        for path, content in export_files(head.size, head.note.encode(), books.ledger.nodes, read):
            new += _put(folder / path, content, fixed=path != CHECKPOINT_PATH)
    key = str(office.signer.verifier())
    new += _put(folder / KEY_FILE, f"{key}\n".encode(), fixed=False)
    return Exported(head.size, new, key)


def _put(file: Path, content: bytes, *, fixed: bool) -> bool:
    """Write a file at once or not at all; False where it is there already, just so."""
    if file.is_file():
        if file.read_bytes() == content:
            return False
        if fixed:
            raise ConfigurationError(f"{file} is of another ledger. Export into a new folder.")
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_name(f".{file.name}.new")
    fresh.write_bytes(content)
    fresh.replace(file)
    return True


def check_export(folder: Path, key: VerifierKey) -> Report:
    """Check an export with nothing but its files and a key."""
    return verify_export(_reader(folder), key.name, [key])


def _reader(folder: Path) -> Callable[[str], bytes | None]:
    def read(path: str) -> bytes | None:
        file = folder / path
        return file.read_bytes() if file.is_file() else None

    return read


def verifier_of(folder: Path, file: Path | None) -> VerifierKey:
    """Read the verifier key of a file, or that of the export; raises ConfigurationError."""
    chosen = file or folder / KEY_FILE
    try:
        return VerifierKey.parse(chosen.read_text(encoding="utf-8").strip())
    except (LedgerError, UnicodeDecodeError):
        raise ConfigurationError(f"{chosen} does not hold a verifier key.") from None


def witness_of(file: Path) -> SignerKey:
    """Read a witness's key; raises ConfigurationError."""
    try:
        return SignerKey.parse(file.read_text(encoding="utf-8").strip())
    except (LedgerError, UnicodeDecodeError):
        raise ConfigurationError(f"{file} does not hold a witness's key.") from None


def prove(office: Office, position: int) -> Proof:
    """Prove that an entry is in the ledger of the newest signed head; raises NotFound."""
    with office.reading() as books:
        head = head_of(office, books)
        if not 0 <= position < head.size:
            raise NotFound(f"There is no entry {position}: the ledger has {head.size}.")
        row = next(books.ledger.rows(position, position + 1), None)
        if row is None:
            raise LedgerBroken(f"Entry {position} is missing. Run 'hub audit verify'.")
        path = inclusion_path(position, head.size, books.ledger.nodes)
    leaf, root = leaf_hash(row.entry), base64.b64decode(head.root)
    return Proof(
        position=position,
        entry=row.entry.decode("utf-8", errors="replace"),
        leaf=_b64(leaf),
        path=tuple(map(_b64, path)),
        size=head.size,
        root=head.root,
        checkpoint=head.note,
        verified=verify_inclusion(leaf, position, head.size, path, root),
    )


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
