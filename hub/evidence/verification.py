"""Verifying the ledger: every entry read again, every hash made again, every signed head checked.

What is checked of each entry: its position follows the one before, its bytes are a canonical entry,
the row's kind and moment are those of the bytes, and its hash is the one stored in the tree. At
each checkpoint: the signature, the name, the size, and that the entries up to it give its root.
Memory does not grow with the ledger.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from hub.evidence.pinned_checkpoint import contradiction, kept_note
from hub.foundation.view_model import ViewModel
from hub.intake.hub import Hub
from hub.journey.entries import body_of
from hub.journey.ledger_rows import LedgerRow
from hub.ledger.checkpoint import Checkpoint, verify_checkpoint
from hub.ledger.entry import LedgerEntry
from hub.ledger.errors import LedgerError
from hub.ledger.keys import VerifierKey
from hub.ledger.merkle import EMPTY_ROOT, Frontier, SubtreeNode, leaf_hash
from hub.store.cosignatures import CosignedHead
from hub.store.ledger import Ledger
from schemas.times import stamp

BATCH = 200
Tell = Callable[[int, int], None]


class Audit(ViewModel):
    """What a verification found. ``root`` is in base64, as in a checkpoint.

    ``first_bad`` is the first entry that cannot be vouched for, and ``problem`` says why; it is
    None where no entry can be named. ``checkpoints`` counts the signed heads that hold, and
    ``cosigned`` those of them that witnesses signed as well.
    """

    entries: int
    verified: bool
    checkpoints: int
    first_bad: int | None
    problem: str | None
    root: str
    cosigned: int = 0


class Broken(Exception):
    """The ledger does not verify: from which entry on, and why."""

    def __init__(self, position: int, problem: str) -> None:
        """Say from which entry on, and why."""
        self.position = position
        self.problem = problem
        super().__init__(problem)


def verify_ledger(
    hub: Hub, tell: Tell | None = None, kept: Iterable[tuple[str, bytes]] = ()
) -> Audit:
    """Verify the whole ledger of a hub.

    ``kept`` are checkpoints from elsewhere, each with where it is from: the entries must give
    their roots too, as they must those of the head that is kept beside the store and of every head
    that witnesses signed. ``tell`` is given how many entries are done, and of how many.
    """
    own = kept_note(hub)
    beside = [("beside the store", own)] if own is not None else []
    with hub.reading() as work:
        key = hub.signer.verifier()
        reader = _Reader(work.ledger, key, tell or _no_progress)
        heads = [_kept_head(name, note, key) for name, note in (*kept, *beside)]
        cosigned = [_cosigned_head(one, key) for one in work.cosignatures.heads()]
        faults = [one for one in (*heads, *cosigned) if isinstance(one, str)]
        try:
            reader.read(_in_order((*heads, *cosigned)))
        except Broken as broken:
            return reader.audit(broken.position, broken.problem)
        # What no entry is to blame for is told only where the entries are in order.
        problem = faults[0] if faults else None
        return reader.audit(None, problem).model_copy(update={"cosigned": len(cosigned)})


@dataclass(frozen=True, slots=True)
class SignedHead:
    """A signed head that the entries must agree with, and where it is from."""

    checkpoint: Checkpoint
    name: str


def _kept_head(name: str, note: bytes, key: VerifierKey) -> SignedHead | str:
    """Read a checkpoint that was kept, or say what is wrong with it."""
    try:
        return SignedHead(verify_checkpoint(note, key.name, [key]).checkpoint, f"kept {name}")
    except LedgerError as error:
        return f"the kept checkpoint {name} is not this ledger's: {error}"


def _cosigned_head(one: CosignedHead, key: VerifierKey) -> SignedHead | str:
    """Read a head that witnesses signed, every signature of it, or say what is wrong with it."""
    name = f"of size {one.size} that witnesses signed"
    try:
        witnesses = [VerifierKey.parse(line) for line in one.witnesses]
        signed = verify_checkpoint(one.note.encode(), key.name, [key, *witnesses])
    except LedgerError as error:
        return f"the checkpoint {name}: {error}"
    if len(signed.cosignatures) != len(witnesses):
        return f"the checkpoint {name} lacks a signature of a witness"
    return SignedHead(signed.checkpoint, name)


def _in_order(found: Iterable[SignedHead | str]) -> list[SignedHead]:
    heads = [one for one in found if isinstance(one, SignedHead)]
    return sorted(heads, key=lambda head: head.checkpoint.size)


class _Reader:
    """One reading of the ledger from its beginning."""

    def __init__(self, ledger: Ledger, key: VerifierKey, tell: Tell) -> None:
        self.key = key
        self._ledger = ledger
        self._tell = tell
        self._size = ledger.size()
        self._frontier = Frontier()
        self._vouched = 0
        self._checkpoints = 0

    def audit(self, first_bad: int | None, problem: str | None) -> Audit:
        """Give what was found, up to a problem if there was one."""
        return Audit(
            entries=self._size,
            verified=problem is None,
            checkpoints=self._checkpoints,
            first_bad=first_bad,
            problem=problem,
            root=base64.b64encode(self._frontier.root()).decode("ascii"),
        )

    def read(self, kept: Sequence[SignedHead]) -> None:
        """Read all entries, stopping at every signed head; raises Broken at the first fault."""
        heads = iter(kept)
        waiting = next(heads, None)
        rows = self._ledger.rows()
        for head in self._signed_heads():
            while waiting is not None and waiting.checkpoint.size <= head.checkpoint.size:
                self._reach(waiting, rows)
                waiting = next(heads, None)
            self._reach(head, rows)
            self._checkpoints += 1
        if waiting is not None:
            missing = f"the checkpoint {waiting.name} counts {waiting.checkpoint.size} entries"
            raise Broken(self._frontier.size, f"{missing}; the ledger ends before that")
        if (row := next(rows, None)) is not None:
            raise Broken(self._vouched, f"entry {row.position} stands under no signed checkpoint")

    def _signed_heads(self) -> Iterator[SignedHead]:
        for size, note in self._ledger.checkpoints():
            try:
                signed = verify_checkpoint(note.encode(), self.key.name, [self.key])
            except LedgerError as error:
                raise Broken(self._vouched, f"the checkpoint of size {size}: {error}") from None
            if signed.checkpoint.size != size:
                raise Broken(self._vouched, f"the checkpoint of size {size} is of another size")
            yield SignedHead(signed.checkpoint, f"of size {size}")

    def _reach(self, head: SignedHead, rows: Iterator[LedgerRow]) -> None:
        """Read on to a head and compare its root."""
        wanted = head.checkpoint.size
        while self._frontier.size < wanted:
            asked = min(BATCH, wanted - self._frontier.size)
            some = list(islice(rows, asked))
            self._take(some)
            if len(some) < asked:
                missing = f"the ledger ends before the checkpoint {head.name} says it does"
                raise Broken(self._frontier.size, missing)
        if self._frontier.root() != head.checkpoint.root:
            which = f"the entries from {self._vouched} on do not give the root of the checkpoint"
            raise Broken(self._vouched, f"{which} {head.name}")
        self._vouched = wanted

    def _take(self, rows: Sequence[LedgerRow]) -> None:
        """Check some entries one by one, then the tree that is stored over them."""
        good, broken = _well_written(self._frontier.size, rows)
        frontier, nodes = self._frontier.extend([leaf_hash(row.entry) for row in good])
        # An entry before the ill-written one may be forged: the first bad entry is the one to name.
        self._check_nodes(nodes)
        if broken is not None:
            raise broken
        self._frontier = frontier
        self._tell(frontier.size, self._size)

    def _check_nodes(self, nodes: Sequence[SubtreeNode]) -> None:
        stored = self._ledger.nodes([(node.level, node.index) for node in nodes])
        bad = [node for node in nodes if stored.get((node.level, node.index)) != node.hash]
        if not bad:
            return
        first = min(bad, key=lambda node: (node.level, node.index))
        position = first.index << first.level
        if (first.level, first.index) not in stored:
            raise Broken(position, f"the tree lacks the node {first.level}/{first.index}")
        what = f"entry {position}" if first.level == 0 else f"the node {first.level}/{first.index}"
        raise Broken(position, f"{what} does not fit the hash that is stored for it")


def _well_written(
    start: int, rows: Sequence[LedgerRow]
) -> tuple[Sequence[LedgerRow], Broken | None]:
    """Return the rows up to the first that is wrong, and what is wrong with that one.

    A row that is malformed or filed wrongly is among them: its bytes may be forged as well.
    """
    for offset, row in enumerate(rows):
        position = start + offset
        try:
            entry = _decoded(position, row)
        except Broken as broken:
            return rows[:offset], broken
        if problem := _problem(row, entry):
            return rows[: offset + 1], Broken(position, f"entry {position} {problem}")
    return rows, None


def _decoded(position: int, row: LedgerRow) -> LedgerEntry:
    if row.position != position:
        raise Broken(position, f"entry {position} is missing; entry {row.position} comes next")
    try:
        return row.decoded()
    except LedgerError as error:
        raise Broken(position, f"entry {position}: {error}") from None


def _problem(row: LedgerRow, entry: LedgerEntry) -> str:
    """Return what is wrong with an entry's body, or with the columns it is found by."""
    try:
        subject = body_of(entry).subject()
    except LedgerError as error:
        return f"cannot be read: {error}"
    if (row.kind, row.at, row.subject) != (entry.kind, stamp(entry.at), subject):
        return "is filed under another kind, moment or subject"
    return ""


def _no_progress(_done: int, _of: int) -> None:
    """Report no progress."""


def verify_head(hub: Hub) -> Audit:
    """Verify only the head: the newest checkpoint's signature, and the root of the stored tree.

    Quick for a ledger of any length; it does not read the entries.
    """
    with hub.reading() as work:
        size, key = work.ledger.size(), hub.signer.verifier()
        newest = work.ledger.newest_checkpoint()
        root = EMPTY_ROOT
        try:
            root = Frontier.load(size, work.ledger.nodes).root()
            problem = _head_problem(size, root, newest, key) or _kept_problem(hub, work.ledger)
        except LedgerError as error:
            problem = str(error)
    return Audit(
        entries=size,
        verified=problem is None,
        checkpoints=int(newest is not None and problem is None),
        first_bad=None,
        problem=problem,
        root=base64.b64encode(root).decode("ascii"),
    )


def _kept_problem(hub: Hub, ledger: Ledger) -> str | None:
    note = kept_note(hub)
    head = _kept_head("beside the store", note, hub.signer.verifier()) if note else None
    if not isinstance(head, SignedHead):
        return head
    difference = contradiction(ledger, head.checkpoint)
    return f"the checkpoint {head.name} does not fit: {difference}" if difference else None


def _head_problem(
    size: int, root: bytes, newest: tuple[int, str] | None, key: VerifierKey
) -> str | None:
    if newest is None:
        return "the newest entries stand under no signed checkpoint" if size else None
    head = verify_checkpoint(newest[1].encode(), key.name, [key]).checkpoint
    if head.size != size:
        return f"the newest checkpoint counts {head.size} entries, the ledger has {size}"
    return None if head.root == root else "the newest checkpoint has another root than the tree"
