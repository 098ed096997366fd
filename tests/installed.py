"""The hub installed from its wheel in a clean environment outside the checkout.

The environment sees exactly the distributions that the package requires, with the chosen extras:
they are linked from the environment that runs the tests, so nothing is downloaded. Whatever else
the developers have installed is absent, as it is for a user.
"""

from __future__ import annotations

import os
import subprocess
import sys
import venv
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import Distribution, PathDistribution, distribution
from pathlib import Path

from packaging.markers import default_environment
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
PACKAGE = "interagency-hub"
SECONDS = 120


@dataclass(frozen=True, slots=True)
class InstalledHub:
    """A clean environment with the hub in it."""

    folder: Path

    @property
    def python(self) -> Path:
        """The environment's Python."""
        return self.folder / "bin" / "python"

    def hub(
        self, *arguments: str, cwd: Path, timeout: float = SECONDS, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """Run the command ``hub`` in a folder, as a user of this environment."""
        return self.run("hub", *arguments, cwd=cwd, timeout=timeout, **environment)

    def run(
        self, program: str, *arguments: str, cwd: Path, timeout: float = SECONDS, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a program of the environment (``python``, ``hub``, ``pytest``) in a folder."""
        return subprocess.run(
            [str(self.folder / "bin" / program), *arguments],
            capture_output=True,
            text=True,
            check=False,
            cwd=cwd,
            env=self.environment(**environment),
            timeout=timeout,
        )

    def environment(self, **more: str) -> dict[str, str]:
        """Return the environment variables of a user who activated this environment."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("PYTHON", "HUB_", "PIP_", "VIRTUAL_ENV", "COV_"))
        }
        path = f"{self.folder / 'bin'}{os.pathsep}{kept.get('PATH', '')}"
        return {**kept, "PATH": path, "VIRTUAL_ENV": str(self.folder), **more}

    def install(self, package: Path) -> None:
        """Install a wheel, or a folder with a pyproject.toml, without an index or requirements."""
        options = ["--no-index", "--no-deps", "--no-build-isolation", "--quiet"]
        _pip(self.python, "install", *options, str(package))


def build_wheel(into: Path) -> Path:
    """Build the checkout's wheel."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(into)]
    subprocess.run(command, check=True, cwd=ROOT, capture_output=True, timeout=SECONDS)
    (wheel,) = into.glob("*.whl")
    return wheel


def make_environment(
    folder: Path, wheel: Path, *, extras: Sequence[str] = (), also: Sequence[str] = ()
) -> InstalledHub:
    """Make an environment with the wheel, the requirements of these extras, and distributions.

    ``also`` names distributions that a user would install beside the hub, such as hatchling.
    """
    venv.create(folder, with_pip=False, symlinks=True)
    installed = InstalledHub(folder)
    site = next((folder / "lib").glob("python*")) / "site-packages"
    wanted = [Requirement(f"{PACKAGE}[{','.join(extras)}]"), *map(Requirement, also)]
    for found in _needed(wanted, _read_wheel(wheel)):
        _link(found, site)
    installed.install(wheel)
    return installed


def _read_wheel(wheel: Path) -> Distribution:
    """Read a wheel's own metadata; that of an editable install may be older."""
    root = zipfile.Path(wheel)
    (metadata,) = (part for part in root.iterdir() if part.name.endswith(".dist-info"))
    return PathDistribution(metadata)


def _needed(wanted: Sequence[Requirement], hub: Distribution) -> Iterator[Distribution]:
    """Find the distributions that are required, directly or indirectly, without the hub itself."""
    seen: set[tuple[str, str]] = set()
    waiting = [(one.name, extra) for one in wanted for extra in ("", *one.extras)]
    while waiting:
        name, extra = waiting.pop()
        if (name.lower(), extra) in seen:
            continue
        seen.add((name.lower(), extra))
        found = hub if name == PACKAGE else distribution(name)
        if name != PACKAGE and not extra:
            yield found
        marked: Mapping[str, str] = {**_MARKERS, "extra": extra}
        for line in found.requires or ():
            need = Requirement(line)
            own = extra == "" or "extra" in str(need.marker or "")
            if own and (need.marker is None or need.marker.evaluate(dict(marked))):
                waiting += [(need.name, more) for more in ("", *need.extras)]


_MARKERS = {name: str(value) for name, value in default_environment().items()}


def _link(found: Distribution, site: Path) -> None:
    """Link a distribution's modules and metadata into an environment."""
    tops = {file.parts[0] for file in found.files or ()} - {"..", "__pycache__"}
    for top in tops:
        there = site / top
        if not there.exists():
            there.symlink_to(Path(str(found.locate_file(top))))


def check_requirements(installed: InstalledHub) -> None:
    """Have pip check that every requirement of what is installed is there."""
    _pip(installed.python, "check")


def _pip(python: Path, *arguments: str) -> None:
    command = [sys.executable, "-m", "pip", "--python", str(python), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=SECONDS)
    assert done.returncode == 0, done.stdout + done.stderr
