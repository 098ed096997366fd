"""The Children in Need census keeps the promises of a format, and its own."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import ClassVar

import pytest
from lxml import etree

from adapters.care_cin import ADAPTER, CHANGED, CLOSED, OPENED
from adapters.contract import Adapter, AgencySystem, Refusal, Translation, translate
from schemas.errors import CannotExpress, ConfigurationError, Fault
from schemas.event import Event, full_view, make_event
from schemas.events.care import (
    CarePlan,
    CarePlanChange,
    CarePlanKind,
    CaseClosed,
    CaseOpened,
    ChildProtection,
)
from schemas.identifiers import Assurance, la_child_id
from schemas.people import Identity, Sex
from tests.adapters.contract import WHEN, FormatContract, document

SAMPLES = Path(__file__).parent / "samples" / "care_cin"

HEADER = """<Header><CollectionDetails><Collection>CIN</Collection><Year>2023</Year>
<ReferenceDate>2023-03-31</ReferenceDate></CollectionDetails>
<Source><SourceLevel>L</SourceLevel><LEA>201</LEA><SoftwareCode>Case system</SoftwareCode>
<SerialNo>001</SerialNo><DateTime>2023-05-23T11:14:05</DateTime></Source></Header>"""
IDS = """<LAchildID>CH0001</LAchildID><UPN>E201100012345</UPN>
<PersonBirthDate>2015-03-27</PersonBirthDate><GenderCurrent>2</GenderCurrent>"""
TRAITS = """<Ethnicity>WBRI</Ethnicity><Disabilities><Disability>HAND</Disability>
<Disability>AUT</Disability></Disabilities>"""
REFERRAL = """<CINreferralDate>2022-10-06</CINreferralDate><ReferralSource>5D</ReferralSource>
<PrimaryNeedCode>N2</PrimaryNeedCode>"""
FULL = f"""{REFERRAL}<CINclosureDate>2023-02-27</CINclosureDate>
<ReasonForClosure>RC9</ReasonForClosure><DateOfInitialCPC>2022-12-06</DateOfInitialCPC>
<Assessments><AssessmentActualStartDate>2022-10-07</AssessmentActualStartDate>
<FactorsIdentifiedAtAssessment/></Assessments>
<CINPlanDates><CINPlanStartDate>2023-01-24</CINPlanStartDate>
<CINPlanEndDate>2023-01-26</CINPlanEndDate></CINPlanDates>
<Section47><S47ActualStartDate>2022-11-02</S47ActualStartDate>
<ICPCnotRequired>false</ICPCnotRequired></Section47><ReferralNFA>FALSE</ReferralNFA>
<ChildProtectionPlans><CPPstartDate>2022-12-07</CPPstartDate><CPPendDate>2023-02-14</CPPendDate>
<InitialCategoryOfAbuse>PHY</InitialCategoryOfAbuse>
<LatestCategoryOfAbuse>NEG</LatestCategoryOfAbuse><NumberOfPreviousCPP>1</NumberOfPreviousCPP>
<Reviews><CPPreviewDate>2023-01-15</CPPreviewDate><CPPreviewDate>2023-02-01</CPPreviewDate>
</Reviews></ChildProtectionPlans>"""
OPEN = f"{REFERRAL}<ReferralNFA>0</ReferralNFA>"


def census(
    *details: str, ids: str = IDS, traits: str = TRAITS, header: str = HEADER, root: str = "Message"
) -> bytes:
    """Write a census of one child."""
    episodes = "".join(f"<CINdetails>{each}</CINdetails>" for each in details)
    return (
        f"<{root}>{header}<Children><Child><ChildIdentifiers>{ids}</ChildIdentifiers>"
        f"<ChildCharacteristics>{traits}</ChildCharacteristics>{episodes}</Child></Children>"
        f"</{root.split(maxsplit=1)[0]}>"
    ).encode()


SPEAKER = AgencySystem("borough-care", {"census_year": "2023"})
AFTER_2023 = IDS.replace("<GenderCurrent>2<", "<Sex>M<").replace("GenderCurrent", "Sex")
UNBORN = """<LAchildID>CH0002</LAchildID>
<ExpectedPersonBirthDate>2023-06-01</ExpectedPersonBirthDate><GenderCurrent>0</GenderCurrent>"""


def read(body: bytes, speaker: AgencySystem = SPEAKER) -> Translation:
    """Read a census as the suite does."""
    return translate(ADAPTER.format, document(body), speaker)


def sections(event: Event) -> tuple[CarePlan, ChildProtection | None]:
    """Take the sections of a plan's event."""
    plan = event.section(CarePlan)
    assert plan is not None
    return plan, event.section(ChildProtection)


class TestCareCin(FormatContract):
    """The promises of every format, on census messages."""

    adapter: ClassVar[Adapter] = ADAPTER
    speaker = SPEAKER
    good: ClassVar[dict[str, bytes]] = {
        "full": census(FULL),
        "open": census(OPEN),
        "two episodes": census(OPEN, FULL.replace("2022-10-06", "2022-10-08")),
        "sex": census(OPEN, ids=AFTER_2023),
        "unborn": census(OPEN, ids=UNBORN),
        "stray text": census(OPEN, ids=IDS.replace("</UPN>", "</UPN>PersonBirthDate\n")),
        "no header": census(OPEN, header=""),
        "namespace": census(OPEN, root='Message xmlns="urn:example:cin"'),
        "declared": b'\xef\xbb\xbf<?xml version="1.0" encoding="utf-8"?>\r\n' + census(OPEN),
        "utf-16": ('<?xml version="1.0" encoding="UTF-16"?>' + census(OPEN).decode()).encode(
            "utf-16"
        ),
        "suspect upn": census(OPEN, ids=IDS.replace("E2011", "A2011")),
        "zoned dates": census(OPEN.replace("2022-10-06", "2022-10-06Z")),
    }
    bad: ClassVar[dict[str, tuple[bytes, Fault]]] = {
        "not a census": (b"<Export><Child/></Export>", Fault.UNSUPPORTED),
        "another return": (census(OPEN, header=HEADER.replace(">CIN<", ">SC<")), Fault.UNSUPPORTED),
        "nobody in it": (b"<Message><Children/></Message>", Fault.UNSUPPORTED),
        "not xml": (b"<Message><Children>", Fault.NOT_XML),
        "no identifiers": (census(OPEN, ids="<GenderCurrent>1</GenderCurrent>"), Fault.NO_CHILD),
        "no own id": (census(OPEN, ids="<UPN>E201100012345</UPN>"), Fault.MISSING_FIELD),
        "no episode": (census(), Fault.MISSING_FIELD),
        "no referral date": (census("<ReferralNFA>0</ReferralNFA>"), Fault.MISSING_FIELD),
        "impossible date": (census(OPEN.replace("2022-10-06", "2022-02-30")), Fault.BAD_VALUE),
        "day first": (census(OPEN.replace("2022-10-06", "06/10/2022")), Fault.BAD_VALUE),
        "need not on list": (census(OPEN.replace("N2", "CANARY")), Fault.BAD_VALUE),
        "closure not on list": (census(FULL.replace("RC9", "CANARY")), Fault.BAD_VALUE),
        "abuse not on list": (census(FULL.replace(">PHY<", ">CANARY<")), Fault.BAD_VALUE),
        "sex not on list": (
            census(OPEN, ids=AFTER_2023.replace(">M<", ">CANARY<")),
            Fault.BAD_VALUE,
        ),
        "two own ids": (census(OPEN, ids=IDS + "<LAchildID>CANARY</LAchildID>"), Fault.BAD_VALUE),
        "no further action": (census(OPEN.replace(">0<", ">true<")), Fault.UNSUPPORTED),
        "lea": (census(OPEN, header=HEADER.replace("201", "CANARY")), Fault.BAD_VALUE),
        "time": (census(OPEN, header=HEADER.replace("T11:14", "TCANARY")), Fault.BAD_VALUE),
    }
    lossless = frozenset({OPENED, CLOSED})


def test_an_episode_tells_its_story_in_order() -> None:
    """A full episode gives the case, both plans with each change, and the closure, in order."""
    events = read(census(FULL)).events
    changes = [(sections(e)[0].plan_kind, sections(e)[0].change) for e in events[1:-1]]
    assert [e.kind.key for e in events] == [OPENED, *[CHANGED] * 6, CLOSED]
    in_need, protection = CarePlanKind.CHILD_IN_NEED, CarePlanKind.CHILD_PROTECTION
    assert changes == [
        (in_need, CarePlanChange.STARTED),
        (in_need, CarePlanChange.ENDED),
        (protection, CarePlanChange.STARTED),
        (protection, CarePlanChange.REVIEWED),
        (protection, CarePlanChange.REVIEWED),
        (protection, CarePlanChange.ENDED),
    ]


def test_the_case_says_what_the_census_says() -> None:
    """Referral, need, disabilities and closure stand in their fields."""
    events = read(census(FULL)).events
    opened, closed = events[0].section(CaseOpened), events[-1].section(CaseClosed)
    assert opened is not None
    assert closed is not None
    assert (opened.referral_source, opened.primary_need) == ("5D", "N2")
    assert opened.disabilities == ("HAND", "AUT")
    assert (closed.closed_on, closed.reason) == (dt.date(2023, 2, 27), "RC9")
    assert closed.case_id == opened.case_id
    assert events[0].record == events[-1].record


def test_why_a_child_is_protected_is_a_section_of_its_own() -> None:
    """Categories of abuse are safeguarding data; the conference is that of the only plan."""
    why = sections(read(census(FULL)).events[-2])[1]
    assert why == ChildProtection(
        initial_category="PHY",
        latest_category="NEG",
        previous_plans=1,
        conference_date=dt.date(2022, 12, 6),
    )


def test_no_conference_is_guessed_for_one_of_two_plans() -> None:
    """With two protection plans nobody knows whose conference the date was."""
    plan = FULL[FULL.index("<ChildProtectionPlans>") :]
    events = read(census(FULL + plan.replace("2022-12-07", "2023-02-20"))).events
    found = [sections(e)[1] for e in events if e.kind.key == CHANGED]
    assert {why.conference_date for why in found if why} == {None}


def test_records_and_case_numbers_disclose_neither_child_nor_plan() -> None:
    """A record is digits only; the case id holds no number of the child."""
    for event in read(census(FULL)).events:
        assert re.fullmatch("[0-9a-f]{32}", event.record or "")
        (case,) = {getattr(s, "case_id", None) for s in event.sections.values()} - {None}
        assert re.fullmatch("[0-9a-f]{16}-2022-10-06", case)


def test_the_authority_is_the_headers_then_the_settings() -> None:
    """The child's id is issued by the header's LEA, else the setting's, else the agency."""
    with_la = AgencySystem("borough-care", {"la": "330"})
    issuers = [
        read(body, speaker).events[0].identity.la_child_id
        for body, speaker in (
            (census(OPEN), with_la),
            (census(OPEN, header=""), with_la),
            (census(OPEN, header=""), SPEAKER),
        )
    ]
    assert [i and i.issuer for i in issuers] == ["201", "330", "borough-care"]


def test_the_time_is_the_headers_in_london() -> None:
    """A header time without an offset is British; without a header it is the arrival."""
    assert read(census(OPEN)).events[0].time == dt.datetime(2023, 5, 23, 10, 14, 5, tzinfo=dt.UTC)
    assert read(census(OPEN, header="")).events[0].time == WHEN


def test_a_wrong_upn_is_kept_and_marked() -> None:
    """A UPN with a wrong check letter refuses nothing and is suspect."""
    found = read(census(OPEN, ids=IDS.replace("E2011", "A2011"))).events[0].identity.upn
    assert found is not None
    assert found.assurance is Assurance.SUSPECT


@pytest.mark.parametrize(
    ("element", "code", "sex"),
    [
        ("GenderCurrent", "1", Sex.MALE),
        ("GenderCurrent", "9", Sex.OTHER),
        ("GenderCurrent", "0", Sex.UNKNOWN),
        ("Sex", "F", Sex.FEMALE),
        ("Sex", "U", Sex.UNKNOWN),
        ("Sex", "1", Sex.MALE),
    ],
)
def test_sex_is_read_in_both_eras(element: str, code: str, sex: Sex) -> None:
    """Digits and letters are read under either element, as files in circulation mix them."""
    ids = f"<LAchildID>CH1</LAchildID><{element}>{code}</{element}>"
    assert read(census(OPEN, ids=ids)).events[0].identity.sex is sex


def test_a_bad_value_refuses_itself_only() -> None:
    """A closure with an impossible date leaves the case opened, and says where it stands."""
    translation = read(census(FULL.replace("2023-02-27", "2023-02-31")))
    assert CLOSED not in {e.kind.key for e in translation.events}
    assert OPENED in {e.kind.key for e in translation.events}
    place = "Message/Children/Child[1]/CINdetails[1]/CINclosureDate"
    assert translation.refused == (Refusal(Fault.BAD_VALUE, place),)


def test_a_child_that_cannot_be_read_leaves_the_others() -> None:
    """Each child is read for itself."""
    first, second = census(OPEN).decode(), census(OPEN, ids="<Sex>M</Sex>").decode()
    child = second[second.index("<Child>") : second.index("</Children>")]
    translation = read(first.replace("</Children>", child + "</Children>").encode())
    assert len(translation.events) == 1
    where = "Message/Children/Child[2]/ChildIdentifiers"
    assert translation.refused == (Refusal(Fault.NO_CHILD, where),)


def test_a_referral_without_action_opens_a_case_if_a_plan_followed() -> None:
    """A flag that the rest of the episode contradicts does not hide the case."""
    translation = read(census(FULL.replace("FALSE", "TRUE")))
    assert not translation.refused
    assert translation.events[0].kind.key == OPENED


def test_every_event_is_found_again_in_what_is_written() -> None:
    """A plan's end is written with its start, as the census has it; both are read back."""
    for event in read(census(FULL)).events:
        again = read(ADAPTER.format.write(full_view(event), SPEAKER).body)
        assert not again.refused
        assert event.sections in [e.sections for e in again.events if e.kind == event.kind]
        assert {e.time for e in again.events} == {event.time}


def test_what_is_written_is_valid_under_the_schema_of_2023() -> None:
    """Each message holds to the 2023 schema where the view has what the schema demands."""
    schema = etree.XMLSchema(etree.parse(SAMPLES / "CIN_schema_2023.xsd"))
    opened, *plans, _ = read(census(FULL)).events
    schema.assertValid(etree.fromstring(ADAPTER.format.write(full_view(opened), SPEAKER).body))
    for event in plans:  # only a referral source is missing: a plan's event has none
        root = etree.fromstring(ADAPTER.format.write(full_view(event), SPEAKER).body)
        date = root.find(".//CINreferralDate")
        assert date is not None
        source = etree.Element("ReferralSource")
        source.text = "1A"
        date.addnext(source)
        schema.assertValid(root)


def test_later_censuses_are_written_with_sex() -> None:
    """Without a setting the census is the one whose 31 March comes next."""
    view = full_view(read(census(OPEN, ids=AFTER_2023)).events[0])
    body = ADAPTER.format.write(view, AgencySystem("borough-care", {"census_year": "2026"})).body
    assert b"<Sex>M</Sex>" in body
    assert b"<Year>2023</Year>" not in body
    assert b"<Year>2024</Year>" in ADAPTER.format.write(view, AgencySystem("borough-care")).body


def _event(key: str, *held: CarePlan | CaseClosed | CaseOpened) -> Event:
    identity = Identity(la_child_id=la_child_id("CH1", "201"))
    return make_event(key, "borough-care", WHEN, (identity, *held), seed="s")


def test_what_the_census_has_no_place_for_is_declined() -> None:
    """Other plans, reviews of plans it has no reviews for, and foreign case numbers."""
    opened = read(census(OPEN)).events[0].section(CaseOpened)
    case = opened.case_id if opened else None
    plan = {"case_id": case, "change": CarePlanChange.STARTED, "start_date": dt.date(2023, 1, 1)}
    declined = [
        _event(CHANGED, CarePlan(plan_kind=CarePlanKind.SHORT_BREAKS, **plan)),
        _event(CHANGED, CarePlan(plan_kind=CarePlanKind.LOOKED_AFTER, **plan)),
        _event(
            CHANGED,
            CarePlan(
                plan_kind=CarePlanKind.CHILD_IN_NEED,
                **{**plan, "change": CarePlanChange.REVIEWED},
            ),
        ),
        _event(CHANGED, CarePlan(plan_kind="child-in-need", **{**plan, "case_id": "C-77"})),
        _event(CLOSED, CaseClosed(case_id="C-77", closed_on=dt.date(2023, 1, 1))),
    ]
    for event in declined:
        with pytest.raises(CannotExpress):
            ADAPTER.format.write(full_view(event), SPEAKER)


def test_a_child_without_a_number_is_written_by_its_pseudonym() -> None:
    """The recipient's own name for the child stands in for an id it may not have."""
    event = _event(OPENED, CaseOpened(case_id="C1", referral_date=dt.date(2023, 1, 1)))
    view = full_view(event, child="hub-9")
    kept = {c: s for c, s in view.sections.items() if c != "identity"}
    thin = type(view)(
        delivery_id="d", kind=view.kind, source="a", child="hub-9", time=view.time, sections=kept
    )
    assert b"<LAchildID>hub-9</LAchildID>" in ADAPTER.format.write(thin, SPEAKER).body


def test_a_setting_that_is_no_year_is_an_operators_error() -> None:
    """The census year is a year."""
    view = full_view(read(census(OPEN)).events[0])
    with pytest.raises(ConfigurationError):
        ADAPTER.format.write(view, AgencySystem("borough-care", {"census_year": "next"}))
