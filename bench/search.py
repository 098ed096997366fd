"""How long any search of the index takes, over the index of a ledger of ten million entries.

``python bench/search.py [options]`` makes the index of an invented ledger (bench/search_world.py),
keeps its file for the next run, and asks it questions (bench/search_questions.py): single facets,
combinations, deep pages, dates, children, and those made to be hard. Beside each it has SQLite
answer the same by one plain statement over the same file, as its own planner thinks best, for as
long as its patience lasts; both must agree.

See bench/README.md.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from search_questions import Ask, Question, questions
from search_world import build
from sqlalchemy import Engine

from hub.store.engine import open_store, reading
from hub.store.time_search import size_of
from schemas.errors import Unavailable

ROUNDS, PROMISE = 7, 200.0
say = sys.stdout.write


@dataclass(frozen=True, slots=True)
class Timed:
    """One asking: milliseconds until the answer, and those of them spent computing."""

    wall: float
    cpu: float
    answer: list[int]


def timed(engine: Engine, ask: Ask) -> Timed:
    """Ask once, in a transaction of its own."""
    began, computed = time.perf_counter(), time.process_time()
    with reading(engine) as store:
        answer = ask(store)
    wall, cpu = time.perf_counter() - began, time.process_time() - computed
    return Timed(wall * 1000, cpu * 1000, answer)


def cold(engine: Engine, file: Path, ask: Ask) -> float:
    """Ask once with none of the file in memory; gives milliseconds."""
    engine.dispose()
    with closing(file.open("rb")) as opened:
        os.posix_fadvise(opened.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    return timed(engine, ask).wall


def patient(engine: Engine, plain: Ask, patience: float) -> Timed | None:
    """Ask the plain way; None where that takes too long."""
    began = time.perf_counter()

    def ask(store) -> list[int]:  # noqa: ANN001  a connection
        raw = store.connection.dbapi_connection
        raw.set_progress_handler(lambda: time.perf_counter() - began > patience, 100_000)
        try:
            return plain(store)
        finally:
            raw.set_progress_handler(None, 0)

    try:
        return timed(engine, ask)
    except Unavailable:
        return None


def measure(
    engine: Engine, file: Path, question: Question, patience: float, *, chill: bool
) -> tuple[float, float, float]:
    """Time one question and print its line; gives the median, the worst, and the cold one."""
    first = cold(engine, file, question.ask) if chill else 0.0
    times = [timed(engine, question.ask) for _ in range(1 + ROUNDS)][1:]
    middle, worst = statistics.median(t.wall for t in times), max(t.wall for t in times)
    beside = ratio = ""
    if question.plain is not None and patience:
        done, answer = patient(engine, question.plain, patience), times[0].answer
        assert done is None or done.answer == answer, question.name
        beside = f"{done.wall:,.1f}" if done else f"> {patience * 1000:,.0f}"
        ratio = f"{done.wall / middle:,.1f}" if done else f"> {patience * 1000 / middle:,.0f}"
    cpu = statistics.median(t.cpu for t in times)
    line = f"{question.name:<48} {len(times[0].answer):>5} {cpu:>6.1f} {middle:>6.1f} {worst:>6.1f}"
    say(f"{line} {f'{first:.0f}' if chill else '':>6} {beside:>9} {ratio:>7}\n")
    sys.stdout.flush()
    return middle, worst, first


def main(entries: int, recipients: int, folder: Path, patience: float, *, chill: bool) -> bool:
    """Make the file where it is not there, ask everything; False where the promise is broken."""
    file = folder / f"search-{entries}-{recipients}.sqlite"
    if not file.exists():
        made = file.with_suffix(".making")
        made.unlink(missing_ok=True)
        build(made, entries, recipients)
        made.rename(file)
    engine = open_store(f"sqlite:///{file}")
    with reading(engine) as store:
        counts: dict[str, int] = {
            name: store.exec_driver_sql(f"SELECT count(*) FROM {name}").scalar_one()  # noqa: S608
            for name in ("disclosure_rows", "facet_patterns", "access_log")
        }
        size = size_of(store)
    counted = ", ".join(f"{count:,} {name}" for name, count in counts.items())
    say(f"{size:,} entries: {counted}; {file.stat().st_size / 1e9:.1f} GB. Milliseconds:\n")
    heads = f"{'':<48} {'found':>5} {'cpu':>6} {'p50':>6} {'max':>6}"
    say(f"{heads} {'cold':>6} {'plain':>9} {'ratio':>7}\n")
    asked = [
        (one.name, *measure(engine, file, one, patience, chill=chill)) for one in questions(size)
    ]
    engine.dispose()
    kinds = ["answer, by its median", "single answer", "answer with nothing in memory"]
    for number, what in enumerate(kinds if chill else kinds[:2], start=1):
        slowest = max(asked, key=lambda one: one[number])
        say(f"The slowest {what}: {slowest[number]:.1f} ms ({slowest[0]}).\n")
    kept = max(one[1] for one in asked) <= PROMISE
    say(f"{PROMISE:.0f} ms are promised{'' if kept else ', AND NOT KEPT'}.\n")
    return kept


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    asked.add_argument("--entries", type=int, default=10_000_000, help="entries of the ledger")
    asked.add_argument("--recipients", type=int, default=3, help="of each agency: more patterns")
    asked.add_argument("--folder", type=Path, default=Path("var/bench"), help="where the file is")
    asked.add_argument("--cold", action="store_true", help="ask with nothing in memory, too")
    asked.add_argument(
        "--patience", type=float, default=2.0, help="seconds for the plain statement; 0: leave out"
    )
    given = asked.parse_args()
    kept = main(given.entries, given.recipients, given.folder, given.patience, chill=given.cold)
    sys.exit(0 if kept else 1)
