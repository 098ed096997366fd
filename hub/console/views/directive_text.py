"""What people say about sharing, in words for the screen, each with what it means. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from consent.directive import DirectiveStanding
from schemas.identifiers import Assurance, System
from schemas.sections import Category
from schemas.sharing import Authority, DirectiveKind, Purpose, RestrictionKind


@dataclass(frozen=True, slots=True)
class OptionText:
    """One thing that may be chosen: its code, its words, and what they mean."""

    code: str
    words: str
    hint: str = ""


KINDS = (
    OptionText(
        DirectiveKind.CONSENT,
        "Consent",
        "They agree to sharing that needs their agreement.",
    ),
    OptionText(
        DirectiveKind.REFUSAL,
        "Refusal",
        "They do not agree. What needs their agreement is withheld; what the law asks for or "
        "allows without it still goes.",
    ),
    OptionText(
        DirectiveKind.OBJECTION,
        "Objection",
        "They object to sharing that goes without their agreement. Nothing is withheld yet: a "
        "review is opened, and a person decides.",
    ),
    OptionText(
        DirectiveKind.RESTRICTION,
        "Restriction",
        "Something must not be told, whoever agrees: because of a court order, an address that "
        "is kept secret, or a sensitive record. It comes before everything else.",
    ),
)
AUTHORITIES = (
    OptionText(
        Authority.PARENTAL_RESPONSIBILITY,
        "Somebody with parental responsibility",
        "A parent, a guardian, or the local authority under a care order.",
    ),
    OptionText(
        Authority.YOUNG_PERSON,
        "The child or young person",
        "Counts from 16, or where they are assessed as competent to decide.",
    ),
    OptionText(Authority.COURT, "A court", "By an order. It outranks everybody else."),
    OptionText(
        Authority.PROFESSIONAL,
        "A professional",
        "May restrict sharing. Consents or refuses only under an order that makes them decide.",
    ),
)
RESTRICTIONS = (
    OptionText(
        RestrictionKind.ADDRESS,
        "Where the child or a relative can be found",
        "Addresses, telephone numbers, e-mail, the surgery, where an appointment is held.",
    ),
    OptionText(RestrictionKind.COURT_ORDER, "What a court order keeps back"),
    OptionText(RestrictionKind.SENSITIVE, "A sensitive record"),
)
NOTHING = "none"
GUARDS = (OptionText(NOTHING, "Nothing: this is no restriction"), *RESTRICTIONS)
CATEGORIES = (
    OptionText(Category.IDENTITY, "Identity", "Name, birth date, NHS number, pupil number."),
    OptionText(Category.CONTACT, "Contact", "Address, telephone, surgery."),
    OptionText(Category.FAMILY, "Family", "Relatives and carers."),
    OptionText(Category.EDUCATION, "Education", "School, year group, attendance, exclusions."),
    OptionText(
        Category.SEN, "Special educational needs", "Needs, support, EHC assessments and plans."
    ),
    OptionText(Category.HEALTH, "Health", "Referrals, appointments, diagnoses, discharges."),
    OptionText(Category.CARE, "Social care", "Cases, plans, placements, short breaks."),
    OptionText(Category.SAFEGUARDING, "Safeguarding", "Concerns about the child's safety."),
    OptionText(
        Category.CONSENT, "What was said about sharing", "Consents, refusals and restrictions."
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
    OptionText(DirectiveStanding.NOT_YET, "Not yet begun"),
    OptionText(DirectiveStanding.EXPIRED, "Expired"),
    OptionText(DirectiveStanding.WITHDRAWN, "Withdrawn"),
)
_SYSTEMS = (
    OptionText(System.NHS_NUMBER, "NHS number"),
    OptionText(System.UPN, "Unique pupil number"),
    OptionText(System.ULN, "Unique learner number"),
    OptionText(System.LA_CHILD_ID, "Local authority child id"),
    OptionText(System.LOCAL_ID, "An agency's own number"),
)
_ASSURANCES = (
    OptionText(Assurance.VERIFIED, "Checked against the national service"),
    OptionText(Assurance.ASSERTED, "On the sender's word"),
    OptionText(Assurance.SUSPECT, "Suspect: never used to match"),
)
_DELIVERIES = (
    OptionText("pending", "Made, not yet queued"),
    OptionText("published", "In the agency's queue"),
    OptionText("delivered", "Delivered"),
    OptionText("failed", "Could not be handed over"),
    OptionText("withheld", "Withheld when its keys were asked for"),
    OptionText("discarded", "Given up by a person"),
    OptionText("void", "Void: never to be read"),
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
    """Give the words of a code of one list; a code without words is shown as words."""
    return _WORDS[what].get(code) or code.replace("-", " ")


def listed(codes: Iterable[str], what: str, nothing: str = "") -> str:
    """Give the words of several codes in one line: A, b and c."""
    first, *rest = [named(code, what) for code in codes] or [nothing]
    # Within a line only abbreviations keep their capitals.
    return join([first, *(one if one[:2].isupper() else one[:1].lower() + one[1:] for one in rest)])


def join(names: list[str]) -> str:
    """Write names in one line: a, b and c."""
    *before, last = names or [""]
    return f"{', '.join(before)} and {last}" if before else last


FILTERS: Mapping[str, Callable[..., str]] = {"named": named, "listed": listed, "in_a_line": join}
