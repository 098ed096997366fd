"""Optional parts of the package (extras): whether one is installed, and the error if not."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from types import MappingProxyType

from schemas.errors import ConfigurationError

PACKAGE = "interagency-hub"
EXTRAS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "console": ("fastapi", "uvicorn", "govuk_frontend_jinja", "itsdangerous", "authlib"),
        "postgres": ("psycopg",),
        "testing": ("pytest",),
    }
)
"""Modules that show whether an extra is installed; pyproject.toml lists its requirements."""


class ExtraMissing(ConfigurationError):
    """An optional part of the package is needed and not installed; the text has the pip command."""

    code = "extra-missing"


def has_extra(extra: str) -> bool:
    """Return whether the libraries of an extra are installed."""
    return all(find_spec(module) is not None for module in EXTRAS[extra])


def require_extra(extra: str, user: str) -> None:
    """Raise ExtraMissing, naming what needs the extra, where its libraries are not installed."""
    if not has_extra(extra):
        raise ExtraMissing(
            f"{user} needs the extra '{extra}', which is not installed: "
            f"pip install '{PACKAGE}[{extra}]'"
        )
