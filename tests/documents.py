"""Small documents as agency systems export them, about invented children."""

from __future__ import annotations

from tests.events import Child

CTF_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    "<CTfile><Header><DocumentName>Common Transfer File</DocumentName>"
    "<CTFversion>25.0</CTFversion><DateTime>2026-02-01T08:00:00</DateTime>"
    "<DocumentQualifier>partial</DocumentQualifier><SourceSchool><LEA>899</LEA>"
    "<Estab>4001</Estab><SchoolName>Oak School</SchoolName></SourceSchool>"
    "<DestSchool><LEA>899</LEA><Estab>LLLL</Estab></DestSchool></Header>"
)


def common_transfer_file(*children: Child) -> bytes:
    """A school's file with these pupils."""
    pupils = "".join(_pupil(child) for child in children)
    return f"{CTF_HEAD}<CTFpupilData>{pupils}</CTFpupilData></CTfile>".encode()


def _pupil(child: Child) -> str:
    return (
        f"<Pupil><UPN>{child.upn}</UPN><Surname>{child.family_name}</Surname>"
        f"<Forename>{child.given_name}</Forename><DOB>{child.birth_date}</DOB><Sex>F</Sex>"
        "<BasicDetails><NCyearActual>4</NCyearActual><EnrolStatus>C</EnrolStatus></BasicDetails>"
        "</Pupil>"
    )


def hl7_appointment(child: Child) -> bytes:
    """A clinic's message that an appointment was booked."""
    born = f"{child.birth_date:%Y%m%d}"
    return "\r".join(
        (
            "MSH|^~\\&|PAS|RIVER|HUB|HUB|20260201080000||SIU^S12|M1|P|2.5.1||||||UNICODE UTF-8",
            f"SCH|A{child.number}|||||||||30|min|^^^20260302093000^20260302100000",
            f"PID|1||{child.nhs}^^^NHS^NH||{child.family_name}^{child.given_name}||{born}|F",
            "RGS|1",
            "AIS|1||AUD^Audiology",
            "",
        )
    ).encode()
