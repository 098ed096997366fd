"""``hub translate``: try a format on files, without a store or a broker."""

from __future__ import annotations

import base64
import json
import re
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer

from adapters.contract import Adapter, AgencySystem
from hub.cli.exit_codes import ExitCode
from hub.cli.output import emit, plain, warn
from hub.cli.translate_explain import cover_files, explain_files
from hub.runtime.plugins import load_adapter
from hub.runtime.translation import Complaint, TranslatedDocument, files_in, read_file, write_file
from schemas.errors import ConfigurationError
from schemas.event import Event

AGENCY_NAME = re.compile(r"[a-z][a-z0-9-]{1,40}")
LARGEST = 1_048_576


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("translate")(translate)


Name = Annotated[str, typer.Option(metavar="NAME", help="The format: see 'hub adapter list'.")]
Files = Annotated[
    list[str], typer.Argument(metavar="FILE...", help="Files or folders; - is standard input.")
]
Agency = Annotated[
    str, typer.Option(metavar="NAME", help="Whose system the files come from or go to.")
]
Setting = Annotated[
    list[str] | None,
    typer.Option(metavar="K=V", help="A setting of the format. Repeatable."),
]
Reverse = Annotated[
    bool, typer.Option("--reverse", help="Translate events, one a line, into files.")
]
AsJson = Annotated[bool, typer.Option("--json", help="End with a summary as one JSON object.")]
Out = Annotated[
    Path | None,
    typer.Option(metavar="DIR", help="With --reverse: one file for each event, here."),
]
Explain = Annotated[
    bool,
    typer.Option("--explain", help="Show for each element of a file which field it became."),
]
Coverage = Annotated[
    bool, typer.Option("--coverage", help="Count what became of the elements of all files.")
]
Largest = Annotated[int, typer.Option(min=1, help="The largest file or event.")]


def translate(  # noqa: PLR0913  each is an option of the command
    *,
    adapter: Name,
    files: Files,
    agency: Agency = "sample-agency",
    setting: Setting = None,
    reverse: Reverse = False,
    as_json: AsJson = False,
    out: Out = None,
    explain: Explain = False,
    coverage: Coverage = False,
    max_bytes: Largest = LARGEST,
) -> int:
    """Translate agency files into events, or events into files.

    Events go to standard output, one JSON object (a CloudEvent) a line; what is
    refused goes to standard error as FILE: code: sentence At: place. Ends with 1
    where anything was refused. A file that cannot be read is refused with
    unreadable-file. Nothing is sent or stored.

    With --json the last line of standard output is a summary with the keys
    files, events, refused (code to number), crashed (failures of the format
    itself). With --reverse, --json and no --out, each document is a JSON object
    a line: file, line, type, suffix, and text or base64.

    With --explain each element of each file is listed once: mapped to the fields
    it became, ignored for a reason that the format states, refused, or unknown.
    With --coverage the same is counted for each path. Neither shows a value.

    Example: hub translate --adapter education-ctf --setting school-urn=123456 in/
    """
    found = load_adapter(adapter)
    system = _system(found, agency, setting or ())
    if explain or coverage:
        if reverse or out is not None or (explain and coverage):
            raise ConfigurationError(
                "--explain and --coverage go with neither --reverse nor --out."
            )
        show = explain_files if explain else cover_files
        return show(files, found, system, max_bytes, as_json=as_json)
    if out is not None:
        _make_folder(out, reverse=reverse)
    count = _Count()
    for name in files_in(files):
        count.files += 1
        if reverse:
            _write_out(write_file(name, found, system, max_bytes), count, found, out, as_json)
        else:
            _read_in(read_file(name, found, system, max_bytes), count)
    if as_json:
        emit(count.summary())
    return ExitCode.FOUND if count.refused else ExitCode.OK


@dataclass(slots=True)
class _Count:
    """What became of everything, for the summary."""

    files: int = 0
    events: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    crashed: int = 0

    def complain(self, complaint: Complaint) -> None:
        """Print one complaint and count it."""
        warn(plain(complaint))
        self.refused[complaint.code] += 1
        self.crashed += complaint.crashed

    def summary(self) -> dict[str, object]:
        """Return the counts as the JSON summary has them."""
        return {
            "files": self.files,
            "events": self.events,
            "refused": dict(sorted(self.refused.items())),
            "crashed": self.crashed,
        }


def _read_in(found: Iterable[Event | Complaint], count: _Count) -> None:
    for one in found:
        if isinstance(one, Complaint):
            count.complain(one)
        else:
            count.events += 1
            sys.stdout.write(one.to_json().decode() + "\n")


def _write_out(
    found: Iterable[TranslatedDocument | Complaint],
    count: _Count,
    adapter: Adapter,
    out: Path | None,
    as_json: bool,
) -> None:
    for one in found:
        if isinstance(one, Complaint):
            count.complain(one)
            continue
        count.events += 1
        suffix = one.document.suffix or adapter.suffix
        if out is not None:
            (out / f"{count.events:05d}-{one.event_type}{suffix}").write_bytes(one.document.body)
        elif as_json:
            emit(_document(one, suffix))
        else:
            ends = one.document.body.endswith((b"\n", b"\r"))
            sys.stdout.flush()
            sys.stdout.buffer.write(one.document.body + (b"" if ends else b"\n"))
            sys.stdout.buffer.flush()


def _document(one: TranslatedDocument, suffix: str) -> dict[str, object]:
    about: dict[str, object] = {
        "file": one.file,
        "line": one.line,
        "type": one.event_type,
        "suffix": suffix,
    }
    try:
        return about | {"text": one.document.body.decode("utf-8")}
    except UnicodeDecodeError:
        return about | {"base64": base64.b64encode(one.document.body).decode("ascii")}


def _make_folder(out: Path, *, reverse: bool) -> None:
    if not reverse:
        raise ConfigurationError("--out goes with --reverse. Events go to standard output.")
    out.mkdir(parents=True, exist_ok=True)


def _system(adapter: Adapter, agency: str, given: Iterable[str]) -> AgencySystem:
    if not AGENCY_NAME.fullmatch(agency):
        raise ConfigurationError(
            "An agency's name has 2 to 41 lower-case letters, digits and hyphens."
        )
    settings: dict[str, str] = {}
    for pair in given:
        name, equals, value = pair.partition("=")
        if not equals:
            raise ConfigurationError(f"--setting takes NAME=VALUE. Not {json.dumps(name)}.")
        settings[name] = value
    return adapter.system(agency, settings, "--setting")
