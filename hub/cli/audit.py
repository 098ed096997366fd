"""``hub audit``: verify the ledger and read its entries; the other verbs are in audit_*.py."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from hub.cli.audit_access_log import add_to as add_access_log
from hub.cli.audit_answers import add_to as add_answers
from hub.cli.audit_checkpoint import add_to as add_checkpoint
from hub.cli.audit_daily_counts import add_to as add_daily_counts
from hub.cli.audit_export import add_to as add_export
from hub.cli.audit_fhir import add_to as add_fhir
from hub.cli.audit_proofs import add_to as add_proofs
from hub.cli.audit_search import add_to as add_search
from hub.cli.context import hub_of
from hub.cli.exit_codes import ExitCode
from hub.cli.nouns import group
from hub.cli.output import emit, moment, plain, say
from hub.cli.shared_options import AsJson, AsJsonLines
from hub.evidence.entry_view import entries_from, newest_entries
from hub.evidence.verification import Audit, Tell, verify_ledger
from hub.evidence.views import LedgerEntryView
from hub.intake.hub import Hub
from schemas.counted import counted

LONG = 5000
FOLLOW_SECONDS = 1.0

audit = group("audit")


def add_to(app: typer.Typer) -> None:
    """Add the noun."""
    app.add_typer(audit)


@audit.command()
def verify(
    context: typer.Context,
    *,
    checkpoint: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE", help="A checkpoint stored elsewhere that must agree. Repeatable."
        ),
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Verify every entry, hash and signed head of the ledger.

    Reports the first entry that does not verify and why, and ends with 1. The
    head stored beside the store and every head that witnesses signed must agree
    as well. An attacker who controls the whole machine could replace all of
    these together, so store a checkpoint elsewhere and give it here.

    JSON keys: entries, verified, checkpoints, cosigned, first_bad, problem, root.

    Example: hub audit verify --checkpoint checkpoints/2026-09.txt
    """
    given = [(str(file), file.read_bytes()) for file in checkpoint or ()]
    with hub_of(context) as hub, _progress() as tell:
        found = verify_ledger(hub, tell, given)
    if as_json:
        emit(found)
    else:
        _say_verification(found)
    return ExitCode.OK if found.verified else ExitCode.FOUND


def _say_verification(found: Audit) -> None:
    if found.verified:
        heads = counted(found.checkpoints, "signed checkpoint")
        say(
            f"The ledger verifies: {counted(found.entries, 'entry', 'entries')} under {heads}, "
            f"{found.cosigned} of them cosigned by witnesses. Root: {found.root}"
        )
        return
    where = "" if found.first_bad is None else f", from entry {found.first_bad} on"
    say(f"THE LEDGER DOES NOT VERIFY{where}: {plain(found.problem)}.")
    say(
        "Do not change the store. Compare it with checkpoints stored elsewhere, and inform the "
        "information-governance officer."
    )


@contextmanager
def _progress() -> Iterator[Tell | None]:
    """Show a progress bar on a terminal, for long ledgers."""
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
    *,
    count: Annotated[
        int, typer.Option("-n", "--lines", min=0, help="How many of the newest entries.")
    ] = 20,
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Continue with new entries until Ctrl-C.")
    ] = False,
    as_json: AsJsonLines = False,
) -> int:
    """Show the newest entries of the ledger as sentences.

    JSON keys: position, at, kind, sentence, body.

    Example: hub audit tail -n 50 --follow
    """
    with hub_of(context) as hub:
        size, found = newest_entries(hub, count)
        _show(found, as_json=as_json)
        while follow:
            sys.stdout.flush()
            time.sleep(FOLLOW_SECONDS)
            size = _show_new(hub, size, as_json=as_json)
    return ExitCode.OK


def _show_new(hub: Hub, start: int, *, as_json: bool) -> int:
    size, found = entries_from(hub, start)
    _show(found, as_json=as_json)
    return size


def _show(entries: list[LedgerEntryView], *, as_json: bool) -> None:
    for one in entries:
        if as_json:
            emit(one)
        else:
            say(f"{one.position:>7}  {moment(one.at)}  {plain(one.sentence)}")


# Once, however often the command is built.
for _add in (
    add_answers,
    add_search,
    add_access_log,
    add_daily_counts,
    add_checkpoint,
    add_export,
    add_proofs,
    add_fhir,
):
    _add(audit)
