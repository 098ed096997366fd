"""Two worlds of one child, with and without what is withheld, and their copies."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from hub.casework.subject_access.assemble import assemble
from hub.casework.subject_access.render import report_html, report_json
from hub.casework.subject_access.report import SubjectAccess
from hub.evidence.child_lookup import Sought
from hub.intake.hub import Hub
from hub.journey.pipeline import DecidedEvent
from schemas.agencies import Agency, Directory
from schemas.event import Event
from schemas.events.care import ChildProtection
from schemas.people import (
    Address,
    Contact,
    Family,
    Relative,
    Telephone,
    WhereaboutsFlag,
)
from schemas.sections import Section
from tests.configuration import agencies
from tests.events import (
    CARE_PLAN,
    CASE_OPENED,
    SEN_SUPPORT,
    Child,
    absent,
    appointed,
    event_of,
    recorded,
    referred,
    registered,
    section,
    with_override,
)
from tests.hub.hubs import ask, delivery_of, make_hub, own_id, take

CHILD = Child(31)
STREET, POSTCODE, TELEPHONE, MAIL = "Canary Mews", "ZZ99 8QQ", "01632 960555", "canary@example.org"
WORKER, REASON, CASE, ORDER = "Wobbenthrakka", "Zzyxquombeline", "CANARY-CASE", "CANARY-ORDER"
CANARIES = (STREET, POSTCODE, TELEPHONE, MAIL, WORKER, REASON, CASE, ORDER)
_DATE = re.compile(r"\d{1,2} [A-Z][a-z]+ \d{4}(, \d\d:\d\d \(UTC\))?")


def hub_of(folder: Path, **receives: tuple[str, ...]) -> Hub:
    """Make a hub; ``receives`` changes the subscriptions of agencies."""
    folder.mkdir(parents=True, exist_ok=True)
    named = {
        n: fields | {"receives": receives[n]} if n in receives else fields
        for n, fields in agencies().items()
    }
    directory = Directory(Agency(name=n, **fields) for n, fields in named.items())
    return replace(make_hub(folder), directory=directory)


def open_events() -> list[Event]:
    """Return events that are not sensitive: a school, a clinic, a consent, an absence."""
    return [
        registered(CHILD, seed="open 1"),
        referred(CHILD, seed="open 2"),
        _said("M1"),
        appointed(CHILD, seed="open 4"),
        absent(CHILD, seed="open 5"),
    ]


def _said(number: str) -> Event:
    return recorded(CHILD, number, decider_name="Mrs Bell", evidence="Form 7, seen by Mr Pell")


def _plan() -> list[Section]:
    """A child protection plan with its category of abuse."""
    own = section(CARE_PLAN, plan_kind="child-protection", change="started", case_id=CASE)
    return [own, ChildProtection(initial_category="NEG", previous_plans=1)]


def secret_events() -> list[Event]:
    """A case opened under an override, a child protection plan, and a restriction by a court."""
    opened = section(CASE_OPENED, case_id=CASE, referral_date="2026-01-05", primary_need="N1")
    case = with_override(event_of(CASE_OPENED, "care", CHILD.identity(), opened, seed="s1"))
    assert case.override is not None
    telling = case.override.model_copy(update={"authoriser": WORKER, "reason": REASON})
    case = replace(case, override=telling)
    order = recorded(
        CHILD,
        ORDER,
        "restriction",
        "council",
        authority="court",
        decider_ref="court-1",
        decider_name="Family Court at Northmoor",
        valid_from="2026-01-05T00:00:00Z",
        evidence=ORDER,
        restriction="court-order",
        scope={"recipients": ["porter"]},
    )
    return [case, event_of(CARE_PLAN, "care", CHILD.identity(), *_plan(), seed="s2"), order]


def guarded() -> Event:
    """A school records SEN support and marks the child's whereabouts as restricted."""
    home = Contact(
        address=Address(lines=(f"7 {STREET}",), town="Northmoor", postcode=POSTCODE),
        telephones=(Telephone(number=TELEPHONE),),
        email=MAIL,
        confidentiality=WhereaboutsFlag.RESTRICTED,
    )
    return _registered(home)


def homeless() -> Event:
    """The same without an address."""
    return _registered()


def _registered(*more: Section) -> Event:
    kin = Family(people=(Relative(ref="m", family_name="Bell", relationship="mother"),))
    support = section(SEN_SUPPORT, provision="K")
    return event_of(SEN_SUPPORT, "school", CHILD.identity(), *more, kin, support, seed="guarded")


def play(hub: Hub, events: Iterable[Event]) -> list[Event]:
    """Hand events in one by one, and have every recipient ask for its keys."""
    played = list(events)
    for event in played:
        (verdict,) = take(hub, event)
        assert isinstance(verdict, DecidedEvent), verdict.fate
        for answer in verdict.decisions.answers:
            if answer.view is not None:
                recipient = answer.question.recipient
                ask(hub, recipient, delivery_of(hub, event, recipient))
    return played


def copy_of(hub: Hub, event: Event, **more: object) -> SubjectAccess:
    """Make the copy of the child that an event is about."""
    child = own_id(hub, event)
    return assemble(hub, Sought(child), by="jmalik", reason="SAR-1", **more)  # type: ignore[arg-type]


def plain(found: SubjectAccess) -> object:
    """The copy without dates and the ledger's head: what must be equal in two worlds."""
    report = dict(report_json(found))
    del report["checkpoint"]
    return json.loads(_DATE.sub("DATE", json.dumps(report)))


def page(found: SubjectAccess) -> str:
    """The copy's page without dates and the ledger's head."""
    return _DATE.sub("DATE", report_html(found).replace(found.report.checkpoint, ""))
