"""A child's record in the shape of DfE's daily children's social care API (specification 0.8).

A record is a child's state, in full or only what changed; ``purge: true`` takes a part of it back,
with everything inside. Each part becomes the events it speaks of:

    social_care_episodes           care.case-opened, care.case-closed
    care_worker_details            care.worker-allocated, in the API's own word "care worker"
    child_in_need_plans            care.plan-changed, started and ended
    child_protection_plans         the same
    child_looked_after_placements  the same, for each placement; an end with reason X1 is followed
                                   by another placement and ends nothing

A referral without further action opened no case. Records that the hub has no event type for
(assessments, section 47 enquiries, strengths and difficulties, adoption, care leavers) are refused
as unsupported, one by one. Reason codes, UASC flags and the reason for an unknown UPN are left out.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import JsonValue, ValidationError

from adapters.contract import Refusal, Translation
from adapters.extract.cells import plain
from adapters.extract.csc_members import (
    Member,
    codes_of,
    day_of,
    flag_of,
    says_something,
    sex_of,
    text_of,
    upn_of,
)
from adapters.extract.records import record_id
from schemas.errors import Fault, InputRefused
from schemas.event import Event, RecordStatus, make_event, names_a_child
from schemas.events.care import (
    CarePlan,
    CarePlanChange,
    CarePlanKind,
    CaseClosed,
    CaseOpened,
    WorkerAllocated,
)
from schemas.identifiers import la_child_id, local_id
from schemas.people import Contact, Identity
from schemas.sections import Section

S = TypeVar("S", bound=Section)

LONGEST_RECORD = 120
_ROLE = "care worker"
_ANOTHER_FOLLOWS = "X1"  # SSDA903 REC: the episode ceases and a new one begins on the same day
_UNKNOWN = "(a member that specification 0.8 does not have)"
_PLANS = {
    "child_in_need_plans": ("child_in_need_plan_id", CarePlanKind.CHILD_IN_NEED),
    "child_protection_plans": ("child_protection_plan_id", CarePlanKind.CHILD_PROTECTION),
    "child_looked_after_placements": (
        "child_looked_after_placement_id",
        CarePlanKind.LOOKED_AFTER,
    ),
}
_PLAN_CHANGED = "care.plan-changed.v1"
_WORKERS = "care_worker_details"
_NO_EVENT = ("child_and_family_assessments", "section_47_assessments", "adoption", "care_leavers")
_CHILD = {
    *("la_child_id", "mis_child_id", "purge", "la_code"),
    *("child_details", "health_and_wellbeing", "social_care_episodes"),
}
_DETAILS = {
    *("unique_pupil_number", "former_unique_pupil_number", "unique_pupil_number_unknown_reason"),
    *("first_name", "surname", "date_of_birth", "expected_date_of_birth", "sex", "ethnicity"),
    *("disabilities", "postcode", "uasc_flag", "uasc_end_date", "purge"),
}
_EPISODE = {
    *("social_care_episode_id", "referral_date", "referral_source", "closure_date", "purge"),
    *("referral_no_further_action_flag", "closure_reason", _WORKERS, *_PLANS, *_NO_EVENT),
}
_PLAN = {
    *("start_date", "end_date", "purge", "start_reason", "placement_type", "postcode"),
    *("end_reason", "change_reason", *(id_ for id_, _ in _PLANS.values())),
}
_WORKER = {"worker_id", "start_date", "end_date", "purge"}


@dataclass(frozen=True, slots=True)
class RecordOrigin:
    """What a record does not say of itself: sender, authority, time, and the seed of event ids."""

    agency: str
    authority: str
    time: dt.datetime
    seed: str


def children_of(value: dict[str, JsonValue]) -> Iterator[tuple[str, JsonValue]] | None:
    """Find the child records in a JSON object, with their places; None where it holds none.

    The object is one record, or a payload that holds one or several under ``Children``.
    """
    if value.keys() & {"la_child_id", "child_details", "social_care_episodes"}:
        return iter([("", value)])
    holder = next((name for name in value if name.casefold() == "children"), None)
    if holder is None:
        return None
    held = value[holder]
    if isinstance(held, list):
        return ((f"{holder}[{n}]", each) for n, each in enumerate(held))
    return iter([(holder, held)])


def authority_of(value: Member, otherwise: str) -> str:
    """Return the local authority that a payload names as ``la_code``; raises InputRefused."""
    if value.get("la_code") in (None, ""):
        return otherwise
    code = plain(value["la_code"]).strip()
    if not re.fullmatch("[0-9]{3}", code):
        raise InputRefused(Fault.BAD_VALUE, "la_code")
    return code


def read_child(record: JsonValue, place: str, origin: RecordOrigin) -> Translation:
    """Read one child's record; what cannot be read is refused by its place, the rest is kept."""
    if not isinstance(record, dict):
        return Translation(refused=(Refusal(Fault.UNSUPPORTED, place),))
    child = _Child(origin)
    try:
        child.read(record, place)
    except InputRefused as error:
        child.refused.append(Refusal.of(error, place))
    if not child.events and not child.refused:
        child.refused.append(Refusal(Fault.UNSUPPORTED, place))
    return Translation(tuple(child.events), tuple(child.refused))


@dataclass(slots=True)
class _Child:
    """One child's record while it is read: what has come of it so far."""

    origin: RecordOrigin
    events: list[Event] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    who: tuple[Section, ...] = ()
    disabilities: tuple[str, ...] = ()

    @contextmanager
    def part(self, place: str) -> Iterator[None]:
        """Confine a refusal to one part of the record."""
        try:
            yield
        except InputRefused as error:
            self.refused.append(Refusal.of(error, place))

    def read(self, record: Member, place: str) -> None:
        self.unknown(record, _CHILD, place)
        purged = flag_of(record, "purge")
        episodes = self.objects(record, "social_care_episodes", place)
        self.who = self.identify(record, place, secret=self.placement_postcodes(episodes))
        for own, held in self.objects(record, "health_and_wellbeing", place):
            if says_something(held):
                self.refused.append(Refusal(Fault.UNSUPPORTED, own))
        for own, episode in episodes:
            with self.part(own):
                self.episode(episode, own, purged=purged or flag_of(episode, "purge"))
        if purged and not self.events:
            self.refused.append(Refusal(Fault.UNSUPPORTED, _at(place, "purge")))

    def identify(self, record: Member, place: str, secret: frozenset[str]) -> tuple[Section, ...]:
        """Read who the child is; a postcode that is a placement's is not given as the home's."""
        own, details = next(
            iter(self.objects(record, "child_details", place)), (_at(place, "child_details"), {})
        )
        self.unknown(details, _DETAILS, own)
        values: dict[str, Any] = {
            "la_child_id": la_child_id(text_of(record, "la_child_id") or "", self.origin.authority),
            "local_id": local_id(text_of(record, "mis_child_id") or "", self.origin.agency),
        }
        for name, (key, read) in _IDENTITY.items():
            with self.part(own):
                values[name] = read(details, key)
        with self.part(own):
            self.disabilities = codes_of(details, "disabilities")
        with self.part(own):
            if flag_of(details, "purge"):
                raise InputRefused(Fault.UNSUPPORTED, "purge")
        identity = _model(Identity, values, "child_details")
        if not names_a_child(identity):
            raise InputRefused(Fault.NO_CHILD)
        postcode = text_of(details, "postcode")
        if postcode is None or _tidy(postcode) in secret:
            return (identity,)
        return (identity, _model(Contact, {"address": {"postcode": postcode}}, "child_details"))

    def placement_postcodes(self, episodes: list[tuple[str, Member]]) -> frozenset[str]:
        """Collect the postcodes of placements, which no other field may give away."""
        key = "child_looked_after_placements"
        held = [p for _, e in episodes if isinstance(found := e.get(key), list) for p in found]
        codes = (p.get("postcode") for p in held if isinstance(p, dict))
        return frozenset(_tidy(code) for code in codes if isinstance(code, str) and code.strip())

    def episode(self, episode: Member, place: str, *, purged: bool) -> None:
        case_id = text_of(episode, "social_care_episode_id")
        if case_id is None:
            raise InputRefused(Fault.MISSING_FIELD, "social_care_episode_id")
        self.unknown(episode, _EPISODE, place)
        for name in _NO_EVENT:
            if says_something(episode.get(name)):
                self.refused.append(Refusal(Fault.UNSUPPORTED, _at(place, name)))
        with self.part(place):
            self.opened(episode, case_id, place, purged=purged)
        for own, worker in self.objects(episode, _WORKERS, place):
            with self.part(own):
                self.worker(worker, case_id, own, purged=purged)
        for name, (id_, kind) in _PLANS.items():
            for own, plan in self.objects(episode, name, place):
                with self.part(own):
                    gone = purged or flag_of(plan, "purge")
                    self.plan(plan, {"case_id": case_id, "plan_kind": kind}, id_, own, purged=gone)
        with self.part(place):
            self.closed(episode, case_id, _at(place, "closed"), purged=purged)

    def opened(self, episode: Member, case_id: str, place: str, *, purged: bool) -> None:
        key = "care.case-opened.v1"
        if purged:
            self.emit(key, CaseOpened, {"case_id": case_id}, place, case_id, purged=True)
            return
        follows = ("closure_date", _WORKERS, *_PLANS, *_NO_EVENT)
        followed = any(says_something(episode.get(name)) for name in follows)
        flag = "referral_no_further_action_flag"
        if flag_of(episode, flag) and not followed:
            raise InputRefused(Fault.UNSUPPORTED, flag)
        referred = day_of(episode, "referral_date")
        if referred is None:  # a payload of changes leaves out what has not changed
            return
        source = text_of(episode, "referral_source")
        values = {"case_id": case_id, "referral_date": referred, "referral_source": source}
        values |= {"disabilities": self.disabilities}
        self.emit(key, CaseOpened, values, _at(place, "opened"), case_id)

    def closed(self, episode: Member, case_id: str, place: str, *, purged: bool) -> None:
        on = day_of(episode, "closure_date")
        if on is None:
            return
        values = {"case_id": case_id, "closed_on": on, "reason": text_of(episode, "closure_reason")}
        self.emit("care.case-closed.v1", CaseClosed, values, place, case_id, purged=purged)

    def worker(self, worker: Member, case_id: str, place: str, *, purged: bool) -> None:
        self.unknown(worker, _WORKER, place)
        purged = purged or flag_of(worker, "purge")
        record = record_id(self.origin.agency, case_id, text_of(worker, "worker_id") or "")
        values: dict[str, Any] = {"case_id": case_id, "worker_role": _ROLE}
        if not purged:
            values |= {"allocated_on": day_of(worker, "start_date")}
        self.emit("care.worker-allocated.v1", WorkerAllocated, values, place, record, purged=purged)
        if text_of(worker, "end_date") and not purged:
            raise InputRefused(Fault.UNSUPPORTED, "end_date")

    def plan(
        self, plan: Member, values: Mapping[str, Any], id_: str, place: str, *, purged: bool
    ) -> None:
        self.unknown(plan, _PLAN, place)
        number = text_of(plan, id_)
        if number is None:
            raise InputRefused(Fault.MISSING_FIELD, id_)
        # Each kind of plan counts for itself.
        record = record_id(self.origin.agency, values["case_id"], values["plan_kind"], number)
        if purged:
            self.emit(_PLAN_CHANGED, CarePlan, values, place, record, purged=True)
            return
        if values["plan_kind"] is CarePlanKind.LOOKED_AFTER:
            kind, postcode = text_of(plan, "placement_type"), text_of(plan, "postcode")
            values = {**values, "placement_type": kind, "placement_postcode": postcode}
        start, end = day_of(plan, "start_date"), day_of(plan, "end_date")
        if start:
            began = {**values, "change": CarePlanChange.STARTED, "start_date": start}
            self.emit(_PLAN_CHANGED, CarePlan, began, _at(place, "started"), record)
        if end and text_of(plan, "end_reason") != _ANOTHER_FOLLOWS:
            over = {"change": CarePlanChange.ENDED, "start_date": start, "end_date": end}
            self.emit(_PLAN_CHANGED, CarePlan, {**values, **over}, _at(place, "ended"), record)

    def emit(  # noqa: PLR0913  each is a column of the event
        self,
        key: str,
        model: type[Section],
        values: Mapping[str, Any],
        place: str,
        record: str,
        *,
        purged: bool = False,
    ) -> None:
        if len(record) > LONGEST_RECORD:
            raise InputRefused(Fault.BAD_VALUE)
        event = make_event(
            key,
            self.origin.agency,
            self.origin.time,
            (*self.who, _model(model, values)),
            seed=self.origin.seed + place,
            record=record,
            status=RecordStatus.RETRACTED if purged else RecordStatus.RECORDED,
        )
        self.events.append(event)

    def objects(self, holder: Member, key: str, place: str) -> list[tuple[str, Member]]:
        """List the objects of a member, with their places; a single one may come without a list."""
        held = holder.get(key)
        if isinstance(held, dict):
            return [(_at(place, key), held)]
        found: list[tuple[str, Member]] = []
        for n, each in enumerate(held if isinstance(held, list) else [held] if held else []):
            own = f"{_at(place, key)}[{n}]"
            if isinstance(each, dict):
                found.append((own, each))
            else:
                self.refused.append(Refusal(Fault.BAD_VALUE, own))
        return found

    def unknown(self, holder: Member, known: AbstractSet[str], place: str) -> None:
        if any(says_something(holder[name]) for name in holder.keys() - known):
            self.refused.append(Refusal(Fault.UNSUPPORTED, _at(place, _UNKNOWN)))


def _model(model: type[S], values: Mapping[str, Any], place: str = "") -> S:
    try:
        return model.model_validate({k: v for k, v in values.items() if v is not None})
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        name = str(first["loc"][0]) if first["loc"] else ""
        raise InputRefused(Fault.BAD_VALUE, _at(place, name)) from None


def _tidy(postcode: str) -> str:
    return "".join(postcode.split()).upper()


def _at(place: str, name: str) -> str:
    return f"{place}/{name}" if place else name


_IDENTITY: Mapping[str, tuple[str, Callable[[Member, str], Any]]] = {
    "upn": ("unique_pupil_number", upn_of),
    "former_upn": ("former_unique_pupil_number", upn_of),
    "given_name": ("first_name", text_of),
    "family_name": ("surname", text_of),
    "birth_date": ("date_of_birth", day_of),
    "expected_birth_date": ("expected_date_of_birth", day_of),
    "sex": ("sex", sex_of),
    "ethnicity": ("ethnicity", text_of),
}
