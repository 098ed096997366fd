"""Checks of a whole installation: what is wrong with it, and what to do about that.

Each file checks one part and yields findings; ``examine`` runs them all. Imports what ``runtime``
may import. Read ``finding.py`` first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from hub.foundation.settings import Settings
from hub.runtime.doctor.bus import check_bus
from hub.runtime.doctor.files import check_files
from hub.runtime.doctor.finding import DoctorFinding, Level
from hub.runtime.doctor.store import check_store
from schemas.errors import HubError

__all__ = ["DoctorFinding", "Level", "examine"]

_CHECKS: tuple[Callable[[Settings], Iterator[DoctorFinding]], ...] = (
    check_files,
    check_store,
    check_bus,
)


def examine(settings: Settings) -> Iterator[DoctorFinding]:
    """Run every check; one that cannot go on is a finding itself."""
    for check in _CHECKS:
        name = check.__name__.removeprefix("check_")
        try:
            yield from check(settings)
        except HubError as error:
            yield DoctorFinding(Level.WRONG, name, str(error))
        except OSError as error:
            where = f"{error.filename}: " if error.filename else ""
            yield DoctorFinding(
                Level.WRONG, name, f"{where}{error.strerror}", "Correct the file's permissions."
            )
        except Exception as error:  # noqa: BLE001  one failed check must not hide the others
            text = f"the check failed: {type(error).__name__}"
            yield DoctorFinding(Level.WRONG, name, text, "This is a fault of the hub: report it.")
