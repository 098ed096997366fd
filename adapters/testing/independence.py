"""Behaviours that make a format pure: no memory, no clock, no files, no network, any machine."""

from __future__ import annotations

import ast
import inspect
import json
import sys
import threading
from collections.abc import Iterator
from types import ModuleType

from adapters.contract import translate
from adapters.testing.behaviour import behaviour, expect, fail, slow_behaviour
from adapters.testing.contained import contained
from adapters.testing.fresh import readings, start
from adapters.testing.subject import Subject

MODULES = frozenset({
    "aiohttp", "asyncio", "ftplib", "http", "httpx", "logging", "multiprocessing", "pika",
    "random", "requests", "secrets", "smtplib", "socket", "sqlalchemy", "sqlite3", "ssl",
    "structlog", "subprocess", "tempfile", "time", "urllib3",
})  # fmt: skip
# urllib.parse is arithmetic on text, uuid.uuid5 of given text.
PARTS = frozenset({"urllib.request", "os.environ", "os.urandom", "os.system", "os.popen"})
CLOCKS = frozenset({"now", "utcnow", "today", "uuid1", "uuid4", "urandom", "localtime", "getenv"})
_TOUCHES = ("socket.", "subprocess.", "os.system", "os.exec", "os.fork", "shutil.", "ctypes.dlopen")
_ELSEWHERE = (
    {"PYTHONHASHSEED": "1", "TZ": "Pacific/Chatham", "LC_ALL": "tr_TR.UTF-8"},
    {"PYTHONHASHSEED": "271828", "TZ": "America/St_Johns", "LC_ALL": "C", "PYTHONUTF8": "0"},
)
_THREADS, _TURNS = 4, 12


@behaviour
def leaves_nothing_behind_for_the_next_document(subject: Subject) -> None:
    """It remembers nothing of a document: the next is read as if it were the first."""
    bodies = subject.some(8)
    other = subject.adapter.system("another-agency", subject.samples.settings)
    for label in bodies:
        for before in bodies.values():
            translate(subject.adapter.format, subject.document(before), other)
        again = subject.read(bodies[label])
        expect(again == subject.accepted[label], f"{label}: other events after other documents.")


@behaviour
def reads_two_documents_at_the_same_time(subject: Subject) -> None:
    """It reads documents on several threads at once as it reads them one after another."""
    expect(subject.accepted, "There is no accepted sample.")
    samples = list(subject.some(6).items())
    wrong: list[str] = []
    together = threading.Barrier(_THREADS)

    def read(number: int) -> None:
        for turn in range(_TURNS):
            label, body = samples[(number + turn) % len(samples)]
            together.wait()
            if subject.read(body) != subject.accepted[label]:
                wrong.append(label)

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        threads = [threading.Thread(target=read, args=(n,)) for n in range(_THREADS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
    expect(not wrong, f"{', '.join(sorted(set(wrong)))}: other events when read at once.")


@behaviour
def imports_no_clock_and_no_network(subject: Subject) -> None:
    """It imports no network, log, process or clock, and never asks for the present time."""
    for module in _modules_of(subject):
        try:
            tree = ast.parse(inspect.getsource(module))
        except (OSError, TypeError):
            continue
        for line, what in _impurities(tree):
            fail(f"{module.__name__}, line {line}: {what}.")


def _modules_of(subject: Subject) -> Iterator[ModuleType]:
    """Follow the format's module to those of its own package that it imports."""
    home = type(subject.adapter.format).__module__
    package = home.partition(".")[0]
    waiting, seen = [home], {home}
    while waiting:
        module = sys.modules.get(waiting.pop())
        if module is None:
            continue
        yield module
        for value in vars(module).values():
            name = getattr(value, "__module__", None) or getattr(value, "__name__", None)
            own = isinstance(name, str) and name.partition(".")[0] == package
            if own and name not in seen and not str(name).startswith("adapters.testing"):
                seen.add(str(name))
                waiting.append(str(name))


def _impurities(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            parent = getattr(node, "module", None)
            for alias in node.names:
                name = f"{parent}.{alias.name}" if parent else alias.name
                if name.partition(".")[0] in MODULES or name in PARTS or parent in PARTS:
                    yield node.lineno, f"imports {name}"
        elif isinstance(node, ast.Call):
            called = node.func
            name = called.attr if isinstance(called, ast.Attribute) else ""
            if name in CLOCKS:
                yield node.lineno, f"calls {name}()"
            if isinstance(called, ast.Name) and called.id in {"open", "input", "print"}:
                yield node.lineno, f"calls {called.id}()"


@slow_behaviour
def touches_no_file_and_no_network(subject: Subject) -> None:
    """It opens no file, socket or process while it reads and writes."""
    outcome = contained(lambda: _touched(subject), 120)
    expect(not outcome.error, f"It did not end: {outcome.error}.")
    touched = outcome.answer if isinstance(outcome.answer, list) else []
    expect(not touched, f"It used {', '.join(touched)}.")


def _touched(subject: Subject) -> list[str]:
    """Work twice, so that what is loaded once is loaded; watch the second time."""
    watching = False
    found: set[str] = set()

    def hook(name: str, _: object) -> None:
        if watching and (name == "open" or name.startswith(_TOUCHES)):
            found.add(name)

    readings(Subject(subject.adapter, subject.samples))
    sys.addaudithook(hook)
    watching = True
    readings(Subject(subject.adapter, subject.samples))
    watching = False
    return sorted(found)


@slow_behaviour
def works_alike_on_every_machine(subject: Subject) -> None:
    """It makes the same events and documents under any time zone, locale and hash seed."""
    try:
        children = [start(subject, environment) for environment in _ELSEWHERE]
    except LookupError:
        fail("The Adapter is not a variable of its module, as ADAPTER is.")
        return
    here = json.loads(json.dumps(readings(subject)))
    for child, environment in zip(children, _ELSEWHERE, strict=True):
        out, err = child.communicate(timeout=120)
        last = err.strip().rpartition("\n")[2].partition(":")[0]
        expect(child.returncode == 0, f"A fresh interpreter cannot load the adapter: {last}.")
        for label, there in json.loads(out).items():
            different = " ".join(f"{name}={value}" for name, value in environment.items())
            expect(there == here[label], f"{label}: another result under {different}.")
