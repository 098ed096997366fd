"""The Common Transfer File adapter: what it reads and what it refuses."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import ClassVar

import pytest

from adapters.contract import Adapter, AgencySystem, Translation, translate
from adapters.education_ctf import ADAPTER
from schemas.errors import Fault
from schemas.event import Event
from schemas.events import education
from schemas.identifiers import Assurance
from schemas.people import (
    Contact,
    Organisation,
    Sex,
)
from schemas.sections import Category
from tests.adapters.contract import FormatContract, document

SCHOOL = AgencySystem("hillside-school")
OWN_SCHOOL = {"school-urn": "100004", "school-name": "Hillside"}


def ctf(pupils: str, header: str = "", root: str = "CTfile", body: str = "CTFpupilData") -> bytes:
    """Make a file of the given pupils; ``header`` takes the place of the usual source school."""
    source = header or (
        "<SourceSchool><LEA>820</LEA><Estab>1234</Estab><URN>109876</URN>"
        "<SchoolName>Hillside Primary</SchoolName><AcademicYear>2026</AcademicYear></SourceSchool>"
        "<DestSchool><LEA>XXX</LEA><Estab>XXXX</Estab></DestSchool>"
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<{root}><Header>'
        "<DocumentName>Common Transfer File</DocumentName><CTFversion>25.0</CTFversion>"
        "<DateTime>2026-09-01T09:30:00</DateTime><DocumentQualifier>full</DocumentQualifier>"
        f"<SupplierID>TEST</SupplierID>{source}</Header><{body}>{pupils}</{body}></{root}>"
    ).encode()


WHO = (
    "<UPN>H801200001001</UPN><Surname>Okoro</Surname><Forename>Ada</Forename>"
    "<DOB>2015-03-09</DOB><Sex>F</Sex>"
)
FULL = f"""<Pupil>{WHO}
  <BasicDetails><FormerUPN>G80120000101A</FormerUPN><PreferredSurname>Oko</PreferredSurname>
    <PreferredForename>Addie</PreferredForename><MiddleNames>Grace May</MiddleNames>
    <NCyearActual>6</NCyearActual><Ethnicity>BAFR</Ethnicity><EnrolStatus>C</EnrolStatus>
  </BasicDetails>
  <FSMhistory><FSMreviewDate>2025-01-01</FSMreviewDate></FSMhistory>
  <LookedAfter><InCare>false</InCare></LookedAfter>
  <SENhistory>
    <SEN><StartDate>2021-09-01</StartDate><SENprovision>K</SENprovision></SEN>
    <SEN><StartDate>2024-02-12</StartDate><SENprovision>E</SENprovision></SEN>
    <SENneeds>
      <SENneed><NeedStartDate>2023-01-05</NeedStartDate><NeedEndDate>2024-01-05</NeedEndDate>
        <SENtypeRank>2</SENtypeRank><SENtype>SEMH</SENtype></SENneed>
      <SENneed><SENtypeRank>1</SENtypeRank><SENtype>SLCN</SENtype></SENneed>
      <SENneed><SENtypeRank>3</SENtypeRank><SENtype>BESD</SENtype></SENneed>
    </SENneeds>
  </SENhistory>
  <Address><BS7666Address><SAON>Flat 2</SAON><PAON>14</PAON><Street>Mill Lane</Street>
    <Locality>Eastfield</Locality><Town>Northtown</Town><PostTown>Bridgeford</PostTown>
    <UniquePropertyReferenceNumber>100012345678</UniquePropertyReferenceNumber></BS7666Address>
    <County>Testshire</County><PostCode>ZZ99 3VZ</PostCode></Address>
  <Phones><Phone><TelephoneType>H</TelephoneType><PhoneNo>01632 960001</PhoneNo></Phone></Phones>
  <Email>home@example.org</Email>
  <Contacts>
    <Contact><Order>1</Order><Title>Ms</Title><Surname>Okoro</Surname><Forename>Ngozi</Forename>
      <Relationship>PAM</Relationship><Responsibility>false</Responsibility>
      <Address><AddressAsPupil>true</AddressAsPupil></Address>
      <Phones><Phone><TelephoneType>M</TelephoneType>
        <PhoneNo>07700 900002</PhoneNo></Phone></Phones>
      <Email>ngozi@example.org</Email></Contact>
    <Contact><Order>2</Order><Surname>Bell</Surname><Relationship>SWR</Relationship></Contact>
    <Contact><Surname>Hart</Surname><Relationship>FOF</Relationship>
      <Responsibility>true</Responsibility>
      <Address><AddressLines><AddressLine1>3 High Street</AddressLine1></AddressLines>
      <PostCode>ZZ99 4AA</PostCode></Address></Contact>
  </Contacts>
  <Attendance>
    <YearData><Year>2025</Year><LEA>820</LEA><Estab>1234</Estab><SessionsPossible>380</SessionsPossible>
      <SessionsAuthorised>30</SessionsAuthorised><SessionsAttended>330</SessionsAttended>
      <SessionsUnauthorised>20</SessionsUnauthorised>
      <AttendSessions><AttendanceStartDate>2025-09-02</AttendanceStartDate>
        <AttendanceMarks>/\\/\\LUII##</AttendanceMarks></AttendSessions></YearData>
    <YearData><Year>2024</Year><SessionsPossible>380</SessionsPossible>
      <SessionsAttended>370</SessionsAttended></YearData>
  </Attendance>
  <StageAssessments><KeyStage><Stage>KS1</Stage></KeyStage></StageAssessments>
  <SchoolHistory>
    <School><LEA>820</LEA><Estab>5555</Estab><SchoolName>Meadow Infants</SchoolName>
      <EntryDate>2019-09-02</EntryDate><LeavingDate>2022-07-20</LeavingDate></School>
    <School><LEA>820</LEA><Estab>1234</Estab><URN>109876</URN>
      <SchoolName>Hillside Primary</SchoolName><EntryDate>2022-09-01</EntryDate>
      <LeavingDate>2026-07-21</LeavingDate><LeavingReason>MI</LeavingReason></School>
    <School><LEA>821</LEA><Estab>4000</Estab><SchoolName>Valley Academy</SchoolName>
      <EntryDate>2026-09-02</EntryDate></School>
  </SchoolHistory>
  <SuppInfo>Free text that is never routed</SuppInfo>
</Pupil>"""

# One pupil as Get Information About Pupils writes it: byte-order mark, assessments only.
GIAP = b"\xef\xbb\xbf" + ctf(
    f"<Pupil>{WHO}<FSMhistory><FSMinstance><FSMstartDate>2020-10-24</FSMstartDate></FSMinstance>"
    "</FSMhistory><StageAssessments><KeyStage><Stage>KS2</Stage></KeyStage></StageAssessments></Pupil>"
)
ATF = ctf(
    "<Pupil><ApplicationReference>820-2026-09-E-000123</ApplicationReference>"
    "<Forename>Tom</Forename><Surname>Vale</Surname><DOB>01/07/2021</DOB><Gender>M</Gender></Pupil>",
    "<SourceSchool><LEA>820</LEA><Estab>LLLL</Estab><SchoolName>Testshire</SchoolName></SourceSchool>"
    "<DestSchool><LEA>820</LEA><Estab>1234</Estab></DestSchool>",
    "ATfile",
    "ATFpupilData",
)
# A vendor that groups names differently, names its version in an attribute and spells contacts out.
VENDOR = b"""<?xml version="1.0"?>
<CTfile xmlns="http://www.dcsf.gov.uk/schemas/cbds" CTFversion="25"><header>
 <DateTime>2026-09-01T10:00:00Z</DateTime>
 <SourceSchool><LEA>820</LEA><Estab>8201234</Estab></SourceSchool></header>
 <Pupils><Pupil><upn>B801200005001</upn><GivenName>Lee</GivenName><LegalSurname>Moss</LegalSurname>
  <DateOfBirth>9 March 2014</DateOfBirth><YearGroup>7</YearGroup>
  <SENhistory><SENstage><SENstageType>K</SENstageType>
   <SENstageStartDate>2024-09-01</SENstageStartDate></SENstage></SENhistory>
  <SENprovision><SENprovisionInfo><SENtype>ASD</SENtype><SENtypeRank>1</SENtypeRank></SENprovisionInfo>
  </SENprovision>
  <Contacts><ContactDetails><Surname>Moss</Surname><RelationshipCode>PARE</RelationshipCode>
   <ParentalResponsibility>Y</ParentalResponsibility>
   <AddressDetails><AddressLine1>1 Lane</AddressLine1>
   <Postcode>ZZ99 3VZ</Postcode></AddressDetails><Phones><PhoneNumber><PhoneType>M</PhoneType>
   <Number>07700 900003</Number></PhoneNumber></Phones></ContactDetails></Contacts>
 </Pupil></Pupils></CTfile>"""
# Most real files hold UPNs with a wrong check letter; they are kept and marked.
SUSPECT = ctf(
    "<Pupil><UPN>A123456789123</UPN><Surname>Reed</Surname><Forename>Jo</Forename>"
    "<DOB>2012-11-30</DOB><Sex>U</Sex><SENhistory><SEN><SENprovision>S</SENprovision></SEN>"
    "</SENhistory><Address><AddressLines><AddressLine1>9 Row</AddressLine1>"
    "<AddressLine2>Village</AddressLine2></AddressLines></Address></Pupil>"
)


def read(body: bytes, speaker: AgencySystem = SCHOOL) -> Translation:
    """Translate a document."""
    return translate(ADAPTER.format, document(body, ".xml"), speaker)


def only(translation: Translation, key: str) -> Event:
    """Give the one event of a type."""
    (event,) = [e for e in translation.events if e.kind.name == key]
    return event


class TestCtfContract(FormatContract):
    """The promises every format keeps."""

    adapter: ClassVar[Adapter] = ADAPTER
    speaker: ClassVar[AgencySystem] = SCHOOL
    good: ClassVar[Mapping[str, bytes]] = {
        "full": ctf(FULL),
        "giap": GIAP,
        "atf": ATF,
        "vendor": VENDOR,
        "suspect": SUSPECT,
        "two pupils": ctf(FULL + f"<Pupil>{WHO}</Pupil>"),
        "utf-16": ctf(FULL).decode().replace('encoding="UTF-8"', "").encode("utf-16"),
        "bare": f"<CTF><Header><SourceSchool><URN>109876</URN></SourceSchool></Header><Pupil>{WHO}"
        "</Pupil></CTF>".encode(),
    }
    bad: ClassVar[Mapping[str, tuple[bytes, Fault]]] = {
        "two roots": (b"<header/><ATFpupilData/>", Fault.NOT_XML),
        "cut": (ctf(FULL)[:900], Fault.NOT_XML),
        "latin": (ctf(FULL).replace(b"Ngozi", b"Zo\xe9"), Fault.WRONG_ENCODING),
        "other xml": (b"<Message><Children/></Message>", Fault.UNSUPPORTED),
        "no pupils": (ctf(""), Fault.UNSUPPORTED),
        "nobody": (ctf("<Pupil><Forename>CANARY</Forename></Pupil>"), Fault.NO_CHILD),
        "birth date": (ctf(FULL.replace("2015-03-09", "2015-02-30")), Fault.BAD_VALUE),
        "net date": (ctf(FULL.replace("2015-03-09", "0001-01-01")), Fault.BAD_VALUE),
        "provision": (
            ctf(FULL.replace("<SENprovision>E", "<SENprovision>CANARY")),
            Fault.BAD_VALUE,
        ),
        "sessions": (ctf(FULL.replace(">330<", ">CANARY<")), Fault.BAD_VALUE),
        "too many attended": (ctf(FULL.replace(">330<", ">999<")), Fault.BAD_VALUE),
        "truth": (ctf(FULL.replace(">false</Resp", ">CANARY</Resp")), Fault.BAD_VALUE),
        "long name": (ctf(FULL.replace("Ngozi", "CANARY" * 60)), Fault.BAD_VALUE),
        "no school": (ctf(f"<Pupil>{WHO}</Pupil>", "<DestSchool/>"), Fault.MISSING_FIELD),
        "authority only": (
            ctf(
                f"<Pupil>{WHO}</Pupil>",
                "<SourceSchool><LEA>820</LEA><Estab>LLLL</Estab></SourceSchool>",
            ),
            Fault.UNSUPPORTED,
        ),
        "school number": (
            ctf(
                f"<Pupil>{WHO}</Pupil>",
                "<SourceSchool><LEA>82</LEA><Estab>12</Estab></SourceSchool>",
            ),
            Fault.BAD_VALUE,
        ),
        "needs without level": (
            ctf(
                f"<Pupil>{WHO}<SENhistory><SENneeds><SENneed><SENtype>ASD</SENtype></SENneed>"
                "</SENneeds></SENhistory></Pupil>"
            ),
            Fault.MISSING_FIELD,
        ),
    }
    lossless: ClassVar[frozenset[str]] = ADAPTER.format.reads


class TestReading:
    """What a file means."""

    def test_a_registration_says_who_where_and_which_school(self) -> None:
        """Identity, home, family, school, year and former school are read."""
        event = only(read(ctf(FULL)), "education.child-registered")
        who = event.identity
        assert who.upn is not None
        assert who.upn.value == "H801200001001"
        assert who.former_upn is not None
        assert who.birth_date == dt.date(2015, 3, 9)
        assert who.sex is Sex.FEMALE
        assert who.middle_names == "Grace May"
        registration = event.section(education.SchoolRegistration)
        assert registration is not None
        assert registration.school == Organisation(
            name="Hillside Primary", urn="109876", laestab="8201234"
        )
        assert registration.entry_date == dt.date(2022, 9, 1)
        assert registration.previous_school is not None
        assert registration.previous_school.name == "Meadow Infants"
        contact = event.section(Contact)
        assert contact is not None
        assert contact.address is not None
        assert contact.address.lines == ("Flat 2", "14", "Mill Lane", "Eastfield", "Northtown")
        assert contact.address.town == "Bridgeford"

    def test_local_times_are_london_times(self) -> None:
        """A summer time without an offset is an hour ahead of UTC."""
        event = read(ctf(FULL)).events[0]
        assert event.time == dt.datetime(2026, 9, 1, 8, 30, tzinfo=dt.UTC)

    def test_responsibility_is_never_inferred(self) -> None:
        """A mother without it has none, and where nothing is said nothing is known."""
        body = ctf(FULL)
        family = next(
            s for s in read(body).events[0].sections.values() if s.category is Category.FAMILY
        )
        people = family.people  # type: ignore[attr-defined]  # a Family, by its category
        assert [p.relationship for p in people] == ["mother", "social-worker", "foster-father"]
        assert [p.parental_responsibility for p in people] == [False, None, True]

    def test_the_latest_provision_is_the_present_one(self) -> None:
        """Of two levels the later stands; needs are ranked; old codes are kept as local ones."""
        support = only(read(ctf(FULL)), "education.sen-support-recorded").section(
            education.SenSupport
        )
        assert support is not None
        assert support.provision is education.SenProvision.EHC_PLAN
        assert support.start_date == dt.date(2024, 2, 12)
        assert [n.type for n in support.needs] == ["SLCN", "SEMH"]
        assert support.local_needs == ("BESD",)

    def test_two_levels_that_began_on_one_day_are_not_chosen_between(self) -> None:
        """The SEN part is refused, the rest of the pupil is read."""
        translation = read(ctf(FULL.replace("2021-09-01", "2024-02-12")))
        assert [r.where for r in translation.refused] == ["CTFpupilData/Pupil[1]/SENhistory"]
        assert len(translation.events) == 3

    def test_no_special_needs_say_nothing(self) -> None:
        """Provision N alone makes no event and no refusal."""
        body = ctf(
            f"<Pupil>{WHO}<SENhistory><SEN><StartDate>2020-09-01</StartDate>"
            "<SENprovision>N</SENprovision></SEN></SENhistory></Pupil>"
        )
        translation = read(body)
        assert [e.kind.name for e in translation.events] == ["education.child-registered"]
        assert not translation.refused

    @pytest.mark.parametrize(
        ("attended", "threshold", "expected"),
        [(342, None, 1), (343, None, 0), (342, "85", 0), (323, "85", 1)],
    )
    def test_attendance_at_or_below_the_threshold_is_a_concern(
        self, attended: int, threshold: str | None, expected: int
    ) -> None:
        """Ten per cent missed is a concern by default; the setting moves the threshold."""
        speaker = AgencySystem("s", {"attendance-threshold": threshold} if threshold else {})
        translation = read(ctf(FULL.replace(">330<", f">{attended}<")), speaker)
        concerns = [e for e in translation.events if e.kind.name == "education.attendance-concern"]
        assert len(concerns) == expected

    def test_a_leaver_leaves_for_the_next_school(self) -> None:
        """The own leaving date makes the event, the following entry names where to."""
        moved = only(read(ctf(FULL)), "education.school-placement-changed").section(
            education.SchoolPlacement
        )
        assert moved is not None
        assert moved.changed_on == dt.date(2026, 7, 21)
        assert moved.reason == "MI"
        assert moved.to_school is not None
        assert moved.to_school.laestab == "8214000"

    def test_leaving_comes_last(self) -> None:
        """The hub must know the child before it hears that the child leaves."""
        names = [e.kind.name for e in read(ctf(FULL)).events]
        assert names[0] == "education.child-registered"
        assert names[-1] == "education.school-placement-changed"

    def test_an_admissions_file_registers_at_its_destination(self) -> None:
        """An authority's ATF tells the school where the child is admitted."""
        event = only(read(ATF), "education.child-registered")
        registration = event.section(education.SchoolRegistration)
        assert registration is not None
        assert registration.school == Organisation(laestab="8201234")
        assert event.record == "820-2026-09-E-000123"

    def test_a_declined_place_registers_nobody(self) -> None:
        """An ATF that says the place was not accepted is refused for that pupil."""
        declined = ATF.replace(
            b"</Gender>", b"</Gender><Admissions><Accept>false</Accept></Admissions>"
        )
        translation = read(declined)
        assert not translation.events
        assert {r.fault for r in translation.refused} == {Fault.UNSUPPORTED}

    def test_settings_name_the_school_a_file_does_not(self) -> None:
        """Without a source in the header, the agency's own school stands."""
        body = ctf(f"<Pupil>{WHO}</Pupil>", "<DestSchool/>")
        registration = (
            read(body, AgencySystem("hillside-school", OWN_SCHOOL))
            .events[0]
            .section(education.SchoolRegistration)
        )
        assert registration is not None
        assert registration.school == Organisation(urn="100004", name="Hillside")

    def test_a_wrong_check_letter_is_kept_and_marked(self) -> None:
        """The UPN travels as suspect."""
        who = read(SUSPECT).events[0].identity
        assert who.upn is not None
        assert who.upn.assurance is Assurance.SUSPECT

    def test_one_bad_pupil_does_not_hold_up_the_others(self) -> None:
        """The refused pupil is named by its place."""
        translation = read(ctf(FULL.replace("2015-03-09", "never") + f"<Pupil>{WHO}</Pupil>"))
        assert len(translation.events) == 1
        assert translation.refused[0].where == "CTFpupilData/Pupil[1]/DOB"

    @pytest.mark.parametrize(
        "date",
        ["2015-03-09", "2015-03-09T00:00:00", "09/03/2015", "9-Mar-2015", "20150309", "9.3.2015"],
    )
    def test_dates_are_read_as_real_files_write_them(self, date: str) -> None:
        """Each form is the same day."""
        who = read(ctf(FULL.replace("2015-03-09", date))).events[0].identity
        assert who.birth_date == dt.date(2015, 3, 9)

    @pytest.mark.parametrize("date", ["09/03/15", "2015-03-08T23:00:00Z", "soon", "2015-13-01"])
    def test_dates_are_not_guessed(self, date: str) -> None:
        """Two-digit years and shifted midnights are refused."""
        refused = read(ctf(FULL.replace("2015-03-09", date))).refused
        assert Fault.BAD_VALUE in {r.fault for r in refused}
