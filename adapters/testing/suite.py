"""The suite: every behaviour in order, run on one adapter with its samples."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from adapters.contract import Adapter
from adapters.testing import (
    declarations,
    independence,
    limits,
    privacy,
    reading,
    refusing,
    values,
    writing,
)
from adapters.testing.behaviour import Behaviour, BehaviourBroken, NotApplicable
from adapters.testing.samples import Samples, declared_samples
from adapters.testing.subject import Subject

_GROUPS = (declarations, reading, refusing, privacy, values, writing, independence, limits)
BEHAVIOURS: tuple[Behaviour, ...] = tuple(
    one for group in _GROUPS for one in vars(group).values() if isinstance(one, Behaviour)
)


class Verdict(StrEnum):
    """How a behaviour was found."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_APPLICABLE = "not applicable"


@dataclass(frozen=True, slots=True)
class Finding:
    """One behaviour of one adapter, with the reason where it failed or does not apply."""

    behaviour: Behaviour
    verdict: Verdict
    why: str = ""
    seconds: float = 0.0


def check(
    adapter: Adapter, samples: Samples | None = None, *, slow: bool = True
) -> Iterator[Finding]:
    """Run the suite on an adapter; without samples, on those that it declares.

    ``slow=False`` leaves out the behaviours that start processes or read large documents. Raises
    ConfigurationError where there are no samples.
    """
    yield from check_subject(Subject(adapter, samples or declared_samples(adapter)), slow=slow)


def check_subject(subject: Subject, *, slow: bool = True) -> Iterator[Finding]:
    """Run the suite on an adapter with its samples."""
    for behaviour in BEHAVIOURS:
        if slow or not behaviour.slow:
            yield find(subject, behaviour)


def find(subject: Subject, behaviour: Behaviour) -> Finding:
    """Check one behaviour and contain every failure."""
    began = time.monotonic()
    try:
        behaviour.check(subject)
    except NotApplicable as reason:
        verdict, why = Verdict.NOT_APPLICABLE, str(reason)
    except BehaviourBroken as reason:
        verdict, why = Verdict.FAILED, str(reason)
    except Exception as error:  # noqa: BLE001  of an adapter that answers with nonsense
        verdict, why = Verdict.FAILED, f"The check itself met {type(error).__name__}."
    else:
        verdict, why = Verdict.PASSED, ""
    return Finding(behaviour, verdict, why, time.monotonic() - began)
