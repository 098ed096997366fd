"""Integrity of the ledger: its signed head, a verification of all entries, and proofs.

A user who may not read decisions sees only hashes. An entry about a child needs a reason.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Path
from fastapi.responses import HTMLResponse, Response

from hub.console.security.access_reason import ask_reason
from hub.console.security.guard import Needs, Visit
from hub.console.verification_run import VerificationRunner
from hub.evidence import export
from hub.evidence.cosigning import last_signed
from hub.evidence.entry_view import EntryView, entry_at
from hub.evidence.export import ExportedHead, InclusionProof
from hub.evidence.pinned_checkpoint import LedgerBroken
from hub.evidence.verification import verify_head
from hub.foundation.view_model import ViewModel
from hub.ledger.errors import LedgerError
from hub.ledger.note import parse_note
from schemas.errors import NotFound
from schemas.roles import Permission

router = APIRouter(include_in_schema=False)
SHORT = 2.0
"""Seconds that a page waits for a verification to finish."""

# The store could not hold a larger number.
Place = Annotated[int, Path(ge=0, le=2**53 - 1)]
Integrity = Annotated[Visit, Depends(Needs(Permission.INTEGRITY))]


@dataclass(frozen=True, slots=True)
class SignedHeadView:
    """The newest signed head, and the names of its signers."""

    head: ExportedHead
    names: tuple[str, ...]


@router.get("/integrity")
def overview(
    visit: Annotated[Visit, Depends(Needs(Permission.INTEGRITY, "the ledger's integrity"))],
) -> HTMLResponse:
    """Show whether the ledger matches its signed head, and how to check it from outside."""
    return _overview(visit)


def _overview(visit: Visit, problems: tuple[tuple[str, str], ...] = ()) -> HTMLResponse:
    with visit.hub.reading() as work:
        last, newest_at = work.verifications.newest(), work.ledger.newest_at()
    return visit.page(
        "integrity.html",
        400 if problems else 200,
        state=verify_head(visit.hub),
        signed=_signed(visit),
        witnesses=last_signed(visit.hub),
        newest_at=newest_at,
        last=last,
        running=_verifying(visit).running,
        key=str(visit.hub.signer.verifier()),
        problems=list(problems),
        position=visit.query("position"),
        old=visit.query("old"),
    )


def _signed(visit: Visit) -> SignedHeadView | None:
    """Return the newest signed head; None if it is not valid."""
    try:
        head = export.newest_head(visit.hub)
        names = tuple(one.name for one in parse_note(head.note.encode()).signatures)
    except (LedgerError, LedgerBroken, NotFound):
        return None
    return SignedHeadView(head, names)


def _verifying(visit: Visit) -> VerificationRunner:
    found: VerificationRunner = visit.request.app.state.verification
    return found


@router.post("/integrity/verify")
def verify(visit: Integrity) -> Response:
    """Start a verification of the whole ledger, and wait for a short one."""
    verifying = _verifying(visit)
    if verifying.start(visit.hub, visit.person):
        visit.record_access("the start of a verification of the whole ledger")
        verifying.wait(SHORT)
    return visit.redirect("/integrity/verify")


@router.get("/integrity/verify")
def progress(
    visit: Annotated[
        Visit, Depends(Needs(Permission.INTEGRITY, "a verification of the whole ledger"))
    ],
) -> Response:
    """Show the progress or the result of the verification."""
    run = _verifying(visit).run
    if run is None:
        return visit.redirect("/integrity")
    return visit.page("verifying.html", run=run)


@router.get("/integrity/checkpoint.txt")
def checkpoint(
    visit: Annotated[Visit, Depends(Needs(Permission.INTEGRITY, "the newest checkpoint"))],
) -> Response:
    """Return the newest signed head, to be stored elsewhere."""
    head = export.newest_head(visit.hub)
    return _download(head.note, "text/plain; charset=utf-8", f"checkpoint-{head.size}.txt")


@router.get("/integrity/verifier.pub")
def verifier(
    visit: Annotated[Visit, Depends(Needs(Permission.INTEGRITY, "the verifier key"))],
) -> Response:
    """Return the public key that verifies signed heads."""
    key = visit.hub.signer.verifier()
    return _download(f"{key}\n", "text/plain; charset=utf-8", "verifier.pub")


@router.get("/integrity/consistency")
def consistency(
    visit: Annotated[Visit, Depends(Needs(Permission.INTEGRITY, "a proof between two heads"))],
) -> Response:
    """Return the proof that the current ledger extends an earlier one."""
    old, size = _whole(visit.query("old")), export.newest_head(visit.hub).size
    if old is None or old > size:
        return _overview(visit, (("old", f"Enter a number of entries from 0 to {size}"),))
    found = export.consistency(visit.hub, old, size)
    return _json(found, f"consistency-{old}-{size}.json")


@router.get("/integrity/entries")
def find_entry(
    visit: Annotated[
        Visit, Depends(Needs(Permission.INTEGRITY, "the search for an entry by number"))
    ],
) -> Response:
    """Redirect to an entry by its number."""
    position = _whole(visit.query("position"))
    if position is None:
        return _overview(visit, (("position", "Enter the number of an entry, such as 120"),))
    return visit.redirect(f"/integrity/entries/{position}")


@router.get("/integrity/entries/{position}")
def entry(visit: Integrity, position: Place) -> Response:
    """Show one entry and its proof; only the proof to users who may not read decisions."""
    if not visit.may(Permission.DECISIONS):
        visit.record_access(f"the proof of ledger entry {position}")
        return visit.page(
            "entry.html", entry=None, position=position, proof=_proof(visit, position)
        )
    found = entry_at(visit.hub, position)
    if (question := _record(visit, found, f"ledger entry {position}")) is not None:
        return question
    return visit.page("entry.html", entry=found, position=position, proof=_proof(visit, position))


def _record(visit: Visit, found: EntryView, what: str) -> Response | None:
    """Record the access to an entry; ask for a reason first if it is about a child."""
    if found.child is None:
        visit.record_access(what)
        return None
    reason = visit.reason_for(found.child)
    if reason is None:
        return ask_reason(visit, found.child)
    visit.record_access(what, found.child, reason)
    return None


def _proof(visit: Visit, position: int) -> InclusionProof | str:
    """Return the proof of an entry, or the error text if there is none."""
    try:
        return export.prove(visit.hub, position)
    except (LedgerError, LedgerBroken) as error:
        return str(error)


@router.get("/integrity/entries/{position}/proof.json")
def proof(visit: Annotated[Visit, Depends(Needs(Permission.EXPORT))], position: Place) -> Response:
    """Return an entry with all that its verification needs besides the verifier key."""
    found = entry_at(visit.hub, position)
    what = f"the proof of ledger entry {position}, downloaded with the entry"
    if (question := _record(visit, found, what)) is not None:
        return question
    made = export.prove(visit.hub, position)
    return _json(made, f"entry-{position}-proof.json")


def _whole(text: str) -> int | None:
    """Read a whole number no larger than a ledger can be."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None  # noqa: PLR2004


def _json(body: ViewModel, name: str) -> Response:
    return _download(body.model_dump_json(indent=2) + "\n", "application/json", name)


def _download(text: str, kind: str, name: str) -> Response:
    heads = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(text, media_type=kind, headers=heads)
