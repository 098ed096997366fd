"""The demo's story: its files are read, and between them they show every reason there is."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

import pytest

from adapters.contract import AgencySystem, Document, Translation, translate
from consent.reasons import Reason, ReviewCause
from hub.demo.borough import Drop, drops, hub_toml
from hub.demo.borough.people import children
from hub.foundation.settings import Settings
from hub.journey.decisions import RecipientDecision
from hub.journey.pipeline import (
    DecidedEvent,
    EventFate,
    RefusedInput,
    UnidentifiedEvent,
    Verdict,
)
from hub.runtime.plugins import load_adapter
from schemas.event import Event, View
from schemas.sharing import Authority, DirectiveKind, DirectiveRecorded, RestrictionKind
from tests.examples.world import World

TODAY = dt.date(2026, 11, 23)
NOW = dt.datetime(2026, 11, 23, 9, tzinfo=dt.UTC)
EVENTS = {1: 40, 2: 18, 3: 49, 4: 24, 5: 19, 6: 10, 7: 13, 8: 7, 9: 10}
REFUSED = {
    "entity-attack.xml": "doctype-forbidden",
    "broken-header.hl7": "not-hl7",
    "empty.json": "empty-input",
    "unknown-type.csv": "unknown-type",
}
QUARANTINED = {
    "unknown-child.csv": "child-unknown",
    "not-theirs.csv": "type-not-allowed",
    "no-such-directive.csv": "directive-unknown",
    "tomorrow.csv": "from-the-future",
}
HELD = {
    "8992001_CTF_899LLLL_301.xml": ReviewCause.POSSIBLE_MATCH,
    "MSG000117.hl7": ReviewCause.POSSIBLE_MATCH,
    "audiology-0420.json": ReviewCause.POSSIBLE_MATCH,
    "other-spelling.hl7": ReviewCause.POSSIBLE_MATCH,
    "two-children.csv": ReviewCause.IDENTITY_CONFLICT,
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """One event of the story, the file it came in, and what the hub made of it."""

    drop: Drop
    event: Event
    verdict: Verdict

    @property
    def answers(self) -> tuple[RecipientDecision, ...]:
        """The decisions, if the event was decided."""
        return self.verdict.decisions.answers if isinstance(self.verdict, DecidedEvent) else ()

    @property
    def reviews(self) -> tuple[ReviewCause, ...]:
        """The causes of the reviews that the event opens."""
        if isinstance(self.verdict, UnidentifiedEvent):
            return (self.verdict.doubt.cause,)
        return self.verdict.decisions.reviews if isinstance(self.verdict, DecidedEvent) else ()


@cache
def settings() -> Settings:
    return Settings(**tomllib.loads(hub_toml()))


@cache
def translations() -> tuple[tuple[Drop, Translation], ...]:
    """Read every file of the story with its own adapter, in order."""
    return tuple((drop, _translated(drop)) for drop in drops(TODAY))


def _translated(drop: Drop) -> Translation:
    chosen = settings().adapters[drop.adapter]
    adapter = load_adapter(chosen.adapter)
    document = Document(drop.body, NOW, adapter.suffix)
    return translate(adapter.format, document, AgencySystem(chosen.agency, chosen.settings))


@cache
def story() -> tuple[Outcome, ...]:
    """Play the whole story in memory, in order."""
    return _played(translations())


def _played(order: Iterable[tuple[Drop, Translation]]) -> tuple[Outcome, ...]:
    world = World(settings().directory())
    return tuple(
        Outcome(drop, event, world.take(event, NOW))
        for drop, translation in order
        for event in translation.events
    )


def _view(child: str, kind: str, recipient: str, wave: int) -> View | None:
    """What a recipient was shown of a child's last event of a type in a wave."""
    given = children(TODAY)[child].given_name
    found = [
        answer.view
        for outcome in story()
        if outcome.drop.wave == wave
        and outcome.event.kind.name == kind
        and outcome.event.identity.given_name == given
        for answer in outcome.answers
        if answer.question.recipient == recipient
    ]
    assert found, (child, kind, recipient)
    return found[-1]


def _reasons() -> Counter[Reason]:
    sections = [part for o in story() for answer in o.answers for part in answer.decision.sections]
    findings = (finding.reason for part in sections for finding in part.findings)
    fields = (reason for part in sections for reason in part.refused.values())
    return Counter([*findings, *fields])


def test_settings_are_valid_and_every_agency_has_one_outlet() -> None:
    """The settings load; each agency has exactly one adapter that writes."""
    loaded = settings()
    assert set(loaded.directory().agencies) == {a.agency for a in loaded.adapters.values()}
    out = Counter(a.agency for a in loaded.adapters.values() if a.direction != "in")
    assert set(out.values()) == {1}
    assert len(out) == 5
    assert ':4711"' in hub_toml(mllp_port=4711)


@pytest.mark.parametrize("wave", sorted(EVENTS))
def test_every_wave_has_its_events(wave: int) -> None:
    """The real adapters find the expected number of events in the wave."""
    found = sum(len(t.events) for drop, t in translations() if drop.wave == wave)
    assert found == EVENTS[wave]


def test_only_the_bad_files_are_refused() -> None:
    """A good file is translated without any refusal; a bad one with its code."""
    refused = {
        drop.name: {r.fault.value for r in t.refused} for drop, t in translations() if t.refused
    }
    assert refused == {name: {code} for name, code in REFUSED.items()}


def test_what_is_quarantined_has_its_fault() -> None:
    """Readable events that the hub will not take are kept with the reason."""
    found = {o.drop.name: o.verdict.fault for o in story() if isinstance(o.verdict, RefusedInput)}
    assert {n: f.value for n, f in found.items() if f} == QUARANTINED


def test_what_is_held_has_its_doubt() -> None:
    """Events about a child of uncertain identity wait for a person."""
    held = [
        (o.drop.name, o.verdict.doubt.cause)
        for o in story()
        if isinstance(o.verdict, UnidentifiedEvent)
    ]
    assert dict(held) == HELD
    assert len(held) == 5


def test_what_is_sent_twice_is_taken_once() -> None:
    """The repeated message is a duplicate, and everything else is decided."""
    fates = Counter(o.verdict.fate for o in story())
    assert fates == {
        EventFate.DECIDED: 180,
        EventFate.HELD: 5,
        EventFate.QUARANTINED: 4,
        EventFate.DUPLICATE: 1,
    }


def test_every_kind_of_directive_is_there() -> None:
    """Each kind, authority and restriction; one that ended, one to come, two withdrawn."""
    directives = [s for o in story() if (s := o.event.section(DirectiveRecorded))]
    assert {s.kind for s in directives} == set(DirectiveKind)
    assert {s.authority for s in directives} == set(Authority)
    assert {s.restriction for s in directives if s.restriction} == set(RestrictionKind)
    assert any(s.valid_until and s.valid_until < NOW for s in directives)
    assert any(s.valid_from and s.valid_from > NOW for s in directives)
    accepted = [o.verdict for o in story() if isinstance(o.verdict, DecidedEvent)]
    assert sum(verdict.withdrawn is not None for verdict in accepted) == 2


def test_the_story_shares_and_withholds_for_many_reasons() -> None:
    """Permits and refusals are of the same order, and a reader meets most reasons there are."""
    answers = [a for o in story() for a in o.answers]
    permitted = sum(a.view is not None for a in answers)
    assert permitted >= 100
    assert len(answers) - permitted >= 80
    assert set(Reason) - set(_reasons()) == {
        Reason.AGREEMENT_NOT_YET,
        Reason.OBJECTION_UPHELD,  # until a person upholds it
        Reason.DO_NOT_DISCLOSE,
        # The borough's agreements have no prohibitions, and no rule with a period of its own.
        Reason.RULE_FORBIDS,
        Reason.RULE_EXPIRED,
        Reason.RULE_NOT_YET,
        Reason.CONSENT_UNCONFIRMED,
        Reason.AUTHORITY_LAPSED,
    }


def test_the_story_opens_every_review() -> None:
    """Each cause for a person to look occurs."""
    rare = {ReviewCause.CONSENT_TO_CONFIRM, ReviewCause.AUTHORITY_LAPSED}
    assert {cause for o in story() for cause in o.reviews} == set(ReviewCause) - rare


def test_within_a_wave_it_does_not_matter_who_is_quicker() -> None:
    """Each system's files before or after the others' of the wave: the same is shared."""
    slow_last = sorted(translations(), key=lambda t: (t[0].wave, t[0].adapter))
    slow_first = sorted(slow_last, key=lambda t: t[0].adapter, reverse=True)
    slow_first.sort(key=lambda t: t[0].wave)

    def shared(outcomes: Iterable[Outcome]) -> set[tuple[str, str, str, bool]]:
        return {
            (o.event.id, o.verdict.fate, a.question.recipient, a.view is None)
            for o in outcomes
            for a in o.answers
        }

    assert shared(_played(slow_last)) == shared(_played(slow_first)) == shared(story())


def test_every_view_can_be_written_by_its_recipients_adapter() -> None:
    """Whatever is shared has words in the recipient's own format."""
    out: Mapping[str, str] = {
        a.agency: name for name, a in settings().adapters.items() if a.direction != "in"
    }
    for outcome in story():
        for answer in outcome.answers:
            if answer.view:
                chosen = settings().adapters[out[answer.question.recipient]]
                speaker = AgencySystem(chosen.agency, chosen.settings)
                assert load_adapter(chosen.adapter).format.write(answer.view, speaker).body


def test_maya_is_followed_until_her_mother_changes_her_mind() -> None:
    """The school sees her appointment while consent holds, and nothing once it is withdrawn."""
    kind, school = "health.appointment-changed", "oakfield-primary"
    before = _view("maya", kind, school, 4)
    assert before
    shown = {c.value: sorted(s.present()) for c, s in before.sections.items()}
    assert shown == {
        "health": ["end", "start", "status"],
        "identity": ["birth_date", "family_name", "given_name"],
    }
    assert _view("maya", kind, school, 9) is None


def test_mayas_plan_goes_to_each_in_its_own_part() -> None:
    """School, health and care each get their sections; the other school learns nothing."""
    seen = {
        agency: _view("maya", "ehc.ehc-plan-issued", agency, 8)
        for agency in (
            "oakfield-primary",
            "northmoor-community-nhs",
            "northmoor-social-care",
            "elm-park-academy",
        )
    }
    parts = {a: sorted(v.sections) if v else None for a, v in seen.items()}
    assert parts == {
        "oakfield-primary": ["care", "health", "identity", "sen"],
        "northmoor-community-nhs": ["health", "identity", "sen"],
        "northmoor-social-care": ["care", "identity", "sen"],
        "elm-park-academy": None,
    }


def test_an_override_tells_the_school_what_a_plan_without_one_does_not() -> None:
    """Kofi's school gets the content, Molly's only that there is a plan."""
    kofi = _view("kofi", "care.plan-changed", "oakfield-primary", 7)
    molly = _view("molly", "care.plan-changed", "elm-park-academy", 7)
    assert kofi
    assert "care" in kofi.sections
    assert molly
    assert "care" not in molly.sections
    assert molly.existence == ("care",)
