"""Page context: the hub, the settings, the templates and the menu that every page uses."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from jinja2 import ChoiceLoader, Environment, PackageLoader, PrefixLoader

from hub.console.views import directive_text, text
from hub.console.views.agency_names import with_names
from hub.foundation.settings import Settings
from hub.intake.hub import Hub
from schemas.roles import Permission


@dataclass(frozen=True, slots=True)
class MenuItem:
    """One page of the menu, shown to a user with any of the permissions."""

    title: str
    path: str
    permissions: frozenset[Permission]


@dataclass(frozen=True, slots=True)
class PageContext:
    """What every page uses; made once per application."""

    hub: Hub
    settings: Settings
    templates: Environment
    menu: tuple[MenuItem, ...] = ()

    @property
    def idle(self) -> dt.timedelta:
        """Time without use after which a session ends."""
        return dt.timedelta(minutes=self.settings.console.idle_minutes)

    @property
    def https(self) -> bool:
        """Whether a proxy serves the console at an https address."""
        return bool(self.settings.console.url)

    def title(self, agency: str) -> str:
        """Return the display name of an agency."""
        known = self.hub.directory.find(agency)
        return known.title if known else agency

    def render(self, template: str, context: Mapping[str, object]) -> str:
        """Return the HTML of a page."""
        return self.templates.get_template(template).render(**context)


def make_page_context(hub: Hub, settings: Settings, menu: tuple[MenuItem, ...] = ()) -> PageContext:
    """Return the context; templates escape every value."""
    environment = Environment(
        loader=ChoiceLoader(
            [
                PackageLoader("hub.console"),
                PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")}),
            ]
        ),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(text.FILTERS)
    environment.filters.update(directive_text.FILTERS)
    context = PageContext(hub, settings, environment, menu)
    environment.filters["agency"] = context.title
    environment.filters["with_names"] = with_names(context.title, hub.directory.agencies)
    environment.globals["hub_name"] = settings.name
    return context
