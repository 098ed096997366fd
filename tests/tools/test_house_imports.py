"""The import graph: modules, packages, circles, chains and the arrows of the picture."""

from __future__ import annotations

from pathlib import Path

from tools.house_imports import ImportGraph, import_graph, package_of


def _tree(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return root


def _graph(**imports: str) -> ImportGraph:
    return ImportGraph({name: frozenset(to.split()) for name, to in imports.items()})


def test_every_way_of_importing_is_an_edge(tmp_path: Path) -> None:
    """Modules, names in modules, relative imports and imports inside functions all count."""
    root = _tree(
        tmp_path,
        {
            "schemas/__init__.py": "",
            "schemas/event.py": "Event = 1",
            "hub/__init__.py": "",
            "hub/bus/__init__.py": "",
            "hub/bus/publisher.py": "from . import topology\nfrom .topology import NAME",
            "hub/bus/topology.py": "import json\nfrom schemas.event import Event\nNAME = 1",
            "hub/cli/__init__.py": "def run():\n    from hub.bus import publisher",
        },
    )
    graph = import_graph(root)
    assert graph.imports["hub.bus.publisher"] == {"hub.bus.topology"}
    assert graph.imports["hub.bus.topology"] == {"schemas.event"}
    assert graph.imports["hub.cli"] == {"hub.bus.publisher"}


def test_packages_are_those_of_hub_and_the_other_top_levels() -> None:
    """A module of hub counts with its first package."""
    assert package_of("hub.casework.children.view") == "hub.casework"
    assert package_of("schemas.events.health") == "schemas"
    assert package_of("hub") == "hub"


def test_a_circle_is_found_however_long() -> None:
    """Each circle is one group, and a node outside is in none."""
    graph = _graph(a="b", b="c", c="a", d="a", e="")
    assert graph.circles == [("a", "b", "c")]


def test_the_longest_chain_counts_a_circle_once() -> None:
    """Chains run from the importer down; going round a circle adds nothing."""
    assert _graph(a="b c", b="c", c="d", d="").longest_chain == ["a", "b", "c", "d"]
    assert len(_graph(a="b", b="a c", c="").longest_chain) == 2


def test_arrows_leave_out_what_follows_along_others() -> None:
    """A imports b and c, b imports c: the arrow from a to c is not needed."""
    graph = _graph(a="b c", b="c", c="")
    assert graph.arrows() == [("a", "b"), ("b", "c")]
    assert graph.edges == 3


def test_imports_inside_a_group_disappear() -> None:
    """Grouping keeps the edges between groups, once."""
    graph = ImportGraph(
        {"a.x": frozenset({"a.y", "b.z"}), "a.y": frozenset({"b.z"}), "b.z": frozenset()}
    )
    assert graph.grouped(lambda name: name[0]).imports == {"a": {"b"}, "b": frozenset()}
