"""The settings in words: for the file 'hub init' writes and for docs/reference/settings.md.

Names, types, defaults and meanings come from the models (settings.py, schemas/agencies.py).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel

from hub.foundation.settings import AdapterSettings, ConsoleSettings, OpenIdSettings, Settings
from schemas.agencies import Agency

TABLES = ("console", "agencies", "adapters")
_KINDS = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
    "array": "list",
    "object": "table",
}
_HEAD = """\
# The settings of this hub. Every line that begins with '# ' and a name shows a default: remove the
# '# ' to change it. A setting can also come from the environment, as HUB_ and its name in capitals
# (HUB_AMQP_URL); the environment has precedence. Relative paths start at the folder of this file.
# Secrets do not belong here: the settings name files that hold them.
"""
_CONSOLE = """\
# The audit console. 'hub person add' makes accounts; [console.openid] is for sign-in through your
# organisation's own provider.
#
"""
_AGENCIES = """\
# One table for each agency on the bus. An agency receives nothing by being listed: agreements
# decide that. After adding one, run 'hub init' again: it makes the agency's password and key.
#
"""
_ADAPTERS = """\
# One table for each running adapter. 'hub adapter list' shows which formats there are.
#
"""
_AGENCY: Mapping[str, object] = MappingProxyType(
    {
        "title": "Oakfield Primary School",
        "sector": "education",
        "kind": "EDUCATION",
        "sends": ["education.*"],
        "receives": ["ehc.*"],
        "contact": "office@oakfield.example",
        "dpo": "dpo@oakfield.example",
    }
)
_ADAPTER: Mapping[str, object] = MappingProxyType(
    {
        "adapter": "education-ctf",
        "agency": "oakfield-primary",
        "folder": "exchange/oakfield",
    }
)
_NO_EXAMPLE: Mapping[str, object] = MappingProxyType({})
_OPENID: Mapping[str, object] = MappingProxyType({"secret_file": "state/secrets/openid.secret"})


@dataclass(frozen=True, slots=True)
class SettingWords:
    """One setting: name, type in words, default, whether it is required, and meaning."""

    name: str
    kind: str
    default: object
    required: bool
    about: str


def words_of(model: type[BaseModel]) -> list[SettingWords]:
    """Describe every field of a model of settings."""
    schema = model.model_json_schema()
    definitions = schema.get("$defs", {})
    required = set(schema.get("required", ()))
    return [
        SettingWords(
            name=name,
            kind=_kind(part, definitions),
            default=_plain(part.get("default")),
            required=name in required,
            about=str(part.get("description", "")),
        )
        for name, part in schema["properties"].items()
    ]


def _plain(default: object) -> object:
    """Return a default; that of a table is shown with the table's own settings."""
    return {} if isinstance(default, dict) else default


def _kind(part: Mapping[str, Any], definitions: Mapping[str, Any]) -> str:
    if "$ref" in part:
        return _kind(definitions[part["$ref"].rpartition("/")[2]], definitions)
    if "anyOf" in part:
        kinds = (_kind(p, definitions) for p in part["anyOf"] if p.get("type") != "null")
        return " or ".join(dict.fromkeys(kinds))
    if "enum" in part:
        return "one of " + ", ".join(part["enum"])
    if part.get("format") == "path":
        return "path"
    return _KINDS.get(part.get("type", ""), "value") + _range(part)


def _range(part: Mapping[str, Any]) -> str:
    low, high = part.get("minimum"), part.get("maximum")
    if part.get("type") not in {"integer", "number"} or low is None or high is None:
        return ""
    return f", {low:g} to {high:.0f}"


def settings_file() -> str:
    """Write a settings file with every default and an example of each table, commented out."""
    lines = [_HEAD]
    for setting in words_of(Settings):
        if setting.name not in TABLES:
            lines += [*_lines(setting, setting.default), ""]
    tables = [
        _CONSOLE + _table("console", words_of(ConsoleSettings)),
        _table("console.openid", words_of(OpenIdSettings), _OPENID),
        _AGENCIES + _table("agencies.oakfield-primary", words_of(Agency), _AGENCY),
        _ADAPTERS + _table("adapters.oakfield-ctf", words_of(AdapterSettings), _ADAPTER),
    ]
    return "\n".join([*lines, *tables])


def _table(
    name: str, settings: Sequence[SettingWords], example: Mapping[str, object] = _NO_EXAMPLE
) -> str:
    """Write one table, commented out, with example values in the place of some defaults."""
    lines = [f"# [{name}]"]
    for setting in settings:
        if f"{name.partition('.')[0]}.{setting.name}" not in _NAMED_ELSEWHERE:
            lines += _lines(setting, example.get(setting.name, setting.default))
    return "\n".join(lines) + "\n"


_NAMED_ELSEWHERE = frozenset({"agencies.name", "console.openid"})


def _lines(setting: SettingWords, value: object) -> list[str]:
    """Write what a setting means and its value, commented out."""
    shown = "" if value is None else json.dumps(value)
    if value is None:
        shown = '""' if setting.kind != "path" else '"..."'
    return [f"# {setting.about} ({setting.kind}).", f"# {setting.name} = {shown}"]
