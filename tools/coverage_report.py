"""Coverage by package, from what ``make coverage`` measured.

    python -m tools.coverage_report [--json]

Reads the combined data of pytest-cov (``var/coverage/data``), of the tests and of every command
and process they start. Branches count with lines, as coverage.py counts them.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from coverage import Coverage
from coverage.exceptions import NoDataError

from tools.house_imports import package_of


@dataclass(frozen=True, slots=True)
class Covered:
    """Statements and branches of some files, and how many of them ran."""

    measured: int = 0
    ran: int = 0

    def __add__(self, other: Covered) -> Covered:
        """Add up two packages."""
        return Covered(self.measured + other.measured, self.ran + other.ran)

    @property
    def percent(self) -> float:
        """Share of what ran, in per cent; 100 of nothing."""
        return round(100 * self.ran / self.measured, 1) if self.measured else 100.0


def by_package(files: Mapping[str, Covered]) -> dict[str, Covered]:
    """Add up files, named by their paths, to packages."""
    found: dict[str, Covered] = defaultdict(Covered)
    for name, covered in files.items():
        parts = Path(name).with_suffix("").parts
        module = ".".join(part for part in parts if part not in {"__init__", "__main__"})
        found[package_of(module)] += covered
    return dict(sorted(found.items()))


def measured() -> dict[str, Covered]:
    """Read the coverage of every file; raises NoDataError where nothing was measured."""
    coverage = Coverage()
    coverage.load()
    with TemporaryDirectory() as folder:
        report = Path(folder) / "coverage.json"
        coverage.json_report(outfile=str(report))
        files = json.loads(report.read_text(encoding="utf-8"))["files"]
    return {name: _covered(one["summary"]) for name, one in files.items()}


def _covered(summary: Mapping[str, int]) -> Covered:
    return Covered(
        summary["num_statements"] + summary["num_branches"],
        summary["covered_lines"] + summary["covered_branches"],
    )


def report(packages: Mapping[str, Covered]) -> str:
    """Lay out a line for each package, and one for all."""
    rows = [*packages.items(), ("all", sum(packages.values(), Covered()))]
    width = max(len(name) for name, _ in rows)
    return "\n".join(
        f"{name:<{width}}  {one.percent:5.1f} %  {one.ran:>6,} of {one.measured:>6,}"
        for name, one in rows
    )


def main(arguments: Sequence[str]) -> int:
    """Print the report; exit code 1 where nothing was measured."""
    try:
        packages = by_package(measured())
    except NoDataError:
        print("Nothing was measured yet: run 'make coverage'.", file=sys.stderr)
        return 1
    if "--json" in arguments:
        print(json.dumps({name: one.percent for name, one in packages.items()}))
    else:
        print(report(packages))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
