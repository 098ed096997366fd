r"""The messages of the trust's administration system: HL7 v2.4 as UK systems write it.

Each row of the table is one message: a referral (REF I12), an appointment booked, kept, missed or
cancelled (SIU S12, S14, S26, S15), a report (ORU R01) or a discharge (ADT A03).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping

from hub.demo.borough.people import TOWN, InventedChild
from hub.demo.borough.tables import Row, moment

TRUST = "ZZN"
_STRUCTURES = {
    "REF^I12": "REF_I12",
    "SIU^S12": "SIU_S12",
    "SIU^S14": "SIU_S12",
    "SIU^S15": "SIU_S12",
    "SIU^S26": "SIU_S12",
    "ORU^R01": "ORU_R01",
    "ADT^A03": "ADT_A03",
}
_OUTCOMES = {"S12": "Booked", "S14": "Complete", "S15": "Cancelled", "S26": "Noshow"}
_HALF_AN_HOUR = dt.timedelta(minutes=30)


def message(row: Row, child: InventedChild) -> bytes:
    """Write one message from a row: ``kind``, ``number``, ``sent``, ``record``, ``when``..."""
    segments = [_msh(row), *_BODIES[row["kind"].partition("^")[0]](row, child)]
    return "\r".join(segments).encode() + b"\r"


def _stamp(text: str, form: str = "%Y%m%d%H%M%S") -> str:
    return moment(text).strftime(form)


def _day(text: str) -> str:
    return _stamp(text, "%Y%m%d")


def _escaped(text: str) -> str:
    for mark, escape in (("\\", "E"), ("|", "F"), ("^", "S"), ("&", "T"), ("~", "R")):
        text = text.replace(mark, f"\\{escape}\\")
    return text


def _fields(name: str, values: Mapping[int, str]) -> str:
    """Write a segment from its numbered fields."""
    cells = [values.get(position, "") for position in range(1, max(values) + 1)]
    return "|".join([name, *cells])


def _msh(row: Row) -> str:
    head = ["MSH", "^~\\&", "NORTHMOOR-PAS", TRUST, "HUB", TRUST, _stamp(row["sent"]), ""]
    kind = f"{row['kind']}^{_STRUCTURES[row['kind']]}"
    tail = [kind, row["number"], "P", "2.4", "", "", "", "", "GBR", "UNICODE UTF-8", "EN"]
    return "|".join([*head, *tail])


def _pid(row: Row, child: InventedChild) -> str:
    numbers = [f"{child.hospital_number}^^^{TRUST}^MR"]
    if child.nhs_number:
        numbers.insert(0, f"{child.nhs_number}^^^NHS^NH")
    name = f"{_escaped(row.get('family_name', child.family_name))}^{_escaped(child.given_name)}"
    return _fields(
        "PID",
        {
            1: "1",
            3: "~".join(numbers),
            5: f"{name}^^^^^L",
            7: child.birth_date.strftime("%Y%m%d"),
            8: child.sex,
            11: f"{_escaped(child.address)}^^{TOWN}^^{child.postcode}^GBR^H",
            13: f"{child.telephone}^PRN^PH",
            32: "01" if child.nhs_number else "07",
        },
    )


def _service(row: Row) -> str:
    code, _, words = row["service"].partition(" ")
    return f"{code}^{_escaped(words)}^SCT"


def _referral(row: Row, child: InventedChild) -> list[str]:
    rf1 = {
        1: "A^Accepted^HL70283",
        2: "R^Routine^HL70280",
        3: _service(row),
        6: f"{row['record']}^{TRUST}",
        7: _day(row["when"]),
        10: f"^{_escaped(row['reason'])}",
    }
    to = f"PRD|RT^Referred to provider^HL70286||||||{TRUST}^ODS"
    return [_fields("RF1", rf1), to, _pid(row, child)]


def _appointment(row: Row, child: InventedChild) -> list[str]:
    start = moment(row["when"])
    span = f"{start:%Y%m%d%H%M%S}^{start + _HALF_AN_HOUR:%Y%m%d%H%M%S}"
    sch = {
        1: f"{row['record']}^{TRUST}",
        2: f"{row['record']}^{TRUST}",
        6: "CLINIC^Clinic appointment^L",
        11: f"^^30^{span}",
        25: f"{_OUTCOMES[row['kind'].partition('^')[2]]}^^HL70278",
    }
    ais = {1: "1", 2: "A", 3: _service(row), 4: f"{start:%Y%m%d%H%M%S}", 7: "30", 8: "min"}
    place = f"AIL|1|A|^^^{_escaped(row.get('place', 'Elder House Clinic'))}"
    return [_fields("SCH", sch), _pid(row, child), "RGS|1|A", _fields("AIS", ais), place]


def _report(row: Row, child: InventedChild) -> list[str]:
    obr = {
        1: "1",
        3: f"{row['record']}^{TRUST}",
        4: _service(row),
        7: _stamp(row["when"]),
        22: _stamp(row["when"]),
        25: "F",
    }
    text = "OBX|1|TX|REPORT^Report text^L||This text must never leave the trust.||||||F"
    return [_pid(row, child), _fields("OBR", obr), text]


def _discharge(row: Row, child: InventedChild) -> list[str]:
    pv1 = {
        1: "1",
        2: "I",
        3: "DAYWARD^^^" + TRUST,
        19: f"{row['record']}^^^{TRUST}^VN",
        44: _stamp(row["when"]),
        45: _stamp(row["until"]),
    }
    return [f"EVN|A03|{_stamp(row['sent'])}", _pid(row, child), _fields("PV1", pv1)]


_BODIES: Mapping[str, Callable[[Row, InventedChild], list[str]]] = {
    "REF": _referral,
    "SIU": _appointment,
    "ORU": _report,
    "ADT": _discharge,
}
