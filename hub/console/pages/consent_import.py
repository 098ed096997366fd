"""Import of FHIR Consents for one child, after the user has seen their impact."""

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

Recorder = Annotated[Visit, Depends(Needs(Permission.DIRECTIVES))]
LARGEST = 1_000_000
NOT_GIVEN = "none"
CAPACITIES = (OptionText(NOT_GIVEN, "The document gives it"), *AUTHORITIES)
CHANGED = "The impact has changed since you viewed it. Check it again before you confirm"


@dataclass(frozen=True, slots=True)
class ImportInput:
    """The form of an import: the document, and facts that it does not contain."""

    document: bytes
    evidence: str
    authority: str
    decider: str

    @property
    def hints(self) -> Hints:
        """The facts beside the document; raises ConfigurationError."""
        try:
            authority = Authority(self.authority) if self.authority != NOT_GIVEN else None
        except ValueError:
            raise ConfigurationError("Select the authority from the list.") from None
        return Hints(authority=authority, decider=self.decider or None)

    @property
    def encoded(self) -> str:
        """The document as a form field."""
        return base64.b64encode(self.document).decode()


@dataclass(frozen=True, slots=True)
class ConsentPreview:
    """One Consent of a document: its outcome, the directives it would record, and their impact."""

    outcome: ImportOutcome
    would: tuple[DirectiveRecorded, ...]
    impact: tuple[str, ...]


@router.get("/children/{child}/consents/import")
def page(child: ChildId, visit: Recorder) -> Response:
    """Show the form."""
    if (asked := ask_reason(visit, child)) is not None:
        return asked
    _directives(visit, child, "the form for FHIR Consents")
    return _form(visit, child, ImportInput(b"", "", NOT_GIVEN, ""))


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
def preview(child: ChildId, visit: Recorder) -> Response:
    """Show what a document would record and change, without recording it."""
    return ask_reason(visit, child) or _process(visit, child)


@router.post("/children/{child}/consents/import")
def record(child: ChildId, visit: Recorder) -> Response:
    """Record the directives of a document if the impact is still as shown."""
    return ask_reason(visit, child) or _process(visit, child, commit=True)


def _process(visit: Visit, child: str, *, commit: bool = False) -> Response:
    given, problems = _given(visit)
    if problems:
        return _form(visit, child, given, problems)
    before = _directives(visit, child, "what FHIR Consents would change")
    try:
        planned = _import(visit, child, given, dry_run=True)
    except ConfigurationError as error:
        return _form(visit, child, given, (("decider", str(error)),))
    previews = [_preview_of(visit, child, one, before) for one in planned.outcomes]
    digest = _digest(given, before, previews)
    done = None
    changed = commit and visit.field("digest") != digest
    if commit and not changed:
        done = _import(visit, child, given, dry_run=False)
        previews = [ConsentPreview(one, (), ()) for one in done.outcomes]
    return visit.page(
        "consent_imported.html",
        409 if changed else 200,
        child=child,
        given=given,
        previews=previews,
        whole=done or planned,
        done=done is not None,
        changed=CHANGED if changed else "",
        digest=digest,
    )


def _given(visit: Visit) -> tuple[ImportInput, Problems]:
    """Read the form: the file, or the document from the previous page."""
    try:
        encoded = base64.b64decode(visit.field("document"), validate=True)
    except (binascii.Error, ValueError):
        encoded = b""
    given = ImportInput(
        document=visit.files.get("file") or encoded,
        evidence=visit.field("evidence"),
        authority=visit.field("authority") or NOT_GIVEN,
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


def _preview_of(
    visit: Visit, child: str, outcome: ImportOutcome, before: tuple[DirectiveView, ...]
) -> ConsentPreview:
    would = outcome.statements if outcome.refused is None and not outcome.existing else ()
    impact = [line for directive in would for line in _impact(visit, child, directive, before)]
    return ConsentPreview(outcome, would, tuple(dict.fromkeys(impact)))


def _impact(
    visit: Visit, child: str, directive: DirectiveRecorded, before: tuple[DirectiveView, ...]
) -> tuple[str, ...]:
    """Return the impact of one directive; a person of another hub is treated as new."""
    try:
        effect = impact_of_recording(visit.hub, Sought(child), directive)
    except NotFound:
        new_person = directive.model_copy(update={"decider_ref": f"of {directive.decider_ref}"})
        effect = impact_of_recording(visit.hub, Sought(child), new_person)
    return impact_lines(visit, effect, before)


def _digest(
    given: ImportInput, before: tuple[DirectiveView, ...], previews: list[ConsentPreview]
) -> str:
    shown = [
        [str(asdict(one.outcome)) for one in previews],
        [one.impact for one in previews],
        [(one.directive.id, one.standing) for one in before],
        [given.encoded, given.evidence, given.authority, given.decider],
    ]
    return hashlib.sha256(json.dumps(shown).encode()).hexdigest()


def _directives(visit: Visit, child: str, what: str) -> tuple[DirectiveView, ...]:
    if survivor(visit.hub, child) != child:
        raise NotFound("This is a former id. Find the child again.")
    reason = visit.reason_for(child) or ""
    return directives_about(visit.hub, child, what, by=visit.person, reason=reason)
