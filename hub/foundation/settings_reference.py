"""The settings in words: for the file 'hub init' writes and for docs/reference/settings.md.

Everything comes from the models (settings.py, schemas/agencies.py), so that it cannot drift.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from hub.foundation.settings import Settings

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
# The settings of this hub. Every line that begins with '# ' and a name shows a default: take the
# '# ' away to change it. A setting can also come from the environment, as HUB_ and its name in
# capitals (HUB_AMQP_URL); the environment wins. Paths are taken from the folder of this file.
# Secrets never stand here: the settings name files that hold them.
"""
_TABLES = """
# The audit console. 'hub person add' makes accounts; [console.openid] lets a provider vouch.
#
# [console]
# listen = "127.0.0.1:8420"
# url = "https://hub.example.gov.uk" # where a proxy with TLS serves it
# idle_minutes = 30

# One table for each agency on the bus. An agency receives nothing by being listed: agreements
# decide that. After adding one, run 'hub init' again: it makes the agency's broker password.
#
# [agencies.oakfield-primary]
# title = "Oakfield Primary School"
# sector = "education"              # education, health or care
# sends = ["education.*"]           # event types, or a whole sector
# receives = ["ehc.*"]

# One table for each running adapter. 'hub adapter list' shows which formats there are.
#
# [adapters.oakfield-ctf]
# adapter = "education-ctf"
# agency = "oakfield-primary"
# folder = "exchange/oakfield"      # holds in/, out/, processed/ and rejected/
"""


@dataclass(frozen=True, slots=True)
class SettingWords:
    """One setting: its name, what it holds, its default (None: it must be given), what it says."""

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
    """Give a default; that of a table of its own is told where its settings are."""
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
    """Write a settings file with every default, commented out, and what each setting says."""
    lines = [_HEAD]
    for setting in words_of(Settings):
        if setting.name not in TABLES:
            lines.append(f"# {setting.about} ({setting.kind}).")
            lines.append(f"# {setting.name} = {_toml(setting)}\n")
    return "\n".join(lines) + _TABLES


def _toml(setting: SettingWords) -> str:
    if setting.default is None:
        return '""' if setting.kind != "path" else '"..."'
    return json.dumps(setting.default)
