"""Looking over a whole installation: what is wrong with it, and what to do about that."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from hub.foundation.settings import Settings
from hub.runtime.doctor.bus import look_at_bus
from hub.runtime.doctor.files import look_at_files
from hub.runtime.doctor.finding import DoctorFinding, Level
from hub.runtime.doctor.store import look_at_store
from schemas.errors import HubError

__all__ = ["DoctorFinding", "Level", "examine"]

_LOOKS: tuple[Callable[[Settings], Iterator[DoctorFinding]], ...] = (
    look_at_files,
    look_at_store,
    look_at_bus,
)


def examine(settings: Settings) -> Iterator[DoctorFinding]:
    """Look over everything; a look that cannot go on is a finding itself."""
    for look in _LOOKS:
        name = look.__name__.removeprefix("look_at_")
        try:
            yield from look(settings)
        except HubError as error:
            yield DoctorFinding(Level.WRONG, name, str(error))
        except OSError as error:
            where = f"{error.filename}: " if error.filename else ""
            yield DoctorFinding(
                Level.WRONG, name, f"{where}{error.strerror}", "Mend the file's rights."
            )
        except Exception as error:  # noqa: BLE001  a doctor never falls ill of a patient
            yield DoctorFinding(Level.WRONG, name, f"the look failed: {type(error).__name__}")
