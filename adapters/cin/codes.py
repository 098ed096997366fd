"""What a Children in Need census writes as a code, and how a case is named that it leaves unnamed.

Source: DfE, Children in need census, business and technical specifications 2017 to 2026.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Mapping

from schemas.people import Sex

FIRST_SEX_YEAR = 2024  # before it, the element is GenderCurrent, with digits
# Code lists of the census years 2017 to 2026 together; as a pattern for each element.
CODES: Mapping[str, str] = {
    "Ethnicity": "WBRI|WIRI|WIRT|WROM|WOTH|MWBC|MWBA|MWAS|MOTH|AIND|APKN|ABAN|AOTH|BCRB|BAFR|BOTH"
    "|CHNE|OOTH|REFU|NOBT",
    "Disability": "NONE|MOB|HAND|PC|INC|COMM|LD|HEAR|VIS|BEH|CON|AUT|DDA",
    "ReferralSource": "1[A-D]|2[AB]|3[A-F]|4|5[A-D]|[6-9]|10",
    "PrimaryNeedCode": "N[0-9]",
    "ReasonForClosure": "RC[1-9]",
    "InitialCategoryOfAbuse": "NEG|PHY|SAB|EMO|MUL",
    "LatestCategoryOfAbuse": "NEG|PHY|SAB|EMO|MUL",
    "NumberOfPreviousCPP": "[0-9]{1,2}",
    "LEA": "[0-9]{3}",
    "Collection": "CIN",
}
GENDERS = {"1": Sex.MALE, "2": Sex.FEMALE, "0": Sex.UNKNOWN, "9": Sex.OTHER}

_CASE = re.compile(r"[0-9a-f]{16}-([0-9]{4}-[0-9]{2}-[0-9]{2})")


def case_name(authority: str, child: str, referred: dt.date) -> str:
    """Make a case number: sixteen hex digits for the child, and the referral date."""
    digest = hashlib.sha256(f"{authority}/{child}".encode()).hexdigest()
    return f"{digest[:16]}-{referred.isoformat()}"


def referral_date_of(case_id: str | None) -> str | None:
    """Return the referral date of a case named by ``case_name``; None for any other case."""
    found = _CASE.fullmatch(case_id or "")
    return found[1] if found else None
