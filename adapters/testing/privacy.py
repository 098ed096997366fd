"""Behaviours that keep personal data out of refusals, errors, logs and file names."""

from __future__ import annotations

import contextlib
import io
import logging
import re
import warnings
from collections.abc import Iterator

from adapters.testing.behaviour import NotApplicable, behaviour, expect
from adapters.testing.damage import CANARY, damaged, names_in, with_value
from adapters.testing.invented import invented_view, leaves, texts_of
from adapters.testing.subject import Subject
from adapters.testing.subsets import thinner_views
from schemas.registry import EVENT_TYPES

_SUFFIX = re.compile(r"(\.[A-Za-z0-9]{1,10}){1,2}")
_LONGEST_PLACE = 400
_SHORTEST = 5


@behaviour
def keeps_personal_data_out_of_refusals(subject: Subject) -> None:
    """It names places in a refusal, and never a value of the document."""
    for label, body in _documents_with_canaries(subject):
        for copy in (body, *damaged(body, 12)):
            for refusal in subject.read(copy).refused:
                text = f"{label}: the place of a refusal quotes the document."
                expect(CANARY.lower() not in refusal.where.lower(), text)
                expect(len(refusal.where) < _LONGEST_PLACE, f"{label}: a place is very long.")
    for label, (body, _) in subject.samples.refused.items():
        for refusal in subject.read(body).refused:
            quoted = "canary" in refusal.where.lower()
            expect(not quoted, f"{label}: the place of a refusal quotes the document.")


def _documents_with_canaries(subject: Subject) -> Iterator[tuple[str, bytes]]:
    for label, body in subject.some(10).items():
        yield label, CANARY.encode() + body
        names = {name for event in subject.accepted[label].events for name in names_in(event)}
        for name in sorted(names)[:6]:
            marked = with_value(body, name, CANARY.encode())
            if marked is not None:
                yield label, marked


@behaviour
def keeps_personal_data_out_of_errors(subject: Subject) -> None:
    """It names no value of a view in the text of CannotExpress."""
    for key, kind in sorted(EVENT_TYPES.items()):
        view = invented_view(kind)
        values = {
            text
            for texts in texts_of(view.sections).values()
            for text in texts
            if len(text) >= _SHORTEST and text.startswith("Zq")
        }
        for thin in (view, *list(thinner_views(view))[:6]):
            declined = subject.write(thin).declined or ""
            quoted = any(value in declined for value in values)
            expect(not quoted, f"The text of CannotExpress for {key} quotes a value of the view.")


@behaviour
def writes_nothing_to_logs_or_the_terminal(subject: Subject) -> None:
    """It writes nothing to logs, standard output, standard error or warnings while it works."""
    heard = _Listener()
    out, err = io.StringIO(), io.StringIO()
    root = logging.getLogger()
    level = root.level
    root.addHandler(heard)
    root.setLevel(logging.DEBUG)
    try:
        with (
            warnings.catch_warnings(record=True) as caught,
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
        ):
            warnings.simplefilter("always")
            _work(subject)
    finally:
        root.removeHandler(heard)
        root.setLevel(level)
    expect(not heard.names, f"It logged to {', '.join(sorted(heard.names))}.")
    expect(not out.getvalue(), "It wrote to standard output.")
    expect(not err.getvalue(), "It wrote to standard error.")
    kinds = ", ".join(sorted({one.category.__name__ for one in caught}))
    expect(not caught, f"It raised warnings: {kinds}.")


class _Listener(logging.Handler):
    """Notes which loggers were used."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.names: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        self.names.add(record.name)


def _work(subject: Subject) -> None:
    for body in subject.some(10).values():
        for copy in (body, *damaged(body, 8)):
            subject.read(copy)
    for body, _ in subject.samples.refused.values():
        subject.read(body)
    for view in subject.views:
        subject.write(view)


@behaviour
def keeps_personal_data_out_of_file_names(subject: Subject) -> None:
    """It gives every document it writes the same short suffix, without a value of the view."""
    documents = [w.document for w in map(subject.write, subject.views) if w.document]
    if not documents:
        raise NotApplicable("the adapter wrote nothing")
    suffixes = {document.suffix for document in documents}
    expect(len(suffixes) == 1, "The suffix differs from view to view.")
    for suffix in suffixes:
        expect(suffix == "" or _SUFFIX.fullmatch(suffix), "The suffix is not such as '.txt'.")
    for view in subject.views:
        for text in leaves([list(texts) for texts in texts_of(view.sections).values()]):
            quoted = len(text) >= _SHORTEST and any(text in suffix for suffix in suffixes)
            expect(not quoted, "The suffix holds a value of the view.")
