"""Behaviours of what an adapter declares: its name, its event types, its settings."""

from __future__ import annotations

import re

from adapters.settings import FormatSettings, settings_help
from adapters.testing.behaviour import NotApplicable, behaviour, expect, fail
from adapters.testing.subject import Subject
from schemas.errors import ConfigurationError
from schemas.registry import EVENT_TYPES

_NAME = re.compile(r"[a-z][a-z0-9-]{1,60}")
_SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,10}")


@behaviour
def describes_itself(subject: Subject) -> None:
    """It has a name of lower-case letters, a title, a channel and a suffix for its files."""
    adapter = subject.adapter
    expect(_NAME.fullmatch(adapter.name), "The name is not of lower-case letters and hyphens.")
    expect(adapter.title.strip(), "The title is empty.")
    expect(adapter.channels, "It names no channel, such as 'folder'.")
    expect(_SUFFIX.fullmatch(adapter.suffix), "The suffix is not such as '.txt'.")


@behaviour
def declares_registered_event_types(subject: Subject) -> None:
    """It declares at least one event type, and only registered ones."""
    declared = subject.adapter.format.reads | subject.adapter.format.writes
    expect(declared, "`reads` and `writes` are both empty.")
    unknown = ", ".join(sorted(declared - set(EVENT_TYPES)))
    expect(not unknown, f"Not registered: {unknown}.")


@behaviour
def describes_its_settings(subject: Subject) -> None:
    """It gives every setting a description and a default, and needs none to be set."""
    model = subject.adapter.settings
    expect(issubclass(model, FormatSettings), "`settings` is not a FormatSettings model.")
    bare = [one.name for one in settings_help(model) if not one.about.strip()]
    expect(not bare, f"Without a description: {', '.join(bare)}.")
    expect(model.model_config.get("frozen"), "The settings model is not frozen.")
    try:
        subject.adapter.system("some-agency", {})
    except ConfigurationError as error:
        fail(f"Without settings: {error}")


@behaviour
def refuses_unknown_settings(subject: Subject) -> None:
    """It refuses a setting that it does not declare, and suggests the nearest."""
    names = [one.name for one in settings_help(subject.adapter.settings)]
    for wrong in ("zq-no-such-setting", *(f"{name}x" for name in names)):
        try:
            subject.adapter.system("some-agency", {wrong: "1"})
        except ConfigurationError as error:
            near = wrong.removesuffix("x")
            expect(near not in names or near in str(error), f"{wrong}: it does not suggest {near}.")
        else:
            fail(f"The setting {wrong} is accepted.")


@behaviour
def refuses_wrong_values_of_settings(subject: Subject) -> None:
    """It refuses a value that is not one of a setting's choices or not a number."""
    tried = False
    for name, info in subject.adapter.settings.model_fields.items():
        if info.annotation is str or info.annotation == str | None:
            continue
        tried = True
        alias = info.alias or name
        try:
            subject.adapter.system("some-agency", {alias: "zq no such value"})
        except ConfigurationError:
            continue
        fail(f"The setting {alias} accepts any text.")
    if not tried:
        raise NotApplicable("it has no setting that is a number or a choice")
