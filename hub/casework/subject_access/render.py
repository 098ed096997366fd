"""The report and the officer's note as HTML pages and JSON, and the files that hold them.

The pages have templates of their own in ``templates``. They run no script and can be read and
printed anywhere. Jinja2 comes with the extra ``console``.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hub.casework.subject_access.field_subjects import About
from hub.casework.subject_access.report import SubjectAccess, WithheldItem
from schemas.errors import ConfigurationError

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES = Path(__file__).parent / "templates"
REPORT, NOTE = "report", "officer-note"


def write_files(found: SubjectAccess, folder: Path) -> tuple[Path, ...]:
    """Write the four files into a new folder with access for its owner alone; return their paths.

    Raises ConfigurationError if the folder has files, and leaves them as they are.
    """
    files = file_texts(found)
    try:
        folder.mkdir(parents=True, mode=0o700)
    except FileExistsError:
        if not folder.is_dir() or any(folder.iterdir()):
            raise ConfigurationError(f"{folder} already exists. Name a new folder.") from None
        folder.chmod(0o700)
    return tuple(_write(folder / name, text) for name, text in files.items())


def file_texts(found: SubjectAccess) -> Mapping[str, str]:
    """Return the text of each of the four files, by name; raises ConfigurationError."""
    return {
        f"{REPORT}.html": report_html(found),
        f"{REPORT}.json": _json(report_json(found)),
        f"{NOTE}.html": note_html(found),
        f"{NOTE}.json": _json(note_json(found)),
    }


def _json(value: Mapping[str, object]) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def _write(file: Path, text: str) -> Path:
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        out.write(text)
    return file


# -- pages


def report_html(found: SubjectAccess) -> str:
    """Return the report for the child or parent as one page; raises ConfigurationError."""
    page = _environment().get_template("report.html")
    return page.render(report=found.report, flags=list(About)[1:])


def note_html(found: SubjectAccess) -> str:
    """Return the officer's note as one page; raises ConfigurationError."""
    return _environment().get_template("note.html").render(found=found)


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


# -- JSON


def report_json(found: SubjectAccess) -> Mapping[str, object]:
    """Return the report for the child or parent as JSON values."""
    return {one.name: _plain(getattr(found.report, one.name)) for one in fields(found.report)}


def note_json(found: SubjectAccess) -> dict[str, object]:
    """Return the officer's note as JSON values."""
    return {
        "child": found.child,
        "former": list(found.former),
        "made_at": found.report.made_at,
        "by": found.by,
        "reason": found.reason,
        "entries": found.entries,
        "disclosures": found.disclosures,
        "held_back": [_item(one) for one in found.withheld],
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
        "accesses": _plain(found.accesses),
        "handed_over": list(found.disclosed),
        "checkpoint": found.report.checkpoint,
    }


def _item(one: WithheldItem) -> dict[str, object]:
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
        "entries": _plain(one.entries),
    }


def _plain(value: object) -> object:
    """Return a value as JSON values; a flag comes with its sentence."""
    if isinstance(value, About):
        return {"code": value.value, "sentence": value.sentence}
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: _plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    return value
