"""One way, and only one, to write a value down as bytes: canonical JSON (RFC 8785).

A hash is of bytes, so two programs that mean the same entry must write the same bytes: object keys
in UTF-16 order, no spaces, one spelling for every number and string. The ``rfc8785`` library does
the writing; what it refuses (a number that JSON cannot carry exactly, text that is not Unicode) is
refused here under our own error.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import rfc8785

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"
"""A value that JSON can carry. Lists and dictionaries only; other containers are refused."""


class NotCanonical(ValueError):
    """A value that canonical JSON cannot carry; the text never quotes it."""

    code = "ledger-not-canonical"


def canonical(value: Json) -> bytes:
    """Write ``value`` as canonical JSON in UTF-8, per RFC 8785.

    ``value`` is null, a boolean, a number, text, or a list or dict of these with text keys.
    Integers must lie within plus or minus 2**53 - 1 and fractions must be finite (RFC 7493).
    Raises NotCanonical for anything else, and for nesting too deep to follow.
    """
    try:
        return rfc8785.dumps(value)
    except (ValueError, TypeError, RecursionError) as error:
        detail = f"the value cannot be written as canonical JSON ({type(error).__name__})"
        raise NotCanonical(detail) from error
