"""The scenario ``withdrawal``: after a withdrawal, queued data can no longer be read.

    1. A school's system is down; the health trust's reports on its pupils wait in its queue.
    2. All families but one withdraw their consent.
    3. The school's system comes up and requests the keys.

Sections that need consent stay encrypted; sections of the same deliveries with another lawful basis
arrive. All numbers are counted from the ledger and the broker.
"""

from __future__ import annotations

import datetime as dt
import json
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import JsonValue

from consent.agreement_file import load_agreement
from consent.decision import Decision
from consent.reasons import Reason
from hub.bus import queue_depth
from hub.bus.address import HUB_ACCOUNT, account_url
from hub.bus.topology import agency_queue
from hub.casework.directives import recording
from hub.demo import stage as stages
from hub.demo.borough import Drop, drops
from hub.demo.borough.fhir import bundle
from hub.demo.borough.people import InventedChild, children
from hub.demo.borough.tables import data_file
from hub.demo.stage import DemoStuck, Stage
from hub.demo.story import Story, command
from hub.demo.summary import store_name
from hub.evidence.child_lookup import Sought
from hub.evidence.verification import verify_ledger
from hub.foundation.settings import load_settings
from hub.journey.entries.decisions import DecisionEntry
from hub.journey.entries.deliveries import ReceiptEntry, ReleaseEntry
from hub.journey.entries.directives import AgreementPublishedEntry, DirectiveWithdrawnEntry
from hub.journey.receipts import ReceiptOutcome
from hub.runtime.bootstrap import adapter_runs
from hub.runtime.supervisor import Supervisor
from schemas.counted import counted
from schemas.identifiers import System
from schemas.sections import Category
from schemas.sharing import Authority, DirectiveKind, DirectiveRecorded, Scope

SCHOOL, ADAPTER, TRUST_ADAPTER = "oakfield-primary", "oakfield-ctf", "northmoor-nhs-fhir"
PUPILS = 6
BY = "demo"
_DESCRIBED = (
    "Understands more than she can express. Needs therapy in class every week.",
    "Tires after sitting for twenty minutes. Needs a chair of the right height.",
    "Hears little on the left side. Needs a place near the teacher.",
)


@dataclass(frozen=True, slots=True)
class WithdrawalSummary:
    """The scenario's results, counted from the ledger and the broker."""

    queued: int
    released: int
    withheld: int
    others: int
    verified: bool


def play(folder: Path, *, once: bool, as_json: bool) -> int:
    """Play the scenario; returns 0 if nothing withdrawn was released and the rest arrived."""
    del once  # it always ends after the last step
    story, began = Story(quiet=as_json), time.monotonic()
    stage = _stage(folder)
    with Supervisor(stage.settings, stage.config, log_file=stage.log, console=False) as supervisor:
        facts = supervisor.facts()
        story.title("What is queued when consent is withdrawn")
        consents = _before(stage, supervisor, story)
        queued = _waiting(stage)
        staying = _withdraw(stage, story, consents, queued)
        with _system_up(stage):
            story.say(f"\n3. {SCHOOL}'s system comes up and requests the keys of all {queued}.")
            _until(lambda: _under_way(stage) == 0, stage, supervisor)
        outcome = _count(stage, queued, set(consents) - {staying})
    stage.hub.engine.dispose()
    _report(story, stage, outcome)
    if as_json:
        numbers = _numbers(outcome) | {
            "broker": f"{facts.product} {facts.version}",
            "store": store_name(stage.hub),
            "seconds": round(time.monotonic() - began, 1),
        }
        sys.stdout.write(json.dumps(numbers) + "\n")
    return 0 if outcome.verified and not outcome.released and outcome.others else 1


def _stage(folder: Path) -> Stage:
    """Make the borough's hub, whose one school can send but not yet receive."""
    stage = stages.build(folder)
    heading = f"[adapters.{ADAPTER}]"
    text = stage.config.read_text(encoding="utf-8")
    stage.config.write_text(text.replace(heading, f'{heading}\ndirection = "in"'), encoding="utf-8")
    stage.settings = load_settings(stage.config)
    agreement = load_agreement(data_file("scenarios/withdrawal.toml"), name="withdrawal.toml")
    with stage.hub.writing() as (work, lines):
        work.agreements.publish(agreement, work.now)
        lines.append(AgreementPublishedEntry.of(agreement, by="demo"))
    return stage


# -- (1) before the withdrawal


def _before(stage: Stage, supervisor: Supervisor, story: Story) -> Mapping[str, str]:
    """Register the pupils, record consents, have the trust send; returns each child's consent."""
    today = stages.today()
    pupils = [c for c in children(today).values() if c.school == SCHOOL and c.nhs_number][:PUPILS]
    for wanted in ("northmoor-send-extract", ADAPTER):
        for drop in drops(today):
            if (
                drop.adapter == wanted
                and drop.wave in {1, 3}
                and drop.name.endswith((".csv", ".xml"))
            ):
                stages.hand_in(stage, drop)
        _until(lambda: _quiet(stage), stage, supervisor)
    consents = dict(_consent(stage, pupil) for pupil in pupils)
    story.say(f"1. {len(pupils)} families consent to the health trust sharing with {SCHOOL}.")
    for pupil in pupils:
        stages.hand_in(stage, _news(pupil, today))
    _until(lambda: _quiet(stage), stage, supervisor)
    story.say("   The trust's clinical system hands in advice and an appointment for each of them.")
    return consents


def _consent(stage: Stage, pupil: InventedChild) -> tuple[str, str]:
    consent = DirectiveRecorded(
        kind=DirectiveKind.CONSENT,
        authority=Authority.PARENTAL_RESPONSIBILITY,
        decider_ref=f"parent of {pupil.la_child_id}",
        scope=Scope(recipients=(SCHOOL,)),
        evidence="Form 12",
    )
    lookup = Sought(pupil.nhs_number, System.NHS_NUMBER)
    directive = recording.record(stage.hub, lookup, consent, by=BY).directive
    return directive.child, directive.id


def _news(pupil: InventedChild, today: dt.date) -> Drop:
    """Write the trust's documents about one pupil: advice for the plan, and an appointment."""
    number = pupil.hospital_number
    # Yesterday: early in the morning, 07:00 today would be in the future, and be refused.
    yesterday = today - dt.timedelta(days=1)
    rows = [
        {
            "bundle": f"news-{number}",
            "resource": "Communication",
            "record": f"AD-{number}",
            "status": "completed",
            "sent": f"{yesterday}T07:00",
            "when": f"{today}",
            "reason": _DESCRIBED[int(number[-1]) % len(_DESCRIBED)],
        },
        {
            "bundle": f"news-{number}",
            "resource": "Appointment",
            "record": f"AP-{number}",
            "status": "booked",
            "sent": f"{yesterday}T07:00",
            "when": f"{today + dt.timedelta(days=7)}T09:00",
            "until": f"{today + dt.timedelta(days=7)}T09:45",
            "service": "310099002 Child physiotherapy service",
        },
    ]
    return Drop(TRUST_ADAPTER, f"news-{number}.json", bundle(rows, pupil), 1)


# -- (2) the withdrawal


def _withdraw(stage: Stage, story: Story, consents: Mapping[str, str], queued: int) -> str:
    """Withdraw all consents but the last; returns the child whose family does not withdraw."""
    *withdrawing, staying = consents
    story.say(f"   {SCHOOL}'s system is down: {queued} deliveries wait in its queue, sealed.\n")
    for child in withdrawing:
        recording.withdraw(stage.hub, consents[child], by=BY, evidence="By telephone")
    story.say(f"2. {len(withdrawing)} of the {len(consents)} families withdraw; one does not.")
    return staying


# -- (3) the release


@contextmanager
def _system_up(stage: Stage) -> Iterator[None]:
    """Run the school's adapter for deliveries."""
    stop = threading.Event()
    up = {ADAPTER: stage.settings.adapters[ADAPTER].model_copy(update={"direction": "out"})}
    runs = adapter_runs(stage.settings.model_copy(update={"adapters": up}), ADAPTER, stop)
    threads = [threading.Thread(target=run, name=name) for name, run in runs]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def _count(stage: Stage, queued: int, withdrew: set[str]) -> WithdrawalSummary:
    """Count the releases to the school about the children whose families withdrew."""
    by_consent: dict[str, set[Category]] = {}
    releases: list[ReleaseEntry] = []
    handed_over: set[str] = set()
    withdrawn: set[str] = set()
    with stage.hub.reading() as work:
        for row in work.ledger.rows():
            body = row.read()
            if isinstance(body, DecisionEntry) and body.recipient == SCHOOL:
                by_consent[body.event] = _by_consent(body.decision)
            elif isinstance(body, DirectiveWithdrawnEntry):
                withdrawn.add(body.child)
            elif isinstance(body, ReceiptEntry) and body.outcome is ReceiptOutcome.DELIVERED:
                handed_over.add(body.delivery)
            elif isinstance(body, ReleaseEntry) and body.recipient == SCHOOL:
                releases += [body] if body.child in withdrawn else []
    by_consent_alone = [set(body.released) & by_consent[body.event] for body in releases]
    partly = [b for b in releases if b.withheld and b.delivery in handed_over]
    return WithdrawalSummary(
        queued=queued,
        released=sum(map(len, by_consent_alone)),
        withheld=sum(bool(body.withheld) for body in releases),
        others=sum(len(body.released) for body in partly),
        verified=withdrawn == withdrew and verify_ledger(stage.hub).verified,
    )


def _by_consent(decision: Decision) -> set[Category]:
    """Return the sections of a decision that were shared by consent alone."""
    found = set()
    for section in decision.sections:
        reasons = {finding.reason for finding in section.findings}
        if Reason.CONSENT_GIVEN in reasons and Reason.BASIS_WITHOUT_CONSENT not in reasons:
            found.add(section.category)
    return found


def _numbers(outcome: WithdrawalSummary) -> dict[str, JsonValue]:
    return {
        "scenario": "withdrawal",
        "queued_before": outcome.queued,
        "released_after_withdrawal": outcome.released,
        "withheld_at_release": outcome.withheld,
        "other_sections_delivered": outcome.others,
        "ledger_verified": outcome.verified,
    }


def _report(story: Story, stage: Stage, outcome: WithdrawalSummary) -> None:
    story.say(
        f"   Sections that needed the withdrawn consents and were released: "
        f"[bold]{outcome.released}[/bold]."
    )
    story.say(f"   Deliveries that stayed encrypted in whole or part: {outcome.withheld}.")
    story.say(
        f"   Sections of the same deliveries that a legal duty requires, and that arrived: "
        f"{outcome.others}."
    )
    documents = [p for p in stages.outputs(stage) if SCHOOL in p.parts]
    story.say(
        f"   {counted(len(documents), 'document')} arrived in {SCHOOL}'s folder; those about "
        "the sixth family are complete."
    )
    story.say(
        f"Ledger: {'verified' if outcome.verified else '[red]NOT VERIFIED[/red]'}. For the "
        "reason of each decision, run"
    )
    story.say(f"  {command(stage)} audit tail")


# -- waiting


def _quiet(stage: Stage) -> bool:
    """Return whether every event is decided, and all deliveries but the school's have arrived."""
    counts = stages.tally(stage.hub)
    decided = sum(counts.get(state, 0) for state in ("decided", "held", "quarantined"))
    if not stages.files_taken(stage) or decided < len(stage.expected):
        return False
    with stage.hub.reading() as work:
        cards = [c for s in ("pending", "published") for c in work.deliveries.cards(state=s)]
    return all(c.recipient == SCHOOL and c.state == "published" for c in cards)


def _waiting(stage: Stage) -> int:
    name = agency_queue(SCHOOL)
    return queue_depth(account_url(stage.settings, HUB_ACCOUNT), [name])[name] or 0


def _under_way(stage: Stage) -> int:
    with stage.hub.reading() as work:
        return len(work.deliveries.cards(state="published", recipient=SCHOOL))


def _until(what: Callable[[], bool], stage: Stage, supervisor: Supervisor) -> None:
    deadline = time.monotonic() + stages.PATIENCE
    while not what():
        if time.monotonic() > deadline:
            raise DemoStuck(f"The hub did not finish in time. See {stage.log}.")
        supervisor.check()
        time.sleep(stages.LOOK)
