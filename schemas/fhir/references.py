"""Resolve a reference inside a Bundle, as the Bundle chapter of FHIR says.

By fullUrl, by relative URL under the same base, by ``urn:uuid``; the version after ``/_history/``
is left out. A reference stays unresolved where two entries could be meant: a child's record must
never go with another child.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Protocol, TypeVar

URN_UUID = "urn:uuid:"
_VERSION = re.compile(r"/_history/[^/]*$")
_TAIL = re.compile(r"(?:^|/)([A-Za-z]+/[A-Za-z0-9.\-]+)$")


class Referable(Protocol):
    """One entry of a Bundle: its resource type, its logical id and its full URL, where known."""

    @property
    def kind(self) -> str:
        """The resource type."""

    @property
    def id(self) -> str | None:
        """The logical id."""

    @property
    def url(self) -> str | None:
        """The full URL."""


T = TypeVar("T", bound=Referable)


def resolve(reference: str, entries: Sequence[T], source_url: str | None = None) -> T | None:
    """Find the one entry a reference means; ``source_url`` is the full URL of its holder."""
    target = _VERSION.sub("", reference)
    by_url = [e for e in entries if e.url and e.url.lower() == target.lower()]
    candidates = by_url or _by_tail(target, entries, _base(source_url))
    return _only(candidates) if candidates else None


def _by_tail(target: str, entries: Sequence[T], base: str | None) -> list[T]:
    """Match ``Type/id`` under the same base, then ids of entries without a full URL."""
    bare = target.lower().removeprefix(URN_UUID)
    if "/" not in bare:
        return [e for e in entries if e.id and e.id.lower() == bare]
    tail = _TAIL.search(target)
    if tail is None:
        return []
    same = [e for e in entries if f"{e.kind}/{e.id}" == tail[1] or _ends(e, tail[1])]
    if tail.start(1):
        return [e for e in same if e.url is None]
    near = [e for e in same if base is not None and _base(e.url) == base]
    return near or same


def _base(url: str | None) -> str | None:
    """Return the part of a full URL before ``Type/id``."""
    tail = _TAIL.search(url or "")
    return url[: tail.start(1)] if url and tail else None


def _ends(entry: Referable, tail: str) -> bool:
    return entry.url is not None and entry.url.endswith("/" + tail)


def _only(candidates: Sequence[T]) -> T | None:
    # A history holds versions of one resource, newest first; two resources are ambiguous.
    first = candidates[0]
    same = all(e.kind == first.kind and e.id and e.id == first.id for e in candidates[1:])
    return first if len(candidates) == 1 or same else None
