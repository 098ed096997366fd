"""The scenario ``withdrawal``: what is already queued can no longer be read.

    1. A school's system is down; the health trust's news of its pupils waits in the school's queue.
    2. All families but one withdraw their consent.
    3. The school's system comes up and asks for the keys.

What rested on consent stays sealed for ever; what rests on another basis, in the same delivery,
arrives. What the numbers say is counted from the ledger and the broker, nowhere else.
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

from consent.agreement import load_agreement
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
from hub.journey import entries
from hub.runtime.bootstrap import adapter_runs
from hub.runtime.supervisor import Supervisor
from schemas.identifiers import System
from schemas.sharing import Authority, DirectiveKind, DirectiveRecorded, Scope

SCHOOL, ADAPTER, TRUST_ADAPTER = "oakfield-primary", "oakfield-ctf", "northmoor-nhs-fhir"
PUPILS = 6
BY = "demo-desk"
_DESCRIBED = (
    "Understands more than can be said. Needs therapy in class every week.",
    "Tires after twenty minutes at a desk. Needs a chair of the right height.",
    "Hears little on the left side. Needs a place near the teacher.",
)


@dataclass(frozen=True, slots=True)
class WithdrawalSummary:
    """What the ledger and the broker say of the scenario."""

    queued: int
    released: int
    withheld: int
    others: int
    verified: bool


def play(folder: Path, *, once: bool, as_json: bool) -> int:
    """Play the scenario in a folder; 0 where nothing withdrawn was released and all else came."""
    del once  # it always ends when its story is told
    story, began = Story(quiet=as_json), time.monotonic()
    stage = _stage(folder)
    with Supervisor(stage.settings, stage.config, log_file=stage.log, console=False) as supervisor:
        facts = supervisor.facts()
        story.title("What is queued when consent is withdrawn")
        consents = _before(stage, supervisor, story)
        queued = _waiting(stage)
        kept = _withdraw(stage, story, consents, queued)
        with _system_up(stage):
            story.say(f"\n3. {SCHOOL}'s system comes up and asks for the keys of all {queued}.")
            _until(lambda: _under_way(stage) == 0, stage, supervisor)
        outcome = _count(stage, queued, set(consents) - {kept})
    stage.hub.engine.dispose()
    _tell(story, stage, outcome)
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
        lines.append(entries.agreement_published(agreement, work.now))
    return stage


# -- (1) before the withdrawal


def _before(stage: Stage, supervisor: Supervisor, story: Story) -> Mapping[str, str]:
    """Register the pupils, record consents, have the trust send; gives each child its consent."""
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
    story.say(f"1. {len(pupils)} families agree that {SCHOOL} may read what the health trust says.")
    for pupil in pupils:
        stages.hand_in(stage, _news(pupil, today))
    _until(lambda: _quiet(stage), stage, supervisor)
    story.say("   The trust's clinical system hands in advice and an appointment for each of them.")
    return consents


def _consent(stage: Stage, pupil: InventedChild) -> tuple[str, str]:
    said = DirectiveRecorded(
        kind=DirectiveKind.CONSENT,
        authority=Authority.PARENTAL_RESPONSIBILITY,
        decider_ref=f"parent of {pupil.la_child_id}",
        scope=Scope(recipients=(SCHOOL,)),
        evidence="Form 12",
    )
    sought = Sought(pupil.nhs_number, System.NHS_NUMBER)
    directive = recording.record(stage.hub, sought, said, by=BY).directive
    return directive.child, directive.id


def _news(pupil: InventedChild, today: dt.date) -> Drop:
    """Write what the trust has to tell of one pupil: advice for the plan, and an appointment."""
    number = pupil.hospital_number
    # Of yesterday, for at seven in the morning it would else lie ahead, and be refused.
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
    """Withdraw all consents but the last; gives the child whose family keeps it."""
    *gone, kept = consents
    story.say(f"   {SCHOOL}'s system is down: {queued} deliveries wait in its queue, sealed.\n")
    for child in gone:
        recording.withdraw(stage.hub, consents[child], by=BY, evidence="By telephone")
    story.say(f"2. {len(gone)} of the {len(consents)} families withdraw; one keeps its consent.")
    return kept


# -- (3) the release


@contextmanager
def _system_up(stage: Stage) -> Iterator[None]:
    """Run the school's adapter outwards."""
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
    """Count what the ledger says of releases to the school about those who withdrew."""
    by_consent: dict[str, set[str]] = {}
    releases: list[dict[str, JsonValue]] = []
    handed_over: set[str] = set()
    gone: set[str] = set()
    with stage.hub.reading() as work:
        for row in work.ledger.rows():
            body = json.loads(row.entry)["body"]
            if row.kind == "decision" and body["recipient"] == SCHOOL:
                by_consent[body["event"]] = _by_consent(body["decision"])
            elif "withdrawn" in body:
                gone.add(str(row.subject.child))
            elif row.kind == "receipt" and body["outcome"] == "delivered":
                handed_over.add(body["delivery"])
            elif row.kind == "release" and body["recipient"] == SCHOOL and body["child"] in gone:
                releases.append(body)
    rested = [set(_names(body["released"])) & by_consent[str(body["event"])] for body in releases]
    partly = [b for b in releases if b["withheld"] and b["delivery"] in handed_over]
    return WithdrawalSummary(
        queued=queued,
        released=sum(map(len, rested)),
        withheld=sum(bool(body["withheld"]) for body in releases),
        others=sum(len(_names(body["released"])) for body in partly),
        verified=gone == withdrew and verify_ledger(stage.hub).verified,
    )


def _names(listed: JsonValue) -> list[str]:
    return [str(name) for name in listed] if isinstance(listed, list) else []


def _by_consent(decision: dict[str, JsonValue]) -> set[str]:
    """Name the sections of a decision that were shared because somebody consented."""
    found = set()
    for section in json.loads(json.dumps(decision["sections"])):
        reasons = {finding["reason"] for finding in section.get("findings", ())}
        if "consent-given" in reasons and "basis-without-consent" not in reasons:
            found.add(section["category"])
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


def _tell(story: Story, stage: Stage, outcome: WithdrawalSummary) -> None:
    story.say(
        f"   Sections that rested on the withdrawn consents and were released: "
        f"[bold]{outcome.released}[/bold]."
    )
    story.say(f"   Deliveries of which something or all stayed sealed: {outcome.withheld}.")
    story.say(
        f"   Sections of those same deliveries that rest on a legal duty, and arrived: "
        f"{outcome.others}."
    )
    documents = [p for p in stages.outputs(stage) if SCHOOL in p.parts]
    story.say(
        f"   {len(documents)} documents are in {SCHOOL}'s folder; the family that kept its "
        "consent is told of in full."
    )
    story.say(
        f"Ledger: {'verified' if outcome.verified else '[red]NOT VERIFIED[/red]'}. Why each "
        "was withheld:"
    )
    story.say(f"  {command(stage)} audit tail")


# -- waiting


def _quiet(stage: Stage) -> bool:
    """Whether all that was handed in is judged and on the bus; the school's waits there."""
    counts = stages.tally(stage.hub)
    judged = sum(counts.get(state, 0) for state in ("decided", "held", "quarantined"))
    if not stages.files_taken(stage) or judged < len(stage.expected):
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
        supervisor.look()
        time.sleep(stages.LOOK)
