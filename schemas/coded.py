"""Codes with a sentence: an enumeration whose values never change their meaning."""

from __future__ import annotations

from enum import StrEnum
from typing import Self


class Coded(StrEnum):
    """The base of every list of codes: a member is its code, and carries its sentence."""

    sentence: str

    def __new__(cls, code: str, sentence: str = "") -> Self:
        """Make a member that is its code and carries its sentence."""
        member = str.__new__(cls, code)
        member._value_ = code
        member.sentence = sentence
        return member
