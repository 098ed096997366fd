"""Settings of a format: declared as a model, checked at start, documented by its fields.

A field ``school_urn`` is the setting ``school-urn`` under ``[adapters.NAME.settings]`` in hub.toml.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from enum import Enum
from typing import TypeVar, get_args

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from schemas.errors import ConfigurationError


def setting_name(field: str) -> str:
    """Return the name a field has in the settings file."""
    return field.replace("_", "-")


class FormatSettings(BaseModel):
    """The base of a format's settings: frozen, and closed to names that it does not declare.

    Every field has a default and a description. Values come from TOML, from the environment or
    from ``--setting NAME=VALUE``, so text is converted where a field is a number or a choice.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        alias_generator=setting_name,
        validate_by_name=True,
        validate_by_alias=True,
        coerce_numbers_to_str=True,
        str_strip_whitespace=True,
    )


class NoSettings(FormatSettings):
    """The settings of a format that has none."""


S = TypeVar("S", bound=FormatSettings)


@dataclass(frozen=True, slots=True)
class SettingHelp:
    """One setting as a person reads about it."""

    name: str
    about: str
    default: str
    choices: tuple[str, ...] = ()


def settings_help(model: type[FormatSettings]) -> Iterator[SettingHelp]:
    """Describe each setting of a model, in the order of its fields."""
    for field, info in model.model_fields.items():
        default = info.default.value if isinstance(info.default, Enum) else info.default
        yield SettingHelp(
            name=info.alias or setting_name(field),
            about=info.description or "",
            default="" if default is None else str(default),
            choices=_choices(info.annotation),
        )


def _choices(annotation: object) -> tuple[str, ...]:
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return tuple(str(member.value) for member in annotation)
    found: list[str] = []
    for argument in get_args(annotation):
        found += [argument] if isinstance(argument, str) else _choices(argument)
    return tuple(found)


def read_settings(model: type[S], given: Mapping[str, object], where: str = "") -> S:
    """Read settings into their model.

    Raises ConfigurationError that names each wrong setting, and for an unknown one the nearest.
    """
    try:
        return model.model_validate(dict(given))
    except ValidationError as error:
        names = [setting.name for setting in settings_help(model)]
        details = error.errors(include_url=False, include_context=False, include_input=False)
        problems = [_problem(each, names) for each in details]
        place = f"{where}: " if where else ""
        raise ConfigurationError(place + " ".join(problems)) from None


def _problem(detail: ErrorDetails, names: list[str]) -> str:
    name = str(detail["loc"][0]) if detail["loc"] else ""
    if detail["type"] != "extra_forbidden":
        text = detail["msg"].removeprefix("Value error, ")
        return f"The setting {json.dumps(name)} is wrong: {text}."
    close = get_close_matches(name, names, n=1)
    hint = f" Did you mean {close[0]}?" if close else ""
    known = ", ".join(names) or "none"
    return f"There is no setting {json.dumps(name)}.{hint} Settings of this format: {known}."
