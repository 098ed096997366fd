"""Elements of a Common Transfer File that become no event, and why."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_FILE = "It describes the file, not a pupil."
_ASSESSED = "Assessments are not events."

IGNORED: Mapping[str, str] = MappingProxyType(
    {
        "*/@*ersion": _FILE,
        "*/Header/DocumentName": _FILE,
        "*/Header/CTFversion": _FILE,
        "*/Header/DocumentQualifier": _FILE,
        "*/Header/DataQualifier": _FILE,
        "*/Header/DataDescriptor": _FILE,
        "*/Header/SupplierID": _FILE,
        "*/Header/SourceSchool/AcademicYear": _FILE,
        "*/Header/SourceSchool/*": "The pupil joins the receiving school of an admissions file.",
        "*/Header/DestSchool/*": "The receiving school matters where a pupil leaves.",
        "*/FSMhistory/*": "Free school meals are not events.",
        "*/LookedAfter/*": "That a child is looked after is for social care to send.",
        "*/StageAssessments/*": _ASSESSED,
        "*/NCyearData/*": _ASSESSED,
        "*/Languages/*": "Languages are not events.",
        "*/Attendance/*/AttendSessions/*": "The year's totals are read, not each session's mark.",
        "*/Attendance/*": "Only years of attendance below the threshold are events.",
        "*/Contacts/*/Order": "The order of contacts is not carried.",
        "*/SchoolHistory/*": "Only the sending school's own entry is read.",
        "*/SuppInfo*": "Free text for the clerk is not read.",
    }
)
