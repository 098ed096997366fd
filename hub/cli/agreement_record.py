"""``hub agreement processing-record``: the record under Article 30 of the UK GDPR."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hub.casework.agreements.processing_record import processing_record as record_of
from hub.casework.agreements.processing_text import lines, write_csv
from hub.cli.context import hub_of, settings_of
from hub.cli.exit_codes import ExitCode
from hub.cli.output import emit, plain, say, warn
from hub.cli.shared_options import AsJson
from schemas.counted import counted


def add_to(agreement: typer.Typer) -> None:
    """Add the verb."""
    agreement.command("processing-record")(processing_record)


def processing_record(
    context: typer.Context,
    *,
    to_csv: Annotated[
        Path | None, typer.Option("--csv", metavar="FILE", help="Write it into a CSV file.")
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Write the record of processing activities (Article 30).

    There is one activity for each rule of the agreements that apply now, have
    expired or are published for later, with controllers, purpose, lawful basis in
    parts, data subjects and data, recipients, time limits and security measures.
    It warns of what is missing in the settings, such as a data-protection
    officer.

    JSON keys: hub, made_at, activities (each with agreement, version, title,
    rule, status, controllers, recipients, recipient_categories, purpose, basis,
    basis_sentence, needs_consent, event_types, only_involved, data_subjects,
    data, dpia, approved_by, approved_on, valid_from, valid_until, review_on),
    transfers, retention, security, gaps.

    Example: hub agreement processing-record --csv article-30.csv
    """
    with hub_of(context) as hub:
        record = record_of(hub, settings_of(context))
    if to_csv is not None:
        count = write_csv(to_csv, record)
        if not as_json:
            say(f"Wrote {counted(count, 'activity', 'activities')} to {plain(to_csv)}.")
    if as_json:
        emit(record)
        return ExitCode.OK
    if to_csv is None:
        for line in lines(record):
            say(plain(line))
    for gap in record.gaps:
        warn(f"warning: {plain(gap)}")
    return ExitCode.OK
