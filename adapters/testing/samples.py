"""The sample documents of an adapter, with invented data, as the suite reads them.

An installed adapter declares a folder of them (``Adapter.samples``, as ``package/folder``)::

    samples/one-case.txt                  a document that is accepted
    samples/refused/bad-value-date.txt    one that is refused; its name begins with the fault code
    samples/samples.toml                  optional: agency, settings, round_trip, times
"""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from importlib.resources.abc import Traversable
from types import MappingProxyType

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from adapters.contract import Adapter
from schemas.errors import ConfigurationError, Fault

ABOUT = "samples.toml"
REFUSED = "refused"
_NOTHING: Mapping[str, object] = MappingProxyType({})
_NEVER: Mapping[str, dt.datetime] = MappingProxyType({})
_NONE: Mapping[str, tuple[bytes, Fault]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Samples:
    """Documents for the suite.

    ``accepted`` maps a label to a document; ``refused`` a label to a document and a fault that must
    be among its refusals. ``round_trip`` names the event types that are the same when they are
    written and read again. ``times`` maps the label of an accepted document to the time of its
    first event, for documents with local times.
    """

    accepted: Mapping[str, bytes]
    refused: Mapping[str, tuple[bytes, Fault]] = field(default_factory=lambda: _NONE)
    agency: str = "sample-agency"
    settings: Mapping[str, object] = field(default_factory=lambda: _NOTHING)
    round_trip: frozenset[str] = frozenset()
    times: Mapping[str, dt.datetime] = field(default_factory=lambda: _NEVER)


class SamplesFile(BaseModel):
    """What ``samples.toml`` may hold."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    agency: str = "sample-agency"
    settings: dict[str, str | int | float | bool] = {}
    round_trip: frozenset[str] = frozenset()
    times: dict[str, AwareDatetime] = {}


def declared_samples(adapter: Adapter) -> Samples:
    """Read the samples that an adapter declares; raises ConfigurationError."""
    package, _, folder = adapter.samples.partition("/")
    if not package:
        raise ConfigurationError(
            f"Adapter '{adapter.name}' declares no samples. "
            "Set Adapter(samples=...) to their folder, such as 'leisure_adapter/samples'."
        )
    try:
        return samples_in(files(package).joinpath(folder))
    except (ImportError, OSError) as error:
        raise ConfigurationError(
            f"The samples of adapter '{adapter.name}' ({adapter.samples}) cannot be read: "
            f"{type(error).__name__}. Does its distribution include the folder?"
        ) from None


def samples_in(folder: Traversable) -> Samples:
    """Read a folder of samples; raises ConfigurationError, or OSError where there is none."""
    accepted = {one.name: one.read_bytes() for one in _files(folder) if one.name != ABOUT}
    refused: dict[str, tuple[bytes, Fault]] = {}
    if folder.joinpath(REFUSED).is_dir():
        for one in _files(folder.joinpath(REFUSED)):
            refused[one.name] = (one.read_bytes(), _fault_of(one.name))
    about = _about(folder)
    unknown = sorted(set(about.times) - set(accepted))
    if unknown:
        raise ConfigurationError(f"{ABOUT}: [times] names {unknown[0]}, which is no sample.")
    return Samples(
        accepted=accepted,
        refused=refused,
        agency=about.agency,
        settings=about.settings,
        round_trip=about.round_trip,
        times=about.times,
    )


def _files(folder: Traversable) -> Iterator[Traversable]:
    found = (one for one in folder.iterdir() if one.is_file() and not one.name.startswith("."))
    yield from sorted(found, key=lambda one: one.name)


def _fault_of(name: str) -> Fault:
    codes = sorted((fault.value for fault in Fault), key=len, reverse=True)
    for code in codes:
        if name.startswith(code):
            return Fault(code)
    raise ConfigurationError(
        f"samples/{REFUSED}/{name}: the name must begin with a fault code, such as bad-value."
    )


def _about(folder: Traversable) -> SamplesFile:
    file = folder.joinpath(ABOUT)
    if not file.is_file():
        return SamplesFile()
    try:
        return SamplesFile.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{ABOUT} is not TOML: {error}") from None
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        where = ".".join(str(step) for step in first["loc"])
        raise ConfigurationError(f"{ABOUT}: {where}: {first['msg']}.") from None
