"""Read FHIR Patient and RelatedPerson as the sections identity, contact and family.

UK Core Patient and RelatedPerson, PDS confidentiality labels. Parental responsibility has no place
in FHIR: it stays unknown unless our own extension says it.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from adapters.contract import AgencySystem
from adapters.fhir import codes as fc
from adapters.fhir.bundle import Bundle, BundleEntry, security_of
from adapters.fhir.places import Lookup, address, organisation_code
from adapters.fhir.settings import FhirSettings
from schemas.errors import Fault, InputRefused
from schemas.event import names_a_child
from schemas.fhir import systems
from schemas.fhir.moments import day, in_use
from schemas.fhir.reading import (
    CODE,
    SHORT,
    Node,
    boolean,
    child,
    children,
    codes,
    extension,
    string,
    strings,
    truncated,
)
from schemas.identifiers import (
    Assurance,
    Identifier,
    la_child_id,
    local_id,
    nhs_number,
    uln,
    upn,
)
from schemas.people import (
    Address,
    Contact,
    ContactPoint,
    Family,
    Identity,
    Relative,
    Sex,
    Telephone,
    WhereaboutsFlag,
)
from schemas.sections import Section
from schemas.times import LONDON

# The PDS FHIR API names a Patient by the NHS number itself.
_PDS_PATIENT = re.compile(r"/personal-demographics/FHIR/R4/Patient/([0-9]{10})$")
_TELEPHONE = 40


@dataclass(frozen=True, slots=True)
class BundlePeople:
    """Reads the people of one bundle; ``look`` follows a reference to a checked resource."""

    bundle: Bundle
    speaker: AgencySystem
    at: dt.datetime
    look: Lookup

    def child(self, entry: BundleEntry) -> tuple[Section, ...]:
        """Read a Patient with its relatives; raises InputRefused with BAD_VALUE or NO_CHILD."""
        node = self.bundle.checked(entry)
        identity = self._or_pseudonym(self._identity(node), node)
        if not names_a_child(identity):
            raise InputRefused(Fault.NO_CHILD)
        return identity, self._contact(entry, node), self._family(entry, node)

    def named_only(self, reference: Node) -> Identity | None:
        """Read a logical reference: an identifier, or a PDS address, with no Patient to go with."""
        node: Node = {"identifier": reference.get("identifier")}
        identity = self._or_pseudonym(self._identifiers(node), node)
        pds = _PDS_PATIENT.search(string(reference, "reference") or "")
        if pds and identity.nhs_number is None:
            identity = identity.model_copy(update={"nhs_number": nhs_number(pds[1])})
        return identity if names_a_child(identity) else None

    def matching(self, reference: Node) -> BundleEntry | None:
        """Find the one Patient here that bears a logical reference's identifier."""
        wanted = {_key(i) for i in children(reference, "identifier")} - {None}
        found = []
        for entry in self.bundle.of_kind("Patient"):
            try:
                node = self.bundle.checked(entry)
            except InputRefused:
                continue
            if wanted & {_key(i) for i in children(node, "identifier")}:
                found.append(entry)
        return found[0] if len(found) == 1 else None

    def contradicts(self, reference: Node, patient: BundleEntry) -> bool:
        """Whether a reference names one child by address and another by NHS number."""
        named = {k for i in children(reference, "identifier") if (k := _key(i))}
        try:
            borne = {
                k for i in children(self.bundle.checked(patient), "identifier") if (k := _key(i))
            }
        except InputRefused:
            return False
        numbers = {k for k in named if k[0] == systems.NHS_NUMBER}
        return bool(numbers - borne) and any(k[0] == systems.NHS_NUMBER for k in borne)

    def _identity(self, node: Node) -> Identity:
        legal, used = self._names(node)
        given = strings(legal, "given")
        extra = extension(node, fc.EXPECTED_BIRTH_DATE)
        ethnic = extension(node, fc.ETHNIC_CATEGORY)
        code = next((c for _, c in codes(ethnic, "valueCodeableConcept")), None)
        return self._identifiers(node).model_copy(
            update={
                "family_name": string(legal, "family", SHORT),
                "given_name": truncated(given[0], SHORT) if given else None,
                "middle_names": truncated(" ".join(given[1:]), SHORT),
                "preferred_family_name": string(used, "family", SHORT),
                "preferred_given_name": string(used, "given", SHORT),
                "birth_date": self._past(node, "birthDate"),
                "expected_birth_date": day(string(extra, "valueDate"), "extension.valueDate"),
                "death_date": self._past(node, "deceasedDateTime"),
                "sex": Sex(sex) if (sex := string(node, "gender")) else None,
                "ethnicity": code if code and len(code) <= CODE else None,
            }
        )

    def _past(self, node: Node, name: str) -> dt.date | None:
        found = day(string(node, name), name)
        # A day's grace: received_at may be just before midnight of a newborn's day.
        if found is not None and (found - self.at.astimezone(LONDON).date()).days > 1:
            raise InputRefused(Fault.BAD_VALUE, name)
        return found

    def _names(self, node: Node) -> tuple[Node, Node]:
        """Choose the legal name and the name used; PDS gives only the latter, under "usual"."""
        names = [n for n in children(node, "name") if n.get("use") not in ("old", "anonymous")]
        names.sort(key=lambda n: not in_use(n, self.at))
        by_use = {str(n.get("use")): n for n in reversed(names)}
        plain = next((n for n in names if n.get("use") not in ("nickname", "maiden", "temp")), {})
        legal = by_use.get("official") or by_use.get("usual") or plain
        used = by_use.get("usual", {}) if "official" in by_use else {}
        return legal, used or by_use.get("nickname", {})

    def _identifiers(self, node: Node) -> Identity:
        every = [i for i in children(node, "identifier") if string(i, "value")]
        live = [i for i in every if in_use(i, self.at)]
        named = {s: i for i in reversed(live) if (s := string(i, "system"))}
        la_id = named.get(fc.LA_CHILD_ID)
        return Identity(
            nhs_number=_nhs_number(
                [i for i in live if i.get("system") in systems.NHS_NUMBER_SYSTEMS]
            ),
            upn=_own(named.get(systems.UPN), upn),
            former_upn=_own(named.get(fc.FORMER_UPN), upn),
            uln=_own(named.get(fc.ULN), uln),
            la_child_id=self._locally(la_child_id, la_id) if la_id else None,
            local_id=self._local_id(live),
        )

    def _or_pseudonym(self, identity: Identity, node: Node) -> Identity:
        """Use the hub's own pseudonym for the child where there is no other identifier."""
        found = (i for i in children(node, "identifier") if i.get("system") == systems.CHILD)
        value = next((v for i in found if (v := string(i, "value"))), None)
        if names_a_child(identity) or value is None:
            return identity
        return identity.model_copy(update={"local_id": local_id(value, "interagency-hub")})

    def _local_id(self, live: list[Node]) -> Identifier | None:
        strange = systems.NHS_NUMBER_SYSTEMS | fc.OWN_IDENTIFIERS
        local = [i for i in live if i.get("system") not in strange]
        own_system = self.speaker.settings_as(FhirSettings).local_id_system
        local.sort(key=lambda i: (i.get("system") != own_system, not _is_record_number(i)))
        return self._locally(local_id, local[0]) if local else None

    def _locally(
        self, read: Callable[[str, str], Identifier | None], identifier: Node
    ) -> Identifier | None:
        """Read a number that only its issuer can check; doubt once had of it stays."""
        number = read(_as_given(identifier), self._issuer(identifier))
        doubted = string(extension(identifier, fc.ASSURANCE), "valueCode") == Assurance.SUSPECT
        return (
            number.model_copy(update={"assurance": Assurance.SUSPECT})
            if number and doubted
            else number
        )

    def _issuer(self, identifier: Node) -> str:
        assigner = child(identifier, "assigner")
        named = string(child(assigner, "identifier"), "value") or string(assigner, "display")
        return (truncated(named, CODE) if named else None) or self.speaker.agency

    def _contact(self, entry: BundleEntry, node: Node) -> Contact:
        labels = {c for _, c in codes(child(node, "meta"), "security")}
        labels |= security_of(self.bundle.raw)
        found = [fc.CONFIDENTIALITIES[c] for c in labels if c in fc.CONFIDENTIALITIES]
        # The child's own number is sometimes given as a contact whose relationship is ONESELF.
        oneself = [c for c in children(node, "contact") if _is_oneself(c)]
        telephones = [t for n in (node, *oneself) for t in self._telephones(n)]
        return Contact(
            address=self._address(children(node, "address")),
            telephones=tuple(dict.fromkeys(telephones))[:20],
            email=self._email(node),
            gp_practice=self._practice(entry, node),
            confidentiality=max(found, key=list(WhereaboutsFlag).index) if found else None,
        )

    def _practice(self, entry: BundleEntry, node: Node) -> str | None:
        for reference in children(node, "generalPractitioner"):
            if in_use(child(reference, "identifier"), self.at):
                code = organisation_code(reference, entry, self.look)
                if code is not None:
                    return code
        return None

    def _telephones(self, node: Node) -> tuple[Telephone, ...]:
        found = []
        for point in children(node, "telecom"):
            number = string(point, "value")
            if point.get("system") in ("phone", "sms") and number and in_use(point, self.at):
                if len(number) > _TELEPHONE:
                    raise InputRefused(Fault.BAD_VALUE, "telecom.value")
                use = string(point, "use")
                found.append(Telephone(number=number, kind=use if use in fc.TELECOM_USES else None))
        return tuple(found[:20])

    def _email(self, node: Node) -> str | None:
        points = children(node, "telecom")
        live = (p for p in points if p.get("system") == "email" and in_use(p, self.at))
        return next((e for p in live if (e := string(p, "value", SHORT))), None)

    def _address(self, addresses: Iterable[Node]) -> Address | None:
        live = [a for a in addresses if in_use(a, self.at) and a.get("use") in (None, "home")]
        live.sort(key=lambda a: a.get("use") != "home")
        return next((made for a in live if (made := address(a)) is not None), None)

    def _family(self, entry: BundleEntry, node: Node) -> Family:
        people: list[Relative] = []
        points: list[ContactPoint] = []
        for person in (*self._contacts(node), *self._related(entry)):
            named = {_key(i): i for i in children(person, "identifier")}
            own = next((k[1] for k in named if k and k[0] == systems.PERSON), None)
            ref = own if own and len(own) <= 20 else f"p{len(people) + 1}"  # noqa: PLR2004
            people.append(_relative(person, ref))
            point = ContactPoint(
                ref=ref,
                address=self._address(children(person, "address")),
                same_address_as_child=boolean(extension(person, fc.SAME_ADDRESS), "valueBoolean"),
                telephones=self._telephones(person),
                email=self._email(person),
            )
            if point != ContactPoint(ref=ref):
                points.append(point)
        return Family(people=tuple(people[:50]), contact_points=tuple(points[:50]))

    def _contacts(self, node: Node) -> Iterable[Node]:
        found = children(node, "contact")
        return (c for c in found if not _is_oneself(c) and in_use(c, self.at) and _says_who(c))

    def _related(self, patient: BundleEntry) -> Iterable[Node]:
        for entry in self.bundle.of_kind("RelatedPerson"):
            try:
                node = self.bundle.checked(entry)
            except InputRefused:
                continue
            reference = child(node, "patient")
            target = self.bundle.resolve(string(reference, "reference"), entry)
            mine = (target or self.matching(reference)) is patient
            if mine and node.get("active") is not False and in_use(node, self.at):
                yield node


def _relative(person: Node, ref: str) -> Relative:
    name = child(person, "name")
    given = strings(name, "given")
    family = string(name, "family", SHORT)
    whole = string(name, "text", SHORT) if not given and not family else None
    pr = extension(person, fc.PARENTAL_RESPONSIBILITY)
    return Relative(
        ref=ref,
        # A name in one text becomes the family name: its parts are not guessed.
        family_name=family or whole,
        given_name=truncated(" ".join(given), SHORT),
        title=truncated(" ".join(strings(name, "prefix")), 40),
        relationship=_relationship(person),
        parental_responsibility=boolean(pr, "valueBoolean"),
    )


def _relationship(person: Node) -> str | None:
    found = list(codes(person, "relationship"))
    kin = [fc.RELATIONSHIPS.get(c.lower()) for s, c in found if s != fc.CONTACT_ROLE]
    roles = [fc.CONTACT_ROLES.get(c.lower()) for _, c in found]
    raw = [c for _, c in found if len(c) <= CODE]
    texts = [string(c, "text", CODE) for c in children(person, "relationship")]
    return next((r for r in (*kin, *roles, *raw, *texts) if r), None)


def _is_oneself(contact: Node) -> bool:
    return any(code == "ONESELF" for _, code in codes(contact, "relationship"))


def _says_who(contact: Node) -> bool:
    return any(contact.get(n) for n in ("name", "relationship", "telecom", "address"))


def _key(identifier: Node) -> tuple[str, str] | None:
    system, value = string(identifier, "system"), string(identifier, "value")
    if system in systems.NHS_NUMBER_SYSTEMS:
        system, value = systems.NHS_NUMBER, re.sub(r"[ -]", "", value or "")
    return (system, value) if system and value else None


def _as_given(identifier: Node) -> str:
    original = string(extension(identifier, fc.ORIGINAL), "valueString")
    return original or string(identifier, "value") or ""


def _own(identifier: Node | None, read: Callable[[str], Identifier | None]) -> Identifier | None:
    return read(_as_given(identifier)) if identifier else None


def _nhs_number(found: list[Node]) -> Identifier | None:
    read = []
    for one in found:
        status = extension(one, fc.VERIFICATION_STATUS)
        verified = any(c in fc.VERIFIED for _, c in codes(status, "valueCodeableConcept"))
        if number := nhs_number(_as_given(one), verified=verified):
            read.append(number)
    read.sort(key=lambda n: list(type(n.assurance)).index(n.assurance))
    if len({n.value for n in read if n.usable}) > 1:
        raise InputRefused(Fault.BAD_VALUE, "identifier")
    return read[0] if read else None


def _is_record_number(identifier: Node) -> bool:
    return any(code == "MR" for _, code in codes(identifier, "type"))
