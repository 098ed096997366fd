"""How a command ends: its exit code, and what it writes to standard error when it fails."""

from __future__ import annotations

import os
import sys
import traceback
from enum import IntEnum

from schemas.errors import Fate, HubError


class ExitCode(IntEnum):
    """The one table of exit codes; help, README and docs/reference/codes.md quote its sentences."""

    sentence: str

    def __new__(cls, code: int, sentence: str = "") -> ExitCode:
        """Make a member that is its number and carries its sentence."""
        member = int.__new__(cls, code)
        member._value_ = code
        member.sentence = sentence
        return member

    OK = 0, "Done, and nothing is wrong."
    FOUND = 1, "Done, but something was refused, withheld, not verified or found wrong."
    WRONG = 2, "Nothing done: the command, the settings or a file is wrong."
    UNAVAILABLE = 3, "Nothing done: the store or the broker cannot be reached. Try again."
    FAULT = 70, "The hub itself failed. Set HUB_DEBUG=1 to see where, and report it."
    INTERRUPTED = 130, "Interrupted (Ctrl-C)."
    READER_GONE = 141, "The program that read the output stopped reading."


def exit_code_of(error: BaseException) -> ExitCode:
    """Return the exit code of an error."""
    if isinstance(error, HubError):
        by_fate = {Fate.RETRY: ExitCode.UNAVAILABLE, Fate.QUARANTINE: ExitCode.FOUND}
        return by_fate.get(error.fate, ExitCode.WRONG)
    if isinstance(error, BrokenPipeError):
        return ExitCode.READER_GONE
    if isinstance(error, OSError):
        return ExitCode.WRONG
    return ExitCode.FAULT


def error_code_of(error: BaseException) -> str:
    """Return the stable code of an error."""
    if isinstance(error, OSError):
        return "file"
    return str(getattr(error, "code", "") or "hub-fault")


def write_error(code: str, text: str) -> None:
    """Write to standard error what is wrong, where, and what to do next."""
    sys.stderr.write(f"hub: {code}: {text.strip()}\n")


def explain(error: Exception) -> ExitCode:
    """Write what an error means, with a traceback if HUB_DEBUG=1; returns the exit code."""
    if os.environ.get("HUB_DEBUG") == "1":
        traceback.print_exception(error)
    code = exit_code_of(error)
    if code is ExitCode.READER_GONE:
        # Python would flush once more at exit, and write an error of its own.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return code
    write_error(error_code_of(error), _text(error, code))
    return code


def _text(error: Exception, code: ExitCode) -> str:
    if isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename else ""
        reason = error.strerror or type(error).__name__
        return f"{where}{reason}. Check the path and its permissions."
    if code is ExitCode.FAULT and not hasattr(error, "code"):
        # Not its text: that of a foreign error may quote personal data.
        return f"{type(error).__name__}. {code.sentence}"
    return str(error).removeprefix(f"{error_code_of(error)}: ")
