"""Resolve a reference inside a Bundle, as the Bundle chapter of FHIR says.

By fullUrl, by relative URL under the same base, by ``urn:uuid``; the version after ``/_history/``
is left out. A reference stays unresolved where two entries could be meant: a child's record must
never go with another child.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Generic, Protocol, TypeVar

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
    return ReferenceIndex(entries).resolve(reference, source_url)


class ReferenceIndex(Generic[T]):
    """The entries of a Bundle by what a reference may name; each look-up takes constant time."""

    def __init__(self, entries: Iterable[T]) -> None:
        self._by_url: dict[str, list[T]] = {}
        self._by_id: dict[str, list[T]] = {}
        self._by_tail: dict[str, list[T]] = {}
        versions: set[tuple[str, str, str | None]] = set()
        for entry in entries:
            if entry.id:
                version = (entry.kind, entry.id, entry.url)
                if version in versions:  # a history: the newest version comes first
                    continue
                versions.add(version)
            if entry.url:
                self._by_url.setdefault(entry.url.lower(), []).append(entry)
            if entry.id:
                self._by_id.setdefault(entry.id.lower(), []).append(entry)
            for tail in {f"{entry.kind}/{entry.id}", *_tails(entry.url)}:
                self._by_tail.setdefault(tail, []).append(entry)

    def resolve(self, reference: str, source_url: str | None = None) -> T | None:
        """Find the one entry a reference means; ``source_url`` is the full URL of its holder."""
        target = _VERSION.sub("", reference)
        by_url = self._by_url.get(target.lower())
        candidates = by_url or self._near(target, _base(source_url))
        return _only(candidates) if candidates else None

    def _near(self, target: str, base: str | None) -> list[T]:
        """Match ``Type/id`` under the same base, then ids of entries without a full URL."""
        bare = target.lower().removeprefix(URN_UUID)
        if "/" not in bare:
            return self._by_id.get(bare, [])
        tail = _TAIL.search(target)
        if tail is None:
            return []
        same = self._by_tail.get(tail[1], [])
        if tail.start(1):
            return [e for e in same if e.url is None]
        near = [e for e in same if base is not None and _base(e.url) == base]
        return near or same


def _base(url: str | None) -> str | None:
    """Return the part of a full URL before ``Type/id``."""
    tail = _TAIL.search(url or "")
    return url[: tail.start(1)] if url and tail else None


def _tails(url: str | None) -> Iterator[str]:
    """Yield the ``Type/id`` with which a full URL ends, after a slash."""
    parts = (url or "").split("/")
    if len(parts) > 2:  # noqa: PLR2004  something, type, id
        yield "/".join(parts[-2:])


def _only(candidates: Sequence[T]) -> T | None:
    # A history holds versions of one resource, newest first; two resources are ambiguous.
    first = candidates[0]
    same = all(e.kind == first.kind and e.id and e.id == first.id for e in candidates[1:])
    return first if len(candidates) == 1 or same else None
