"""The people in an HL7 v2 message: PID, PD1 and NK1, to and from the shared sections.

A number of PID-3 is the NHS number where its authority or type says so; NHS systems write this in
many ways (``^^^NHS^NH``, ``^^^NHS``, ``^^^NHSNBR^NHSNMBR``, an OID). It is verified where PID-32
holds ``01``. An unlabelled number is never taken for an NHS number unless the setting
``nhs-number-in`` names its field. Numbers of other services have no HL7 type and are in PID-3
under user-defined ones: ``UPN``, ``FUPN`` (former UPN), ``ULN`` and ``LACHILD``. The next of kin
(NK1) are contacts; HL7 v2 says nothing of parental responsibility, so it stays unknown.

Source: HL7 v2.5.1 chapter 3 (3.4.2 PID, 3.4.5 NK1, 3.4.10 PD1) and 2.A (CX, XPN, XAD, XTN).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from adapters.contract import AgencySystem
from adapters.hl7v2.codes import (
    FOREIGN_AUTHORITIES,
    FOREIGN_TYPES,
    HIDDEN_PARTS,
    HUB_AUTHORITY,
    LOCAL_TYPES,
    NHS_AUTHORITIES,
    NHS_TYPES,
    OPEN,
    PROTECTION,
    RELATIONSHIPS,
    SEXES,
    TELEPHONE_EQUIPMENT,
    TELEPHONE_USES,
    VERIFIED_STATUS,
)
from adapters.hl7v2.message import Hl7Message, Segment, Value
from adapters.hl7v2.settings import Hl7v2Settings
from adapters.hl7v2.time import read_stamp
from schemas.errors import Fault, InputRefused
from schemas.event import names_a_child
from schemas.identifiers import (
    Identifier,
    is_ods_code,
    la_child_id,
    local_id,
    nhs_number,
    uln,
    upn,
)
from schemas.people import (
    Address,
    Contact,
    ContactPoint,
    Family,
    Identity,
    Relative,
    Sex,
    Telephone,
    WhereaboutsFlag,
)
from schemas.sections import Section
from schemas.times import LONDON

_MOST_RELATIVES, _MOST_TELEPHONES, _ISSUER = 50, 20, 64
_HOME_FIRST = ("H", "HOME", "P", "L", "C", "", "M")
_USED_NAMES = frozenset({"D", "N"})


def read_person(message: Hl7Message, speaker: AgencySystem) -> tuple[Section, ...]:
    """Read who the message is about, and the home and family where it has them.

    Raises InputRefused with NO_CHILD, or with BAD_VALUE at PID-7 where only an impossible birth
    date would name the child.
    """
    pid = message.first("PID")
    if not pid.content:
        raise InputRefused(Fault.NO_CHILD, "PID")
    contact, family = _contact(message, pid), _family(message)
    return tuple(s for s in (_identity(pid, speaker), contact, family) if s.present())


def _identity(pid: Segment, speaker: AgencySystem) -> Identity:
    legal, used = _names(pid)
    ids = _identifiers(pid, speaker)
    identity = Identity(
        **ids,
        family_name=_name(pid, legal, 1),
        given_name=_name(pid, legal, 2),
        middle_names=_name(pid, legal, 3),
        preferred_family_name=_name(pid, used, 1),
        preferred_given_name=_name(pid, used, 2),
        birth_date=_birth_date(pid),
        death_date=pid.date(29),
        sex=_sex(pid),
        ethnicity=pid.short(22, limit=64),
    )
    if names_a_child(identity):
        return identity
    if pid.text(7) and identity.birth_date is None:
        raise InputRefused(Fault.BAD_VALUE, pid.at(7))
    if own := _pseudonym(pid, speaker):
        return identity.model_copy(update={"local_id": own})
    raise InputRefused(Fault.NO_CHILD, pid.at(3))


def _names(pid: Segment) -> tuple[Value | None, Value | None]:
    every = pid.values(5)
    used = next((v for v in every if v.text(7).upper() in _USED_NAMES), None)
    others = [v for v in every if v is not used] or every
    legal = next((v for v in others if v.text(7).upper() == "L"), next(iter(others), None))
    return legal, used if used is not legal else None


def _name(segment: Segment, name: Value | None, component: int, position: int = 5) -> str | None:
    return segment.limited(name.text(component), position) if name else None


def _birth_date(pid: Segment) -> dt.date | None:
    """Read PID-7 as written; a moment stored in UTC is a London midnight or it is not used."""
    stamp = read_stamp(pid.text(7))
    if stamp is None or stamp.local is None or stamp.moment is None:
        return pid.date(7)
    london = stamp.moment.astimezone(LONDON)
    if stamp.local.time() == dt.time() or london.date() == stamp.day:
        return stamp.day
    if london.time() == dt.time():
        return london.date()
    pid.note(7)
    return None


def _sex(pid: Segment) -> Sex | None:
    code = pid.text(8).upper()
    if code and code not in SEXES:
        pid.note(8)
    return SEXES.get(code)


def _identifiers(pid: Segment, speaker: AgencySystem) -> dict[str, Identifier | None]:
    found: dict[str, Identifier | None] = {}
    local: list[tuple[int, Value]] = []
    place = speaker.settings_as(Hl7v2Settings).nhs_number_in
    for number in pid.values(3):
        kind, value = number.text(5).upper(), number.text(1)
        authority = _authority(number)
        if _is_nhs(number, place == "PID-3"):
            found.setdefault("nhs_number", _nhs(value, pid))
        elif kind == "UPN":
            found.setdefault("upn", upn(value))
        elif kind == "FUPN":
            found.setdefault("former_upn", upn(value))
        elif kind == "ULN":
            found.setdefault("uln", uln(value))
        elif kind == "LACHILD":
            found.setdefault("la_child_id", la_child_id(value, authority or speaker.agency))
        elif not {kind, authority.upper()} & (
            FOREIGN_TYPES | FOREIGN_AUTHORITIES | {HUB_AUTHORITY}
        ):
            local.append((0 if kind in LOCAL_TYPES else 1, number))
    if place in {"PID-2", "PID-4", "PID-19"}:
        found.setdefault("nhs_number", _nhs(pid.text(int(place[4:])), pid))
        local += [] if place == "PID-2" else [(2, v) for v in pid.values(2)]
    else:
        local += [(2, v) for v in pid.values(2)]
    own = (_local(v, speaker) for _, v in sorted(local, key=lambda ranked: ranked[0]))
    found["local_id"] = next((n for n in own if n is not None), None)
    return found


def _authority(number: Value) -> str:
    authority = number.text(4) or number.text(4, 2)
    return authority if len(authority) <= _ISSUER else ""


def _is_nhs(number: Value, unlabelled: bool) -> bool:
    kind = number.text(5).upper().replace("-", "").replace("_", "")
    named = {a.upper().replace("-", "") for a in number.parts(4)}
    if not kind and not named:
        return unlabelled
    return kind in NHS_TYPES or (bool(named & NHS_AUTHORITIES) and kind not in LOCAL_TYPES)


def _nhs(value: str, pid: Segment) -> Identifier | None:
    verified = any(v.text(1) == VERIFIED_STATUS for v in pid.values(32))
    return nhs_number(value, verified=verified)


def _local(number: Value, speaker: AgencySystem) -> Identifier | None:
    return local_id(number.text(1), _authority(number) or speaker.agency)


def _pseudonym(pid: Segment, speaker: AgencySystem) -> Identifier | None:
    """Read the hub's own name for the child, which an answer to one of our messages may hold."""
    ours = (v for v in pid.values(3) if v.text(4) == HUB_AUTHORITY)
    return next((_local(v, speaker) for v in ours), None)


def _contact(message: Hl7Message, pid: Segment) -> Contact:
    telephones, email = _telephones(pid, (13, 14))
    return Contact(
        address=_address(pid, 11),
        telephones=telephones,
        email=email,
        gp_practice=_practice(message),
        confidentiality=_confidentiality(message),
    )


def _address(segment: Segment, position: int) -> Address | None:
    every = {v.text(7).upper(): v for v in reversed(segment.values(position))}
    chosen = next((every[kind] for kind in _HOME_FIRST if kind in every), None)
    if chosen is None:
        return None
    street = (" ".join(chosen.parts(1)), chosen.text(2))
    address = Address(
        lines=tuple(t for t in (segment.limited(s, position) for s in street) if t),
        town=segment.limited(chosen.text(3), position),
        county=segment.limited(chosen.text(4), position),
        postcode=segment.limited(chosen.text(5), position, 12),
    )
    return address if address != Address() else None


def _telephones(
    segment: Segment, positions: Iterable[int]
) -> tuple[tuple[Telephone, ...], str | None]:
    """Read telephone numbers, those at work last, and the first e-mail address."""
    numbers: list[Telephone] = []
    email: str | None = None
    for position, default in zip(positions, ("home", "work"), strict=True):
        for value in segment.values(position):
            use, equipment = value.text(2).upper(), value.text(3)
            written = value.text(1) if "@" in value.text(1) else value.text(4)
            if "@" in written:
                email = email or segment.limited(written, position)
                continue
            number = segment.limited(_number(value), position, 40)
            kind = TELEPHONE_EQUIPMENT.get(equipment.upper()) or TELEPHONE_USES.get(use, default)
            if number and not any(t.number == number for t in numbers):
                numbers.append(Telephone(number=number, kind=kind))
    ordered = sorted(numbers, key=lambda telephone: telephone.kind == "work")
    return tuple(ordered[:_MOST_TELEPHONES]), email


def _number(value: Value) -> str:
    country, area, local = (value.text(n) for n in (5, 6, 7))
    composed = " ".join(p for p in (f"+{country.lstrip('+')}" if country else "", area, local) if p)
    return value.text(1) or value.text(12) or (composed if local else "")


def _practice(message: Hl7Message) -> str | None:
    """Read the GP practice's ODS code: PD1-3, or the assigning facility of the GP."""
    pd1, pv1 = message.first("PD1"), message.first("PV1")
    codes = [code for v in pd1.values(3) for code in (v.text(3), v.text(10))]
    codes += [v.text(14) for v in (*pd1.values(4), *pv1.values(8))]
    return next((code for code in codes if is_ods_code(code)), None)


def _confidentiality(message: Hl7Message) -> WhereaboutsFlag | None:
    """Read the strictest of PD1-12, PV1-16 and ARV-3; open only where PD1-12 says so."""
    protected = message.first("PD1").text(12).upper()
    marks = {PROTECTION.get(c) for c in (protected, message.first("PV1").text(16).upper())}
    hidden = {v.text(1).upper() for arv in message.every("ARV") for v in arv.values(3)}
    if WhereaboutsFlag.VERY_RESTRICTED in marks:
        return WhereaboutsFlag.VERY_RESTRICTED
    if WhereaboutsFlag.RESTRICTED in marks or hidden & HIDDEN_PARTS:
        return WhereaboutsFlag.RESTRICTED
    return WhereaboutsFlag.UNRESTRICTED if protected in OPEN else None


def _family(message: Hl7Message) -> Family:
    people: list[Relative] = []
    points: list[ContactPoint] = []
    for nk1 in message.every("NK1")[:_MOST_RELATIVES]:
        ref = f"nk1-{len(people) + 1}"
        relative = _relative(nk1, ref)
        telephones, email = _telephones(nk1, (5, 6))
        point = ContactPoint(ref=ref, address=_address(nk1, 4), telephones=telephones, email=email)
        if relative == Relative(ref=ref) and point == ContactPoint(ref=ref):
            continue
        people.append(relative)
        points += [point] if point != ContactPoint(ref=ref) else []
    return Family(people=tuple(people), contact_points=tuple(points))


def _relative(nk1: Segment, ref: str) -> Relative:
    name = next(iter(nk1.values(2)), None)
    return Relative(
        ref=ref,
        family_name=_name(nk1, name, 1, 2),
        given_name=_name(nk1, name, 2, 2),
        title=nk1.limited(name.text(5), 2, 40) if name else None,
        relationship=_relationship(nk1),
    )


def _relationship(nk1: Segment) -> str | None:
    code = nk1.text(3) or nk1.text(3, 2)
    if code.upper() in RELATIONSHIPS:
        return RELATIONSHIPS[code.upper()]
    word = code.lower() if code.lower() in RELATIONSHIPS.values() else code
    return nk1.limited(word, 3, 64)
