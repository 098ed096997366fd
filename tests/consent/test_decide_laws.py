"""Laws of the decision that hold whatever the agreements, the directives and the question are."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterable

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from consent.agreement import Agreement
from consent.decide import PARTICULARS, decide
from consent.decision import Decision, Sharing
from consent.directive import Directive
from consent.minimise import minimise
from consent.question import Question, shape_of
from consent.reasons import Reason
from consent.rulebook import RuleBook
from schemas.event import Event, make_event
from schemas.fields import Whereabouts, whereabouts_of
from schemas.identifiers import nhs_number
from schemas.people import Address, Contact, ContactPoint, Family, Identity
from schemas.registry import EVENT_TYPES
from schemas.sections import Category
from schemas.sharing import Authority, DirectiveKind
from tests.consent import strategies as made
from tests.consent.strategies import NOW, World

LAW = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
        HealthCheck.filter_too_much,
    ],
)
REGISTERED = st.sampled_from(list(EVENT_TYPES))
_LEVEL = {Sharing.WITHHELD: 0, Sharing.EXISTENCE: 1, Sharing.CONTENT: 2}


def answers(
    world: World,
    agreements: Iterable[Agreement] | None = None,
    directives: Iterable[Directive] | None = None,
) -> list[Decision]:
    """Decide all questions of a world, with other agreements or directives where given."""
    book = RuleBook(world.agreements if agreements is None else agreements)
    said = tuple(world.directives if directives is None else directives)
    return [decide(question, book, said, NOW) for question in world.questions]


def is_no_wider(after: Decision, before: Decision) -> bool:
    """Whether a decision shares nothing that another does not."""
    return all(
        _LEVEL[a.sharing] <= _LEVEL[b.sharing] and a.fields.keys() <= b.fields.keys()
        for a, b in zip(after.sections, before.sections, strict=True)
    )


def grants(decision: Decision) -> set[tuple[Category, str]]:
    """Name every field a decision shares."""
    return {(s.category, name) for s in decision.sections for name in s.fields}


@LAW
@given(made.worlds())
def test_without_an_agreement_nothing_is_shared(world: World) -> None:
    """No agreement, nothing permitted, whatever was consented to."""
    for decision in answers(world, agreements=()):
        assert not decision.permitted
        reasons = {f.reason for s in decision.sections for f in s.findings}
        assert reasons <= {Reason.NO_AGREEMENT}


@LAW
@given(made.worlds())
def test_agreements_without_rules_share_nothing(world: World) -> None:
    """An agreement with an empty list of rules permits nothing."""
    empty = [a.model_copy(update={"rules": ()}) for a in world.agreements]
    assert not any(d.permitted for d in answers(world, agreements=empty))


@LAW
@given(made.worlds())
def test_no_field_is_shared_that_no_rule_names(world: World) -> None:
    """What is shared lies within the union of the fields of the rules it cites."""
    rules = {f"{a.id}@{a.version}/{r.id}": r for a in world.agreements for r in a.rules}
    for decision in answers(world):
        for section in decision.sections:
            for name, cited in section.fields.items():
                assert cited
                assert all(name in rules[c].fields[section.category] for c in cited)


@LAW
@given(made.worlds())
def test_no_field_is_shared_that_the_event_does_not_have(world: World) -> None:
    """What is shared was in the shape that was asked about, and in its schema."""
    for question, decision in zip(world.questions, answers(world), strict=True):
        held = {(s.category, name) for s in question.sections for name in s.fields}
        assert grants(decision) <= held
        assert made.UNKNOWN_FIELD not in {name for _, name in grants(decision)}


@LAW
@given(made.worlds(kinds=st.sampled_from(["care.plan-changed.v1", "ehc.ehc-plan-issued.v1"])))
def test_a_field_that_is_never_shared_is_never_granted(world: World) -> None:
    """A placement's postcode is withheld though a rule names it."""
    for decision in answers(world):
        assert (Category.CARE, "placement_postcode") not in grants(decision)


@LAW
@given(made.worlds())
def test_a_field_marked_do_not_disclose_is_never_granted(world: World) -> None:
    """What the sender marked is withheld though a rule names it."""
    for question, decision in zip(world.questions, answers(world), strict=True):
        marked = {(s.category, name) for s in question.sections for name in s.do_not_disclose}
        assert not grants(decision) & marked


@LAW
@given(made.worlds(kinds=REGISTERED))
def test_nothing_that_locates_a_guarded_child_is_granted(world: World) -> None:
    """A guarded child's address, telephone, GP and the like are withheld."""
    for question in world.questions:
        guarded = question.child.model_copy(update={"guarded": True})
        asked = question.model_copy(update={"child": guarded})
        decision = decide(asked, RuleBook(world.agreements), world.directives, NOW)
        kinds = EVENT_TYPES[asked.event_type].sections
        assert not [
            (category, name)
            for category, name in grants(decision)
            if whereabouts_of(kinds[category], name) is Whereabouts.LOCATES
        ]


@LAW
@given(made.worlds(bases=made.CONSENT_BASES), st.data())
def test_a_refusal_never_widens_what_rests_on_consent(world: World, data: st.DataObject) -> None:
    """Any refusal more, by anyone and about anything, shares no more than before."""
    kind = world.questions[0].event_type
    refusal = data.draw(made.directive("new", kind, (DirectiveKind.REFUSAL,)))
    for before, after in zip(
        answers(world), answers(world, directives=(*world.directives, refusal)), strict=True
    ):
        assert is_no_wider(after, before)


@LAW
@given(made.worlds(bases=made.CONSENT_BASES))
def test_a_refusal_of_everything_by_a_court_ends_all_that_rests_on_consent(world: World) -> None:
    """Where no court spoke before, a court's wide refusal leaves only overrides."""
    refusal = Directive(
        id="order",
        child="child-1",
        kind=DirectiveKind.REFUSAL,
        authority=Authority.COURT,
        decider="court",
        valid_from=NOW,
        recorded_at=NOW,
    )
    others = [d for d in world.directives if d.authority is not Authority.COURT]
    for decision in answers(world, directives=(*others, refusal)):
        reasons = {f.reason for s in decision.shared() for f in s.findings if f.reason.permits}
        assert reasons <= {Reason.OVERRIDE}


@LAW
@given(made.worlds(), st.data())
def test_a_restriction_never_widens(world: World, data: st.DataObject) -> None:
    """One restriction more shares no more than before, whatever it lets through."""
    kind = world.questions[0].event_type
    restriction = data.draw(made.directive("new", kind, (DirectiveKind.RESTRICTION,)))
    for before, after in zip(
        answers(world), answers(world, directives=(*world.directives, restriction)), strict=True
    ):
        assert is_no_wider(after, before)


@LAW
@given(made.worlds(), st.data())
def test_withdrawing_a_consent_never_widens(world: World, data: st.DataObject) -> None:
    """A consent that is withdrawn now shares no more than while it held."""
    consents = [d for d in world.directives if d.kind is DirectiveKind.CONSENT]
    assume(consents)
    chosen = data.draw(st.sampled_from(consents))
    ended = [
        d.model_copy(update={"withdrawn_at": NOW}) if d.id == chosen.id else d
        for d in world.directives
    ]
    for before, after in zip(answers(world), answers(world, directives=ended), strict=True):
        assert is_no_wider(after, before)


@LAW
@given(made.worlds(bases=made.CONSENT_BASES))
def test_when_every_consent_is_withdrawn_only_overrides_share(world: World) -> None:
    """Nothing that rests on consent outlives the last consent."""
    ended = [d.model_copy(update={"withdrawn_at": NOW}) for d in world.directives]
    for decision in answers(world, directives=ended):
        reasons = {f.reason for s in decision.shared() for f in s.findings if f.reason.permits}
        assert reasons <= {Reason.OVERRIDE}


@LAW
@given(made.worlds())
def test_an_agreement_out_of_its_time_never_permits(world: World) -> None:
    """Expired and future agreements share nothing."""
    day = dt.timedelta(days=1)
    for start, end in ((NOW - day, NOW), (NOW + dt.timedelta(microseconds=1), NOW + day)):
        update = {"valid_from": start, "valid_until": end}
        late = [a.model_copy(update=update) for a in world.agreements]
        assert not any(d.permitted for d in answers(world, agreements=late))


@LAW
@given(made.worlds(kinds=st.sampled_from(made.UNKNOWN_TYPES)))
def test_an_unknown_event_type_shares_nothing(world: World) -> None:
    """Of a type nobody registered not even the existence is shared, though a rule names it."""
    assert not any(d.permitted for d in answers(world))


@LAW
@given(made.worlds())
def test_the_decision_is_total_and_always_the_same(world: World) -> None:
    """Every section asked about is answered with a reason, twice alike."""
    first, second = answers(world), answers(world)
    assert first == second
    for question, decision in zip(world.questions, first, strict=True):
        assert [s.category for s in decision.sections] == [s.category for s in question.sections]
        assert all(s.findings for s in decision.sections)
        assert Decision.model_validate_json(decision.model_dump_json()) == decision


@LAW
@given(made.worlds())
def test_every_field_is_accounted_for_where_a_section_is_weighed(world: World) -> None:
    """A shared section's fields are each either shared or refused with a reason, never both."""
    for question, decision in zip(world.questions, answers(world), strict=True):
        for shape, section in zip(question.sections, decision.sections, strict=True):
            assert not section.fields.keys() & section.refused.keys()
            if section.sharing is not Sharing.WITHHELD:
                assert section.fields.keys() | section.refused.keys() == set(shape.fields)


@LAW
@given(made.worlds(), st.randoms(use_true_random=False))
def test_the_order_of_agreements_and_directives_does_not_matter(
    world: World, chance: random.Random
) -> None:
    """Shuffled agreements and directives give the same decision, citations included."""
    agreements, said = list(world.agreements), list(world.directives)
    chance.shuffle(agreements)
    chance.shuffle(said)
    assert answers(world, agreements=agreements, directives=said) == answers(world)


@LAW
@given(made.worlds())
def test_particulars_alone_are_never_delivered(world: World) -> None:
    """Whatever is permitted has something besides identity, contact and family."""
    for decision in answers(world):
        if decision.permitted:
            assert {s.category for s in decision.shared()} - PARTICULARS


@LAW
@given(made.worlds())
def test_a_section_with_a_permitting_reason_alone_is_ever_shared(world: World) -> None:
    """Nothing is shared without a reason that permits and the rule that does."""
    for decision in answers(world):
        for section in decision.shared():
            assert [f for f in section.findings if f.reason.permits and f.rule and f.basis]


EVENT = make_event(
    "health.report-available.v1",
    "trust-paeds",
    NOW,
    [
        Identity(nhs_number=nhs_number("999 054 8609"), family_name="Ash", given_name="Robin"),
        Contact(address=Address(postcode="ZZ99 3WZ"), email="a@example.invalid", gp_practice="Y00"),
        Family(contact_points=(ContactPoint(ref="m", same_address_as_child=True),)),
        EVENT_TYPES["health.report-available.v1"]
        .sections[Category.HEALTH]
        .model_validate({"report_id": "r-1", "author": "Dr Elm", "issued_on": "2026-02-27"}),
    ],
    seed="laws",
)


def _asked(event: Event) -> Question:
    return Question(
        event_type=event.kind.key,
        source=event.source,
        recipient="oak-school",
        sections=shape_of(event),
        involved=True,
    )


@LAW
@given(made.agreements(EVENT.kind.key), made.directives(EVENT.kind.key), st.booleans())
def test_minimising_gives_exactly_what_was_granted(
    agreements: tuple[Agreement, ...], directives: tuple[Directive, ...], guarded: bool
) -> None:
    """The view holds the granted fields with their values, the granted existence, nothing else."""
    question = _asked(EVENT)
    child = question.child.model_copy(update={"guarded": guarded})
    question = question.model_copy(update={"child": child})
    decision = decide(question, RuleBook(agreements), directives, NOW)
    view = minimise(EVENT, decision, delivery_id="d-1", child="c-1", record="r-1")
    if view is None:
        assert not decision.permitted
        return
    assert {(c, n) for c, s in view.sections.items() for n in s.present()} == grants(decision)
    for category, section in view.sections.items():
        for name in section.present():
            assert getattr(section, name) == getattr(EVENT.sections[category], name)
    existing = {s.category for s in decision.sections if s.sharing is Sharing.EXISTENCE}
    assert set(view.existence) == existing
    assert view.purposes.keys() == view.sections.keys() | existing


def test_the_laws_are_not_empty() -> None:
    """The generated worlds do share content and existence, so that the laws speak of something."""
    seen: set[Sharing | bool] = set()

    @settings(LAW, max_examples=150, derandomize=True, database=None)
    @given(made.worlds())
    def look(world: World) -> None:
        for decision in answers(world):
            seen.update((decision.permitted, *(s.sharing for s in decision.sections)))

    look()
    assert seen == {True, False, *Sharing}
