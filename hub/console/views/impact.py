"""An effect on the screen: in words, and with a digest of what was shown before it is confirmed."""

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
    """An effect in words, with a digest of it, of its cause, and of all that was said before."""

    sentences: tuple[str, ...]
    digest: str


def shown(
    visit: Visit, effect: Impact, before: tuple[DirectiveView, ...], cause: str
) -> ImpactView:
    """Show an effect; ``cause`` is what would be done, ``before`` all that was said till now."""
    found = impact_lines(visit, effect, before)
    standing = [(one.directive.id, one.standing) for one in before]
    kept = json.dumps([effect.child, cause, standing, found])
    return ImpactView(found, hashlib.sha256(kept.encode()).hexdigest())


def impact_lines(
    visit: Visit, effect: Impact, before: tuple[DirectiveView, ...]
) -> tuple[str, ...]:
    """Put an effect into words, with what was said before in words as well."""
    known = {one.directive.id: _in_words(one) for one in before}
    names = ImpactNames(
        agency=visit.context.title,
        event=lambda key: f"\u201c{event_type(key)}\u201d",
        category=lambda code: directive_text.named(code, "category").lower(),
        field=lambda name: name.replace("_", " "),
        directive=lambda reference: known.get(reference, reference),
    )
    return tuple(line[:1].upper() + line[1:] for line in sentences(effect, names))


def _in_words(one: DirectiveView) -> str:
    said = one.directive
    kind = directive_text.named(said.kind, "kind").lower()
    who = one.decider_name or directive_text.named(said.authority, "authority").lower()
    return f"the {kind} of {who}, recorded on {day(said.recorded_at.astimezone(LONDON).date())}"
