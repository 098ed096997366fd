"""Canonical JSON: the vectors that RFC 8785 prints, and what is refused."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.canonical import Json, NotCanonical, canonical

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


def test_the_sample_of_rfc_8785_section_3_2_2_comes_out_as_printed() -> None:
    """Literals, numbers and escapes are spelled as in the RFC's first sample."""
    value: Json = {
        "numbers": [333333333.33333329, 1e30, 4.50, 2e-3, 0.000000000000000000000000001],
        "string": "\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\"/",
        "literals": [None, True, False],
    }
    assert canonical(value).decode() == (
        '{"literals":[null,true,false],'
        '"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    )


def test_keys_are_sorted_by_utf_16_as_in_rfc_8785_section_3_2_3() -> None:
    """The RFC's sorting sample keeps its order, with the emoji before the Hebrew letter."""
    value: Json = {
        "\u20ac": "Euro Sign",
        "\r": "Carriage Return",
        "\ufb33": "Hebrew Letter Dalet With Dagesh",
        "1": "One",
        "\U0001f600": "Emoji: Grinning Face",
        "\u0080": "Control",
        "\u00f6": "Latin Small Letter O With Diaeresis",
    }
    assert list(json.loads(canonical(value)).values()) == [
        "Carriage Return",
        "One",
        "Control",
        "Latin Small Letter O With Diaeresis",
        "Euro Sign",
        "Emoji: Grinning Face",
        "Hebrew Letter Dalet With Dagesh",
    ]


def _deep() -> Json:
    value: Json = None
    for _ in range(100_000):
        value = [value]
    return value


@pytest.mark.parametrize(
    "value",
    [2**53, -(2**53), math.nan, math.inf, "\ud800", {"\udfff": 1}, _deep()],
    ids=["large", "small", "nan", "infinity", "surrogate", "surrogate-key", "deep"],
)
def test_what_json_cannot_carry_exactly_is_refused_under_our_own_error(value: Json) -> None:
    """Numbers out of range, text that is not Unicode and endless nesting have a code."""
    with pytest.raises(NotCanonical) as caught:
        canonical(value)
    assert caught.value.code == "ledger-not-canonical"


@given(JSON)
def test_reading_canonical_json_and_writing_it_again_changes_nothing(value: Json) -> None:
    """Canonical JSON is ordinary JSON of the same value, and is its own canonical form."""
    data = canonical(value)
    assert json.loads(data) == value
    assert canonical(json.loads(data)) == data
