"""FHIR Consents from another system, read for one child: what they come to is shown first."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from consent.fhir.speaker import Hints
from hub.casework.children.record import directives_about, survivor
from hub.casework.directives.fhir_import import Imported, ImportOutcome, Order, import_consents
from hub.casework.directives.impact import impact_of_recording
from hub.casework.directives.views import DirectiveView
from hub.console.forms.directive import Problems, evidence_problem
from hub.console.security.access_reason import ChildId, ask_reason
from hub.console.security.guard import Needs, Visit
from hub.console.views.directive_text import AUTHORITIES, OptionText
from hub.console.views.impact import impact_lines
from hub.evidence.child_lookup import Sought
from schemas.errors import ConfigurationError, NotFound
from schemas.roles import Permission
from schemas.sharing import Authority, DirectiveRecorded

router = APIRouter(include_in_schema=False)

Writes = Annotated[Visit, Depends(Needs(Permission.DIRECTIVES))]
LARGEST = 1_000_000
NOT_SAID = "none"
CAPACITIES = (OptionText(NOT_SAID, "The document says it"), *AUTHORITIES)
CHANGED = "What it would record or change is different now. Read it again before you confirm it"


@dataclass(frozen=True, slots=True)
class ImportInput:
    """What was given for an import: the document, and what whoever gives it knows besides."""

    document: bytes
    evidence: str
    authority: str
    decider: str

    @property
    def hints(self) -> Hints:
        """What is known besides the document; raises ConfigurationError."""
        try:
            authority = Authority(self.authority) if self.authority != NOT_SAID else None
        except ValueError:
            raise ConfigurationError("Choose the capacity from the list.") from None
        return Hints(authority=authority, decider=self.decider or None)

    @property
    def carried(self) -> str:
        """The document as a field of a form."""
        return base64.b64encode(self.document).decode()


@dataclass(frozen=True, slots=True)
class Read:
    """One Consent of a document: what became or would become of it, and what that changes."""

    outcome: ImportOutcome
    would: tuple[DirectiveRecorded, ...]
    effects: tuple[str, ...]


@router.get("/children/{child}/consents/import")
def page(child: ChildId, visit: Writes) -> Response:
    """Ask for the document."""
    if (asked := ask_reason(visit, child)) is not None:
        return asked
    _said(visit, child, "the form for FHIR Consents")
    return _form(visit, child, ImportInput(b"", "", NOT_SAID, ""))


def _form(visit: Visit, child: str, given: ImportInput, problems: Problems = ()) -> Response:
    status = 400 if problems else 200
    return visit.page(
        "consent_import.html",
        status,
        child=child,
        given=given,
        problems=problems,
        capacities=CAPACITIES,
    )


@router.post("/children/{child}/consents/preview")
def preview(child: ChildId, visit: Writes) -> Response:
    """Show what a document comes to and what it would change; record nothing."""
    return ask_reason(visit, child) or _answer(visit, child)


@router.post("/children/{child}/consents/import")
def take_in(child: ChildId, visit: Writes) -> Response:
    """Record what a document says, if it comes to what was shown."""
    return ask_reason(visit, child) or _answer(visit, child, commit=True)


def _answer(visit: Visit, child: str, *, commit: bool = False) -> Response:
    given, problems = _given(visit)
    if problems:
        return _form(visit, child, given, problems)
    before = _said(visit, child, "what FHIR Consents would change")
    try:
        planned = _import(visit, child, given, dry_run=True)
    except ConfigurationError as error:
        return _form(visit, child, given, (("decider", str(error)),))
    reads = [_read(visit, child, one, before) for one in planned.outcomes]
    digest = _digest(given, before, reads)
    done = None
    changed = commit and visit.field("digest") != digest
    if commit and not changed:
        done = _import(visit, child, given, dry_run=False)
        reads = [Read(one, (), ()) for one in done.outcomes]
    return visit.page(
        "consent_imported.html",
        409 if changed else 200,
        child=child,
        given=given,
        reads=reads,
        whole=done or planned,
        done=done is not None,
        changed=CHANGED if changed else "",
        digest=digest,
    )


def _given(visit: Visit) -> tuple[ImportInput, Problems]:
    """Read the form: the file, or the document as the page before carried it on."""
    try:
        carried = base64.b64decode(visit.field("document"), validate=True)
    except (binascii.Error, ValueError):
        carried = b""
    given = ImportInput(
        document=visit.files.get("file") or carried,
        evidence=visit.field("evidence"),
        authority=visit.field("authority") or NOT_SAID,
        decider=visit.field("decider")[:64],
    )
    problems: list[tuple[str, str]] = []
    if not given.document:
        problems.append(("file", "Choose a file that is not empty"))
    elif len(given.document) > LARGEST:
        problems.append(("file", "The file must be smaller than 1 MB"))
    if problem := evidence_problem(given.evidence):
        problems.append(("evidence", problem))
    return given, tuple(problems)


def _import(visit: Visit, child: str, given: ImportInput, *, dry_run: bool) -> Imported:
    order = Order(by=visit.person, evidence=given.evidence, dry_run=dry_run)
    sought = Sought(child)
    return import_consents(visit.hub, given.document, order, sought=sought, hints=given.hints)


def _read(
    visit: Visit, child: str, outcome: ImportOutcome, before: tuple[DirectiveView, ...]
) -> Read:
    would = outcome.statements if outcome.refused is None and not outcome.existing else ()
    effects = [line for said in would for line in _effect(visit, child, said, before)]
    return Read(outcome, would, tuple(dict.fromkeys(effects)))


def _effect(
    visit: Visit, child: str, said: DirectiveRecorded, before: tuple[DirectiveView, ...]
) -> tuple[str, ...]:
    """Tell what one directive by itself would change; somebody of another hub is a new person."""
    try:
        effect = impact_of_recording(visit.hub, Sought(child), said)
    except NotFound:
        stranger = said.model_copy(update={"decider_ref": f"of {said.decider_ref}"})
        effect = impact_of_recording(visit.hub, Sought(child), stranger)
    return impact_lines(visit, effect, before)


def _digest(given: ImportInput, before: tuple[DirectiveView, ...], reads: list[Read]) -> str:
    shown = [
        [str(asdict(one.outcome)) for one in reads],
        [one.effects for one in reads],
        [(one.directive.id, one.standing) for one in before],
        [given.carried, given.evidence, given.authority, given.decider],
    ]
    return hashlib.sha256(json.dumps(shown).encode()).hexdigest()


def _said(visit: Visit, child: str, what: str) -> tuple[DirectiveView, ...]:
    if survivor(visit.hub, child) != child:
        raise NotFound("This id is a former one. Look for the child again.")
    reason = visit.reason_for(child) or ""
    return directives_about(visit.hub, child, what, by=visit.person, reason=reason)
