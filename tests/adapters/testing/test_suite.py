"""The suite bites: each broken adapter is caught by the behaviour that it lacks, and no other."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.contract import Adapter
from adapters.testing import BEHAVIOURS, Subject, Verdict, find, limits
from tests.adapters.testing import broken_adapters
from tests.adapters.testing.honest_adapter import HONEST, SAMPLES

QUICK = [one for one in BEHAVIOURS if not one.slow]
SLOW = [one for one in BEHAVIOURS if one.slow]


@pytest.fixture(autouse=True)
def small_documents(monkeypatch: pytest.MonkeyPatch) -> None:
    """Measure time and memory on smaller documents, with limits to match."""
    monkeypatch.setattr(limits, "DEFAULT_LIMIT", 65_536)
    monkeypatch.setattr(limits, "QUARTER", 65_536)
    monkeypatch.setattr(limits, "SECONDS", 0.35)


def failed_by(adapter: Adapter, *, slow: bool) -> set[str]:
    """Name the behaviours that fail; each is checked on its own subject."""
    subject = Subject(adapter, SAMPLES)
    found = [find(subject, one) for one in (BEHAVIOURS if slow else QUICK)]
    return {one.behaviour.name for one in found if one.verdict is Verdict.FAILED}


def test_an_honest_adapter_has_every_behaviour() -> None:
    """Nothing fails, and every behaviour was really checked."""
    subject = Subject(HONEST, SAMPLES)
    found = [find(subject, one) for one in BEHAVIOURS]
    assert [
        (one.behaviour.name, one.why) for one in found if one.verdict is not Verdict.PASSED
    ] == []


@pytest.mark.parametrize("name", [one.name for one in BEHAVIOURS])
def test_each_broken_adapter_is_caught_by_its_behaviour_alone(name: str) -> None:
    """The broken adapter of a behaviour's name lacks that one."""
    adapter = getattr(broken_adapters, name)
    slow = name in {one.name for one in SLOW}
    assert failed_by(adapter, slow=slow) == {name}


def test_the_reference_page_lists_every_behaviour() -> None:
    """With its sentence and its name."""
    page = (Path(__file__).parents[3] / "docs" / "adding-an-adapter.md").read_text(encoding="utf-8")
    rows = [f"| {one.sentence} | `{one.name}` |" for one in BEHAVIOURS]
    assert [row for row in rows if row not in page] == []


def test_every_behaviour_has_a_sentence_and_a_name_that_reads_as_one() -> None:
    """At least 25 of them, each different."""
    assert len(BEHAVIOURS) >= 25
    assert len({one.name for one in BEHAVIOURS}) == len(BEHAVIOURS)
    for one in BEHAVIOURS:
        assert one.sentence.startswith("It ")
        assert one.sentence.endswith(".")
        assert one.name.count("_") >= 1
