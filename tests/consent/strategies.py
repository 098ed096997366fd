"""Made-up worlds for the decision: agreements, directives and questions that meet each other.

Names are few and the likely is offered more than once, so that rules, scopes and questions meet and
much is permitted; moments are few, so that "just now" comes up as well as before and after.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from hypothesis import strategies as st

from consent.agreement import Agreement, ConsentRecorder, Involved, Prohibition, Rule
from consent.basis import Article6, Article9, ConfidentialityBasis, LawfulBasis
from consent.directive import Directive
from consent.facts import StandingFact
from consent.question import ChildStanding, Question, SectionShape
from schemas.agencies import OrganisationType
from schemas.registry import EVENT_TYPES
from schemas.sections import Category
from schemas.sharing import (
    Authority,
    DirectiveKind,
    Purpose,
    RestrictionKind,
    Scope,
    StandingKind,
)

NOW = dt.datetime(2026, 3, 2, 9, 30, tzinfo=dt.UTC)
AGENCIES = ("oak-school", "trust-paeds", "council-care")
UNKNOWN_TYPES = ("health.report-available.v9", "nobody.knows-this.v1")
UNKNOWN_FIELD = "invented_field"
PURPOSES = (Purpose.EHC_PLAN, Purpose.SAFEGUARDING, Purpose.CHILD_PROTECTION)


def _moments(*hours: int) -> st.SearchStrategy[dt.datetime]:
    return st.sampled_from([NOW + dt.timedelta(hours=h) for h in hours])


_BEGINNINGS = _moments(-48, -48, -49, -49, -50, -1, 0, 1)
_ENDS = st.none() | st.none() | _moments(48, 48, 1, 0, -1)
_WITHDRAWALS = st.sampled_from(
    [None] * 6 + [NOW + dt.timedelta(hours=h) for h in (-47, -24, -1, 0, 1)]
)
_LIKELY = (DirectiveKind.CONSENT, DirectiveKind.CONSENT, DirectiveKind.REFUSAL)
_MOSTLY = (Authority.PARENTAL_RESPONSIBILITY, Authority.YOUNG_PERSON) * 2
_RESTRICTERS = [Authority.PROFESSIONAL, Authority.COURT, *Authority]
_PEOPLE = ("mother", "mother", "father", "council")
_KINDS = st.sampled_from([None, *OrganisationType])
_SENDERS = (
    ("trust-paeds",),
    ("trust-paeds", "council-care"),
    ("trust-paeds", "trust-paeds"),  # named twice: must not count twice
    ("council-care",),
)
_RECEIVERS = (
    ("oak-school",),
    ("council-care", "oak-school"),
    ("oak-school", "oak-school"),
    ("council-care",),
)
_EVENT_TYPES = (*EVENT_TYPES, *UNKNOWN_TYPES)

BASES = (
    LawfulBasis(article_6=Article6.PUBLIC_TASK, confidentiality=ConfidentialityBasis.LEGAL_DUTY),
    LawfulBasis(
        article_6=Article6.LEGAL_OBLIGATION,
        article_9=Article9.SUBSTANTIAL_PUBLIC_INTEREST,
        schedule_1="para 18(1)(c)(iii)",
        confidentiality=ConfidentialityBasis.IMPLIED_CONSENT,
        gate="Children Act 2004 s.11",
    ),
    LawfulBasis(
        article_6=Article6.RECOGNISED_LEGITIMATE_INTERESTS,
        confidentiality=ConfidentialityBasis.NOT_CONFIDENTIAL,
    ),
    LawfulBasis(
        article_6=Article6.VITAL_INTERESTS, confidentiality=ConfidentialityBasis.PUBLIC_INTEREST
    ),
)
CONSENT_BASES = (
    LawfulBasis(article_6=Article6.CONSENT, confidentiality=ConfidentialityBasis.NOT_CONFIDENTIAL),
    LawfulBasis(
        article_6=Article6.PUBLIC_TASK,
        article_9=Article9.EXPLICIT_CONSENT,
        confidentiality=ConfidentialityBasis.LEGAL_DUTY,
    ),
    LawfulBasis(
        article_6=Article6.PUBLIC_TASK,
        article_9=Article9.HEALTH_OR_SOCIAL_CARE,
        confidentiality=ConfidentialityBasis.CONSENT,
    ),
)


@dataclass(frozen=True, slots=True)
class World:
    """Everything a few decisions about events of one type are made from."""

    agreements: tuple[Agreement, ...]
    directives: tuple[Directive, ...]
    questions: tuple[Question, ...]


def sections_of(event_type: str) -> dict[Category, list[str]]:
    """Name the fields that events of a type may hold; for an unknown type, those of a known one."""
    known = event_type if event_type in EVENT_TYPES else "health.report-available.v1"
    return {c: list(m.model_fields) for c, m in EVENT_TYPES[known].sections.items()}


@st.composite
def rules(draw: st.DrawFn, name: str, event_type: str, bases: tuple[LawfulBasis, ...]) -> Rule:
    """Make one rule that mostly speaks about events of a type."""
    fields: dict[Category, tuple[str, ...]] = {}
    existence: list[Category] = []
    for category, known in {**sections_of(event_type), Category.SAFEGUARDING: ["note"]}.items():
        how = draw(st.sampled_from(["all", "some", "both", "all", "existence", "none"]))
        if how in ("all", "both"):
            fields[category] = (*known, UNKNOWN_FIELD)
        elif how == "some":
            some = draw(st.lists(st.sampled_from(known), min_size=1, max_size=3))
            fields[category] = tuple(some)
        if how in ("existence", "both"):
            existence.append(category)
    if not fields and not existence:
        existence.append(Category.HEALTH)
    others = st.sampled_from(
        [(event_type,), (event_type,), (event_type, event_type), ("care.case-closed.v1",)]
    )
    return Rule(
        id=name,
        sources=draw(st.sampled_from(_SENDERS)),
        recipients=draw(st.sampled_from(_RECEIVERS)),
        event_types=draw(others),
        fields=fields,
        existence=tuple(existence),
        purpose=draw(st.sampled_from(PURPOSES)),
        basis=draw(st.sampled_from(bases)),
        involvement=draw(st.sampled_from(Involved)),
        recipient_kinds=draw(st.sampled_from([(), (), (OrganisationType.EDUCATION,)])),
        consent_from=draw(st.sampled_from(_ACCEPTED)),
        **draw(_periods),
    )


_ACCEPTED: list[tuple[ConsentRecorder, ...]] = [
    (),
    (),
    (ConsentRecorder.SOURCE,),
    (ConsentRecorder.SOURCE, ConsentRecorder.COUNCIL),
    (ConsentRecorder.RECIPIENT,),
    (ConsentRecorder.OTHER,),
]
_PERIODS: list[dict[str, dt.datetime]] = [
    {"valid_from": NOW - dt.timedelta(hours=1)},
    {"valid_from": NOW + dt.timedelta(hours=1)},
    {"valid_until": NOW},
    {"valid_until": NOW + dt.timedelta(hours=1)},
]
_periods = st.sampled_from([{}] * 12 + _PERIODS)


@st.composite
def prohibitions(draw: st.DrawFn, name: str, event_type: str) -> Prohibition:
    """Make one prohibition that mostly meets events of a type."""
    known = sections_of(event_type)
    category = draw(st.sampled_from(list(known)))
    how = draw(st.sampled_from(["content", "fields", "existence"]))
    some = st.lists(st.sampled_from(known[category]), min_size=1, max_size=3)
    return Prohibition(
        id=name,
        sources=draw(st.sampled_from([(), ("trust-paeds",), ("council-care",)])),
        recipients=draw(st.sampled_from([(), ("oak-school",), ("council-care",)])),
        recipient_kinds=draw(st.sampled_from([(), (), (OrganisationType.EDUCATION,)])),
        event_types=draw(st.sampled_from([(), (event_type,), ("care.case-closed.v1",)])),
        purposes=draw(st.sampled_from([(), PURPOSES[:1], PURPOSES[1:]])),
        content=(category,) if how == "content" else (),
        fields={category: tuple(draw(some))} if how == "fields" else {},
        existence=(category,) if how == "existence" else (),
        **draw(_periods),
    )


@st.composite
def agreements(
    draw: st.DrawFn, event_type: str, bases: tuple[LawfulBasis, ...] = BASES + CONSENT_BASES
) -> tuple[Agreement, ...]:
    """Make up to three agreements, some of them versions of one, in force or not."""
    one, two, three = ("ehc", 1), ("ehc", 2), ("early-help", 1)
    chosen = draw(st.sampled_from([(one,), (one, three), (two, one), (three, two, one), ()]))
    made = []
    for name, version in chosen:
        start = draw(_BEGINNINGS)
        length = draw(st.sampled_from([480, 480, 480, 49, 48, 1]))
        count = draw(st.sampled_from([1, 2, 2, 3, 0]))
        bans = draw(st.sampled_from([0, 0, 0, 1, 2]))
        endless = draw(st.sampled_from([False, False, False, True]))
        made.append(
            Agreement(
                id=name,
                version=version,
                title="Sharing for education, health and care plans",
                parties=AGENCIES,
                approved_by="Head of information governance",
                approved_on=dt.date(2026, 1, 5),
                valid_from=start,
                valid_until=None if endless else start + dt.timedelta(hours=length),
                review_on=dt.date(2027, 1, 5) if endless else None,
                dpia="DPIA-1",
                rules=tuple(draw(rules(f"rule-{n}", event_type, bases)) for n in range(count)),
                prohibitions=tuple(draw(prohibitions(f"ban-{n}", event_type)) for n in range(bans)),
            )
        )
    return tuple(made)


@st.composite
def scopes(draw: st.DrawFn, event_type: str) -> Scope:
    """Make a scope: everything, or limited in some ways."""
    known = tuple(sections_of(event_type))
    agencies = [(), ("oak-school",), ("oak-school", "council-care"), ("council-care",)]
    return Scope(
        categories=draw(st.sampled_from([(), known[-1:], known[-2:], known, known[:1]])),
        recipients=draw(st.sampled_from(agencies)),
        purposes=draw(st.sampled_from([(), PURPOSES[:1], PURPOSES[:2], PURPOSES])),
    )


@st.composite
def directive(
    draw: st.DrawFn, name: str, event_type: str, kinds: tuple[DirectiveKind, ...] = ()
) -> Directive:
    """Make one directive of any kind, authority, scope, period and fate."""
    kind = draw(st.sampled_from(kinds or (*_LIKELY, *DirectiveKind)))
    restricts = kind is DirectiveKind.RESTRICTION
    guards = st.sampled_from([RestrictionKind.ADDRESS, *RestrictionKind, None])
    wide = st.just(Scope())
    return Directive(
        id=name,
        child="child-1",
        kind=kind,
        authority=draw(st.sampled_from(_RESTRICTERS if restricts else [*_MOSTLY, *Authority])),
        decider=draw(st.sampled_from(_PEOPLE)),
        scope=draw(wide | scopes(event_type)),
        valid_from=draw(_BEGINNINGS),
        valid_until=draw(_ENDS),
        recorded_at=draw(_moments(-48, -48, -47, -24, -1, 1)),
        recorded_by=draw(st.sampled_from(["", "trust-paeds", "oak-school", "council-care", "x"])),
        confirmed=draw(st.sampled_from([True] * 7 + [False])),
        withdrawn_at=draw(_WITHDRAWALS),
        restriction=draw(guards) if restricts else None,
        allowed_purposes=draw(st.sampled_from([(), PURPOSES[:1], PURPOSES])) if restricts else (),
        upheld=draw(st.booleans()),
    )


@st.composite
def directives(draw: st.DrawFn, event_type: str, most: int = 6) -> tuple[Directive, ...]:
    """Make a few directives."""
    count = draw(st.sampled_from([2, 3, 4, 5, most, 1, 0]))
    return tuple(draw(directive(f"d{n}", event_type)) for n in range(count))


@st.composite
def facts(draw: st.DrawFn, name: str) -> StandingFact:
    """Make one fact about who may decide."""
    kind = draw(st.sampled_from(StandingKind))
    about_child = kind is StandingKind.COMPETENCE or (
        kind is StandingKind.LACK_OF_CAPACITY and draw(st.booleans())
    )
    return StandingFact(
        id=name,
        kind=kind,
        person=None if about_child else draw(st.sampled_from(_PEOPLE)),
        valid_from=draw(_moments(-60, -48, -30, -24, -12, 0, 1)),
        valid_until=draw(st.none() | st.none() | _moments(-30, -24, -12, 0, 1)),
        scope=draw(st.sampled_from([Scope(), Scope(), Scope(categories=(Category.HEALTH,))])),
    )


@st.composite
def children(draw: st.DrawFn) -> ChildStanding:
    """Make a child's standing: of any age, with a few facts."""
    age = draw(st.sampled_from([9, 9, 15, 16, 17, 19]))
    count = draw(st.sampled_from([0, 0, 1, 2, 3]))
    return ChildStanding(
        young_person=age >= 16,
        over_school_age=age >= 17 or (age >= 15 and draw(st.booleans())),
        adult=age >= 18,
        competent=draw(st.sampled_from([False] * 4 + [True])),
        guarded=draw(st.sampled_from([False, False, True])),
        early=tuple(sorted(draw(st.sets(st.sampled_from(["d0", "d1", "d2", "d3"]))))),
        facts=tuple(draw(facts(f"f{n}")) for n in range(count)),
    )


@st.composite
def questions(draw: st.DrawFn, event_type: str) -> Question:
    """Ask about an event of a type, with any of its sections, and at times a stray one or field."""
    shapes = []
    known = sections_of(event_type)
    stray = draw(st.sampled_from([(), (), (), (Category.SAFEGUARDING,)]))
    dropped = draw(st.sampled_from([None, None, None, *known]))
    wanted = dict.fromkeys([c for c in known if c is not dropped] + list(stray))
    for category in wanted:
        names = [*known.get(category, []), UNKNOWN_FIELD]
        some = st.lists(st.sampled_from(names), unique=True, max_size=4)
        held = draw(st.just(names) | some)
        hidden = draw(st.sampled_from([(), (), (), (names[0],), tuple(names[:2])]))
        shapes.append(
            SectionShape(category=category, fields=tuple(sorted(held)), do_not_disclose=hidden)
        )
    flag = st.booleans()
    child = draw(children())
    return Question(
        event_type=event_type,
        source=draw(st.sampled_from(["trust-paeds"] * 5 + ["council-care"])),
        recipient=draw(st.sampled_from(["oak-school"] * 5 + ["council-care"])),
        sections=tuple(shapes),
        involved=draw(st.sampled_from([True, True, False])),
        addressed=draw(flag),
        override=draw(st.sampled_from([False, False, True])),
        child=child,
        recipient_kind=draw(_KINDS),
        own_favour=draw(flag),
        councils=draw(st.sampled_from([(), ("council-care",)])),
    )


event_types = st.sampled_from(_EVENT_TYPES)


@st.composite
def worlds(
    draw: st.DrawFn,
    bases: tuple[LawfulBasis, ...] = BASES + CONSENT_BASES,
    kinds: st.SearchStrategy[str] = event_types,
) -> World:
    """Make agreements, directives and four questions about events of one type."""
    event_type = draw(kinds)
    return World(
        agreements=draw(agreements(event_type, bases)),
        directives=draw(directives(event_type)),
        questions=tuple(draw(questions(event_type)) for _ in range(4)),
    )
