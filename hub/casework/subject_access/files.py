"""The files of a subject access request: the copy and the officer's note, for their owner alone."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

from hub.casework.subject_access.pages import note_html, note_json, report_html, report_json
from hub.casework.subject_access.parts import SubjectAccess
from schemas.errors import ConfigurationError

REPORT, NOTE = "report", "officer-note"


def write(found: SubjectAccess, folder: Path) -> tuple[Path, ...]:
    """Write the four files into a new folder that only its owner may enter; gives their paths.

    Raises ConfigurationError where there is something of that name already: it is kept.
    """
    pages = contents(found)
    try:
        folder.mkdir(parents=True, mode=0o700)
    except FileExistsError:
        if not folder.is_dir() or any(folder.iterdir()):
            raise ConfigurationError(f"{folder} is there already. Name a new folder.") from None
        folder.chmod(0o700)
    return tuple(_put(folder / name, text) for name, text in pages.items())


def contents(found: SubjectAccess) -> Mapping[str, str]:
    """Give what stands in each of the four files, by its name."""
    return {
        f"{REPORT}.html": report_html(found),
        f"{REPORT}.json": _json(report_json(found)),
        f"{NOTE}.html": note_html(found),
        f"{NOTE}.json": _json(note_json(found)),
    }


def _json(value: dict[str, object]) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def _put(file: Path, text: str) -> Path:
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        out.write(text)
    return file
