"""The samples that the built-in adapters ship are accepted by their own adapters' suite."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.contract import Adapter
from adapters.testing import Verdict, check, declared_samples, samples_in
from hub.runtime.plugins import installed, load_adapter
from schemas.errors import ConfigurationError, Fault

BUILT_IN = sorted(n for n, point in installed().items() if point.value.startswith("adapters."))


@pytest.mark.parametrize("name", BUILT_IN)
def test_every_quick_behaviour_holds_on_the_shipped_samples(name: str) -> None:
    """As ``hub adapter check`` finds it; the slow ones run on the tests' own documents."""
    found = list(check(load_adapter(name), slow=False))
    assert [(one.behaviour.name, one.why) for one in found if one.verdict is Verdict.FAILED] == []
    assert sum(one.verdict is Verdict.PASSED for one in found) >= 40


@pytest.mark.parametrize("name", BUILT_IN)
def test_accepted_and_refused_documents_are_shipped(name: str) -> None:
    """Several of each."""
    samples = declared_samples(load_adapter(name))
    assert len(samples.accepted) >= 4
    assert len(samples.refused) >= 4
    assert samples.round_trip


def test_a_folder_of_samples_is_read(tmp_path: Path) -> None:
    """Documents, refused documents by the code in their name, and what samples.toml says."""
    (tmp_path / "refused").mkdir()
    (tmp_path / "one.txt").write_bytes(b"one\r\n")
    (tmp_path / "refused" / "bad-value-date.txt").write_bytes(b"two")
    (tmp_path / "samples.toml").write_text(
        'agency = "oak"\n[settings]\nschool-urn = 1\n[times]\n"one.txt" = 2026-07-01T09:30:00Z\n'
    )
    samples = samples_in(tmp_path)
    assert samples.accepted == {"one.txt": b"one\r\n"}
    assert samples.refused == {"bad-value-date.txt": (b"two", Fault.BAD_VALUE)}
    assert (samples.agency, samples.settings) == ("oak", {"school-urn": 1})


@pytest.mark.parametrize(
    ("file", "text", "words"),
    [
        ("refused/wrong-date.txt", "x", "must begin with a fault code"),
        ("samples.toml", "agency = ", "is not TOML"),
        ("samples.toml", "agenzy = 'x'", "agenzy"),
        ("samples.toml", "[times]\n'two.txt' = 2026-07-01T09:30:00Z", "which is no sample"),
    ],
)
def test_a_wrong_folder_of_samples_is_refused(
    tmp_path: Path, file: str, text: str, words: str
) -> None:
    """With the file and what is wrong in it."""
    (tmp_path / "refused").mkdir()
    (tmp_path / "one.txt").write_bytes(b"one")
    (tmp_path / file).write_text(text)
    with pytest.raises(ConfigurationError, match=words):
        samples_in(tmp_path)


def test_samples_that_are_not_there_are_reported() -> None:
    """With the folder that the adapter names."""
    real = load_adapter("care-cin")
    lost = Adapter("lost", "Lost", real.format, ("folder",), samples="adapters/samples/no_such")
    with pytest.raises(ConfigurationError, match="adapters/samples/no_such"):
        declared_samples(lost)
