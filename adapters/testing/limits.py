"""Behaviours with large and deep documents: bounded time, bounded memory, no crash."""

from __future__ import annotations

from functools import partial

from adapters.contract import DEFAULT_LIMIT, Document, translate
from adapters.testing.behaviour import expect, slow_behaviour
from adapters.testing.contained import MEBIBYTE, contained
from adapters.testing.damage import DEEP
from adapters.testing.invented import WHEN
from adapters.testing.large import large_document
from adapters.testing.subject import Subject
from schemas.errors import Fault

SECONDS = 10.0
QUARTER = DEFAULT_LIMIT // 4
MEMORY = 48 * MEBIBYTE
HUGE = 100 * MEBIBYTE
_WALL_SECONDS = 240.0
_DEEP_SECONDS = 60.0


@slow_behaviour
def refuses_deeply_nested_documents(subject: Subject) -> None:
    """It refuses a document that is nested a hundred thousand deep, and survives it."""
    for label, body in DEEP.items():
        outcome = contained(partial(_codes, subject, body), _DEEP_SECONDS)
        expect(not outcome.error, f"{label}: {outcome.error}.")
        codes = outcome.answer if isinstance(outcome.answer, tuple) else ()
        expect(codes, f"{label}: neither an event nor a refusal.")
        expect(Fault.UNREADABLE not in codes, f"{label}: an exception other than InputRefused.")


def _codes(subject: Subject, body: bytes) -> tuple[Fault, ...]:
    return tuple(refusal.fault for refusal in subject.read(body).refused)


@slow_behaviour
def reads_a_large_document_in_time(subject: Subject) -> None:
    """It reads a document of the largest size, one mebibyte, within ten seconds."""
    body = large_document(subject, DEFAULT_LIMIT)
    outcome = contained(lambda: len(subject.read(body).events), _WALL_SECONDS)
    expect(not outcome.error, f"{outcome.error}.")
    expect(outcome.seconds < SECONDS, f"It took {outcome.seconds:.0f} seconds of computing.")


@slow_behaviour
def uses_bounded_memory(subject: Subject) -> None:
    """It reads a quarter of a mebibyte within 48 MiB, and 100 MiB are refused as too large."""
    body = large_document(subject, QUARTER)
    outcome = contained(lambda: len(subject.read(body).events), _WALL_SECONDS, measure_memory=True)
    expect(not outcome.error, f"{outcome.error}.")
    used = outcome.memory // MEBIBYTE
    expect(outcome.memory < MEMORY, f"It used {used} MiB for a quarter of a mebibyte.")
    huge = contained(lambda: _refused_unread(subject), _WALL_SECONDS, measure_memory=True)
    expect(not huge.error, f"100 MiB: {huge.error}.")
    expect(huge.answer == (Fault.TOO_LARGE,), "100 MiB are not refused as too large.")
    expect(huge.memory < HUGE + MEMORY, f"100 MiB: it used {huge.memory // MEBIBYTE} MiB.")


def _refused_unread(subject: Subject) -> tuple[Fault, ...]:
    first = next(iter(subject.samples.accepted.values()), b"x")
    body = first * (HUGE // len(first) + 1)
    document = Document(body, WHEN, subject.adapter.suffix)
    found = translate(subject.adapter.format, document, subject.system)
    return tuple(refusal.fault for refusal in found.refused)
