"""A behaviour of an adapter: a sentence that is true of every good adapter, and its check."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from adapters.testing.subject import Subject


class BehaviourBroken(AssertionError):
    """The adapter does not behave as the sentence says; the text says where and how."""


class NotApplicable(Exception):
    """The behaviour cannot be checked for this adapter; the text says why."""


@dataclass(frozen=True, slots=True)
class Behaviour:
    """One behaviour. ``slow`` ones start processes or read large documents."""

    name: str
    sentence: str
    check: Callable[[Subject], None]
    slow: bool = False


def behaviour(check: Callable[[Subject], None]) -> Behaviour:
    """Make a behaviour of a function: its name, and its docstring as the sentence."""
    return Behaviour(check.__name__, _sentence(check), check)


def slow_behaviour(check: Callable[[Subject], None]) -> Behaviour:
    """Make a behaviour that starts processes or reads large documents."""
    return Behaviour(check.__name__, _sentence(check), check, slow=True)


def _sentence(check: Callable[[Subject], None]) -> str:
    return (check.__doc__ or "").strip().splitlines()[0]


def fail(why: str) -> NoReturn:
    """Raise BehaviourBroken with the text."""
    raise BehaviourBroken(why)


def expect(fact: object, otherwise: str) -> None:
    """Raise BehaviourBroken with the text unless the fact is true."""
    if not fact:
        raise BehaviourBroken(otherwise)
