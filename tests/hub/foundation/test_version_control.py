"""Keys never end up under version control."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from hub.foundation.settings import load_settings
from hub.foundation.version_control import require_ignored
from hub.runtime.bootstrap import prepare
from schemas.errors import ConfigurationError


@pytest.fixture
def work_tree(tmp_path: Path) -> Path:
    """A Git work tree."""
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    return tmp_path


def recorded(work_tree: Path) -> set[str]:
    """The files that ``git add --all`` would record."""
    command = ["git", "-C", str(work_tree), "ls-files", "--others", "--exclude-standard"]
    return set(subprocess.run(command, check=True, capture_output=True, text=True).stdout.split())


def test_what_the_hub_makes_in_a_work_tree_is_ignored(work_tree: Path) -> None:
    """Of an installation inside one only its settings are recorded."""
    config = work_tree / "pilot" / "hub.toml"
    config.parent.mkdir()
    config.write_text('secrets = "passwords"\n', encoding="utf-8")
    prepare(load_settings(config))
    assert (config.parent / "state" / "master.key").is_file()
    assert recorded(work_tree) == {"pilot/hub.toml"}


def test_a_key_that_git_would_record_is_not_made(work_tree: Path) -> None:
    """The error names the file and what to do, and no key exists afterwards."""
    config = work_tree / "hub.toml"
    config.write_text('master_key_file = "keys/master.key"\n', encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"keys/master\.key .*\.gitignore"):
        prepare(load_settings(config))
    assert not list(work_tree.rglob("*.key"))
    (work_tree / ".gitignore").write_text("keys/\n", encoding="utf-8")
    prepare(load_settings(config))
    assert (work_tree / "keys" / "master.key").is_file()


def test_outside_a_work_tree_any_place_will_do(tmp_path: Path) -> None:
    """There is nothing that could record it."""
    require_ignored(tmp_path / "keys" / "master.key")
