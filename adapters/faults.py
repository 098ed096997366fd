"""A fault of an adapter: the class of the exception and the place in the code, never its text."""

from __future__ import annotations

import traceback
from dataclasses import dataclass, field
from pathlib import PurePath
from types import TracebackType


@dataclass(frozen=True, slots=True)
class AdapterFault:
    """An exception that an adapter should not have raised.

    ``error`` is the name of its class and ``place`` the line of the adapter's code, such as
    ``adapters/ctf/pupil.py:88``. ``cause`` is the exception; its text may quote personal data.
    """

    error: str
    place: str
    cause: BaseException = field(repr=False, compare=False)

    def trace(self) -> str:
        """Write the traceback, with the source lines but without the text of any exception."""
        lines = ["Traceback of an adapter's fault (the exception's text is left out):\n"]
        lines += traceback.format_tb(self.cause.__traceback__)
        return "".join([*lines, f"{self.error}\n"])


def fault_of(error: BaseException, format_: object) -> AdapterFault:
    """Find the innermost line of the format's own package that an exception passed through."""
    package = type(format_).__module__.partition(".")[0]
    places = list(_places(error.__traceback__, package))
    return AdapterFault(type(error).__name__, places[-1] if places else "", error)


def _places(trace: TracebackType | None, package: str) -> list[str]:
    """List the lines an exception passed through, as file:line.

    The files are those of the package; all of them where none is.
    """
    own, every = [], []
    while trace is not None:
        code = trace.tb_frame.f_code
        module = str(trace.tb_frame.f_globals.get("__name__", ""))
        depth = module.count(".") + (2 if code.co_filename.endswith("__init__.py") else 1)
        place = f"{PurePath(*PurePath(code.co_filename).parts[-depth:])}:{trace.tb_lineno}"
        every.append(place)
        if module.partition(".")[0] == package and module not in _SHARED:
            own.append(place)
        trace = trace.tb_next
    return own or every[1:] or every


_SHARED = frozenset({"adapters.contract", "adapters.faults", "adapters.settings"})
