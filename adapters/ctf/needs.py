"""What a Common Transfer File says of a pupil's special educational needs and attendance.

Source: DfE Common Transfer File specification, elements ``SENhistory`` and ``Attendance``; DfE
"Working together to improve school attendance": a pupil who misses ten per cent or more of the
possible sessions is persistently absent.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from adapters.ctf.elements import CtfNode, CtfReading
from schemas.errors import Fault
from schemas.events.education import (
    AttendanceConcern,
    SenNeed,
    SenNeedType,
    SenProvision,
    SenSupport,
)

MOST_NEEDS = 20
_PROVISION = ("SENprovision", "SENstageType", "SENstatus")
_START = ("StartDate", "SENstageStartDate")


@dataclass(frozen=True, slots=True)
class _Stage:
    provision: SenProvision | None
    start: dt.date | None


def sen_support_of(pupil: CtfNode, read: CtfReading) -> SenSupport | None:
    """Read the present provision and the needs; None where the file records no such need.

    The present provision is the one that began last. Where that is unknown, because dates are
    missing or two levels began on one day, the part is refused: it is not chosen for the school.
    """
    stages = _stages(pupil, read)
    needs, local = _needs(pupil, read)
    special = any(s.provision not in (None, SenProvision.NONE) for s in stages)
    if not special and not needs and not local:
        return None
    where = f"{pupil.path}/SENhistory"
    if not stages:
        read.refuse(Fault.MISSING_FIELD, f"{where}/SEN/SENprovision")
        return None
    present = _present(stages)
    if present is None or present.provision is None:
        read.refuse(Fault.BAD_VALUE, where)
        return None
    values = {
        "provision": present.provision,
        "start_date": present.start,
        "needs": needs,
        "local_needs": local,
    }
    return read.build(SenSupport, where, values)


def _stages(pupil: CtfNode, read: CtfReading) -> list[_Stage]:
    history = pupil.child("SENhistory")
    nodes = history.named("SEN", "SENstage") if history else []
    nodes += pupil.named("SEN")
    stages = []
    for node in nodes:
        text = node.text(*_PROVISION) or node.own_text()
        if text is None and node.text(*_START) is None:
            continue
        stages.append(_Stage(_provision(text, node.path, read), read.date(node, *_START)))
    alone = pupil.text(*_PROVISION) or (history.text(*_PROVISION) if history else None)
    if alone and not stages:
        stages.append(_Stage(_provision(alone, pupil.path, read), None))
    return stages


def _provision(text: str | None, where: str, read: CtfReading) -> SenProvision | None:
    try:
        return SenProvision((text or "").upper())
    except ValueError:
        fault = Fault.BAD_VALUE if text else Fault.MISSING_FIELD
        read.refuse(fault, f"{where}/SENprovision")
        return None


def _present(stages: list[_Stage]) -> _Stage | None:
    if len(stages) == 1:
        return stages[0]
    latest = max(stages, key=lambda s: s.start or dt.date.min)
    if len({s.provision for s in stages}) == 1:
        return latest
    if any(s.start is None for s in stages):
        return None
    level = {s.provision for s in stages if s.start == latest.start}
    return latest if len(level) == 1 else None


def _needs(pupil: CtfNode, read: CtfReading) -> tuple[tuple[SenNeed, ...], tuple[str, ...]]:
    needs: list[SenNeed] = []
    local: list[str] = []
    for node in _need_nodes(pupil):
        code = node.text("SENtype") or node.own_text()
        if code is None:
            continue
        if code.upper() not in SenNeedType.__members__:
            local.append(code)
            continue
        values = {
            "type": code.upper(),
            "rank": _rank(node, read),
            "start_date": read.date(node, "NeedStartDate"),
            "end_date": read.date(node, "NeedEndDate"),
        }
        if need := read.build(SenNeed, node.path, values):
            needs.append(need)
    if len(needs) > MOST_NEEDS or len(local) > MOST_NEEDS:
        read.refuse(Fault.BAD_VALUE, f"{pupil.path}/SENhistory/SENneeds")
    needs.sort(key=lambda n: (n.rank is None, n.rank or 0))
    return tuple(needs[:MOST_NEEDS]), tuple(local[:MOST_NEEDS])


def _need_nodes(pupil: CtfNode) -> list[CtfNode]:
    found = []
    for parent in (pupil, pupil.child("SENhistory")):
        if parent is None:
            continue
        found += parent.named("SENneed")
        for group in parent.named("SENneeds", "SENprovision"):
            found += group.named("SENneed", "SENprovisionInfo")
    return found


def _rank(node: CtfNode, read: CtfReading) -> int | None:
    text = node.text("SENtypeRank")
    if text is None:
        return None
    if not re.fullmatch(r"0?[1-9][0-9]?", text):
        read.refuse(Fault.BAD_VALUE, f"{node.path}/SENtypeRank")
        return None
    return int(text)


def concerns_of(
    pupil: CtfNode, threshold: float, read: CtfReading
) -> list[tuple[AttendanceConcern, str]]:
    """Read each year whose attendance is at or below ``threshold`` per cent, with its place.

    A year without session counts says nothing: marks alone are not counted, for how newer files
    write two-character marks is not settled.
    """
    concerns = []
    for group in pupil.named("Attendance"):
        for year in group.named("YearData"):
            concern = _concern(year, threshold, read)
            if concern:
                concerns.append((concern, year.path))
    return concerns


def _concern(year: CtfNode, threshold: float, read: CtfReading) -> AttendanceConcern | None:
    possible = read.count(year, "SessionsPossible")
    attended = read.count(year, "SessionsAttended")
    authorised = read.count(year, "SessionsAuthorised")
    unauthorised = read.count(year, "SessionsUnauthorised")
    if attended is None and None not in (possible, authorised, unauthorised):
        attended = (possible or 0) - (authorised or 0) - (unauthorised or 0)
    if not possible or attended is None:
        return None
    if not 0 <= attended <= possible:
        read.refuse(Fault.BAD_VALUE, f"{year.path}/SessionsAttended")
        return None
    if attended * 100 > threshold * possible:
        return None
    starts = [
        day
        for part in year.named("AttendSessions")
        if (day := read.date(part, "AttendanceStartDate"))
    ]
    values = {
        "academic_year": year.text("Year"),
        "period_start": min(starts, default=None),
        "sessions_possible": possible,
        "sessions_attended": attended,
        "sessions_authorised": authorised,
        "sessions_unauthorised": unauthorised,
    }
    concern = read.build(AttendanceConcern, year.path, values)
    if concern and concern.sessions_possible is None:
        return None
    return concern
