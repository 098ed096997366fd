"""``hub adapter check``: run the suite of behaviours on installed adapters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from hub.cli.exit_codes import ExitCode
from hub.cli.output import emit, plain, say
from hub.runtime.plugins import installed, load_adapter
from schemas.errors import ConfigurationError

if TYPE_CHECKING:
    from adapters.testing import Finding

_MARKS = {"passed": "pass", "failed": "FAIL", "not applicable": "  - "}


def check(
    *,
    names: Annotated[
        list[str] | None, typer.Argument(metavar="NAME...", help="Installed adapters.")
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Check every installed adapter.")
    ] = False,
    fast: Annotated[
        bool, typer.Option("--fast", help="Leave out large documents and other machines.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object per behaviour, then a summary.")
    ] = False,
) -> int:
    """Check installed adapters against the common behaviours.

    The suite runs on the sample documents that each adapter declares, with no
    store and no broker. Each behaviour is shown as a sentence: pass, FAIL with
    the reason, or - where it does not apply, with the reason. Ends with 1 where
    a behaviour failed, and with 2 where an adapter or its samples are missing.

    With --json the last line is a summary with the keys adapters, behaviours
    and failed; those that do not apply are not counted.

    Example: hub adapter check education-ctf
    """
    chosen = list(dict.fromkeys(sorted(installed()) if everything else names or ()))
    if not chosen:
        known = ", ".join(sorted(installed())) or "none"
        raise ConfigurationError(f"Name an adapter, or use --all. Installed: {known}.")
    from adapters.testing import Subject, check_subject, declared_samples  # noqa: PLC0415  only for this command

    loaded = [load_adapter(name) for name in chosen]
    subjects = [Subject(adapter, declared_samples(adapter)) for adapter in loaded]
    for subject in subjects:
        subject.check_settings()
    results: list[Finding] = []
    for name, subject in zip(chosen, subjects, strict=True):
        if not as_json:
            say(f"{name}: {subject.adapter.title}")
        results += _shown(name, check_subject(subject, slow=not fast), as_json=as_json)
    _summarise(len(subjects), results, as_json=as_json)
    return ExitCode.FOUND if any(map(_failed, results)) else ExitCode.OK


def _failed(finding: Finding) -> bool:
    return finding.verdict.value == "failed"


def _shown(name: str, findings: Iterable[Finding], *, as_json: bool) -> Iterator[Finding]:
    """Show each finding as soon as it is made."""
    for one in findings:
        if as_json:
            emit(
                {
                    "adapter": name,
                    "behaviour": one.behaviour.name,
                    "sentence": one.behaviour.sentence,
                    "verdict": one.verdict.value,
                    "why": one.why or None,
                    "seconds": round(one.seconds, 3),
                }
            )
        else:
            say(f"  {_MARKS[one.verdict.value]}  {one.behaviour.sentence}")
            if one.why:
                say(f"        {plain(one.why)}")
        yield one


def _summarise(adapters: int, results: list[Finding], *, as_json: bool) -> None:
    behaviours = sum(one.verdict.value != "not applicable" for one in results)
    failed = sum(map(_failed, results))
    if as_json:
        emit({"adapters": adapters, "behaviours": behaviours, "failed": failed})
    else:
        word = "adapter" if adapters == 1 else "adapters"
        say(f"{adapters} {word}, {behaviours} behaviours checked, {failed} failed.")
