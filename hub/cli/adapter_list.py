"""``hub adapter list``: the installed adapters, and those that the settings configure."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from adapters.contract import Adapter
from adapters.settings import SettingHelp, settings_help
from hub.cli.context import settings_if_any
from hub.cli.exit_codes import ExitCode
from hub.cli.output import emit, plain, say
from hub.foundation.settings import Settings
from hub.runtime.plugins import configuration_problems, installed, load_adapter
from schemas.agencies import expand
from schemas.errors import ConfigurationError
from schemas.registry import EVENT_TYPES


def list_(
    context: typer.Context,
    names: Annotated[
        list[str] | None, typer.Argument(metavar="NAME...", help="Describe these in full.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Write one JSON object.")] = False,
) -> int:
    """List the installed adapters, and those the settings configure.

    Each installed adapter is shown with its title and the event types it reads
    and writes. With NAME, only these adapters are shown, with each setting: its
    meaning, its default and its choices. An adapter that cannot be loaded or is
    configured wrongly is shown with the reason and the command ends with 1.

    JSON keys: installed, configured.

    Example: hub adapter list education-ctf
    """
    settings = settings_if_any(context)
    for name in names or ():
        load_adapter(name)
    shown = [_installed(name) for name in names or sorted(installed())]
    configured = _configured(settings, frozenset(names or ())) if settings else []
    if as_json:
        emit({"installed": shown, "configured": configured})
    else:
        _say_installed(shown, in_full=bool(names))
        _say_configured(configured)
    broken = any(one["problem"] for one in (*shown, *configured))
    return ExitCode.FOUND if broken else ExitCode.OK


def _installed(name: str) -> dict[str, object]:
    try:
        found = load_adapter(name)
    except ConfigurationError as error:
        return {"name": name, "problem": str(error)}
    return {
        "name": name,
        "title": found.title,
        "channels": list(found.channels),
        "suffix": found.suffix,
        "reads": sorted(found.format.reads),
        "writes": sorted(found.format.writes),
        "settings": _settings(found),
        "problem": None,
    }


def _settings(found: Adapter) -> dict[str, dict[str, object]]:
    described = (asdict(one) for one in settings_help(found.settings))
    return {str(one.pop("name")): one for one in described}


def _configured(settings: Settings, only: frozenset[str]) -> list[dict[str, object]]:
    return [
        {
            "name": name,
            "adapter": chosen.adapter,
            "agency": chosen.agency,
            "channel": chosen.channel,
            "direction": chosen.direction,
            "problem": " ".join(configuration_problems(name, settings)) or None,
        }
        for name, chosen in sorted(settings.adapters.items())
        if not only or chosen.adapter in only
    ]


def _types(found: object) -> str:
    """Name event types; a whole sector as ``health.*``, all of them as such."""
    types = set(found) if isinstance(found, list) else set()
    if types >= set(EVENT_TYPES):
        return "every event type"
    named: list[str] = []
    for sector in sorted({key.partition(".")[0] for key in types}):
        own = sorted(key for key in types if key.startswith(f"{sector}."))
        named += [f"{sector}.*"] if set(own) == expand([f"{sector}.*"]) else own
    return ", ".join(named) or "nothing"


def _say_installed(shown: list[dict[str, object]], *, in_full: bool) -> None:
    say("Installed:" if shown else "Installed: none")
    for one in shown:
        say(f"  {one['name']}: {plain(one.get('title') or one['problem'])}")
        if one["problem"]:
            continue
        for key in ("reads", "writes"):
            say(f"    {key}: {_types(one.get(key))}")
        if in_full:
            _say_settings(load_adapter(str(one["name"])))


def _say_settings(found: Adapter) -> None:
    say(f"    channels: {', '.join(found.channels)}; files end in {found.suffix}")
    described = list(settings_help(found.settings))
    say("    settings:" if described else "    settings: none")
    for one in described:
        say(f"      {one.name}: {one.about}.{_values(one)}")


def _values(one: SettingHelp) -> str:
    choices = f" One of: {', '.join(c or '(empty)' for c in one.choices)}." if one.choices else ""
    return f"{choices} Default: {one.default or '(empty)'}."


def _say_configured(configured: list[dict[str, object]]) -> None:
    say("Configured:" if configured else "Configured: none")
    for one in configured:
        place = f"{one['adapter']} for {one['agency']}, {one['channel']}, {one['direction']}"
        wrong = f"  WRONG: {plain(one['problem'])}" if one["problem"] else ""
        say(f"  {one['name']}: {place}{wrong}")
