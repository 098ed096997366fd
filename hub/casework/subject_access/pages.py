"""The copy and the officer's note as pages to read and as JSON: strings, for files or a console.

The pages are templates of their own in ``templates``, without any script, and
are read and printed anywhere. Jinja2 comes with the extra ``console``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hub.casework.subject_access.field_subjects import About
from hub.casework.subject_access.parts import HeldBack, SubjectAccess
from schemas.errors import ConfigurationError

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES = Path(__file__).parent / "templates"


def report_html(found: SubjectAccess) -> str:
    """Write the copy for the child or parent as one page; raises ConfigurationError."""
    page = _environment().get_template("report.html")
    return page.render(report=found.report, flags=list(About)[1:])


def note_html(found: SubjectAccess) -> str:
    """Write the officer's note as one page; raises ConfigurationError."""
    return _environment().get_template("note.html").render(found=found)


def report_json(found: SubjectAccess) -> dict[str, object]:
    """Give the copy for the child or parent as JSON values."""
    plain = _plain(found.report)
    return plain if isinstance(plain, dict) else {}


def note_json(found: SubjectAccess) -> dict[str, object]:
    """Give the officer's note as JSON values."""
    return {
        "child": found.child,
        "former": list(found.former),
        "made_at": found.report.made_at,
        "by": found.by,
        "reason": found.reason,
        "entries": found.entries,
        "disclosures": found.disclosures,
        "held_back": [_held(one) for one in found.held],
        "third_party": [
            {
                "place": one.place,
                "name": one.name,
                "value": one.value,
                "flag": one.about.value,
                "sentence": one.about.sentence,
                "law": one.about.law,
            }
            for one in found.flags
        ],
        "checks": list(found.checks),
        "looks": [{"at": at, "what": what, "reason": why} for at, what, why in found.looks],
        "handed_over": list(found.handed),
        "checkpoint": found.report.checkpoint,
    }


def _held(one: HeldBack) -> dict[str, object]:
    return {
        "id": one.id,
        "kind": one.kind,
        "at": one.at,
        "what": one.what,
        "code": one.why.value,
        "why": one.why.sentence,
        "law": one.why.law,
        "decide": one.why.decide,
        "content": _plain(one.content),
        "entries": [
            {"position": position, "at": at, "sentence": words}
            for position, at, words in one.entries
        ],
    }


def _plain(value: object) -> object:
    """Write values as JSON; a flag with its sentence."""
    if isinstance(value, About):
        return {"code": value.value, "sentence": value.sentence}
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: _plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    if isinstance(value, Mapping):
        return {str(name): _plain(one) for name, one in value.items()}
    return value


def _environment() -> Environment:
    try:
        from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415  an extra
    except ImportError:
        raise ConfigurationError(
            "The pages need Jinja2. Install interagency-hub[console]."
        ) from None
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
