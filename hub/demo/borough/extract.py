"""The exports of case-management systems: CSV files, each row one event and its child.

A table of the borough names the child by its key; here the key is replaced by the numbers and names
that the exporting system holds.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence

from hub.demo.borough.people import TOWN, InventedChild
from hub.demo.borough.tables import Row

COUNCIL = ("nhs_number", "upn", "la_child_id", "family_name", "given_name", "birth_date")
SOCIAL_CARE = ("nhs_number", "la_child_id", "family_name", "given_name", "birth_date")


def extract(
    rows: Sequence[Row], people: Mapping[str, InventedChild], knows: Sequence[str]
) -> bytes:
    """Write a table as a case-management extract: each row's child in the columns ``knows``."""
    return csv_bytes([_with_child(row, people, knows) for row in rows])


def csv_bytes(rows: Sequence[Row]) -> bytes:
    """Write rows as CSV the way spreadsheets do: every column of any row, CRLF, UTF-8."""
    header = list(dict.fromkeys(column for row in rows for column in row))
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, header, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def _with_child(row: Row, people: Mapping[str, InventedChild], knows: Iterable[str]) -> Row:
    rest = {name: cell for name, cell in row.items() if name not in {"child", "wave"}}
    if "child" not in row:
        return rest
    child = people[row["child"]]
    known = {name: str(getattr(child, name)) for name in knows}
    return {"record_type": rest["record_type"], **known, **rest}


def register(
    people: Mapping[str, InventedChild], notes: Mapping[str, Row], recorded_at: str
) -> bytes:
    """Write the council's register of children with SEND: every child with all its numbers.

    ``notes`` holds further columns for some children, such as a confidential address.
    """
    rows = [
        {**_register_row(child, recorded_at), **_rest(notes.get(child.key, {}))}
        for child in people.values()
    ]
    return csv_bytes(rows)


def _rest(note: Row) -> Row:
    return {name: cell for name, cell in note.items() if name != "child"}


def _register_row(child: InventedChild, recorded_at: str) -> Row:
    return {
        "record_type": "education.sen-support-recorded",
        "recorded_at": recorded_at,
        **{name: str(getattr(child, name)) for name in COUNCIL},
        "sex": child.sex,
        "ethnicity": child.ethnicity,
        "address": child.address,
        "town": TOWN,
        "postcode": child.postcode,
        "people": json.dumps(_people(child), ensure_ascii=False),
        "sen_provision": child.sen_provision,
        "needs": ";".join(child.needs),
    }


def _people(child: InventedChild) -> list[dict[str, str | bool]]:
    return [
        {
            "ref": f"p{number}",
            "family_name": parent.family_name,
            "given_name": parent.given_name,
            "relationship": parent.relation,
            "parental_responsibility": parent.relation != "foster-carer",
        }
        for number, parent in enumerate(child.parents, start=1)
    ]
