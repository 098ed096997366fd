"""Elements of a Children in Need census that become no event, and why."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_CENSUS = "It describes the census, not a child."

IGNORED: Mapping[str, str] = MappingProxyType(
    {
        "*/Header/CollectionDetails/*": _CENSUS,
        "*/Header/Source/*": _CENSUS,
        "*/Header/Content/*": _CENSUS,
        "*/UPNunknown": "Why there is no UPN is not carried.",
        "*/Assessments/*": "Assessments are not events.",
        "*/Section47/*": "Section 47 enquiries are not events.",
        "*/CINPreProceedings/*": "Pre-proceedings are not events.",
        "*/ReferralNFA": "It decides only whether a referral without a plan opens a case.",
        "*/CINPlanDates/*": "A plan's dates are read where they are dates of the case.",
    }
)
