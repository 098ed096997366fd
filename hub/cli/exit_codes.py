"""How a command ends: its exit code, and what it says on standard error when it fails."""

from __future__ import annotations

import os
import sys
import traceback
from enum import IntEnum

from schemas.errors import Fate, HubError


class Ending(IntEnum):
    """An exit code; its meaning never changes."""

    sentence: str

    def __new__(cls, code: int, sentence: str = "") -> Ending:
        """Make a member that is its number and carries its sentence."""
        member = int.__new__(cls, code)
        member._value_ = code
        member.sentence = sentence
        return member

    OK = 0, "All was done, and nothing is wrong."
    FOUND = 1, "It was done, and something was refused, withheld, not verified or found wrong."
    WRONG = 2, "Nothing was done: the command, the settings or a file is wrong."
    UNAVAILABLE = 3, "Nothing was done now: the store or the broker is out of reach. Try again."
    FAULT = 70, "The hub itself failed. Set HUB_DEBUG=1 to see where, and report it."
    INTERRUPTED = 130, "Interrupted by a person (Ctrl-C)."
    READER_GONE = 141, "Whoever read the output stopped reading."


def ending_of(error: BaseException) -> Ending:
    """Tell which exit code an error ends in."""
    if isinstance(error, HubError):
        by_fate = {Fate.RETRY: Ending.UNAVAILABLE, Fate.QUARANTINE: Ending.FOUND}
        return by_fate.get(error.fate, Ending.WRONG)
    if isinstance(error, BrokenPipeError):
        return Ending.READER_GONE
    if isinstance(error, OSError):
        return Ending.WRONG
    return Ending.FAULT


def code_of(error: BaseException) -> str:
    """Give the stable code of an error."""
    if isinstance(error, OSError):
        return "file"
    return str(getattr(error, "code", "") or "hub-fault")


def complain(code: str, text: str) -> None:
    """Say on standard error what is wrong, where, and what to do next."""
    sys.stderr.write(f"hub: {code}: {text.strip()}\n")


def explain(error: Exception) -> Ending:
    """Say what an error means to a person; returns the exit code. A traceback only on request."""
    if os.environ.get("HUB_DEBUG") == "1":
        traceback.print_exception(error)
    ending = ending_of(error)
    if ending is Ending.READER_GONE:
        # Python would try to flush once more when it ends, and complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ending
    complain(code_of(error), _text(error, ending))
    return ending


def _text(error: Exception, ending: Ending) -> str:
    if isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename else ""
        return f"{where}{error.strerror or type(error).__name__}. Check the path and its rights."
    if ending is Ending.FAULT and not hasattr(error, "code"):
        # Not its text: that of a foreign error may quote what is personal.
        return f"{type(error).__name__}. {ending.sentence}"
    text = str(error)
    code = code_of(error)
    return text.removeprefix(f"{code}: ")
