"""The case-management extract keeps the promises of a format, and its own."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from enum import Enum
from inspect import isclass
from pathlib import Path
from typing import ClassVar

import pytest
from pydantic import AwareDatetime, JsonValue

from adapters.care_extract import ADAPTER, ENVELOPE, OVERRIDE
from adapters.contract import Adapter, AgencySystem, Document, Refusal, Translation, translate
from adapters.extract.flat import Column, columns, names
from adapters.settings import settings_help
from schemas.errors import CannotExpress, ConfigurationError, Fault
from schemas.event import RecordStatus, full_view, make_event
from schemas.events.care import CarePlan, CarePlanChange, CaseOpened, WorkerAllocated
from schemas.events.ehc import AdviceRequest, PlanCeased, PlanIssued
from schemas.identifiers import Assurance, Identifier, local_id
from schemas.people import Contact, WhereaboutsFlag
from schemas.registry import EVENT_TYPES
from schemas.sharing import DirectiveRecorded, Override, Purpose, Scope
from tests.adapters.contract import WHEN, FormatContract, document

DOCS = Path(__file__).parents[2] / "docs" / "formats" / "care-extract.md"
SPEAKER = AgencySystem("borough-care", {"la": "201"})

_CELLS = {
    "nhs_number": "999 000 0018",
    "nhs_number_assurance": "verified",
    "upn": "E201100012345",
    "former_upn": "U201100012346",
    "uln": "9999900002",
    "la_child_id": "L-77",
    "local_id": "M/1",
    "birth_date": "01/02/2015",
    "address": '["1; High Street", "Flat 2"]',
    "address_confidential": "very-restricted",
    "document_sha256": "a" * 64,
    "needs": '[{"type": "ASD", "rank": 1, "start_date": "2025-01-02"}, {"type": "SLCN"}]',
    "telephones": "020 7946 0000;020 7946 0001",
    "people": '[{"ref": "p1", "family_name": "Test", "parental_responsibility": false}]',
    "contact_points": '[{"ref": "p1", "address": {"lines": ["1 High Street"]}}]',
    "scope_recipients": "school-a;trust-b",
}
_OF_A_NUMBER = {"assurance", "issuer"}


def cell(column: Column) -> str:
    """Fill a column with something it may hold, full of what CSV finds hard."""
    if column.name in _CELLS:
        return _CELLS[column.name]
    if column.holds is dt.date:
        return "2026-03-29"
    if column.holds is AwareDatetime:
        return "2026-10-25T01:30:00+01:00"
    if column.holds is int:
        return "7"
    if isclass(column.holds) and issubclass(column.holds, Enum):
        return ";".join(m.value for m in column.holds) if column.many else [*column.holds][-1].value
    return "one;two" if column.many else 'a",\r\nc'


def row_of(key: str) -> dict[str, str]:
    """Write a row of a type with every column filled."""
    filled = (c for c in columns(key) if c.name in _CELLS or c.path[-1] not in _OF_A_NUMBER)
    own = {c.name: cell(c) for c in filled}
    return {"record_type": key, "record_id": "R-1", "recorded_at": "07/09/2026 09:30", **own}


def sheet(*rows: dict[str, str], delimiter: str = ",") -> bytes:
    """Write rows as CSV under the union of their columns."""
    header = [*dict.fromkeys(name for row in rows for name in row)]
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, header, restval="", delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def read(body: bytes | str, **settings: str) -> Translation:
    """Read an extract as the suite does."""
    raw = body.encode() if isinstance(body, str) else body
    speaker = AgencySystem("borough-care", {"la": "201", **settings})
    return translate(ADAPTER.format, document(raw, ".csv"), speaker)


EVERY = {key: sheet(row_of(key)) for key in EVENT_TYPES}
CHILD = {"la_child_id": "L-77", "family_name": "Test", "birth_date": "2015-02-01"}
OPENED = {"record_type": "case-opened", **CHILD, "case_id": "C1", "referral_date": "2026-09-01"}
RECORD: dict[str, JsonValue] = {
    "la_child_id": "Child1234",
    "mis_child_id": "Supplier-1234",
    "child_details": {
        "unique_pupil_number": "E201100012345",
        "first_name": "Ann",
        "surname": "Test",
        "date_of_birth": "2015-02-01",
        "sex": "F",
        "ethnicity": "WBRI",
        "disabilities": ["HAND", "VIS"],
        "postcode": "ZZ99 3WZ",
        "purge": False,
    },
    "social_care_episodes": [
        {
            "social_care_episode_id": "E1",
            "referral_date": "2026-01-02",
            "referral_source": "1C",
            "referral_no_further_action_flag": False,
            "care_worker_details": [{"worker_id": "W1", "start_date": "2026-01-05"}],
            "child_in_need_plans": [
                {"child_in_need_plan_id": "1", "start_date": "2026-02-01", "purge": False}
            ],
            "child_protection_plans": [
                {
                    "child_protection_plan_id": "1",
                    "start_date": "2026-03-01",
                    "end_date": "2026-04-01",
                }
            ],
            "child_looked_after_placements": [
                {
                    "child_looked_after_placement_id": "1",
                    "start_date": "2026-04-01",
                    "start_reason": "S",
                    "placement_type": "K1",
                    "postcode": "ZZ99 3VZ",
                    "end_date": "2026-05-01",
                    "end_reason": "X1",
                }
            ],
            "closure_date": "2026-06-01",
            "closure_reason": "RC7",
            "purge": False,
        }
    ],
    "purge": False,
}
EPISODES = "social_care_episodes"


def with_episode(**changes: JsonValue) -> dict[str, JsonValue]:
    """Write the child's record with an episode changed."""
    episodes = RECORD[EPISODES]
    assert isinstance(episodes, list)
    episode = episodes[0]
    assert isinstance(episode, dict)
    return {**RECORD, EPISODES: [{**episode, **changes}]}


def flat_json(*rows: dict[str, str]) -> bytes:
    """Write rows as a JSON array."""
    return json.dumps(rows).encode()


class TestCareExtract(FormatContract):
    """The promises of every format, on extracts that hold every type."""

    adapter: ClassVar[Adapter] = ADAPTER
    speaker = SPEAKER
    good: ClassVar[dict[str, bytes]] = {
        **EVERY,
        "semicolons": sheet(OPENED, delimiter=";"),
        "tabs": sheet(OPENED, delimiter="\t"),
        "with a mark": b"\xef\xbb\xbf" + sheet(OPENED),
        "from a spreadsheet": sheet(OPENED, delimiter="\t").decode().encode("utf-16"),
        "old line ends": sheet(OPENED).replace(b"\r\n", b"\r"),
        "blank rows": sheet(OPENED) + b"\r\n,,,,,,\r\n\r\n",
        "json": json.dumps(OPENED).encode(),
        "json array": flat_json(OPENED, {**OPENED, "case_id": "C2"}),
        "json lines": b"\n".join(json.dumps(r).encode() for r in (OPENED, OPENED, RECORD)),
        "child record": json.dumps(RECORD, indent=4).encode(),
        "child records": json.dumps([RECORD, {**RECORD, "la_child_id": "C2"}]).encode(),
        "payload": json.dumps({"la_code": 123, "Children": [RECORD]}).encode(),
    }
    bad: ClassVar[dict[str, tuple[bytes, Fault]]] = {
        "no record type": (b"case_id,upn\r\nCANARY,CANARY\r\n", Fault.NOT_CSV),
        "undocumented column": (sheet({**OPENED, "canary": "CANARY"}), Fault.NOT_CSV),
        "column twice": (b"record_type,upn,UPN\r\ncase-opened,a,b\r\n", Fault.NOT_CSV),
        "short row": (sheet(OPENED) + b"CANARY,1\r\n", Fault.BAD_VALUE),
        "open quote": (sheet(OPENED) + b'"CANARY,1\r\n', Fault.BAD_VALUE),
        "bad date": (sheet({**OPENED, "referral_date": "CANARY"}), Fault.BAD_VALUE),
        "american date": (sheet({**OPENED, "referral_date": "09/13/2026"}), Fault.BAD_VALUE),
        "unknown type": (sheet({**OPENED, "record_type": "CANARY"}), Fault.UNKNOWN_TYPE),
        "unknown version": (
            sheet({**OPENED, "record_type": "care.case-opened.v9"}),
            Fault.UNKNOWN_VERSION,
        ),
        "no type": (sheet({**OPENED, "record_type": ""}), Fault.MISSING_FIELD),
        "no need": (sheet({**OPENED, "case_id": ""}), Fault.MISSING_FIELD),
        "no child": (sheet({**OPENED, **dict.fromkeys(CHILD, "")}), Fault.NO_CHILD),
        "column of another type": (sheet({**OPENED, "closed_on": "2026-01-01"}), Fault.BAD_VALUE),
        "agency name": (sheet({**OPENED, "addressed_to": "CANARY!"}), Fault.BAD_VALUE),
        "half an override": (sheet({**OPENED, "override_reason": "CANARY"}), Fault.MISSING_FIELD),
        "too long": (sheet({**OPENED, "case_id": "CANARY" * 20}), Fault.BAD_VALUE),
        "json member": (json.dumps({**OPENED, "CANARY": "1"}).encode(), Fault.BAD_VALUE),
        "json twice": (b'{"record_type": "CANARY", "record_type": "CANARY"}', Fault.BAD_VALUE),
        "json kind": (json.dumps({**OPENED, "case_id": {"a": 1}}).encode(), Fault.BAD_VALUE),
        "json nan": (b'{"record_type": NaN}', Fault.NOT_JSON),
        "json cut": (json.dumps(RECORD).encode()[:-4], Fault.NOT_JSON),
        "json of nothing known": (b'{"CANARY": 1}', Fault.UNSUPPORTED),
        "a line cut": (json.dumps(OPENED).encode() + b'\n{"CANARY', Fault.NOT_JSON),
        "no such byte": (b"record_type,family_name\r\nx,\xe9\r\n", Fault.WRONG_ENCODING),
        "adoption": (
            json.dumps(with_episode(adoption={"matched_date": "2026-01-01"})).encode(),
            Fault.UNSUPPORTED,
        ),
        "new member": (json.dumps({**RECORD, "CANARY": "1"}).encode(), Fault.UNSUPPORTED),
        "la code": (json.dumps({"la_code": "CANARY", "Children": []}).encode(), Fault.BAD_VALUE),
        "purge unclear": (json.dumps(with_episode(purge="CANARY")).encode(), Fault.BAD_VALUE),
        "episode without id": (
            json.dumps(with_episode(social_care_episode_id=None)).encode(),
            Fault.MISSING_FIELD,
        ),
        "record of nobody": (b'{"child_details": {"first_name": "CANARY"}}', Fault.NO_CHILD),
    }
    lossless = frozenset(EVENT_TYPES)


@pytest.mark.parametrize("key", sorted(EVENT_TYPES))
@pytest.mark.parametrize("form", ["csv", "json"])
def test_every_field_of_every_type_survives(key: str, form: str) -> None:
    """A row with every column filled is read, written in both forms and read again the same."""
    (event,) = read(EVERY[key]).events
    for category, model in EVENT_TYPES[key].sections.items():
        assert event.sections[category].present() == frozenset(model.model_fields)
    speaker = AgencySystem("borough-care", {"form": form})
    written = ADAPTER.format.write(full_view(event), speaker)
    assert written.suffix == f".{form}"
    (again,) = translate(ADAPTER.format, written, SPEAKER).events
    assert (again.sections, again.record, again.time) == (event.sections, "R-1", event.time)


@pytest.mark.parametrize("key", sorted(EVENT_TYPES))
def test_no_two_columns_of_a_type_share_a_name(key: str) -> None:
    """Names are unique within a type, and none is one of the envelope's or free."""
    own = [c.name for c in columns(key)]
    assert len(own) == len(set(own))
    assert not set(names(key)) & {*ENVELOPE, *OVERRIDE}
    assert not [name for name in names(key) if name.startswith("x_")]


def test_the_documentation_names_every_column_and_setting() -> None:
    """What can be written in a header stands in docs/formats/care-extract.md."""
    text = DOCS.read_text("utf-8")
    every = {c.name for key in EVENT_TYPES for c in columns(key)} | {*ENVELOPE, *OVERRIDE}
    missing = [
        name
        for name in sorted(every | {one.name for one in settings_help(ADAPTER.settings)})
        if f"`{name}`" not in text
    ]
    assert not missing
    assert not [key for key in EVENT_TYPES if f"`{key}`" not in text]


def test_the_documented_example_is_read() -> None:
    """The CSV example in the documentation is accepted as it stands."""
    text = DOCS.read_text("utf-8")
    example = text.split("```csv\n")[1].split("```")[0]
    translation = read(example)
    assert not translation.refused
    assert translation.events


def test_header_names_may_be_written_as_people_write_them() -> None:
    """Case, spaces and hyphens in names do not matter, and common other names are known."""
    header = "Record Type,LA-Child ID,Surname,DOB,Case ID,Referral Date"
    body = f"{header}\nCase opened,1,T,1/2/2015,C,2/3/2026\n"
    (event,) = read(body).events
    assert event.identity.birth_date == dt.date(2015, 2, 1)
    opened = event.section(CaseOpened)
    assert opened is not None
    assert opened.referral_date == dt.date(2026, 3, 2)


def test_a_free_column_is_read_past() -> None:
    """What begins with x_ is nobody's concern."""
    assert not read(sheet({**OPENED, "X_note": "anything"})).refused


def test_a_bad_row_is_refused_by_row_and_column_and_the_others_are_kept() -> None:
    """The place is counted as a spreadsheet counts it."""
    translation = read(sheet(OPENED, {**OPENED, "referral_date": "soon"}, OPENED))
    assert len(translation.events) == 2
    assert translation.refused == (Refusal(Fault.BAD_VALUE, "row 3/referral_date"),)


def test_a_need_of_the_type_is_named_by_its_column() -> None:
    """A missing field is told by the column it would stand in."""
    translation = read(sheet({**OPENED, "case_id": ""}))
    assert translation.refused == (Refusal(Fault.MISSING_FIELD, "row 2/case_id"),)


def test_windows_text_is_read_where_it_is_declared() -> None:
    """A legacy character set is a setting, not a guess."""
    body = sheet({**OPENED, "family_name": "Zoë"}).decode().encode("cp1252")
    assert read(body).refused == (Refusal(Fault.WRONG_ENCODING, f"byte {body.index(0xEB)}"),)
    assert read(body, encoding="windows-1252").events[0].identity.family_name == "Zoë"


def test_a_confidential_address_is_guarded() -> None:
    """Y restricts the child's whereabouts; a word that is not understood refuses the row."""
    contact = read(sheet({**OPENED, "postcode": "ZZ99 3WZ", "address_confidential": "Y"}))
    section = contact.events[0].section(Contact)
    assert section is not None
    assert section.confidentiality is WhereaboutsFlag.RESTRICTED
    assert read(sheet({**OPENED, "address_confidential": "maybe"})).refused


def test_advice_is_due_six_weeks_after_it_is_asked_for() -> None:
    """Where no due day is given it is the regulation's (SI 2014/1530 regulation 8)."""
    row = {"record_type": "ehc-advice-requested", **CHILD, "advice_kind": "health"}
    (event,) = read(sheet({**row, "requested_on": "2026-09-01"})).events
    request = event.section(AdviceRequest)
    assert request is not None
    assert request.due_on == dt.date(2026, 10, 13)


def test_needs_are_a_list_of_types() -> None:
    """SENtype codes stand primary first, separated by semicolons."""
    row = {"record_type": "ehc-plan-issued", **CHILD, "issued_on": "2026-09-01"}
    plan = read(sheet({**row, "needs": "asd; SLCN"})).events[0].section(PlanIssued)
    assert plan is not None
    assert [need.type.value for need in plan.needs] == ["ASD", "SLCN"]


def test_a_directive_is_read_with_its_scope_and_period() -> None:
    """Lists are separated by semicolons; a last day counts whole."""
    row = {
        "record_type": "directive-recorded",
        **CHILD,
        "directive_id": "D1",
        "directive_kind": "Refusal",
        "authority": "Parental responsibility",
        "decider": "P-9",
        "scope_recipients": "school-a; trust-b",
        "scope_purposes": "ehc plan",
        "valid_until": "2027-08-31",
    }
    (event,) = read(sheet(row)).events
    directive = event.section(DirectiveRecorded)
    assert directive is not None
    assert directive.scope == Scope(
        recipients=("school-a", "trust-b"), purposes=(Purpose.EHC_PLAN,)
    )
    assert directive.valid_until == dt.datetime(2027, 8, 31, 23, tzinfo=dt.UTC)
    assert event.record == "D1"


def test_an_empty_scope_is_kept_apart_from_none() -> None:
    """A scope that names nothing means everything, and comes back as such."""
    (event,) = read(EVERY["consent.directive-recorded.v1"]).events
    directive = event.section(DirectiveRecorded)
    assert directive is not None
    wide = directive.model_copy(update={"scope": Scope()})
    key, who = event.kind.key, event.identity
    view = full_view(make_event(key, "borough-care", WHEN, (who, wide), seed="s"))
    (again,) = translate(ADAPTER.format, ADAPTER.format.write(view, SPEAKER), SPEAKER).events
    assert again.section(DirectiveRecorded) == wide


def test_the_sender_may_address_and_override() -> None:
    """The columns of the envelope come out in the event's own."""
    row = {
        **OPENED,
        "addressed_to": "school-a;trust-b",
        "override_authoriser": "A. Manager",
        "override_authoriser_ref": "S-1",
        "override_reason": "Danger",
        "override_limb": "consent-would-prejudice",
        "record_status": "Corrected",
    }
    (event,) = read(sheet(row)).events
    assert event.addressed_to == ("school-a", "trust-b")
    assert event.status is RecordStatus.CORRECTED
    assert event.override == Override(
        authoriser="A. Manager",
        authoriser_ref="S-1",
        reason="Danger",
        limb="consent-would-prejudice",
    )


def test_a_retraction_needs_only_the_child_and_the_record() -> None:
    """A row that takes a record back may leave the rest empty."""
    row = {"record_type": "plan-changed", **CHILD, "record_id": "P1", "record_status": "retracted"}
    (event,) = read(sheet(row)).events
    assert (event.record, event.status) == ("P1", RecordStatus.RETRACTED)


def test_no_column_makes_a_wrong_number_usable() -> None:
    """An assurance may be claimed for a well-formed number only; suspicion is always believed."""
    wrong = {**OPENED, "nhs_number": "9990000019", "nhs_number_assurance": "verified"}
    doubted = {**OPENED, "upn": "E201100012345", "upn_assurance": "suspect"}
    first, second = read(sheet(wrong, doubted)).events
    assert isinstance(first.identity.nhs_number, Identifier)
    assert first.identity.nhs_number.assurance is Assurance.SUSPECT
    assert second.identity.upn is not None
    assert second.identity.upn.assurance is Assurance.SUSPECT


def test_a_child_record_becomes_its_events_in_order() -> None:
    """The parts of a DfE child record that the hub has events for, and no others."""
    events = read(json.dumps(RECORD)).events
    plans = [p for e in events if (p := e.section(CarePlan))]
    assert [e.kind.name for e in events] == [
        "care.case-opened",
        "care.worker-allocated",
        *["care.plan-changed"] * 4,
        "care.case-closed",
    ]
    assert [p.change for p in plans].count(CarePlanChange.ENDED) == 1  # X1 ends nothing
    assert plans[-1].placement_postcode == "ZZ99 3VZ"
    worker = events[1].section(WorkerAllocated)
    assert worker is not None
    assert (worker.worker_role, worker.worker_name) == ("care worker", None)
    assert events[0].identity.local_id == local_id("Supplier-1234", "borough-care")


def test_plans_of_each_kind_are_records_of_their_own() -> None:
    """Suppliers count each kind of plan from one."""
    events = read(json.dumps(RECORD)).events
    records = {(p.plan_kind, e.record) for e in events if (p := e.section(CarePlan))}
    assert len(records) == len({record for _, record in records}) == 3


def test_a_home_postcode_that_is_a_placements_is_not_given() -> None:
    """The one place a child must not be found is not told as the other."""
    placed = {**RECORD, "child_details": {"surname": "T", "postcode": "zz993vz"}}
    assert all(e.section(Contact) is None for e in read(json.dumps(placed)).events)
    assert all(e.section(Contact) for e in read(json.dumps(RECORD)).events)


@pytest.mark.parametrize("place", ["child", "episode"])
def test_a_purge_takes_back_everything_inside(place: str) -> None:
    """Purging a child or an episode retracts each record it lists."""
    body = {**RECORD, "purge": True} if place == "child" else with_episode(purge=True)
    translation = read(json.dumps(body))
    assert not translation.refused
    assert {e.status for e in translation.events} == {RecordStatus.RETRACTED}
    assert all(e.record for e in translation.events)


def test_a_purged_plan_is_taken_back_alone() -> None:
    """Purging one plan leaves its episode."""
    plans: JsonValue = [{"child_in_need_plan_id": "1", "purge": True}]
    events = read(json.dumps(with_episode(child_in_need_plans=plans))).events
    gone = [e.record for e in events if e.status is RecordStatus.RETRACTED]
    kept = [e for e in read(json.dumps(RECORD)).events if e.section(CarePlan)]
    assert gone == [kept[0].record]


def test_a_purged_child_that_lists_nothing_is_for_a_person() -> None:
    """The format cannot know which records are meant, and says so."""
    translation = read(json.dumps({"la_child_id": "Child1234", "purge": True}))
    assert translation.refused == (Refusal(Fault.UNSUPPORTED, "purge"),)


def test_a_payload_of_changes_opens_nothing_again() -> None:
    """An episode without its referral date says only what changed in it."""
    translation = read(json.dumps(with_episode(referral_date=None)))
    assert not translation.refused
    assert "care.case-opened" not in {e.kind.name for e in translation.events}


def test_a_referral_without_further_action_is_no_case() -> None:
    """A referral that led to nothing is not passed on as a case."""
    episode = {
        "social_care_episode_id": "E1",
        "referral_date": "2026-01-02",
        "referral_no_further_action_flag": True,
    }
    translation = read(json.dumps({"la_child_id": "C", EPISODES: [episode]}))
    where = f"{EPISODES}[0]/referral_no_further_action_flag"
    assert translation == Translation(refused=(Refusal(Fault.UNSUPPORTED, where),))


def test_the_end_of_an_allocation_is_said_to_be_unsupported() -> None:
    """There is no event for a worker who leaves a case, and the file's sender hears of it."""
    worker: JsonValue = [{"worker_id": "W1", "start_date": "2026-01-05", "end_date": "2026-02-01"}]
    translation = read(json.dumps(with_episode(care_worker_details=worker)))
    where = f"{EPISODES}[0]/care_worker_details[0]/end_date"
    assert translation.refused == (Refusal(Fault.UNSUPPORTED, where),)


def test_the_payload_names_the_authority() -> None:
    """The la_code of a payload issues the children's ids."""
    (event, *_) = read(json.dumps({"la_code": 123, "Children": RECORD})).events
    assert event.identity.la_child_id is not None
    assert event.identity.la_child_id.issuer == "123"


def test_a_child_without_a_number_is_written_by_its_pseudonym() -> None:
    """The recipient's own name for the child stands in for an id it may not have."""
    key = "ehc.ehc-plan-ceased.v1"
    view = full_view(read(EVERY[key]).events[0])
    thin = type(view)(
        delivery_id="d",
        kind=view.kind,
        source="borough-ehc",
        child="hub-9",
        time=view.time,
        sections={"sen": PlanCeased(ceased_on=dt.date(2026, 9, 1))},  # type: ignore[dict-item]
        purposes={"sen": ("ehc-plan",)},  # type: ignore[dict-item]
    )
    (row,) = csv.DictReader(io.StringIO(ADAPTER.format.write(thin, SPEAKER).body.decode()))
    assert row["local_id"] == "hub-9"
    assert (row["x_source"], row["x_purposes"]) == ("borough-ehc", "ehc-plan")


def test_a_character_the_recipient_cannot_read_is_declined() -> None:
    """A legacy recipient gets no question marks in a child's name."""
    view = full_view(read(sheet({**OPENED, "family_name": "Łukasz"})).events[0])
    with pytest.raises(CannotExpress):
        ADAPTER.format.write(view, AgencySystem("a", {"encoding": "windows-1252"}))


@pytest.mark.parametrize("settings", [{"encoding": "ebcdic"}, {"form": "xml"}])
def test_a_wrong_setting_is_an_operators_error(settings: dict[str, str]) -> None:
    """Settings outside their lists are named as configuration, not guessed."""
    view = full_view(read(sheet(OPENED)).events[0])
    with pytest.raises(ConfigurationError):
        ADAPTER.format.write(view, AgencySystem("a", settings))


def test_identity_is_never_made_of_a_document_alone() -> None:
    """A row whose only number is suspect and that has no name is refused."""
    row = {**OPENED, **dict.fromkeys(CHILD, ""), "nhs_number": "1234567890"}
    translation = translate(
        ADAPTER.format, Document(sheet(row), WHEN), AgencySystem("borough-care", {"la": "201"})
    )
    assert [r.fault for r in translation.refused] == [Fault.NO_CHILD]
