"""A small checker of FHIR profiles, which reads the rules where IHE wrote them: in FSH files.

It knows what the profiles of BALP and PCF use: cardinalities, fixed codes, slices by a fixed value,
closed slicings, types of references, and BALP's rule that an agent is the audit source. It does not
know value sets; a binding is looked at by a test of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SAMPLES = Path(__file__).parent / "samples"
_RULE = re.compile(r"^\* (\S+) (.+)$")
_CARD = re.compile(r"(?:^|\s)(\d*)\.\.(\d*|\*)")
_STEP = re.compile(r"^(\w+)(?:\[(x|\w+)\])?$")
_LOCAL = {"AuthZsubType": "https://profiles.ihe.net/ITI/BALP/CodeSystem/AuthZsubType"}


@dataclass
class Profile:
    """The rules of one profile."""

    cards: list[tuple[str, int, int | None]] = field(default_factory=list)
    fixed: list[tuple[str, str]] = field(default_factory=list)
    discriminators: dict[str, str] = field(default_factory=dict)
    closed: set[str] = field(default_factory=set)
    slices: dict[str, list[str]] = field(default_factory=dict)
    references: list[tuple[str, list[str]]] = field(default_factory=list)
    audit_source: list[str] = field(default_factory=list)


def read_profiles(*files: str) -> dict[str, Profile]:
    """Read the profiles of FSH files, by their ids."""
    text = "\n".join((SAMPLES / name).read_text(encoding="utf-8") for name in files)
    aliases = dict(re.findall(r"^Alias:\s*(\S+)\s*=\s*(\S+)", text, re.MULTILINE)) | _LOCAL
    text = re.sub(r'"""[\s\S]*?"""', '""', re.sub(r"/\*[\s\S]*?\*/", "", text))
    items = re.split(r"(?m)^(?=(?:Profile|RuleSet|Invariant|ValueSet|CodeSystem):)", text)
    sets: dict[str, tuple[list[str], str]] = {}
    for item in items:
        if found := re.match(r"RuleSet:\s*(\w+)(?:\(([^)]*)\))?", item):
            parameters = [p.strip() for p in (found[2] or "").split(",") if p.strip()]
            sets[found[1]] = (parameters, item)
    profiles = {}
    for item in items:
        if item.startswith("Profile:"):
            name = re.search(r"^Id:\s*(\S+)", item, re.MULTILINE)
            assert name
            profiles[name[1]] = _profile(list(_lines(item, sets)), aliases)
    return profiles


def _lines(item: str, sets: Mapping[str, tuple[list[str], str]]) -> Iterator[str]:
    """Give the rules, one a line, without comments, inserted sets in their place."""
    plain = [re.sub(r"(?<!:)//.*$", "", line).rstrip() for line in item.splitlines()]
    joined = re.sub(r"\n\s*(?![*\s])(?!Profile|Parent|Id|Title|Desc)(?=\S)", " ", "\n".join(plain))
    for line in joined.splitlines():
        insert = re.match(r"^\* insert (\w+)(?:\((.*)\))?", line)
        if insert is None:
            yield line
            continue
        names, body = sets[insert[1]]
        for name, value in zip(names, (insert[2] or "").split(","), strict=False):
            body = body.replace("{" + name + "}", value.strip())
        yield from _lines(body, sets)


def _profile(lines: list[str], aliases: Mapping[str, str]) -> Profile:
    made = Profile()
    for line in lines:
        rule = _RULE.match(line)
        if rule is None:
            continue
        path, said = rule[1], rule[2].strip()
        if said.startswith("^"):
            _slicing(made, path, said)
        elif said.startswith("contains"):
            for name, low, high in re.findall(r"(\w+) (\d+)\.\.(\d+|\*)", said):
                made.slices.setdefault(path, []).append(name)
                made.cards.append((f"{path}[{name}]", int(low), _most(high)))
        elif said.startswith("= "):
            made.fixed.append((path, _code(said[2:], aliases)))
        elif said.startswith("only Reference("):
            made.references.append((path, said[15:].rstrip(") ").split(" or ")))
        elif "obeys val-audit-source" in said:
            made.audit_source.append(path)
        elif card := _CARD.search(said):
            made.cards.append((path, int(card[1] or 0), _most(card[2])))
    return made


def _slicing(made: Profile, path: str, said: str) -> None:
    if found := re.search(r'discriminator\.path = "(\S+)"', said):
        made.discriminators[path] = found[1]
    if re.search(r"rules = #closed", said):
        made.closed.add(path)


def _most(text: str) -> int | None:
    return int(text) if text.isdigit() else None


def _code(text: str, aliases: Mapping[str, str]) -> str:
    word = text.split(maxsplit=1)[0]
    system, hash_, code = word.partition("#")
    return f"{aliases.get(system, system)}{hash_}{code}"


def problems(resource: Any, profile: Profile) -> list[str]:  # noqa: ANN401  JSON
    """Say every rule of a profile that a resource does not keep."""
    found = []
    for path, low, high in profile.cards:
        found += [
            f"{path}: {count} of {low}..{high}"
            for count in _counts(resource, path, profile)
            if count < low or (high is not None and count > high)
        ]
    for path, wanted in profile.fixed:
        found += [
            f"{path} is not {wanted}" for v in _all(resource, path, profile) if not _is(v, wanted)
        ]
    for path, kinds in profile.references:
        found += [
            f"{path} is no reference to {kinds}"
            for value in _all(resource, path, profile)
            if (value.get("type") or value.get("reference", "").split("/")[0]) not in kinds
        ]
    for path in profile.audit_source:
        observer = resource["source"]["observer"]
        found += [
            f"{path}: not the source" for v in _all(resource, path, profile) if v["who"] != observer
        ]
    for path in profile.closed:
        known = [
            id(v) for s in profile.slices[path] for v in _all(resource, f"{path}[{s}]", profile)
        ]
        found += [
            f"{path}: one of no slice" for v in _all(resource, path, profile) if id(v) not in known
        ]
    return found


def _counts(resource: Any, path: str, profile: Profile) -> Iterator[int]:  # noqa: ANN401
    parent, _, last = path.rpartition(".")
    holders = _all(resource, parent, profile) if parent else [resource]
    for holder in holders:
        yield len(_step(holder, last, path, profile))


def _all(resource: Any, path: str, profile: Profile) -> list[Any]:  # noqa: ANN401
    found = [resource]
    walked = ""
    for step in path.split("."):
        walked = f"{walked}.{step}" if walked else step
        found = [value for holder in found for value in _step(holder, step, walked, profile)]
    return found


def _step(holder: Any, step: str, path: str, profile: Profile) -> list[Any]:  # noqa: ANN401
    match = _STEP.match(step)
    assert match, step
    name, slice_ = match[1], match[2]
    if slice_ == "x":
        values = [v for key, v in holder.items() if key.startswith(name) and key != name]
    else:
        held = holder.get(name)
        values = held if isinstance(held, list) else [] if held is None else [held]
    if slice_ in (None, "x"):
        return list(values)
    whole = path[: path.rindex("[")]
    inner = profile.discriminators[whole]
    fixed = dict(profile.fixed)
    wanted = fixed[path if inner == "$this" else f"{path}.{inner}"]
    return [v for v in values if _is(v if inner == "$this" else v.get(inner), wanted)]


def _is(value: Any, wanted: str) -> bool:  # noqa: ANN401
    if isinstance(value, bool):
        return str(value).lower() == wanted
    if isinstance(value, str):
        return value == wanted.removeprefix("#")
    if isinstance(value, dict):
        codings = value.get("coding") or [value]
        return any(f"{c.get('system')}#{c.get('code')}" == wanted for c in codings)
    return False
