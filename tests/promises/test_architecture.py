"""docs/architecture.md agrees with the code: the imports of the picture, the story of one event."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

from tools.house_imports import ImportGraph, import_graph, package_of

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
PIPELINE = ROOT / "hub" / "journey" / "pipeline.py"

_ARROW = re.compile(r"^ +(\w+) --> (\w+)$", re.MULTILINE)
_PLACE = re.compile(r"`([\w/]+(?:\.py|/))`(?: \(((?:`[\w.]+`(?:, )?)+)\))?")
_STEP = re.compile(r"(\d)[.]? (\w+)")


def _packages() -> ImportGraph:
    """Return the graph of packages, those of hub by their own names."""
    graph = import_graph(ROOT).grouped(package_of)
    return ImportGraph(
        {
            node.removeprefix("hub."): frozenset(
                name.removeprefix("hub.") for name in targets if name != "hub"
            )
            for node, targets in graph.imports.items()
            if node != "hub"
        }
    )


def _picture() -> set[tuple[str, str]]:
    mermaid = re.search(r"```mermaid\n(.*?)```", PAGE, re.DOTALL)
    assert mermaid
    return set(_ARROW.findall(mermaid[1]))


def _rows(heading: str) -> list[list[str]]:
    """Return the cells of the first table under a heading, without its head."""
    section = PAGE.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("| ")][1:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def _layers() -> list[str]:
    """Return the packages of hub as the layers contract names them, from the top down."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    (contract,) = (
        one for one in project["tool"]["importlinter"]["contracts"] if "containers" in one
    )
    assert contract["exhaustive"] is True
    return [name.strip() for layer in contract["layers"] for name in layer.split("|")]


def test_the_arrows_are_the_imports_between_packages() -> None:
    """Every import follows along the arrows, and no arrow could be left out."""
    assert _picture() == set(_packages().arrows())


def test_the_picture_has_the_packages_of_the_layers_contract() -> None:
    """Hub's packages as contracted, and the three others."""
    drawn = {name for arrow in _picture() for name in arrow}
    assert drawn == {*_layers(), "adapters", "consent", "schemas"}


def test_arrows_point_down_the_layers() -> None:
    """An arrow between packages of hub goes from a higher layer to a lower one."""
    order = {name: number for number, name in enumerate(_layers())}
    between = [(a, b) for a, b in _picture() if a in order and b in order]
    assert [(a, b) for a, b in between if order[a] >= order[b]] == []


def test_every_package_has_its_line_and_its_first_file() -> None:
    """The table names each package once, and a file in it to read first."""
    rows = _rows("The packages")
    named = [row[0].strip("`").removeprefix("hub/") for row in rows]
    assert sorted(named) == sorted({*_layers(), "adapters", "consent", "schemas"})
    for package, _purpose, first in rows:
        assert first.strip("`").startswith(package.strip("`") + "/")
        assert (ROOT / first.strip("`")).is_file()


def test_every_place_of_the_story_exists() -> None:
    """Each file is there, and defines each function and method named with it."""
    places = [place for row in _rows("The story of one event") for place in _PLACE.findall(row[2])]
    assert len(places) > 15
    missing = [path for path, _ in places if not (ROOT / path).exists()]
    missing += [
        f"{path}: {name}"
        for path, names in places
        for name in re.findall(r"[\w.]+", names)
        if (ROOT / path).is_file() and name not in _defined(ROOT / path)
    ]
    assert missing == []


def test_the_steps_are_those_of_the_pipeline() -> None:
    """Numbers and names agree with the docstring of the story's file, and with its body."""
    text = PIPELINE.read_text(encoding="utf-8")
    introduction = ast.get_docstring(ast.parse(text))
    assert introduction
    steps = [(int(number), name.lower()) for number, name in _STEP.findall(introduction)]
    bold = [row[0].strip("*") for row in _rows("The story of one event") if row[0].startswith("**")]
    assert [(int(n), name) for n, name in map(str.split, bold)] == steps
    assert [number for number, _ in steps] == list(range(1, 9))
    in_body = {int(number) for number in re.findall(r"# \((\d)\)", text)}
    assert in_body == {1, 2, 3, 4, 5}


def _defined(path: Path) -> set[str]:
    found = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ClassDef):
            found |= {f"{node.name}.{one.name}" for one in node.body if _is_function(one)}
        if isinstance(node, ast.ClassDef) or _is_function(node):
            found.add(node.name)
    return found


def _is_function(node: ast.stmt) -> bool:
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
