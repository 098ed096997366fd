"""Identifiers: numbers with a check digit, numbers without, and what real files hold instead."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.gb import nhs as stdnum_nhs
from stdnum.gb import upn as stdnum_upn

from schemas import identifiers as ids
from schemas.identifiers import Assurance, Identifier

DIGITS = st.text("0123456789", min_size=12, max_size=12)


@pytest.mark.parametrize(
    "text",
    ["B801200005001", "P207000016049", "H801200001001", "R674123101121", "A123456789012"],
)
def test_a_permanent_upn_with_the_right_letter(text: str) -> None:
    """Published and computed examples are accepted."""
    assert ids.is_upn(text)
    assert not ids.is_temporary_upn(text)


def test_a_temporary_upn_ends_in_a_letter() -> None:
    """The example of the DfE's guidance."""
    assert ids.is_upn("G80120000101A")
    assert ids.is_temporary_upn("G80120000101A")


@pytest.mark.parametrize(
    "text",
    [
        "A801200005001",
        "A123456789123",
        "Q207000016049",
        "ABC0123456789",
        "X80120000A001",
        "I801200005001",
        "B80120000500",
        "B8012000050011",
        "B80120000500\N{ARABIC-INDIC DIGIT ONE}",
        "b801200005001",
        "",
    ],
)
def test_what_is_no_upn(text: str) -> None:
    """Wrong letter, wrong form, letters outside the alphabet, other scripts' digits."""
    assert not ids.is_upn(text)


@given(DIGITS)
def test_the_check_letter_agrees_with_another_library(digits: str) -> None:
    """python-stdnum computes the same letter for permanent numbers."""
    assert ids.upn_check_letter(digits) == stdnum_upn.calc_check_digit(digits)


@given(DIGITS, st.sampled_from(ids.UPN_ALPHABET))
def test_one_letter_of_23_fits(digits: str, letter: str) -> None:
    """A UPN is right for its own check letter only."""
    assert ids.is_upn(letter + digits) is (letter == ids.upn_check_letter(digits))


@pytest.mark.parametrize(
    "text",
    [
        "9434765919",
        "9434765870",
        "9990548609",
        "9449304424",
        "9912003888",
        "9000000009",
        "9999999999",
        "9449305552",
        "9658218881",
        "9876543210",
        "9691292211",
        "9449306613",
        "9449306494",
        "3333333333",
        "1111111111",
    ],
)
def test_an_nhs_number_with_the_right_digit(text: str) -> None:
    """Published test numbers are accepted."""
    assert ids.is_nhs_number(text)


@pytest.mark.parametrize(
    "text",
    [
        "1234567890",
        "9876543211",
        "1112223330",
        "9219068409",
        "9900000019",
        "9991234566",
        "0449310999",
        "0000000000",
        "987654321",
        "98765432100",
        "98765A3210",
        "987 654 3210",
        "\N{FULLWIDTH DIGIT NINE}876543210",
        "\N{ARABIC-INDIC DIGIT NINE}876543210",
        "",
    ],
)
def test_what_is_no_nhs_number(text: str) -> None:
    """Wrong digit, all zeros, wrong length, other scripts' digits."""
    assert not ids.is_nhs_number(text)


@pytest.mark.parametrize("prefix", ["943476582", "943476596"])
def test_some_prefixes_can_never_be_nhs_numbers(prefix: str) -> None:
    """A check value of 10 has no digit."""
    assert not any(ids.is_nhs_number(f"{prefix}{digit}") for digit in range(10))


@given(st.text("0123456789", min_size=10, max_size=10).filter(lambda t: t[0] != "0"))
def test_nhs_numbers_agree_with_another_library(digits: str) -> None:
    """python-stdnum accepts and refuses the same numbers, but for a leading zero."""
    assert ids.is_nhs_number(digits) is stdnum_nhs.is_valid(digits)


@pytest.mark.parametrize("text", ["987 654 3210", "987-654-3210", " 9876543210 "])
def test_an_nhs_number_is_normalised_and_its_text_kept(text: str) -> None:
    """Spaces and hyphens go; the original stays beside the value."""
    assert ids.nhs_number(text) == Identifier(value="9876543210", original=text)


def test_an_upn_is_normalised_and_its_text_kept() -> None:
    """Spaces go and letters become capitals."""
    assert ids.upn("b8012 00005001") == Identifier(value="B801200005001", original="b8012 00005001")


def test_a_number_checked_with_the_national_service_is_verified() -> None:
    """Only the caller can know that it was traced."""
    number = ids.nhs_number("9990548609", verified=True)
    assert number is not None
    assert number.assurance is Assurance.VERIFIED


def test_a_wrong_number_is_suspect_though_called_verified() -> None:
    """No service can have verified a number that cannot exist."""
    number = ids.nhs_number("9876543211", verified=True)
    assert number == Identifier(value="9876543211", assurance=Assurance.SUSPECT)
    assert number is not None
    assert not number.usable


@pytest.mark.parametrize("read", [ids.nhs_number, ids.upn, ids.uln])
def test_an_empty_text_is_no_identifier(read: object) -> None:
    """Absent is not suspect."""
    assert callable(read)
    assert read("") is None
    assert read("   ") is None


@given(st.text(min_size=1))
def test_whatever_stands_in_the_field_is_read_without_an_error(text: str) -> None:
    """Any text is absent, good, or kept as suspect within bounds."""
    for number in (ids.nhs_number(text), ids.upn(text), ids.uln(text), ids.local_id(text, "oak")):
        if number is not None:
            assert 1 <= len(number.value) <= 64
            assert number.original is None or number.original != number.value


@pytest.mark.parametrize(("text", "good"), [("1000000043", True), ("1000000042", False)])
def test_a_uln_has_a_check_digit(text: str, good: bool) -> None:
    """Ten minus the remainder of the weighted sum."""
    assert ids.is_uln(text) is good


@pytest.mark.parametrize("digit", range(10))
def test_a_uln_whose_sum_leaves_nothing_cannot_be(digit: int) -> None:
    """A remainder of zero has no check digit."""
    assert not ids.is_uln(f"100000006{digit}")


def test_a_local_number_names_who_gave_it() -> None:
    """The same number of two agencies is two identifiers."""
    assert ids.local_id(" 0042 ", "oak-school") == Identifier(
        value="0042", issuer="oak-school", original=" 0042 "
    )
    assert ids.la_child_id("7", "E09000001") == Identifier(value="7", issuer="E09000001")


def test_a_local_number_with_control_characters_is_suspect() -> None:
    """It is kept readable, and never matched on."""
    number = ids.local_id("12\x0034", "oak-school")
    assert number == Identifier(
        value="12 34", assurance=Assurance.SUSPECT, issuer="oak-school", original=None
    )


@pytest.mark.parametrize(
    ("check", "good", "bad"),
    [
        (ids.is_ods_code, "R0A09", "r0a"),
        (ids.is_urn, "100000", "012345"),
        (ids.is_ukprn, "10001234", "20001234"),
        (ids.is_laestab, "2013614", "201361"),
    ],
)
def test_codes_without_a_check_digit_are_known_by_their_form(
    check: object, good: str, bad: str
) -> None:
    """Form is all that can be checked."""
    assert callable(check)
    assert check(good)
    assert not check(bad)
    assert not check(good + "\n")
