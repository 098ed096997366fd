"""Make a release: version, dated changelog, commit and tag, with one command.

    python -m tools.release X.Y.Z [--repo DIR] [--date YYYY-MM-DD] [--dry-run]

1. Check: the version is a new one, the work tree is clean, *Unreleased* in CHANGELOG.md is filled.
2. Write the version into pyproject.toml and the names of wheels in documents; turn *Unreleased*
   into the dated section of X.Y.Z.
3. Commit them as "Release X.Y.Z" and tag the commit vX.Y.Z; the notes are the tag's message.

The release notes go to standard output. Nothing is pushed or uploaded. ``--dry-run`` stops after
the check and prints the notes.
"""

from __future__ import annotations

import argparse
import datetime as dt
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

Version = tuple[int, int, int]

_VERSION = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)")
_PROJECT_VERSION = re.compile(r'^version = "([^"]+)"$', re.MULTILINE)
_UNRELEASED = "## [Unreleased]"


class ReleaseRefusedError(Exception):
    """The release cannot be made; the message says why and what to do."""


def parsed(text: str) -> Version:
    """Read a version of three numbers; raises ReleaseRefusedError for anything else."""
    found = _VERSION.fullmatch(text)
    if not found:
        raise ReleaseRefusedError(f"'{text}' is not a version such as 1.2.3.")
    major, minor, patch = map(int, found.groups())
    return major, minor, patch


def check_version(new: str, current: str, tags: Sequence[str]) -> None:
    """Raise ReleaseRefusedError unless the version is free, newest, and not below the current."""
    released = [parsed(tag.removeprefix("v")) for tag in tags if _VERSION.fullmatch(tag[1:])]
    if parsed(new) in released:
        raise ReleaseRefusedError(f"v{new} was released before; choose a higher version.")
    newest = max(released, default=(0, 0, 0))
    if parsed(new) < max(newest, parsed(current)):
        at_least = ".".join(map(str, max(newest, parsed(current))))
        raise ReleaseRefusedError(f"{new} is lower than {at_least}; choose a higher version.")


def unreleased_notes(changelog: str) -> str:
    """Return the text under *Unreleased*; raises ReleaseRefusedError where there is none."""
    _, found, after = changelog.partition(_UNRELEASED + "\n")
    notes = re.split(r"^## ", after, maxsplit=1, flags=re.MULTILINE)[0].strip()
    if not found or not notes:
        raise ReleaseRefusedError(
            f"CHANGELOG.md has nothing under '{_UNRELEASED}'; write what users get first."
        )
    return notes


def dated_changelog(changelog: str, version: str, day: dt.date) -> str:
    """Return the changelog with *Unreleased* empty and its text under the version and day."""
    return changelog.replace(
        _UNRELEASED + "\n", f"{_UNRELEASED}\n\n## [{version}] - {day.isoformat()}\n", 1
    )


def release(version: str, root: Path, day: dt.date, *, dry_run: bool = False) -> str:
    """Make the release in a checkout and return its notes; raises ReleaseRefusedError."""
    project, changes = root / "pyproject.toml", root / "CHANGELOG.md"
    project_text = project.read_text(encoding="utf-8")
    changelog = changes.read_text(encoding="utf-8")
    check_version(version, _current(project_text), _git(root, "tag", "--list", "v*").split())
    notes = unreleased_notes(changelog)
    if _git(root, "status", "--porcelain"):
        raise ReleaseRefusedError("The work tree has changes; commit or discard them first.")
    if dry_run:
        return notes
    project.write_text(
        _PROJECT_VERSION.sub(f'version = "{version}"', project_text, count=1), encoding="utf-8"
    )
    changes.write_text(dated_changelog(changelog, version, day), encoding="utf-8")
    _name_wheels(root, _current(project_text), version)
    _git(root, "commit", "--quiet", "--all", "--message", f"Release {version}")
    message = f"{version}\n\n{notes}\n"
    _git(root, "tag", "--annotate", "--cleanup=verbatim", "--message", message, f"v{version}")
    return notes


def _name_wheels(root: Path, old: str, new: str) -> None:
    """Write the new version into the file names of wheels that documents install."""
    for page in [*root.glob("*.md"), *root.glob("docs/**/*.md")]:
        text = page.read_text(encoding="utf-8")
        renamed = text.replace(f"interagency_hub-{old}-py3", f"interagency_hub-{new}-py3")
        if renamed != text:
            page.write_text(renamed, encoding="utf-8")


def _current(project: str) -> str:
    found = _PROJECT_VERSION.search(project)
    if not found:
        raise ReleaseRefusedError("pyproject.toml has no line 'version = \"X.Y.Z\"'.")
    return found[1]


def _git(root: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments], cwd=root, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise ReleaseRefusedError(f"git {arguments[0]} failed: {done.stderr.strip()}")
    return done.stdout.strip()


def main(arguments: Sequence[str]) -> int:
    """Make the release and print its notes; exit code 1 and a sentence where it is refused."""
    parser = argparse.ArgumentParser(prog="python -m tools.release", description=__doc__)
    parser.add_argument("version", help="three numbers, such as 1.2.3")
    parser.add_argument("--repo", type=Path, default=Path(), help="checkout to release")
    parser.add_argument("--date", type=dt.date.fromisoformat, help="day of release; default today")
    parser.add_argument("--dry-run", action="store_true", help="check, print the notes, and stop")
    chosen = parser.parse_args(arguments)
    day = chosen.date or dt.datetime.now(dt.UTC).date()
    try:
        notes = release(chosen.version, chosen.repo, day, dry_run=chosen.dry_run)
    except ReleaseRefusedError as error:
        print(f"Not released: {error}", file=sys.stderr)
        return 1
    print(notes)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
