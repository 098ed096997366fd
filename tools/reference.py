"""The reference pages, written from the code: ``python -m tools.reference [DIR]``.

docs/reference/commands.md from the command line, settings.md from the models of the settings,
codes.md from every code, events.md from the registry of event types, audit-api.json from the routes
of the audit API, changing.md from the change recipes; and the blocks in other pages
(page_blocks.py). A test fails where a page has drifted.
"""

from __future__ import annotations

import importlib
import json
import pkgutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from consent.reasons import Reason, ReviewCause
from hub.cli.exit_codes import ExitCode, exit_code_of
from hub.foundation.settings import AdapterSettings, ConsoleSettings, OpenIdSettings, Settings
from hub.foundation.settings_reference import SettingWords, words_of
from hub.journey.disclosure_index import IndexReason
from hub.ledger.errors import LedgerCode
from schemas.agencies import Agency
from schemas.errors import Fault, HubError
from schemas.roles import Role
from tools import event_catalogue
from tools.change_recipes import page as change_page
from tools.change_recipes import recipes
from tools.command_reference import commands
from tools.ledger_entries import ledger_entries
from tools.page_blocks import fill_pages

FOLDER = Path("docs/reference")
_OURS = ("schemas", "consent", "adapters", "hub")
_NOTE = "<!-- Written by 'python -m tools.reference'. Do not edit. -->"
_COMMANDS = (
    "`hub [OPTIONS] NOUN VERB`. Every command has `--help`. With `--json` a command writes JSON "
    "and nothing else to standard output. Exit codes are on [the page of codes](codes.md)."
)
_SETTINGS = (
    "One file, `hub.toml`, which `hub init` writes with every default in it, and `HUB_*` "
    "environment variables, which win over it: `HUB_AMQP_URL` for `amqp_url`. Paths are taken "
    "from the folder of the file. Secrets are never in the file: it names files that hold them."
)
_CHANGING = (
    "For each kind of change, every file to edit by hand. The list comes from the recipes in "
    "`tools/changes`, each a whole example change; a test applies them to a scratch copy and runs "
    "the checks there. `python -m tools.change_recipes` lists them. Besides, every change has its "
    "own tests and a line in the changelog."
)
_CODES = "Codes never change their meaning. New ones may be added."
_COMMAND_LINE = {
    "usage": "The command was used wrongly.",
    "file": "A file or folder that was named cannot be used.",
    "unreadable-file": "`hub translate`: the file cannot be read.",
    "adapter-failed": "The adapter itself failed on this event; the fault is the adapter's.",
    "hub-fault": "The hub itself failed. HUB_DEBUG=1 shows where.",
}


def pages() -> Mapping[str, str]:
    """Write every reference page, by file name."""
    return {
        "commands.md": commands_page(),
        "settings.md": settings_page(),
        "codes.md": codes_page(),
        "events.md": event_catalogue.page(),
        "audit-api.json": audit_api(),
        "changing.md": changing_page(),
        "ledger-entries.md": _joined([_NOTE, *ledger_entries()]),
    }


def audit_api() -> str:
    """Write the OpenAPI document of the audit API."""
    from hub.console.api.document import document  # noqa: PLC0415  part of the console's libraries
    from hub.console.api.routes import router  # noqa: PLC0415  part of the console's libraries

    return json.dumps(document(router.routes), indent=2, ensure_ascii=False) + "\n"


def changing_page() -> str:
    """Write the page of what a change touches."""
    return _joined(["# What a change touches", _NOTE, _CHANGING, *change_page(recipes())])


def commands_page() -> str:
    """Write the page of commands."""
    head = [
        "# Commands",
        _NOTE,
        _COMMANDS,
    ]
    return _joined([*head, *commands()])


def settings_page() -> str:
    """Write the page of settings."""
    return _joined(
        [
            "# Settings",
            _NOTE,
            _SETTINGS,
            "## The hub",
            _settings_table(words_of(Settings)),
            "## The console: `[console]`",
            "Accounts are made with `hub person`. Without `url` it listens on this machine only.",
            _settings_table(words_of(ConsoleSettings)),
            "## Sign-in through OpenID Connect: `[console.openid]`",
            _settings_table(words_of(OpenIdSettings)),
            "## An agency: `[agencies.NAME]`",
            "An agency receives nothing by being listed here: agreements decide that.",
            _settings_table([one for one in words_of(Agency) if one.name != "name"]),
            "## A running adapter: `[adapters.NAME]`",
            _settings_table(words_of(AdapterSettings)),
        ]
    )


def codes_page() -> str:
    """Write the page of codes."""
    exits = [(str(int(one)), one.sentence) for one in ExitCode]
    own = [(f"`{code}`", text) for code, text in _COMMAND_LINE.items()]
    return _joined(
        [
            "# Codes",
            _NOTE,
            _CODES,
            "## Exit codes of `hub`",
            _table(("exit code", "meaning"), exits),
            "## Errors",
            "The code is printed before the sentence on standard error, and is in logs.",
            _table(("code", "meaning", "exit code"), list(_errors())),
            "## Other codes of the command line",
            _table(("code", "meaning"), own),
            "## Why an input was refused or quarantined",
            _table(("code", "meaning"), [(f"`{f.value}`", f.sentence) for f in Fault]),
            "## Why something was shared or withheld",
            _table(("code", "meaning"), [(f"`{r.value}`", r.sentence) for r in Reason]),
            "Used only in the index of the ledger:",
            _table(("code", "meaning"), [(f"`{r.value}`", r.sentence) for r in IndexReason]),
            "## Why a review was opened",
            _table(("code", "meaning"), [(f"`{r.value}`", r.sentence) for r in ReviewCause]),
            "## Roles of the console",
            _table(("role", "meaning"), [(f"`{r.value}`", r.sentence) for r in Role]),
            "## Refused ledger data",
            "[The ledger's own page](../ledger.md) explains each.",
            "\n".join(f"- `{code.value}`" for code in LedgerCode),
        ]
    )


def _errors() -> Iterator[tuple[str, str, str]]:
    """Give every class of error with its code, once all our modules are loaded."""
    for package in _OURS:
        _load(package)
    found = sorted(set(_below(HubError)), key=lambda one: (one.code, one.__qualname__))
    for one in found:
        if one.__module__.partition(".")[0] in _OURS and "code" in vars(one):
            says = (one.__doc__ or "").strip().splitlines()[0]
            ending = exit_code_of(one.__new__(one))
            yield f"`{one.code}`", says, str(int(ending))


def _below(error: type[HubError]) -> Iterator[type[HubError]]:
    for one in error.__subclasses__():
        yield one
        yield from _below(one)


def _load(package: str) -> None:
    found = importlib.import_module(package)
    for module in pkgutil.walk_packages(found.__path__, f"{package}."):
        # What is run and not imported: entry files, and the migrations, which alembic runs.
        if not module.name.endswith("__main__") and ".migrations" not in module.name:
            importlib.import_module(module.name)


def _settings_table(settings: Sequence[SettingWords]) -> str:
    rows = [
        (f"`{one.name}`", one.kind, _default(one), f"{one.about}." if one.about else "")
        for one in settings
    ]
    return _table(("setting", "holds", "default", "meaning"), rows)


def _default(one: SettingWords) -> str:
    if one.required:
        return "must be given"
    return "" if one.default is None else f"`{json.dumps(one.default)}`"


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(
        "| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines
    )


def _joined(parts: Sequence[str]) -> str:
    return "\n\n".join(parts) + "\n"


def write(folder: Path = FOLDER) -> None:
    """Write every page into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (folder / name).write_text(text, encoding="utf-8")


def main() -> None:
    """Write the pages into a folder; without one into docs, with the blocks of other pages."""
    if len(sys.argv) > 1:
        write(Path(sys.argv[1]))
    else:
        write()
        fill_pages()


if __name__ == "__main__":
    main()
