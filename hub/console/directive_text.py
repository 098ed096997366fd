"""What people say about sharing, in words for the screen, each with what it means. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from consent.directive import Standing
from schemas.identifiers import Assurance, System
from schemas.sections import Category
from schemas.sharing import Authority, DirectiveKind, Purpose, RestrictionKind


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing that may be chosen: its code, its words, and what they mean."""

    code: str
    words: str
    hint: str = ""


KINDS = (
    Choice(
        DirectiveKind.CONSENT,
        "Consent",
        "They agree to sharing that needs their agreement.",
    ),
    Choice(
        DirectiveKind.REFUSAL,
        "Refusal",
        "They do not agree. What needs their agreement is withheld; what the law asks for or "
        "allows without it still goes.",
    ),
    Choice(
        DirectiveKind.OBJECTION,
        "Objection",
        "They object to sharing that goes without their agreement. Nothing is withheld yet: a "
        "review is opened, and a person decides.",
    ),
    Choice(
        DirectiveKind.RESTRICTION,
        "Restriction",
        "Something must not be told, whoever agrees: because of a court order, an address that "
        "is kept secret, or a sensitive record. It comes before everything else.",
    ),
)
AUTHORITIES = (
    Choice(
        Authority.PARENTAL_RESPONSIBILITY,
        "Somebody with parental responsibility",
        "A parent, a guardian, or the local authority under a care order.",
    ),
    Choice(
        Authority.YOUNG_PERSON,
        "The child or young person",
        "Counts from 16, or where they are assessed as competent to decide.",
    ),
    Choice(Authority.COURT, "A court", "By an order. It counts more than anybody else's word."),
)
RESTRICTIONS = (
    Choice(
        RestrictionKind.ADDRESS,
        "Where the child or a relative can be found",
        "Addresses, telephone numbers, e-mail, the surgery, where an appointment is held.",
    ),
    Choice(RestrictionKind.COURT_ORDER, "What a court order keeps back"),
    Choice(RestrictionKind.SENSITIVE, "A sensitive record"),
)
NOTHING = "none"
GUARDS = (Choice(NOTHING, "Nothing: this is no restriction"), *RESTRICTIONS)
CATEGORIES = (
    Choice(Category.IDENTITY, "Identity", "Name, birth date, NHS number, pupil number."),
    Choice(Category.CONTACT, "Contact", "Address, telephone, surgery."),
    Choice(Category.FAMILY, "Family", "Relatives and carers."),
    Choice(Category.EDUCATION, "Education", "School, year group, attendance, exclusions."),
    Choice(Category.SEN, "Special educational needs", "Needs, support, EHC assessments and plans."),
    Choice(Category.HEALTH, "Health", "Referrals, appointments, diagnoses, discharges."),
    Choice(Category.CARE, "Social care", "Cases, plans, placements, short breaks."),
    Choice(Category.SAFEGUARDING, "Safeguarding", "Concerns about the child's safety."),
    Choice(Category.CONSENT, "What was said about sharing", "Consents, refusals and restrictions."),
)
PURPOSES = (
    Choice(Purpose.SAFEGUARDING, "Safeguarding"),
    Choice(Purpose.CHILD_PROTECTION, "Child protection"),
    Choice(Purpose.EHC_ASSESSMENT, "EHC assessment"),
    Choice(Purpose.EHC_PLAN, "EHC plan"),
    Choice(Purpose.SEN_SUPPORT, "Special educational needs support"),
    Choice(Purpose.DIRECT_CARE, "Direct care"),
    Choice(Purpose.EDUCATION_PROVISION, "Providing education"),
    Choice(Purpose.ATTENDANCE, "Attendance"),
    Choice(Purpose.SHORT_BREAKS, "Short breaks"),
    Choice(Purpose.CARE_PLANNING, "Care planning"),
    Choice(Purpose.FAMILY_SUPPORT, "Family support"),
    Choice(Purpose.RECORD_KEEPING, "Keeping records"),
)
_STANDINGS = (
    Choice(Standing.IN_FORCE, "In force"),
    Choice(Standing.NOT_YET, "Not yet begun"),
    Choice(Standing.EXPIRED, "Expired"),
    Choice(Standing.WITHDRAWN, "Withdrawn"),
)
_SYSTEMS = (
    Choice(System.NHS_NUMBER, "NHS number"),
    Choice(System.UPN, "Unique pupil number"),
    Choice(System.ULN, "Unique learner number"),
    Choice(System.LA_CHILD_ID, "Local authority child id"),
    Choice(System.LOCAL_ID, "An agency's own number"),
)
_ASSURANCES = (
    Choice(Assurance.VERIFIED, "Checked against the national service"),
    Choice(Assurance.ASSERTED, "On the sender's word"),
    Choice(Assurance.SUSPECT, "Suspect: never used to match"),
)
_DELIVERIES = (
    Choice("pending", "Made, not yet queued"),
    Choice("published", "In the agency's queue"),
    Choice("delivered", "Delivered"),
    Choice("failed", "Could not be handed over"),
    Choice("withheld", "Withheld when its keys were asked for"),
    Choice("discarded", "Given up by a person"),
    Choice("void", "Void: never to be read"),
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
