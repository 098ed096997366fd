"""``hub adapter new``: a package for a new adapter, outside the hub, that passes its own tests."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path
from typing import Annotated

import typer

from hub.cli.exit_codes import ExitCode
from hub.cli.output import say
from hub.runtime.plugins import installed
from schemas.errors import ConfigurationError

_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_LONGEST = 40
_FILES = {
    "pyproject.toml": "pyproject.toml.txt",
    "@PACKAGE@/__init__.py": "package.py.txt",
    "@PACKAGE@/adapter.py": "adapter.py.txt",
    "@PACKAGE@/samples/cases.txt": "cases.txt",
    "@PACKAGE@/samples/refused/bad-value-date.txt": "bad-value-date.txt",
    "@PACKAGE@/samples/samples.toml": "samples.toml.txt",
    "tests/test_adapter.py": "test_adapter.py.txt",
}


def new(
    *,
    name: Annotated[str, typer.Argument(metavar="NAME", help="The adapter, such as leisure.")],
    into: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Where; this folder if not given.")
    ] = None,
) -> int:
    """Create a package for a new adapter: code, samples and tests.

    The package is made in DIR/NAME, apart from the hub, and works at once: it
    reads and writes lines of text. Replace its format with your own. Existing
    files are left alone.

    Example: hub adapter new leisure
    """
    if len(name) > _LONGEST or not _NAME.fullmatch(name):
        raise ConfigurationError(
            f"An adapter's name has lower-case letters, digits and hyphens, at most {_LONGEST}, "
            "and begins with a letter: such as leisure or borough-library."
        )
    if name in installed():
        raise ConfigurationError(f"An adapter '{name}' is installed already. Choose another name.")
    folder = (into or Path()) / name
    if folder.exists():
        raise ConfigurationError(f"{folder} exists already. Choose another name or --into DIR.")
    made = [_make(folder, target, source, _words(name)) for target, source in _FILES.items()]
    say(f"Made {folder}:")
    for path in made:
        say(f"  {path.relative_to(folder)}")
    say("Next:")
    say(f"  cd {folder}")
    say("  python -m pip install --editable .")
    say("  python -m pytest")
    say(f"  hub adapter check {name}")
    return ExitCode.OK


def _words(name: str) -> dict[str, str]:
    """Return what each marker in the templates stands for."""
    return {
        "@NAME@": name,
        "@PACKAGE@": f"{name.replace('-', '_')}_adapter",
        "@CLASS@": "".join(word.capitalize() for word in name.split("-")),
        "@TITLE@": name.replace("-", " ").capitalize(),
        "@DISTRIBUTION@": f"interagency-hub-{name}",
    }


def _make(folder: Path, target: str, source: str, words: dict[str, str]) -> Path:
    text = files("hub.cli").joinpath("adapter_template", source).read_text(encoding="utf-8")
    for marker, word in words.items():
        target, text = target.replace(marker, word), text.replace(marker, word)
    path = folder / target
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")
    return path
