"""Every kind of ledger entry: written, read back, found, described, and read by its fields."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hub.journey.entries import MODELS, EntryBody, body_of, model_of
from hub.journey.entries.children import ChildrenMergedEntry
from hub.journey.entries.deliveries import ReleaseEntry
from hub.journey.entries.directives import DirectiveRecordedEntry
from hub.ledger.entry import LedgerEntry, decode, encode
from hub.ledger.errors import LedgerError
from tests.entry_samples import NOW, SAMPLES, sample

KINDS = sorted(MODELS)
HUB = Path(__file__).parents[4] / "hub"


def test_every_kind_has_a_sample() -> None:
    """The tests below are of every kind."""
    assert SAMPLES.keys() == MODELS.keys()


@pytest.mark.parametrize("kind", KINDS)
def test_an_entry_is_read_back_as_it_was_written(kind: str) -> None:
    """Through the very bytes that are hashed."""
    body = SAMPLES[kind]
    data = encode(body.as_entry(NOW))
    assert decode(data).kind == kind
    assert body_of(decode(data)) == body
    assert encode(body_of(decode(data)).as_entry(NOW)) == data


@pytest.mark.parametrize("kind", KINDS)
def test_an_entry_is_found_by_what_its_bytes_hold(kind: str) -> None:
    """So the columns it is found by can be checked against the entry."""
    body = SAMPLES[kind]
    assert body_of(decode(encode(body.as_entry(NOW)))).subject() == body.subject()
    named = body.found_by
    members = {named.child, named.event, named.agency} - {""}
    assert {path.partition(".")[0] for path in members} <= type(body).model_fields.keys()


@pytest.mark.parametrize("kind", KINDS)
def test_an_entry_describes_itself_in_whole_sentences(kind: str) -> None:
    """For people, who see no codes of ours for what is missing."""
    words = SAMPLES[kind].sentence()
    assert words.endswith(".")
    assert "None" not in words


@pytest.mark.parametrize("kind", KINDS)
def test_every_member_is_documented(kind: str) -> None:
    """The reference is written from the models."""
    model = MODELS[kind]
    assert model.__doc__
    assert [n for n, field in model.model_fields.items() if not field.description] == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_body_with_an_unknown_member_is_refused(kind: str) -> None:
    """One kind is one shape."""
    entry = SAMPLES[kind].as_entry(NOW)
    odd = LedgerEntry(kind=kind, at=NOW, body={**entry.body, "more": 1})
    with pytest.raises(LedgerError) as caught:
        body_of(odd)
    assert caught.value.code == "ledger-entry-malformed"


def test_a_refused_body_is_not_quoted() -> None:
    """The error names the place and not what stands there."""
    entry = LedgerEntry(kind="children-merged", at=NOW, body={"merged": ["Anna"]})
    with pytest.raises(LedgerError) as caught:
        body_of(entry)
    assert "Anna" not in str(caught.value)


def test_an_unknown_kind_is_refused() -> None:
    """By its own name, wherever the body is read."""
    entry = LedgerEntry(kind="rumour", at=NOW)
    for read in (lambda: body_of(entry), lambda: model_of(entry.kind)):
        with pytest.raises(LedgerError) as caught:
            read()
        assert caught.value.code == "ledger-entry-malformed"


def test_a_kind_has_one_model() -> None:
    """A second one is refused when it is defined."""
    with pytest.raises(TypeError, match="children-merged"):

        class Again(EntryBody):
            kind = ChildrenMergedEntry.kind


def test_the_child_of_a_directive_is_found_in_the_directive() -> None:
    """A member may lie within another."""
    body = SAMPLES[DirectiveRecordedEntry.kind]
    assert body.subject().child == "c-1"


def test_a_release_has_a_decision_with_its_question_or_neither() -> None:
    """Half of it could not be made again."""
    with pytest.raises(ValueError, match="question"):
        sample(ReleaseEntry, question=None)
    assert sample(ReleaseEntry, question=None, decision=None, considered=()).basis is None


_READS = re.compile(r"""\bbody(\[["']|\.get\(["'])|json\.loads\([^)]*\.entry\)""")


def test_no_code_reads_a_body_by_text() -> None:
    """Members are read from the models, so that a renamed one cannot be missed."""
    found = [
        f"{path.relative_to(HUB)}:{number}"
        for path in sorted(HUB.rglob("*.py"))
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if _READS.search(line)
    ]
    assert found == []
