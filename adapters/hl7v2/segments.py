"""The segments of an outgoing HL7 v2 message that are the same whatever it tells.

Every value is escaped (2.7), so that no text of a child's record can end a field or a segment.

Source: HL7 v2.4 chapters 2 and 3; user-defined identifier types as in adapters/hl7v2/person.py.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping

from adapters.hl7v2.codes import (
    HUB_AUTHORITY,
    RELATIONSHIP_CODES,
    SEX_CODES,
    SYSTEM_CODES,
    TELEPHONE_CODES,
    VERIFIED_STATUS,
)
from adapters.hl7v2.settings import Hl7v2Settings
from schemas.event import View
from schemas.identifiers import Assurance, Identifier
from schemas.people import (
    Address,
    Coding,
    Contact,
    ContactPoint,
    Family,
    Identity,
    Relative,
    Telephone,
    WhereaboutsFlag,
)
from schemas.times import LONDON

_ESCAPES = str.maketrans(
    {
        **{chr(code): None for code in (*range(32), *range(127, 160))},
        "\t": " ",
        "\n": "\\.br\\",
        "\\": "\\E\\",
        "|": "\\F\\",
        "^": "\\S\\",
        "&": "\\T\\",
        "~": "\\R\\",
    }
)
_DELIVERY_ID = 20
_CLOSED = {WhereaboutsFlag.RESTRICTED, WhereaboutsFlag.VERY_RESTRICTED}


def escaped(text: str | None) -> str:
    """Escape a text so that it fits in one field."""
    return (text or "").translate(_ESCAPES)


def composite(*components: str | None) -> str:
    """Write the components of a field, leaving out empty ones at the end."""
    return "^".join(escaped(c) for c in components).rstrip("^")


def segment(name: str, fields: Mapping[int, str | None]) -> str:
    """Write a segment from its written fields by number."""
    last = max((n for n, value in fields.items() if value), default=0)
    return "|".join([name, *((fields.get(n) or "") for n in range(1, last + 1))])


def day(date: dt.date | None) -> str:
    """Write a date."""
    return date.strftime("%Y%m%d") if date else ""


def moment(time: dt.datetime | None) -> str:
    """Write a moment as London's local time with its offset, which a reader may then ignore."""
    if time is None:
        return ""
    local = time.astimezone(LONDON)
    fraction = f".{local.microsecond // 100:04d}" if local.microsecond else ""
    return f"{local:%Y%m%d%H%M%S}{fraction}{local:%z}"


def coded(coding: Coding | None) -> str:
    """Write a coded value (CE) under HL7's short name for its code system."""
    if coding is None:
        return ""
    return composite(
        coding.code, coding.display, SYSTEM_CODES.get(coding.system or "", coding.system)
    )


def control_id(view: View) -> str:
    """Shorten a delivery id to the 20 characters of MSH-10, always in the same way."""
    return "".join(c for c in view.delivery_id if c.isascii() and c.isalnum())[:_DELIVERY_ID]


def msh(view: View, settings: Hl7v2Settings, agency: str, event: str) -> str:
    """Write the header; ``event`` is MSH-9 as written."""
    written = {
        3: escaped(settings.sending_application),
        4: escaped(settings.sending_facility or view.source),
        5: escaped(settings.receiving_application or None),
        6: escaped(settings.receiving_facility or agency),
        7: moment(view.time),
        9: event,
        10: control_id(view),
        11: escaped(settings.processing),
        12: settings.version,
        17: "GBR",
        18: "UNICODE UTF-8",
    }
    # MSH-1 is the separator itself, so the rest is one place to the left
    return segment("MSH", {n - 1: value for n, value in written.items()} | {1: "^~\\&"})


def people(view: View, visit: Mapping[int, str | None]) -> list[str]:
    """Write PID, and where the view has them PD1, NK1 and PV1 (with the fields of ``visit``)."""
    contact = view.section(Contact) or Contact()
    family = view.section(Family) or Family()
    protected = contact.confidentiality
    found = [_pid(view, contact)]
    if contact.gp_practice or protected:
        mark = {True: "Y"}.get(
            protected in _CLOSED, "N" if protected is WhereaboutsFlag.UNRESTRICTED else ""
        )
        found.append(segment("PD1", {3: composite(None, None, contact.gp_practice), 12: mark}))
    found += _relatives(family)
    if protected is WhereaboutsFlag.VERY_RESTRICTED:
        visit = {2: "U", **visit, 16: "V"}
    return [*found, segment("PV1", {1: "1", **visit})] if visit else found


def _pid(view: View, contact: Contact) -> str:
    child = view.identity
    number = child.nhs_number
    verified = number is not None and number.assurance is Assurance.VERIFIED
    fields: dict[int, str | None] = {
        1: "1",
        3: "~".join(_numbers(child, view.child)),
        5: _names(child),
        7: day(child.birth_date),
        8: SEX_CODES[child.sex] if child.sex else None,
        11: _address(contact.address),
        13: _telephones(contact.telephones, contact.email),
        22: escaped(child.ethnicity),
        29: day(child.death_date),
        32: VERIFIED_STATUS if verified else None,
    }
    return segment("PID", fields)


def _numbers(child: Identity, pseudonym: str) -> Iterable[str]:
    """Write PID-3; it holds the hub's pseudonym of the child where no number may be shared."""
    schemes: tuple[tuple[Identifier | None, str, str], ...] = (
        (child.nhs_number, "NHS", "NH"),
        (child.local_id, "", "MR"),
        (child.upn, "DFE", "UPN"),
        (child.former_upn, "DFE", "FUPN"),
        (child.uln, "LRS", "ULN"),
        (child.la_child_id, "", "LACHILD"),
    )
    written = [
        composite(number.value, None, None, authority or number.issuer, kind)
        for number, authority, kind in schemes
        if number is not None
    ]
    return written or [composite(pseudonym, None, None, HUB_AUTHORITY, "PI")]


def _names(child: Identity) -> str:
    legal = (child.family_name, child.given_name, child.middle_names)
    used = (child.preferred_family_name, child.preferred_given_name)
    written = [composite(*legal, None, None, None, "L")] if any(legal) else []
    written += [composite(*used, None, None, None, None, "D")] if any(used) else []
    return "~".join(written)


def _address(address: Address | None) -> str:
    if address is None:
        return ""
    first, second = (*address.lines, "", "")[:2]
    second = ", ".join(line for line in (second, *address.lines[2:]) if line)
    place = (first, second, address.town, address.county, address.postcode)
    return composite(*place, None, "H")


def _telephones(telephones: Iterable[Telephone], email: str | None) -> str:
    written = [
        composite(t.number, *TELEPHONE_CODES.get(t.kind, ("ORN", "PH")) if t.kind else ())
        for t in telephones
    ]
    return "~".join([*written, *([composite(None, "NET", "Internet", email)] if email else [])])


def _relatives(family: Family) -> Iterable[str]:
    points = {p.ref: p for p in family.contact_points}
    known = {p.ref: p for p in family.people}
    for number, ref in enumerate(dict.fromkeys([*known, *points]), start=1):
        person = known.get(ref, Relative(ref=ref))
        point = points.get(ref, ContactPoint(ref=ref))
        relationship = person.relationship or ""
        name = (person.family_name, person.given_name, None, None, person.title)
        fields = {
            1: str(number),
            2: composite(*name),
            3: escaped(RELATIONSHIP_CODES.get(relationship, relationship)),
            4: _address(point.address),
            5: _telephones(point.telephones, point.email),
        }
        yield segment("NK1", fields)
