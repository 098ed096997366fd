"""The demonstration told on the terminal: as it happens, then who was told what, and why."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from consent.reasons import Reason
from hub.demo.borough import WAVES, Drop
from hub.demo.stage import Stage
from hub.demo.summary import DemoSummary, LoggedDecision
from hub.journey.decisions import delivery_id

_EXCERPT = 900
_FOLLOWED = "ehc.ehc-advice-provided.v1"


class Story:
    """Tells the demonstration; silent when told to be."""

    def __init__(self, *, quiet: bool) -> None:
        self._console = Console(quiet=quiet, highlight=False)

    def say(self, text: str) -> None:
        """Say one thing."""
        self._console.print(text)

    def title(self, text: str) -> None:
        """Say what story this is."""
        self._console.rule(f"[bold]Interagency Hub: {text}[/bold] (all fictional)")

    def opening(self, stage: Stage, broker: str) -> None:
        """Say what stands where."""
        self._console.rule("[bold]Interagency Hub: the borough of Northmoor[/bold] (all fictional)")
        self.say(f"Broker: {broker}. Store: SQLite. State: {stage.folder}.")
        for agency in stage.hub.directory.agencies.values():
            self.say(f"  [bold]{agency.name}[/bold]  {agency.title}")

    def wave(self, number: int, drops: Sequence[Drop]) -> None:
        """Say what is handed in now."""
        adapters = ", ".join(f"{n} to {a}" for a, n in _count(drops).items())
        self._console.rule(f"Wave {number}")
        self.say(f"[bold]{WAVES.get(number, '')}[/bold]")
        self.say(f"Agency systems hand in {len(drops)} documents: {adapters}.")

    def progress(self, counts: dict[str, int]) -> None:
        """Say how far the hub is, in one line that is rewritten on a terminal."""
        if self._console.is_terminal and not self._console.quiet:
            line = (
                f"  decided {counts.get('decided', 0)}  held {counts.get('held', 0)}  "
                f"quarantined {counts.get('quarantined', 0)}  "
                f"delivered {counts.get('delivery:delivered', 0)}"
            )
            self._console.print(line, end="\r")

    def after_wave(self, counts: dict[str, int]) -> None:
        """Say where things stand."""
        self.say(
            f"So far: {counts.get('decided', 0)} events decided, {counts.get('held', 0)} held for "
            f"a person, {counts.get('quarantined', 0)} quarantined, "
            f"{counts.get('delivery:delivered', 0)} documents delivered."
        )

    def one_event(self, account: DemoSummary, documents: Sequence[Path]) -> None:
        """Follow one event from end to end."""
        told = [d for d in account.decisions if d.type == _FOLLOWED]
        if not told:
            return
        event = max(told, key=lambda d: sum(o.permitted for o in told if o.event == d.event)).event
        ours = [d for d in told if d.event == event]
        self._console.rule("One event, end to end")
        self.say(
            f"[bold]{ours[0].type}[/bold] from {ours[0].source}; the hub asked, for each agency:"
        )
        for decision in ours:
            self._one_decision(decision)
        self._excerpt(ours, documents)

    def _one_decision(self, decision: LoggedDecision) -> None:
        verdict = "[green]told[/green]" if decision.permitted else "[red]not told[/red]"
        self.say(f"\n  {decision.recipient}: {verdict}")
        for category, sharing, fields, reasons in decision.sections:
            shared = (
                ", ".join(fields)
                if fields
                else ("that it exists" if sharing == "existence" else "nothing")
            )
            self.say(f"    {category}: {shared}")
            for reason in reasons:
                self.say(f"      [dim]{Reason(reason).sentence}[/dim]")

    def _excerpt(self, ours: Sequence[LoggedDecision], documents: Sequence[Path]) -> None:
        """Show the document that one of those who were told received."""
        wanted = {delivery_id(d.event, d.recipient): d.recipient for d in ours if d.permitted}
        for path in [p for p in documents if p.stem in wanted][:1]:
            self.say(f"\nWhat {wanted[path.stem]} received, in its own format ({path.name}):")
            text = path.read_bytes()[:_EXCERPT].decode("utf-8", "replace")
            self._console.print(text.replace("\r", "\n"), markup=False, style="dim")

    def tables(self, account: DemoSummary) -> None:
        """Show who was sent what, and why whole sections were withheld."""
        flows = Table("from", "to", "told", "not told", title="Who was told")
        pairs = account.between()
        for source, recipient in sorted({(s, r) for s, r, _ in pairs}):
            told, kept = pairs[source, recipient, True], pairs[source, recipient, False]
            flows.add_row(source, recipient, str(told), str(kept))
        self._console.print(flows)
        why = Table("times", "why a section was withheld", title="What was held back")
        for reason, times in account.reasons().most_common():
            why.add_row(str(times), Reason(reason).sentence)
        self._console.print(why)

    def closing(self, stage: Stage, documents: Sequence[Path], *, verified: bool) -> None:
        """Say where everything lies and what to try next."""
        refused = ", ".join(f"{name} ({code})" for name, code in stage.refused)
        if refused:
            self.say(f"Refused at the adapters, reason beside each file: {refused}.")
        self.say(f"{len(documents)} documents delivered under {stage.folder / 'agencies'}.")
        self.say(f"Ledger: {'verified' if verified else '[red]NOT VERIFIED[/red]'}.")
        self.say(
            f"The console, at http://{stage.settings.console.listen}: sign in as ig-officer, "
            f"operator, reviewer or auditor, password [bold]{stage.password}[/bold], after"
        )
        self.say(f"  .venv/bin/hub --config {stage.config} console")
        self.say("Or look around here:")
        for command in ("audit verify", "audit tail", "quarantine list", "agreement list"):
            self.say(f"  .venv/bin/hub --config {stage.config} {command}")


def _count(drops: Sequence[Drop]) -> dict[str, int]:
    found: dict[str, int] = {}
    for drop in drops:
        found[drop.adapter] = found.get(drop.adapter, 0) + 1
    return found
