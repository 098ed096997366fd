"""The impact of a directive in sentences, with a digest to confirm what the user saw."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from hub.casework.directives.impact import Impact
from hub.casework.directives.impact_text import ImpactNames, sentences
from hub.casework.directives.views import DirectiveView
from hub.console.security.guard import Visit
from hub.console.views import directive_text
from hub.console.views.text import day, event_type
from schemas.times import LONDON


@dataclass(frozen=True, slots=True)
class ImpactView:
    """Impact sentences, with a digest of them, of the cause and of the existing directives."""

    sentences: tuple[str, ...]
    digest: str


def impact_view(
    visit: Visit, impact: Impact, before: tuple[DirectiveView, ...], cause: str
) -> ImpactView:
    """Return an impact; ``cause`` identifies the change, ``before`` are existing directives."""
    found = impact_lines(visit, impact, before)
    standing = [(one.directive.id, one.standing) for one in before]
    confirmed = json.dumps([impact.child, cause, standing, found])
    return ImpactView(found, hashlib.sha256(confirmed.encode()).hexdigest())


def impact_lines(
    visit: Visit, impact: Impact, before: tuple[DirectiveView, ...]
) -> tuple[str, ...]:
    """Return an impact as sentences, in which existing directives have titles."""
    known = {one.directive.id: _title(one) for one in before}
    names = ImpactNames(
        agency=visit.context.title,
        event=lambda key: f"\u201c{event_type(key)}\u201d",
        category=lambda code: directive_text.named(code, "category").lower(),
        field=lambda name: name.replace("_", " "),
        directive=lambda reference: known.get(reference, reference),
    )
    return tuple(line[:1].upper() + line[1:] for line in sentences(impact, names))


def _title(one: DirectiveView) -> str:
    directive = one.directive
    kind = directive_text.named(directive.kind, "kind").lower()
    who = one.decider_name or directive_text.named(directive.authority, "authority").lower()
    return (
        f"the {kind} of {who}, recorded on {day(directive.recorded_at.astimezone(LONDON).date())}"
    )
