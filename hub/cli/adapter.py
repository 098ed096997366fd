"""``hub adapter``: run adapters, and list what is installed and configured."""

from __future__ import annotations

import threading
from typing import Annotated

import typer

from hub.cli.context import log_as_set, settings_if_any, settings_of
from hub.cli.exit_codes import ExitCode
from hub.cli.nouns import group
from hub.cli.output import emit, plain, say
from hub.cli.signals import on_stop
from hub.cli.threads import run_together
from hub.foundation.settings import AdapterSettings, Settings
from hub.runtime.plugins import installed, load_adapter
from schemas.agencies import expand
from schemas.errors import ConfigurationError
from schemas.registry import EVENT_TYPES

adapter = group("adapter")


def add_to(app: typer.Typer) -> None:
    """Add the noun."""
    app.add_typer(adapter)


@adapter.command()
def run(
    context: typer.Context,
    names: Annotated[
        list[str] | None, typer.Argument(metavar="NAME...", help="Adapters of the settings.")
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Run every adapter of the settings.")
    ] = False,
) -> int:
    """Run adapters until they are stopped: documents in, deliveries out.

    Each direction runs on a thread of its own. When one cannot go on, because
    the broker refuses its account or a setting is wrong, all stop and the
    command ends with 2. SIGTERM or Ctrl-C lets them finish what they have in
    hand.

    Example: hub adapter run oakfield-ctf northmoor-hl7
    """
    from hub.runtime.bootstrap import adapter_runs  # noqa: PLC0415  it loads the broker and the store

    settings = settings_of(context)
    chosen = list(dict.fromkeys(sorted(settings.adapters) if everything else names or ()))
    if not chosen:
        known = ", ".join(sorted(settings.adapters)) or "none"
        raise ConfigurationError(f"Name adapters of the settings, or --all. There are: {known}.")
    log_as_set(context, settings)
    stop = threading.Event()
    runs = [one for name in chosen for one in adapter_runs(settings, name, stop)]
    on_stop(stop.set)
    run_together(runs, stop)
    return ExitCode.OK


@adapter.command("list")
def list_(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Write one JSON object.")] = False,
) -> int:
    """List the installed adapters, and those the settings configure.

    Of each installed adapter: its title, the event types it reads and writes,
    and its settings. An adapter that cannot be loaded is shown with the reason
    and the command ends with 1.

    JSON keys: installed, configured.

    Example: hub adapter list --json
    """
    settings = settings_if_any(context)
    shown = [_installed(name) for name in sorted(installed())]
    configured = _configured(settings) if settings else []
    if as_json:
        emit({"installed": shown, "configured": configured})
    else:
        _say_list(shown, configured)
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
        "settings": dict(found.settings),
        "problem": None,
    }


def _configured(settings: Settings) -> list[dict[str, object]]:
    return [
        {
            "name": name,
            "adapter": chosen.adapter,
            "agency": chosen.agency,
            "channel": chosen.channel,
            "direction": chosen.direction,
            "problem": _problem(chosen, settings),
        }
        for name, chosen in sorted(settings.adapters.items())
    ]


def _problem(chosen: AdapterSettings, settings: Settings) -> str | None:
    if chosen.adapter not in installed():
        return f"no adapter '{chosen.adapter}' is installed"
    if chosen.agency not in settings.agencies:
        return f"there is no agency '{chosen.agency}' in the settings"
    return None


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


def _say_list(shown: list[dict[str, object]], configured: list[dict[str, object]]) -> None:
    say("Installed:")
    for one in shown:
        say(f"  {one['name']}: {plain(one.get('title') or one['problem'])}")
        for key in ("reads", "writes"):
            say(f"    {key}: {_types(one.get(key))}")
        options = one.get("settings")
        for name, about in (options if isinstance(options, dict) else {}).items():
            say(f"    setting {name}: {about}")
    say("Configured:" if configured else "Configured: none")
    for one in configured:
        place = f"{one['adapter']} for {one['agency']}, {one['channel']}, {one['direction']}"
        wrong = f"  WRONG: {one['problem']}" if one["problem"] else ""
        say(f"  {one['name']}: {place}{wrong}")
