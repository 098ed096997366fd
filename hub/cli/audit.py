"""``hub audit``: verify the ledger, and read what it says; its other verbs are in audit_*.py."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from hub.cli.audit_access_log import add_to as add_looks
from hub.cli.audit_answers import add_to as add_answers
from hub.cli.audit_checkpoint import add_to as add_checkpoint
from hub.cli.audit_daily_counts import add_to as add_flows
from hub.cli.audit_fhir import add_to as add_fhir
from hub.cli.audit_proofs import add_to as add_proofs
from hub.cli.audit_search import add_to as add_search
from hub.cli.context import hub_of
from hub.cli.exit_codes import ExitCode
from hub.cli.nouns import group
from hub.cli.output import emit, plain, say
from hub.evidence.entry_text import sentence
from hub.evidence.verification import Audit, Tell, verify_ledger
from hub.intake.hub import Hub
from hub.journey.ledger_rows import LedgerRow
from hub.ledger.entry import decode
from hub.ledger.errors import LedgerError

LONG = 5000
FOLLOW_SECONDS = 1.0

audit = group("audit")


def add_to(app: typer.Typer) -> None:
    """Add the noun."""
    app.add_typer(audit)


@audit.command()
def verify(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Write one JSON object.")] = False,
    checkpoint: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE", help="A checkpoint kept elsewhere that must agree. Repeatable."
        ),
    ] = None,
) -> int:
    """Verify the whole ledger: every entry, every hash, every signed head.

    It names the first entry that cannot be vouched for and why, and ends with 1.
    The head that is kept beside the store and every head that witnesses signed
    must fit as well. Whoever rules the whole machine could replace all of these
    together: keep a checkpoint elsewhere, and give it here.

    JSON keys: entries, verified, checkpoints, cosigned, first_bad, problem, root.

    Example: hub audit verify --checkpoint kept/2026-09.txt
    """
    kept = [(str(file), file.read_bytes()) for file in checkpoint or ()]
    with hub_of(context) as hub, _progress() as tell:
        found = verify_ledger(hub, tell, kept)
    if as_json:
        emit(asdict(found))
    else:
        _say_found(found)
    return ExitCode.OK if found.verified else ExitCode.FOUND


def _say_found(found: Audit) -> None:
    if found.verified:
        heads = f"{found.checkpoints} signed checkpoints, {found.cosigned} of them by witnesses"
        say(f"The ledger verifies: {found.entries} entries under {heads}. Root: {found.root}")
        return
    where = "" if found.first_bad is None else f", from entry {found.first_bad} on"
    say(f"THE LEDGER DOES NOT VERIFY{where}: {plain(found.problem)}.")
    say(
        "Keep the store as it is, compare with checkpoints kept elsewhere, and tell the "
        "information-governance officer."
    )


@contextmanager
def _progress() -> Iterator[Tell | None]:
    """Show a bar on a terminal, for ledgers that take a while."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console  # noqa: PLC0415  only a terminal needs it
    from rich.progress import Progress  # noqa: PLC0415

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Reading the ledger", total=None, visible=False)

        def tell(done: int, of: int) -> None:
            bar.update(task, completed=done, total=of, visible=of > LONG)

        yield tell


@audit.command()
def tail(
    context: typer.Context,
    count: Annotated[
        int, typer.Option("-n", "--lines", min=0, help="How many of the newest entries.")
    ] = 20,
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Go on with new entries, until Ctrl-C.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Write one JSON object a line.")] = False,
) -> int:
    """Read the newest entries as sentences: who, what, outcome, reason.

    JSON keys: position, at, kind, sentence, body.

    Example: hub audit tail -n 50 --follow
    """
    with hub_of(context) as hub:
        position = _show(hub, None, count, as_json=as_json)
        while follow:
            sys.stdout.flush()
            time.sleep(FOLLOW_SECONDS)
            position = _show(hub, position, count, as_json=as_json)
    return ExitCode.OK


def _show(hub: Hub, start: int | None, count: int, *, as_json: bool) -> int:
    """Show the entries from ``start`` on (None: the newest ``count``); returns the new size."""
    with hub.reading() as work:
        size = work.ledger.size()
        for row in work.ledger.rows(max(0, size - count) if start is None else start, size):
            _show_row(row, as_json=as_json)
    return size


def _show_row(row: LedgerRow, *, as_json: bool) -> None:
    try:
        entry = decode(row.entry)
    except LedgerError as error:
        words, body = f"This entry cannot be read: {error}. Run 'hub audit verify'.", {}
    else:
        words, body = sentence(entry), entry.body
    if as_json:
        emit(
            {
                "position": row.position,
                "at": row.at,
                "kind": row.kind,
                "sentence": words,
                "body": body,
            }
        )
    else:
        say(f"{row.position:>7}  {row.at[:19].replace('T', ' ')}  {plain(words)}")


# Once, however often the command is built.
for _add in (add_answers, add_search, add_looks, add_flows, add_checkpoint, add_proofs, add_fhir):
    _add(audit)
