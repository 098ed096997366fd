"""Keep keys and data about children out of Git.

An installation may be in a folder under version control. The hub marks its own folders as ignored,
and refuses to write a key where Git would record it.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

from schemas.errors import ConfigurationError

IGNORE_FILE = ".gitignore"
_IGNORE_ALL = "# Made by 'hub init': keys and the store never belong in version control.\n*\n"


def ignore_folder(folder: Path) -> None:
    """Have Git ignore everything in a folder; a .gitignore that is there is left alone."""
    file = folder / IGNORE_FILE
    if not file.exists():
        file.write_text(_IGNORE_ALL, encoding="utf-8")


def require_ignored(secret: Path) -> None:
    """Raise ConfigurationError if Git would record a file that is about to be written."""
    for folder in secret.parents:
        if _ignores_all(folder):
            return
        if (folder / ".git").exists():
            if not _git_ignores(secret, folder):
                raise ConfigurationError(
                    f"{secret} would be recorded by Git: {folder} is a work tree. Choose a folder "
                    f"outside it, or add the file to {folder / IGNORE_FILE}. Nothing was written."
                )
            return


def _ignores_all(folder: Path) -> bool:
    try:
        lines = (folder / IGNORE_FILE).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return False
    return [line for line in lines if line.strip() and not line.startswith("#")] == ["*"]


def _git_ignores(file: Path, work_tree: Path) -> bool:
    """Ask Git whether it ignores a file; False where Git is not installed."""
    command = ["git", "-C", str(work_tree), "check-ignore", "-q", str(file)]
    try:
        return subprocess.run(command, check=False, capture_output=True).returncode == 0  # noqa: S603
    except OSError:
        return False
