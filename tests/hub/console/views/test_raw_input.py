"""What was received, made safe to read."""

from __future__ import annotations

import pytest

from hub.console.views.raw_input import MOST_HEX, MOST_TEXT, readable


def test_segments_of_hl7_are_lines() -> None:
    """A carriage return ends one, and the marks of MLLP are left out."""
    made = readable(b"\x0bMSH|^~\\&|A\rPID|1\x1c\r")
    assert made.is_text
    assert made.text.startswith("MSH|^~\\&|A\nPID|1\n")


@pytest.mark.parametrize("body", [b"\x00\x01", b"\xff\xfe", b"text\x07bell", b"\x80"])
def test_what_is_not_text_is_in_hexadecimal(body: bytes) -> None:
    """With its letters beside it."""
    made = readable(body)
    assert not made.is_text
    assert made.text.startswith("000000  ")


def test_a_line_of_hexadecimal_has_sixteen_bytes() -> None:
    """And says where it begins."""
    lines = readable(b"\x00" + b"A" * 16).text.splitlines()
    assert lines[0].endswith("  .AAAAAAAAAAAAAAA")
    assert lines[1] == f"000010  {'41':<47}  A"


def test_what_turns_text_round_is_named() -> None:
    """Nobody reads something else than what stands there."""
    assert readable("a\u202eb\u2066c\ufeff".encode()).text == "a[U+202E]b[U+2066]c[U+FEFF]"


def test_a_cut_goes_through_no_character() -> None:
    """What is left of one is left out."""
    made = readable(("x" * (MOST_TEXT - 1) + "é").encode())
    assert made.cut
    assert made.text == "x" * (MOST_TEXT - 1)


def test_a_wrong_byte_behind_the_cut_still_makes_it_no_text() -> None:
    """It is judged whole."""
    made = readable(b"x" * MOST_TEXT + b"\xff")
    assert (made.is_text, made.shown) == (False, MOST_HEX)


def test_nothing_is_nothing() -> None:
    """Content that is no longer kept."""
    assert readable(b"").size == 0
