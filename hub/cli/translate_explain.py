"""``hub translate --explain`` and ``--coverage``: what became of each element of a file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from adapters.contract import Adapter, AgencySystem
from adapters.explain.explaining import ElementResult, Explanation, Status, explain
from adapters.explain.structure import pattern_of
from hub.cli.exit_codes import ExitCode
from hub.cli.output import emit, plain, say, table, warn
from hub.runtime.translation import Complaint, files_in, read_document
from schemas.errors import InputRefused

_BY_PATH = "It has many elements: all elements of a path were tried at once."
_MOST_FIELDS = 4


@dataclass(slots=True)
class _Totals:
    """What became of the elements of all files: in all, and by path."""

    files: int = 0
    refused_files: int = 0
    elements: Counter[Status] = field(default_factory=Counter)
    by_path: dict[str, Counter[Status]] = field(default_factory=dict)

    def add(self, explanation: Explanation) -> None:
        for one in explanation.elements:
            self.elements[one.status] += 1
            self.by_path.setdefault(pattern_of(one.path), Counter())[one.status] += 1

    def summary(self) -> dict[str, object]:
        counts = {status.value: self.elements[status] for status in Status}
        return {"files": self.files, "refused_files": self.refused_files, **counts}


def explain_files(
    names: Iterable[str], adapter: Adapter, system: AgencySystem, limit: int, *, as_json: bool
) -> int:
    """Print every element of every file: its fields, or why it is left out."""
    totals = _Totals()
    for name, explanation in _explained(names, adapter, system, limit, totals):
        if as_json:
            emit(_document(name, explanation))
        else:
            _print(name, explanation)
    if as_json:
        emit(totals.summary())
    return _ending(totals)


def cover_files(
    names: Iterable[str], adapter: Adapter, system: AgencySystem, limit: int, *, as_json: bool
) -> int:
    """Print for every path of the files how many elements are mapped, ignored, unknown, refused."""
    totals = _Totals()
    for _ in _explained(names, adapter, system, limit, totals):
        pass
    rows = [(path, *(found[s] for s in Status)) for path, found in totals.by_path.items()]
    if as_json:
        heads = ("path", *(status.value for status in Status))
        paths = [dict(zip(heads, row, strict=True)) for row in rows]
        emit({**totals.summary(), "paths": paths})
    else:
        table(("PATH", *(status.value.upper() for status in Status)), rows)
    return _ending(totals)


def _explained(
    names: Iterable[str], adapter: Adapter, system: AgencySystem, limit: int, totals: _Totals
) -> Iterator[tuple[str, Explanation]]:
    for name in files_in(list(names)):
        totals.files += 1
        document = read_document(name, limit)
        if isinstance(document, Complaint):
            _complain(document, totals)
            continue
        try:
            explanation = explain(adapter, document, system, limit)
        except InputRefused as error:
            where = f" At: {error.where}." if error.where else ""
            _complain(Complaint(name, error.code, f"{error.fault.sentence}{where}"), totals)
            continue
        totals.add(explanation)
        yield name, explanation


def _complain(complaint: Complaint, totals: _Totals) -> None:
    totals.refused_files += 1
    warn(plain(complaint))


def _ending(totals: _Totals) -> int:
    refused = totals.refused_files or totals.elements[Status.REFUSED]
    return ExitCode.FOUND if refused else ExitCode.OK


def _print(name: str, explanation: Explanation) -> None:
    counts = ", ".join(f"{n} {status}" for status, n in explanation.counts().items())
    say(plain(f"{name}: {len(explanation.elements)} elements: {counts}"))
    if not explanation.one_by_one:
        say(_BY_PATH)
    rows = [(one.path, one.status.value, _outcome(one)) for one in explanation.elements]
    table(("ELEMENT", "STATUS", "FIELDS OR REASON"), rows)
    say()


def _outcome(one: ElementResult) -> str:
    if not one.fields:
        return one.reason
    more = len(one.fields) - _MOST_FIELDS
    return " ".join(one.fields[:_MOST_FIELDS]) + (f" and {more} more" if more > 0 else "")


def _document(name: str, explanation: Explanation) -> dict[str, object]:
    return {
        "file": name,
        "one_by_one": explanation.one_by_one,
        **explanation.counts(),
        "elements": [
            {
                "path": one.path,
                "status": one.status.value,
                "fields": list(one.fields),
                "events": list(one.events),
                "reason": one.reason,
            }
            for one in explanation.elements
        ],
    }
