"""Another agency that cosigns the ledger with files alone, and an operator who rewrites it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hub.ledger.keys import VerifierKey
from tests.events import Child, registered

if TYPE_CHECKING:
    from tests.hub.cli.conftest import Cli, Ran


@dataclass
class Agency:
    """A witness: a key, the hub's verifier key, and what it has signed."""

    cli: Cli
    folder: Path

    def sign(self, request: str, *more: str) -> Ran:
        """Cosign what the operator asks for."""
        file = self.folder / "ask.txt"
        file.write_text(request, encoding="utf-8")
        return self.cli.bare("witness", "sign", str(file), *self.own, *more)

    @property
    def own(self) -> tuple[str, ...]:
        """Its key, the log's key, its folder."""
        return ("--key", self._in("w.key"), "--log-key", self._in("hub.pub"), *self.kept)

    @property
    def kept(self) -> tuple[str, ...]:
        """Its folder of signed heads."""
        return ("--kept", self._in("seen"))

    @property
    def key(self) -> VerifierKey:
        """Its verifier key."""
        return VerifierKey.parse((self.folder / "w.pub").read_text().strip())

    @property
    def log(self) -> VerifierKey:
        """The hub's verifier key, as the operator gave it once."""
        return VerifierKey.parse((self.folder / "hub.pub").read_text().strip())

    def _in(self, name: str) -> str:
        return str(self.folder / name)


def ask(cli: Cli, *since: str) -> str:
    """What the operator sends to the witness."""
    ran = cli.run("audit", "checkpoint", "--request", *since)
    assert ran.code == 0
    return ran.out


def take_back(cli: Cli, note: str) -> Ran:
    """What the operator does with the answer."""
    file = cli.folder / "cosigned.txt"
    file.write_text(note, encoding="utf-8")
    return cli.run("audit", "checkpoint", "--cosigned", str(file), "--json")


def rewrite(cli: Cli, size: int, *numbers: int) -> None:
    """Cut the ledger back to a head, in good order, and go on with another past."""
    cli.sql(
        *(f"DROP TRIGGER {table}_no_delete" for table in ("ledger", "ledger_nodes", "checkpoints")),
        ("DELETE FROM ledger WHERE position >= ?", size),
        ("DELETE FROM disclosure_rows WHERE position >= ?", size),
        ("DELETE FROM ledger_nodes WHERE (position + 1) * (1 << level) > ?", size),
        ("DELETE FROM checkpoints WHERE size > ?", size),
    )
    (cli.folder / "state" / "newest.checkpoint").unlink()
    for number in numbers:
        cli.take("school", registered(Child(number)))


def sizes(cli: Cli) -> list[int]:
    """The sizes of all signed heads."""
    return [int(row[0]) for row in cli.sql("SELECT size FROM checkpoints ORDER BY size")]
