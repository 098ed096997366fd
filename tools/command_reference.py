"""The commands in words, for docs/reference/commands.md: from the command line itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import typer

from hub.cli.nouns import NOUNS
from hub.cli.root import build_all

_AS_IT_IS = "\b"
_HIDDEN = {"help", "install_completion", "show_completion"}


def commands() -> Iterator[str]:
    """Describe every command: its heading, what it does, its example, its options."""
    root: Any = typer.main.get_command(build_all())
    yield from _command(root, "hub", Own(root))


class Own:
    """What typer's commands have, whichever version of them: their parameters and help."""

    def __init__(self, command: Any) -> None:  # noqa: ANN401  typer does not name its types
        self.help: str = command.help or ""
        self.parts: Mapping[str, Any] = getattr(command, "commands", {})
        self.params = [p for p in command.params if p.name not in _HIDDEN]


def _command(command: Any, path: str, own: Own) -> Iterator[str]:  # noqa: ANN401  typer does not name its types
    yield f"## {path}"
    for part in own.help.strip().split("\n\n"):
        if part.startswith(_AS_IT_IS):
            text = part.removeprefix(_AS_IT_IS).strip()
            yield f"```\n{text}\n```"
            continue
        paragraph = " ".join(part.split())
        if paragraph.startswith("Example: "):
            yield f"```\n{paragraph.removeprefix('Example: ')}\n```"
        else:
            yield paragraph
    if own.params:
        context = command.make_context(path, [], resilient_parsing=True)
        yield "\n".join(_line(param, context) for param in own.params)
    for name in sorted(own.parts, key=_place):
        yield from _command(own.parts[name], f"{path} {name}", Own(own.parts[name]))


def _place(name: str) -> int:
    """Order the nouns as the help does; verbs stay as they are."""
    nouns = [noun.name for noun in NOUNS]
    return nouns.index(name) if name in nouns else 0


def _line(param: Any, context: Any) -> str:  # noqa: ANN401  typer does not name its types
    is_option = param.param_type_name == "option"
    names = ", ".join([*param.opts, *param.secondary_opts]) if is_option else ""
    holds = "" if getattr(param, "is_bool_flag", False) else _holds(param, context)
    shown = f"`{' '.join(part for part in (names, holds) if part)}`"
    required = " Required." if param.required else ""
    return f"- {shown}: {param.help or ''}{required}{_default(param)}"


def _holds(param: Any, context: Any) -> str:  # noqa: ANN401  typer does not name its types
    shown = str(param.metavar or param.display_type(context)).strip("[]<>")
    return shown.removeprefix("list[").removesuffix(" range")


def _default(param: Any) -> str:  # noqa: ANN401  typer does not name its types
    value = param.default
    if value is None or value is False or value in {"", ()} or callable(value):
        return ""
    return f" Default: `{value}`."
