"""The suite for pytest: subclass ``AdapterContract`` and every behaviour is a test of yours."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from adapters.contract import Adapter
from adapters.testing.behaviour import Behaviour, NotApplicable
from adapters.testing.samples import Samples, declared_samples
from adapters.testing.subject import Subject
from adapters.testing.suite import BEHAVIOURS


class AdapterContract:
    """One test for each behaviour, named after its sentence.

    ``adapter`` is the adapter under test. ``samples`` are its documents; without them, those that
    the adapter declares::

        class TestLeisure(AdapterContract):
            adapter = ADAPTER
    """

    adapter: ClassVar[Adapter]
    samples: ClassVar[Samples | None] = None
    _subject: ClassVar[Subject | None] = None

    def __init_subclass__(cls) -> None:
        """Let each subclass have a subject of its own."""
        super().__init_subclass__()
        cls._subject = None

    @classmethod
    def subject(cls) -> Subject:
        """Return the adapter with its samples, read once for all tests of the class."""
        if cls._subject is None:
            cls._subject = Subject(cls.adapter, cls.samples or declared_samples(cls.adapter))
        return cls._subject


def _test_of(behaviour: Behaviour) -> Callable[[AdapterContract], None]:
    def test(self: AdapterContract) -> None:
        __tracebackhide__ = True
        try:
            behaviour.check(self.subject())
        except NotApplicable as reason:
            import pytest  # noqa: PLC0415  only where the suite runs under pytest

            pytest.skip(f"not applicable: {reason}")

    test.__doc__ = behaviour.sentence
    test.__name__ = f"test_it_{behaviour.name}"
    test.__qualname__ = f"AdapterContract.{test.__name__}"
    return test


for _behaviour in BEHAVIOURS:
    setattr(AdapterContract, f"test_it_{_behaviour.name}", _test_of(_behaviour))
