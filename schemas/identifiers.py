"""The numbers that name a child or an organisation, each with how far it may be trusted.

Real files are full of wrong numbers, so a number that fails its check is kept and marked
``suspect`` instead of refusing the event; a suspect number is never used to match or to route.

Sources: NHS number, NHS Data Dictionary (modulus 11); UPN, DfE UPN guide (check letter, modulus
23, permanent and temporary forms); ULN, Learning Records Service (modulus 11). ODS codes, URN,
UKPRN and local authority child ids have no check digit: only their form can be checked.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict
from stdnum.exceptions import ValidationError
from stdnum.gb import nhs

from schemas.fields import CHILD, MAY_LOCATE, NOWHERE, described

UPN_ALPHABET = "ABCDEFGHJKLMNPQRTUVWXYZ"  # 23 letters: no I, O, S
_UPN_FORM = re.compile(rf"[{UPN_ALPHABET}][0-9]{{11}}[0-9{UPN_ALPHABET}]")
_TEN_DIGITS = re.compile(r"[0-9]{10}")
_UNSAFE = re.compile(r"[\x00-\x1f\x7f]")


class System(StrEnum):
    """Which numbering scheme a child's identifier belongs to."""

    NHS_NUMBER = "nhs-number"
    UPN = "upn"
    ULN = "uln"
    LA_CHILD_ID = "la-child-id"
    LOCAL_ID = "local-id"


class Assurance(StrEnum):
    """How far an identifier may be trusted.

    verified: checked against the national service that issues it. asserted: well formed, on the
    sender's word. suspect: wrong check digit or letter, or an impossible form; never matched on.
    """

    VERIFIED = "verified"
    ASSERTED = "asserted"
    SUSPECT = "suspect"


class Identifier(BaseModel):
    """One identifier of a child, as normalised, with the original text where that differs."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    value: Annotated[
        str,
        described(CHILD, MAY_LOCATE, "Normalised value", "9990548609", min_length=1, max_length=64),
    ]
    assurance: Annotated[
        Assurance, described(CHILD, NOWHERE, "How far it may be trusted", "asserted")
    ] = Assurance.ASSERTED
    issuer: Annotated[
        str | None,
        described(
            CHILD, MAY_LOCATE, "Who issued it: LA number, ODS code or agency name", max_length=64
        ),
    ] = None
    original: Annotated[
        str | None,
        described(CHILD, MAY_LOCATE, "The text as received, where it differs", max_length=64),
    ] = None

    @property
    def usable(self) -> bool:
        """Whether the identifier may be used to match or to route."""
        return self.assurance is not Assurance.SUSPECT


def _identifier(
    text: str, cleaned: str, *, good: bool, verified: bool, issuer: str | None = None
) -> Identifier:
    original = _UNSAFE.sub(" ", text)[:64]
    if not good:
        assurance = Assurance.SUSPECT
    else:
        assurance = Assurance.VERIFIED if verified else Assurance.ASSERTED
    value = (cleaned if good else original.strip() or "?")[:64]
    return Identifier(
        value=value,
        assurance=assurance,
        issuer=issuer,
        original=original if original != value else None,
    )


def is_nhs_number(digits: str) -> bool:
    """Whether ten plain digits have the right check digit and could have been issued."""
    if not _TEN_DIGITS.fullmatch(digits) or digits.startswith("0"):
        return False
    try:
        nhs.validate(digits)
    except ValidationError:
        return False
    return True


def nhs_number(text: str, *, verified: bool = False) -> Identifier | None:
    """Read an NHS number; None where there is none. Spaces and hyphens may separate digits."""
    if not text.strip():
        return None
    cleaned = re.sub(r"[ -]", "", text)
    return _identifier(text, cleaned, good=is_nhs_number(cleaned), verified=verified)


def upn_check_letter(last_twelve: str) -> str:
    """Compute the check letter for characters 2 to 13 of a UPN (a temporary one may end so)."""
    values = (int(c) if c.isdigit() else UPN_ALPHABET.index(c) for c in last_twelve)
    return UPN_ALPHABET[sum(w * v for w, v in enumerate(values, start=2)) % 23]


def is_upn(text: str) -> bool:
    """Whether the text is a well-formed permanent or temporary UPN with the right check letter."""
    return bool(_UPN_FORM.fullmatch(text)) and upn_check_letter(text[1:]) == text[0]


def is_temporary_upn(text: str) -> bool:
    """Whether a UPN is one a school gave for the time being (its last character is a letter)."""
    return is_upn(text) and text[-1].isalpha()


def upn(text: str) -> Identifier | None:
    """Read a unique pupil number; None where there is none."""
    if not text.strip():
        return None
    cleaned = text.replace(" ", "").upper()
    return _identifier(text, cleaned, good=is_upn(cleaned), verified=False)


def is_uln(digits: str) -> bool:
    """Whether ten digits are a unique learner number with the right check digit."""
    if not _TEN_DIGITS.fullmatch(digits) or digits.startswith("0"):
        return False
    remainder = sum(w * int(d) for w, d in zip(range(10, 1, -1), digits[:9], strict=True)) % 11
    return remainder != 0 and 10 - remainder == int(digits[9])


def uln(text: str) -> Identifier | None:
    """Read a unique learner number; None where there is none."""
    if not text.strip():
        return None
    cleaned = text.replace(" ", "")
    return _identifier(text, cleaned, good=is_uln(cleaned), verified=False)


def la_child_id(text: str, issuer: str) -> Identifier | None:
    """Read a local authority's own child id; ``issuer`` is the authority that gave it."""
    return _local(text, issuer)


def local_id(text: str, issuer: str) -> Identifier | None:
    """Read an agency system's own record number; ``issuer`` is the agency that gave it."""
    return _local(text, issuer)


def _local(text: str, issuer: str) -> Identifier | None:
    cleaned = text.strip()
    if not cleaned:
        return None
    good = len(cleaned) <= 64 and not _UNSAFE.search(cleaned)  # noqa: PLR2004
    return _identifier(text, cleaned, good=good, verified=False, issuer=issuer)


def is_ods_code(text: str) -> bool:
    """Whether the text has the form of an NHS organisation (ODS) code; there is no check digit."""
    return re.fullmatch(r"[A-Z0-9]{3,12}", text) is not None


def is_urn(text: str) -> bool:
    """Whether the text has the form of a school's unique reference number: six digits."""
    return re.fullmatch(r"[1-9][0-9]{5}", text) is not None


def is_ukprn(text: str) -> bool:
    """Whether the text has the form of a UK provider reference number: eight digits from 1."""
    return re.fullmatch(r"1[0-9]{7}", text) is not None


def is_laestab(text: str) -> bool:
    """Whether the text is a local authority number and establishment number: seven digits."""
    return re.fullmatch(r"[0-9]{7}", text) is not None
