"""The newest signed head, kept outside of the store: an older copy of the store does not fit it.

The file ``newest.checkpoint`` lies in the state folder. It is written after what it says was
committed, so it may lag behind the ledger (by a minute, where a worker runs) and never leads. It is
replaced only by a larger head that goes on from it. Whoever has the whole machine can replace store
and file together: against that only witnesses help (docs/ledger.md).
"""

from __future__ import annotations

from hub.foundation.atomic_file import write_whole
from hub.intake.hub import Hub
from hub.ledger.checkpoint import Checkpoint, verify_checkpoint
from hub.ledger.errors import LedgerError
from hub.ledger.keys import VerifierKey
from hub.ledger.merkle import Frontier
from hub.store.ledger import Ledger
from hub.store.unit_of_work import UnitOfWork
from schemas.errors import HubError, Unavailable

FILE = "newest.checkpoint"


class LedgerBroken(HubError):
    """The ledger does not fit its own signed head: nothing is signed or handed out of it."""

    code = "ledger-broken"


def contradiction(ledger: Ledger, head: Checkpoint) -> str | None:
    """Say how the ledger contradicts a head that its key signed; None where it contains it.

    It looks at the stored tree alone, so it is quick for a ledger of any length.
    """
    size = ledger.size()
    if head.size > size:
        return f"it counts {head.size} entries, and the ledger ends at {size}"
    try:
        root = Frontier.load(head.size, ledger.nodes).root()
    except LedgerError as error:
        return str(error)
    if root != head.root:
        return f"the ledger's first {head.size} entries give another root"
    return None


def kept_note(hub: Hub) -> bytes | None:
    """Read what is kept beside the store; None where nothing is."""
    file = hub.kept
    return file.read_bytes() if file is not None and file.is_file() else None


def check_kept(hub: Hub) -> int | None:
    """Compare the ledger with the kept head; returns that head's size, or None without one.

    Raises LedgerBroken where the store is older than the head, or of another past.
    """
    note = kept_note(hub)
    if note is None:
        return None
    with hub.reading() as work:
        return _checked(hub, work, note).size


def _checked(hub: Hub, work: UnitOfWork, note: bytes) -> Checkpoint:
    head, problem = _read(note, hub.signer.verifier()), ""
    if isinstance(head, Checkpoint):
        problem = contradiction(work.ledger, head) or ""
    if isinstance(head, Checkpoint) and not problem:
        return head
    raise LedgerBroken(
        f"The store does not fit the head that is kept in {hub.kept}: {problem or head}. Is it an "
        "older copy? Run 'hub audit verify'. After a restore that is meant: docs/operations.md."
    )


def _read(note: bytes, key: VerifierKey) -> Checkpoint | str:
    try:
        return verify_checkpoint(note, key.name, [key]).checkpoint
    except LedgerError as error:
        return str(error)


def keep_newest(hub: Hub) -> None:
    """Keep the newest head beside the store, if it goes on from the one that is kept.

    Raises LedgerBroken as ``check_kept`` does, and Unavailable where the file cannot be written.
    """
    if hub.kept is None:
        return
    old = kept_note(hub)
    with hub.reading() as work:
        newest = work.ledger.newest_checkpoint()
        size = _checked(hub, work, old).size if old is not None else 0
    if newest is not None and newest[0] > size:
        try:
            write_whole(hub.kept, newest[1].encode())
        except OSError as error:
            raise Unavailable(f"{hub.kept} cannot be written: {error.strerror}.") from error
