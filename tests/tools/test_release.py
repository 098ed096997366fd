"""A release is tried on a scratch clone: version, changelog, commit and tag, or nothing at all."""

from __future__ import annotations

import datetime as dt
import subprocess
import tomllib
from pathlib import Path

import pytest

from tools.release import ReleaseRefusedError, check_version, main, release

ROOT = Path(__file__).parents[2]
DAY = dt.date(2027, 1, 15)


def _git(clone: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments], cwd=clone, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Clone this repository into a scratch folder, with an author of its own."""
    if not (ROOT / ".git").exists():
        pytest.skip("not in a git checkout")
    for name in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{name}_NAME", "Release Test")
        monkeypatch.setenv(f"GIT_{name}_EMAIL", "release@example.invalid")
    path = tmp_path / "clone"
    subprocess.run(["git", "clone", "-q", "--no-tags", str(ROOT), str(path)], check=True)
    return path


def test_one_command_makes_a_release(clone: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Version, dated section, empty Unreleased, one commit, one annotated tag with the notes."""
    before = (clone / "CHANGELOG.md").read_text(encoding="utf-8")
    assert main(["9.8.7", "--repo", str(clone), "--date", DAY.isoformat()]) == 0
    notes = capsys.readouterr().out.strip()
    project = tomllib.loads((clone / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"]["version"] == "9.8.7"
    changelog = (clone / "CHANGELOG.md").read_text(encoding="utf-8")
    assert "## [Unreleased]\n\n## [9.8.7] - 2027-01-15\n" in changelog
    assert notes.splitlines()[0] in before
    assert "interagency_hub-9.8.7-py3" in (clone / "README.md").read_text(encoding="utf-8")
    assert _git(clone, "status", "--porcelain") == ""
    assert _git(clone, "log", "-1", "--format=%s") == "Release 9.8.7"
    assert _git(clone, "rev-parse", "v9.8.7^{commit}") == _git(clone, "rev-parse", "HEAD")
    assert notes in _git(clone, "tag", "--list", "--format=%(contents)", "v9.8.7")


def test_a_second_release_needs_something_new(clone: Path) -> None:
    """The section is empty after a release, and its version is taken."""
    release("9.8.7", clone, DAY)
    with pytest.raises(ReleaseRefusedError, match="nothing under"):
        release("9.8.8", clone, DAY)
    with pytest.raises(ReleaseRefusedError, match="released before"):
        release("9.8.7", clone, DAY)


def test_a_changed_work_tree_is_not_released(
    clone: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is written, the exit code is 1 and the sentence says what to do."""
    (clone / "stray.txt").write_text("not committed")
    assert main(["9.8.7", "--repo", str(clone)]) == 1
    assert "commit or discard" in capsys.readouterr().err
    assert _git(clone, "tag", "--list") == ""


def test_a_dry_run_changes_nothing(clone: Path) -> None:
    """It returns the notes and leaves commit, files and tags alone."""
    head = _git(clone, "rev-parse", "HEAD")
    assert release("9.8.7", clone, DAY, dry_run=True)
    assert _git(clone, "rev-parse", "HEAD") == head
    assert _git(clone, "status", "--porcelain") == _git(clone, "tag", "--list") == ""


@pytest.mark.parametrize("version", ["1.2", "v1.2.3", "1.2.3rc1", "01.2.3", "0.1.0"])
def test_a_version_is_three_numbers_and_not_lower_than_the_last(version: str) -> None:
    """Anything else is refused before a file is touched."""
    with pytest.raises(ReleaseRefusedError):
        check_version(version, "0.2.0", ["v0.1.0"])


def test_the_first_release_may_have_the_version_of_the_project_file() -> None:
    """0.1.0 was never tagged, so it is free."""
    check_version("0.1.0", "0.1.0", [])
