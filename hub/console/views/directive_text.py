"""Names and hints of directive codes: kinds, authorities, categories, purposes, states. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from consent.directive import DirectiveStanding
from schemas.identifiers import Assurance, System
from schemas.sections import Category
from schemas.sharing import Authority, DirectiveKind, Purpose, RestrictionKind


@dataclass(frozen=True, slots=True)
class OptionText:
    """One option of a form: its code, its name and its hint."""

    code: str
    words: str
    hint: str = ""


KINDS = (
    OptionText(
        DirectiveKind.CONSENT,
        "Consent",
        "They agree to sharing that needs consent.",
    ),
    OptionText(
        DirectiveKind.REFUSAL,
        "Refusal",
        "They refuse consent. Sharing that needs consent stops. Sharing that the law requires or "
        "allows without consent continues.",
    ),
    OptionText(
        DirectiveKind.OBJECTION,
        "Objection",
        "They object to sharing that does not need consent. A review opens, and a person decides. "
        "Nothing is withheld until then.",
    ),
    OptionText(
        DirectiveKind.RESTRICTION,
        "Restriction",
        "Some information must not be shared, even with consent: because of a court order, a "
        "protected address or a sensitive record. A restriction overrides everything else.",
    ),
)
AUTHORITIES = (
    OptionText(
        Authority.PARENTAL_RESPONSIBILITY,
        "A person with parental responsibility",
        "A parent, a guardian, or the local authority under a care order.",
    ),
    OptionText(
        Authority.YOUNG_PERSON,
        "The child or young person",
        "Valid from age 16, or if they are assessed as competent to decide.",
    ),
    OptionText(Authority.COURT, "A court", "By an order. It overrides everyone else's decision."),
    OptionText(
        Authority.PROFESSIONAL,
        "A professional",
        "Can restrict sharing. Can consent or refuse only under an order that lets them decide.",
    ),
)
RESTRICTIONS = (
    OptionText(
        RestrictionKind.ADDRESS,
        "Where the child or a relative can be found",
        "Addresses, telephone numbers, email, the GP surgery, places of appointments.",
    ),
    OptionText(RestrictionKind.COURT_ORDER, "Information that a court order protects"),
    OptionText(RestrictionKind.SENSITIVE, "A sensitive record"),
)
NOTHING = "none"
GUARDS = (OptionText(NOTHING, "Nothing: this is not a restriction"), *RESTRICTIONS)
CATEGORIES = (
    OptionText(Category.IDENTITY, "Identity", "Name, birth date, NHS number, pupil number."),
    OptionText(Category.CONTACT, "Contact", "Address, telephone, GP surgery."),
    OptionText(Category.FAMILY, "Family", "Relatives and carers."),
    OptionText(Category.EDUCATION, "Education", "School, year group, attendance, exclusions."),
    OptionText(
        Category.SEN, "Special educational needs", "Needs, support, EHC assessments and plans."
    ),
    OptionText(Category.HEALTH, "Health", "Referrals, appointments, diagnoses, discharges."),
    OptionText(Category.CARE, "Social care", "Cases, plans, placements, short breaks."),
    OptionText(Category.SAFEGUARDING, "Safeguarding", "Concerns about the child's safety."),
    OptionText(
        Category.CONSENT,
        "Consent and objections",
        "Consents, refusals, objections and restrictions.",
    ),
)
PURPOSES = (
    OptionText(Purpose.SAFEGUARDING, "Safeguarding"),
    OptionText(Purpose.CHILD_PROTECTION, "Child protection"),
    OptionText(Purpose.EHC_ASSESSMENT, "EHC assessment"),
    OptionText(Purpose.EHC_PLAN, "EHC plan"),
    OptionText(Purpose.SEN_SUPPORT, "Special educational needs support"),
    OptionText(Purpose.DIRECT_CARE, "Direct care"),
    OptionText(Purpose.EDUCATION_PROVISION, "Providing education"),
    OptionText(Purpose.ATTENDANCE, "Attendance"),
    OptionText(Purpose.SHORT_BREAKS, "Short breaks"),
    OptionText(Purpose.CARE_PLANNING, "Care planning"),
    OptionText(Purpose.FAMILY_SUPPORT, "Family support"),
    OptionText(Purpose.RECORD_KEEPING, "Keeping records"),
    OptionText(Purpose.CRIME_PREVENTION, "Preventing crime"),
    OptionText(Purpose.GENERAL_ENQUIRY, "A general enquiry"),
)
_STANDINGS = (
    OptionText(DirectiveStanding.IN_FORCE, "In force"),
    OptionText(DirectiveStanding.NOT_YET, "Not yet in force"),
    OptionText(DirectiveStanding.EXPIRED, "Expired"),
    OptionText(DirectiveStanding.WITHDRAWN, "Withdrawn"),
)
_SYSTEMS = (
    OptionText(System.NHS_NUMBER, "NHS number"),
    OptionText(System.UPN, "Unique pupil number"),
    OptionText(System.ULN, "Unique learner number"),
    OptionText(System.LA_CHILD_ID, "Local authority child id"),
    OptionText(System.LOCAL_ID, "Agency number"),
)
_ASSURANCES = (
    OptionText(Assurance.VERIFIED, "Checked against the national service"),
    OptionText(Assurance.ASSERTED, "As the sender gave it"),
    OptionText(Assurance.SUSPECT, "Suspect: never used to match"),
)
_DELIVERIES = (
    OptionText("pending", "Prepared, not yet queued"),
    OptionText("published", "In the agency's queue"),
    OptionText("delivered", "Delivered"),
    OptionText("failed", "Delivery failed"),
    OptionText("withheld", "Withheld at release"),
    OptionText("discarded", "Discarded by a person"),
    OptionText("void", "Void: cannot be read"),
)
_LISTS = {
    "kind": KINDS,
    "authority": AUTHORITIES,
    "restriction": RESTRICTIONS,
    "category": CATEGORIES,
    "purpose": PURPOSES,
    "standing": _STANDINGS,
    "system": _SYSTEMS,
    "assurance": _ASSURANCES,
    "delivery": _DELIVERIES,
}
_WORDS = {name: {one.code: one.words for one in choices} for name, choices in _LISTS.items()}


def named(code: str, what: str) -> str:
    """Return the name of a code in one list; an unknown code as words."""
    return _WORDS[what].get(code) or code.replace("-", " ")


def listed(codes: Iterable[str], what: str, nothing: str = "") -> str:
    """Return the names of several codes in one line: A, b and c."""
    first, *rest = [named(code, what) for code in codes] or [nothing]
    # Within a line only abbreviations keep their capitals.
    return join([first, *(one if one[:2].isupper() else one[:1].lower() + one[1:] for one in rest)])


def join(names: list[str]) -> str:
    """Return names in one line: a, b and c."""
    *before, last = names or [""]
    return f"{', '.join(before)} and {last}" if before else last


FILTERS: Mapping[str, Callable[..., str]] = {"named": named, "listed": listed, "in_a_line": join}
