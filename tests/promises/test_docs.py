"""The documents say what the code does: links, commands, make targets, settings, log events."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

import pytest
from pydantic import BaseModel

from hub.foundation.logs import FIELDS
from hub.foundation.settings import AdapterSettings, ConsoleSettings, OpenIdSettings, Settings
from schemas.agencies import Agency
from tools.command_reference import commands

ROOT = Path(__file__).parents[2]
LOGS = ROOT / "docs" / "reference" / "logs.md"
AT_THE_TOP = ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")
PAGES = sorted(
    [
        *(ROOT / name for name in AT_THE_TOP),
        *(ROOT / "docs").rglob("*.md"),
        *(ROOT / "examples").rglob("*.md"),
    ]
)
NAMES = [str(page.relative_to(ROOT)) for page in PAGES]
LEVELS = {"info", "warning", "error"}

_FENCE = re.compile(r"^( *)```.*?^\1```", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"\[[^\]\n]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#{1,6} (.+)$", re.MULTILINE)
_HUB = re.compile(r"(?:\$ )?(?:\.venv/bin/)?hub((?: +[^\s`|;)]+)+)")
_PATH = re.compile(r"(?:hub|consent|schemas|adapters|tests|docs|examples|bench)/[\w./-]+")
_BEGINS = re.compile(r"-{0,2}[a-z][a-z-]*")
_MAKE = re.compile(r"(?:\$ )?make ((?:[a-z]+ ?)+)")


# --- links ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_every_link_to_a_file_leads_somewhere(page: Path) -> None:
    """Relative links name files that exist, and headings that are in them."""
    assert [link for link in _links(page) if not _leads(page, link)] == []


def test_every_page_is_in_the_index() -> None:
    """docs/README.md leads to every page below docs."""
    index = ROOT / "docs" / "README.md"
    linked = {(index.parent / _parts(link)[0]).resolve() for link in _links(index)}
    pages = {page for page in PAGES if page.is_relative_to(ROOT / "docs")} - {index}
    assert sorted(page.name for page in pages - linked) == []


def _links(page: Path) -> list[str]:
    prose = _FENCE.sub("", page.read_text(encoding="utf-8"))
    found = [link.group(1) for link in _LINK.finditer(prose)]
    return [link for link in found if "://" not in link and not link.startswith("mailto:")]


def _parts(link: str) -> tuple[str, str]:
    path, _, heading = link.partition("#")
    return unquote(path), heading


def _leads(page: Path, link: str) -> bool:
    path, heading = _parts(link)
    target = (page.parent / path) if path else page
    if not target.exists() or not target.resolve().is_relative_to(ROOT):
        return False
    return not heading or heading in _anchors(target)


def _anchors(page: Path) -> set[str]:
    """Make the anchors of a page's headings as GitHub does."""
    prose = _FENCE.sub("", page.read_text(encoding="utf-8"))
    titles = (title.replace("`", "").strip().lower() for title in _HEADING.findall(prose))
    return {re.sub(r"[^\w\- ]", "", title).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_every_file_of_ours_that_is_named_exists(page: Path) -> None:
    """A path in code, such as a source file, is there."""
    named = _CODE.findall(_FENCE.sub("", page.read_text(encoding="utf-8")))
    files = [name for name in named if _PATH.fullmatch(name)]
    assert [name for name in files if not (ROOT / name).exists()] == []


# --- commands -------------------------------------------------------------------------------------


def test_the_page_of_commands_lists_the_command_line() -> None:
    """What is looked up below is what there is."""
    real = {part.removeprefix("## ") for part in commands() if part.startswith("## ")}
    assert _paths() == real


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_every_command_that_is_named_exists_with_its_options(page: Path) -> None:
    """A `hub ...` in code is on the page of commands, and so does each of its options."""
    text = page.read_text(encoding="utf-8")
    assert [call for code in _codes(text) for call in _hub_calls(code) if not _exists(call)] == []


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_every_make_target_that_is_named_exists(page: Path) -> None:
    """A `make ...` in code is in the Makefile."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    text = page.read_text(encoding="utf-8")
    named = {target for code in _codes(text) for target in _targets(code)}
    assert sorted(named - targets) == []


def _targets(code: str) -> list[str]:
    """Give what a line asks make for."""
    found = _MAKE.match(code)
    return found.group(1).split() if found else []


def _codes(text: str) -> Iterator[str]:
    """Give the lines of fenced blocks, long ones joined, and what is between backticks."""
    for fence in _FENCE.finditer(text):
        yield from fence.group(0).replace("\\\n", " ").splitlines()[1:-1]
    for code in _CODE.finditer(_FENCE.sub("", text)):
        yield code.group(1)


def _hub_calls(code: str) -> Iterator[list[str]]:
    """Give the words after ``hub`` where a line calls it, and does not merely name something."""
    found = _HUB.match(code.partition(" # ")[0])
    if found and _BEGINS.fullmatch(found.group(1).split()[0]):
        yield found.group(1).split()


def _sections() -> dict[str, str]:
    page = (ROOT / "docs" / "reference" / "commands.md").read_text(encoding="utf-8")
    parts = page.split("\n## ")[1:]
    return {part.partition("\n")[0]: part for part in parts}


def _paths() -> set[str]:
    return set(_sections())


def _exists(words: list[str]) -> bool:
    """Whether noun, verb and options of one call are on the page of commands."""
    sections = _sections()
    options = [word.partition("=")[0] for word in words if word.startswith("-") and word != "-"]
    plain = _without_global(words)
    path = "hub"
    for word in plain[:2]:
        if f"{path} {word}" in sections:
            path = f"{path} {word}"
        elif word.startswith("-") or path not in _groups():
            break
        else:
            return False
    described = sections["hub"] + sections[path]
    return all(f"{option}" in described or option == "--help" for option in options)


def _without_global(words: list[str]) -> list[str]:
    """Leave out the options before the noun, with their values."""
    rest = list(words)
    while rest and rest[0].startswith("--"):
        taken = 1 if "=" in rest[0] or rest[0] in {"--version", "--help"} else 2
        rest = rest[taken:]
    return rest


def _groups() -> set[str]:
    return {path.rpartition(" ")[0] for path in _paths() if " " in path}


# --- settings -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "model",
    [Settings, Agency, AdapterSettings, ConsoleSettings, OpenIdSettings],
    ids=lambda m: m.__name__,
)
def test_every_setting_is_documented(model: type[BaseModel]) -> None:
    """Each has its row on the page of settings; an agency's name is its table's."""
    page = (ROOT / "docs" / "reference" / "settings.md").read_text(encoding="utf-8")
    fields = set(model.model_fields) - ({"name"} if model is Agency else set())
    assert sorted(name for name in fields if f"| `{name}` |" not in page) == []


# --- log events -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Logged:
    """What a log event has: its levels, and its fields."""

    levels: frozenset[str]
    fields: frozenset[str]

    def __or__(self, other: Logged) -> Logged:
        """Join what two places in the code say of one event."""
        return Logged(self.levels | other.levels, self.fields | other.fields)


def test_every_log_event_is_in_the_catalogue_and_nothing_else() -> None:
    """Names agree both ways."""
    assert set(_catalogue()) == set(_logged())


def test_the_catalogue_has_the_levels_and_fields_of_the_code() -> None:
    """So that an alarm can rely on them."""
    written, real = _catalogue(), _logged()
    assert {name: written[name] for name in real if name in written} == real


def test_every_logged_field_passes_the_allow_list() -> None:
    """A field that is dropped before it is written is useless."""
    assert {name: one.fields - FIELDS for name, one in _logged().items()} == {
        name: frozenset() for name in _logged()
    }


def _catalogue() -> dict[str, Logged]:
    """Read the tables of the page of log events."""
    found = {}
    for line in LOGS.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| `") and set(cells[1].split(", ")) <= LEVELS:
            fields = frozenset(_CODE.findall(cells[2]))
            found[cells[0].strip("`")] = Logged(frozenset(cells[1].split(", ")), fields)
    return found


def _logged() -> dict[str, Logged]:
    """Find every call of a logger in the code, with the names its event may have."""
    found: dict[str, Logged] = {}
    for floor in ("schemas", "consent", "adapters", "hub"):
        for path in sorted((ROOT / floor).rglob("*.py")):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            for call in filter(_is_log, ast.walk(tree)):
                one = Logged(frozenset({_level(call)}), frozenset(_fields(call)))
                for name in _event_names(call, tree):
                    found[name] = found[name] | one if name in found else one
    return found


def _is_log(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "log"
    )


def _level(call: ast.AST) -> str:
    assert isinstance(call, ast.Call)
    assert isinstance(call.func, ast.Attribute)
    return call.func.attr


def _fields(call: ast.AST) -> Iterator[str]:
    assert isinstance(call, ast.Call)
    for keyword in call.keywords:
        assert keyword.arg, "fields are named where they are logged"
        yield keyword.arg


def _event_names(call: ast.AST, tree: ast.Module) -> list[str]:
    """Give an event's name: a text, one of two, or one of a table at the top of the file."""
    assert isinstance(call, ast.Call)
    event = call.args[0]
    if isinstance(event, ast.Subscript):
        assert isinstance(event.value, ast.Name)
        event = _table(event.value.id, tree)
    values = event.values if isinstance(event, ast.Dict) else _either(event)
    names = [v.value for v in values if isinstance(v, ast.Constant) and isinstance(v.value, str)]
    assert names, f"the name of a log event is a text, in line {call.lineno}"
    return names


def _either(event: ast.expr) -> list[ast.expr]:
    return [event.body, event.orelse] if isinstance(event, ast.IfExp) else [event]


def _table(name: str, tree: ast.Module) -> ast.Dict:
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Dict):
            (target,) = node.targets
            if isinstance(target, ast.Name) and target.id == name:
                return node.value
    pytest.fail(f"there is no table {name}")
