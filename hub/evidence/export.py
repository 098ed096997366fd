"""The ledger handed to others: signed heads, exports, proofs of an entry and between two heads.

All of it is made to be checked without the hub, its store and its word (docs/ledger.md).
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

from pydantic import Field

from hub.evidence.pinned_checkpoint import LedgerBroken, contradiction, keep_newest
from hub.foundation import clock
from hub.foundation.view_model import ViewModel
from hub.intake.hub import Hub
from hub.keys.witness_keys import verifier_key
from hub.ledger.checkpoint import Checkpoint, cosign_checkpoint, verify_checkpoint
from hub.ledger.errors import LedgerError
from hub.ledger.export import ExportReport, Kept, verify_export
from hub.ledger.keys import SignerKey, VerifierKey
from hub.ledger.merkle import (
    Frontier,
    consistency_path,
    inclusion_path,
    leaf_hash,
    verify_consistency,
    verify_inclusion,
)
from hub.ledger.tiles import CHECKPOINT_PATH, COSIGNED_PATH, export_files
from hub.store.unit_of_work import UnitOfWork
from schemas.errors import ConfigurationError, NotFound

KEY_FILE = "verifier.pub"


class ExportedHead(ViewModel):
    """The newest signed head of the ledger (C2SP tlog-checkpoint)."""

    origin: Annotated[str, Field(description="Whose ledger it is")]
    size: Annotated[int, Field(description="How many entries")]
    root: Annotated[str, Field(description="The root of the tree, in base64")]
    note: Annotated[str, Field(description="The whole signed note")]


class LedgerExport(ViewModel):
    """What an export wrote: entries, files that are new, and the verifier key."""

    entries: int
    files: int
    key: str


class InclusionProof(ViewModel):
    """Proof that an entry is in the ledger of a signed head (RFC 9162); hashes in base64."""

    position: int
    entry: Annotated[
        str | None,
        Field(description="The entry's exact bytes as text; null where the role reads none"),
    ]
    leaf: Annotated[str, Field(description="The hash of the entry")]
    path: Annotated[
        tuple[str, ...], Field(description="The inclusion proof, from the leaf to the root")
    ]
    size: Annotated[int, Field(description="How many entries the signed head has")]
    root: Annotated[str, Field(description="The root of the tree, in base64")]
    checkpoint: Annotated[str, Field(description="The signed note")]
    verified: bool


class ConsistencyProof(ViewModel):
    """That an earlier ledger is the beginning of a later one; roots and path in base64.

    The path is a consistency proof (RFC 9162, 2.1.4). ``old_checkpoint`` is None where nothing was
    signed at just that size.
    """

    old_size: int
    old_root: str
    old_checkpoint: str | None
    new_size: int
    new_root: str
    new_checkpoint: str
    path: tuple[str, ...]
    verified: bool


def newest_head(hub: Hub) -> ExportedHead:
    """Give the newest signed head, with the lines of witnesses who signed just this one.

    Raises NotFound before there is one, and LedgerBroken where the store is older than a head that
    was kept or handed out before.
    """
    keep_newest(hub)
    with hub.reading() as work:
        return head_of(hub, work)


def newest_cosigned(hub: Hub) -> ExportedHead:
    """Give the newest head that a witness signed; raises NotFound while there is none."""
    keep_newest(hub)
    with hub.reading() as work:
        found = work.cosignatures.newest()
    if found is None:
        raise NotFound("No witness's signature is here. See 'hub audit checkpoint --cosigned'.")
    return _head_of(hub, found.note)


def head_of(hub: Hub, work: UnitOfWork) -> ExportedHead:
    """Give the newest signed head in an open unit of work; raises NotFound before there is one."""
    newest = work.ledger.newest_checkpoint()
    if newest is None:
        raise NotFound("The ledger has no entries, and so no signed checkpoint yet.")
    cosigned_too = work.cosignatures.at(newest[0])
    return _head_of(hub, cosigned_too.note if cosigned_too else newest[1])


def _head_of(hub: Hub, note: str) -> ExportedHead:
    """Take a note of our own apart; raises LedgerBroken where our key did not sign it."""
    head = signed_by(hub.signer.verifier(), note.encode(), "A stored checkpoint")
    return ExportedHead(origin=head.origin, size=head.size, root=_b64(head.root), note=note)


def signed_by(key: VerifierKey, note: bytes, what: str) -> Checkpoint:
    """Read a checkpoint that this key signed; raises LedgerBroken that says ``what`` is not one."""
    try:
        return verify_checkpoint(note, key.name, [key]).checkpoint
    except LedgerError as error:
        raise LedgerBroken(f"{what} is not this ledger's: {error}.") from None


def known_size(hub: Hub, note: bytes) -> int:
    """Give the size of a checkpoint somebody kept; raises LedgerBroken where it does not fit."""
    head = signed_by(hub.signer.verifier(), note, "The given checkpoint")
    with hub.reading() as work:
        problem = contradiction(work.ledger, head)
    if problem:
        raise LedgerBroken(f"The ledger does not go on from the given checkpoint: {problem}.")
    return head.size


def cosigned(hub: Hub, witness: SignerKey, seen: int | None = None) -> ExportedHead:
    """Give the newest head with a witness's signature under it, whose key is on this machine.

    ``seen`` is the size of the last checkpoint that the witness saw: the ledger of then must be the
    beginning of this one. Raises LedgerBroken where it is not, or where the tree is not that of the
    head.
    """
    head = newest_head(hub)
    if not consistency(hub, head.size if seen is None else seen, head.size).verified:
        raise LedgerBroken("The ledger does not go on from the kept checkpoint.")
    note = cosign_checkpoint(head.note.encode(), witness, int(clock.now().timestamp()))
    return head.model_copy(update={"note": note.decode()})


def consistency(hub: Hub, old: int, new: int) -> ConsistencyProof:
    """Prove that the ledger of ``old`` entries is the beginning of the signed one of ``new``.

    Raises NotFound where no head of ``new`` entries was signed, or the ledger is not so long.
    """
    with hub.reading() as work:
        note = work.ledger.checkpoint_at(new)
        if note is None or not 0 <= old <= new:
            newest = work.ledger.size()
            raise NotFound(
                f"There is no way from {old} to a signed checkpoint of {new} entries: name two "
                f"sizes, the second of them one that was signed. The newest is {newest}."
            )
        head = signed_by(hub.signer.verifier(), note.encode(), "A stored checkpoint")
        with _of_the_tree():
            before = Frontier.load(old, work.ledger.nodes).root()
            path = consistency_path(old, new, work.ledger.nodes)
        earlier = work.ledger.checkpoint_at(old)
    return ConsistencyProof(
        old_size=old,
        old_root=_b64(before),
        old_checkpoint=earlier,
        new_size=new,
        new_root=_b64(head.root),
        new_checkpoint=note,
        path=tuple(map(_b64, path)),
        verified=verify_consistency(old, before, new, head.root, path),
    )


def export(hub: Hub, folder: Path) -> LedgerExport:
    """Write the ledger's files into a folder, the signed heads last; what is there is added to.

    Raises ConfigurationError where a file that never changes is there with other content, and
    LedgerBroken where the folder holds a head that the ledger does not go on from.
    """
    keep_newest(hub)
    if (folder / CHECKPOINT_PATH).is_file():
        known_size(hub, (folder / CHECKPOINT_PATH).read_bytes())
    new = 0
    with hub.reading() as work:
        head = head_of(hub, work)

        def read(start: int, end: int) -> list[bytes]:
            return [row.entry for row in work.ledger.rows(start, end)]

        for path, content in export_files(head.size, head.note.encode(), work.ledger.nodes, read):
            new += _put(folder / path, content, fixed=path != CHECKPOINT_PATH)
        witnessed = work.cosignatures.newest()
    if witnessed is not None:
        new += _put(folder / COSIGNED_PATH, witnessed.note.encode(), fixed=False)
    key = str(hub.signer.verifier())
    new += _put(folder / KEY_FILE, f"{key}\n".encode(), fixed=False)
    return LedgerExport(entries=head.size, files=new, key=key)


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


def check_export(
    folder: Path, key: VerifierKey, kept: Iterable[Kept] = (), witnesses: Iterable[VerifierKey] = ()
) -> ExportReport:
    """Check an export with nothing but its files and keys.

    ``kept`` are checkpoints from elsewhere that it must agree with; of ``witnesses`` at least one
    must have signed a head of it.
    """
    return verify_export(_reader(folder), key.name, [key], kept, witnesses)


def _reader(folder: Path) -> Callable[[str], bytes | None]:
    def read(path: str) -> bytes | None:
        file = folder / path
        return file.read_bytes() if file.is_file() else None

    return read


def verifier_of(folder: Path, file: Path | None) -> VerifierKey:
    """Read the verifier key of a file, or that of the export; raises ConfigurationError."""
    return verifier_key(file or folder / KEY_FILE)


def prove(hub: Hub, position: int) -> InclusionProof:
    """Prove that an entry is in the ledger of the newest signed head; raises NotFound."""
    keep_newest(hub)
    with hub.reading() as work:
        head = head_of(hub, work)
        if not 0 <= position < head.size:
            raise NotFound(f"There is no entry {position}: the ledger has {head.size}.")
        row = next(work.ledger.rows(position, position + 1), None)
        if row is None:
            raise LedgerBroken(f"Entry {position} is missing. Run 'hub audit verify'.")
        with _of_the_tree():
            path = inclusion_path(position, head.size, work.ledger.nodes)
    leaf, root = leaf_hash(row.entry), base64.b64decode(head.root)
    return InclusionProof(
        position=position,
        entry=row.entry.decode("utf-8", errors="replace"),
        leaf=_b64(leaf),
        path=tuple(map(_b64, path)),
        size=head.size,
        root=head.root,
        checkpoint=head.note,
        verified=verify_inclusion(leaf, position, head.size, path, root),
    )


@contextmanager
def _of_the_tree() -> Iterator[None]:
    """Read hashes of the stored tree; raises LedgerBroken where one is missing or cut."""
    try:
        yield
    except LedgerError as error:
        raise LedgerBroken(f"{error}. Run 'hub audit verify'.") from None


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
