"""The demonstration on the terminal: as it happens, then which agency received what, and why."""

from __future__ import annotations

import shutil
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from consent.reasons import Reason
from hub.demo.borough import WAVES, Drop
from hub.demo.stage import Stage
from hub.demo.summary import DemoSummary, LoggedDecision, LoggedSection
from hub.journey.decisions import delivery_id
from schemas.counted import counted

_EXCERPT = 900
_FOLLOWED = "ehc.ehc-advice-provided.v1"
_TRY = ("audit verify", "audit tail", "quarantine list", "agreement list", "docs demo-borough")


class Story:
    """Writes the demonstration; silent with ``quiet``."""

    def __init__(self, *, quiet: bool) -> None:
        self._console = Console(quiet=quiet, highlight=False)

    def say(self, text: str) -> None:
        """Write one paragraph."""
        self._console.print(text)

    def title(self, text: str) -> None:
        """Write the heading of the whole story."""
        self._console.rule(f"[bold]Interagency Hub: {text}[/bold] (all fictional)")

    def opening(self, stage: Stage, broker: str) -> None:
        """Introduce the borough, its agencies, the broker and the store."""
        self.title("the borough of Northmoor")
        self.say(f"Broker: {broker}. Store: SQLite. State: {escape(str(stage.folder))}.")
        for agency in stage.hub.directory.agencies.values():
            self.say(f"  [bold]{agency.name}[/bold]  {agency.title}")

    def wave(self, number: int, drops: Sequence[Drop]) -> None:
        """Introduce the documents that are handed in now."""
        by_adapter = Counter(drop.adapter for drop in drops)
        adapters = ", ".join(f"{count} to {adapter}" for adapter, count in by_adapter.items())
        self._console.rule(f"Wave {number}")
        self.say(f"[bold]{WAVES.get(number, '')}[/bold]")
        hand = "system hands" if len(by_adapter) == 1 else "systems hand"
        self.say(f"Agency {hand} in {counted(len(drops), 'document')}: {adapters}.")

    def progress(self, counts: dict[str, int]) -> None:
        """Show the progress of the hub in one line that is rewritten on a terminal."""
        if self._console.is_terminal and not self._console.quiet:
            line = (
                f"  decided {counts.get('decided', 0)}  held {counts.get('held', 0)}  "
                f"quarantined {counts.get('quarantined', 0)}  "
                f"delivered {counts.get('delivery:delivered', 0)}"
            )
            self._console.print(line, end="\r")

    def after_wave(self, counts: dict[str, int]) -> None:
        """Give the totals so far."""
        delivered = counted(counts.get("delivery:delivered", 0), "document")
        self.say(
            f"So far: {counted(counts.get('decided', 0), 'event')} decided, "
            f"{counts.get('held', 0)} held for a person, {counts.get('quarantined', 0)} "
            f"quarantined, {delivered} delivered."
        )

    def one_event(self, account: DemoSummary, documents: Sequence[Path]) -> None:
        """Follow one event to every agency that was considered for it."""
        ours = followed(account.decisions)
        if not ours:
            return
        self._console.rule("One event, end to end")
        self.say(
            f"[bold]{ours[0].type}[/bold] from {ours[0].source}; the hub decided for each agency:"
        )
        for recipients, decision in _alike(ours):
            verdict = "[green]shared[/green]" if decision.permitted else "[red]not shared[/red]"
            self.say(f"\n  {', '.join(recipients)}: {verdict}")
            for line in _sections(decision):
                self.say(line)
        self._excerpt(ours, documents)

    def _excerpt(self, ours: Sequence[LoggedDecision], documents: Sequence[Path]) -> None:
        """Show the document that one of the recipients was given."""
        wanted = {delivery_id(d.event, d.recipient): d.recipient for d in ours if d.permitted}
        for path in [p for p in documents if p.stem in wanted][:1]:
            self.say(f"\nThe document that {wanted[path.stem]} received, in its own format:")
            text = path.read_bytes()[:_EXCERPT].decode("utf-8", "replace")
            lines = text.replace("\r\n", "\n").replace("\r", "\n").strip()
            self._console.print(lines, markup=False, style="dim")
            self.say("")

    def tables(self, account: DemoSummary) -> None:
        """Show how many events went from agency to agency, and why sections were withheld."""
        flows = Table("from", "to", "shared", "not shared", title="Events between agencies")
        pairs = account.between()
        for source, recipient in sorted({(s, r) for s, r, _ in pairs}):
            shared, withheld = pairs[source, recipient, True], pairs[source, recipient, False]
            flows.add_row(source, recipient, str(shared), str(withheld))
        self._console.print(flows)
        why = Table("sections", "reason", title="Why sections were withheld")
        for reason, times in account.reasons().most_common():
            why.add_row(str(times), Reason(reason).sentence)
        self._console.print(why)

    def closing(self, stage: Stage, documents: Sequence[Path], *, verified: bool) -> None:
        """Name the files, and the commands to try next."""
        refused = ", ".join(f"{name} ({code})" for name, code in stage.refused)
        if refused:
            self.say(f"Refused by the adapters, with the reason beside each file: {refused}.")
        folder = escape(str(stage.folder / "agencies"))
        self.say(f"{counted(len(documents), 'document')} delivered under {folder}.")
        self.say(f"Ledger: {'verified' if verified else '[red]NOT VERIFIED[/red]'}.")
        hub = escape(command(stage))
        self.say("To use the console, run")
        self.say(f"  {hub} console")
        self.say(
            f"and open http://{stage.settings.console.listen}. Sign in as ig-officer, operator, "
            f"reviewer or auditor; the password is [bold]{stage.password}[/bold]"
        )
        self.say("Other commands to try:")
        for words in _TRY:
            self.say(f"  {hub} {words}")


def command(stage: Stage) -> str:
    """Return the beginning of a command on the demonstration's hub, as this user would type it."""
    program = Path(sys.argv[0])
    on_path = shutil.which("hub")
    if on_path and program.name == "hub" and Path(on_path).samefile(program):
        typed = "hub"
    elif program.name == "hub":
        typed = str(_short(program))
    else:
        typed = f"{_short(Path(sys.executable))} -m hub"
    return f"{typed} --config {_short(stage.config)}"


def _short(path: Path) -> Path:
    """Return a path from the current folder, if the file is in it."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


def followed(decisions: Sequence[LoggedDecision]) -> list[LoggedDecision]:
    """Choose the decisions about one event: of those shared most, one that was shared in part."""
    candidates: dict[str, list[LoggedDecision]] = {}
    for decision in decisions:
        if decision.type == _FOLLOWED:
            candidates.setdefault(decision.event, []).append(decision)
    ranked = sorted(candidates.values(), key=_interest, reverse=True)
    return ranked[0] if ranked else []


def _interest(ours: Sequence[LoggedDecision]) -> tuple[int, int, str]:
    in_part = sum(
        decision.permitted and any(one.withheld for one in decision.sections) for decision in ours
    )
    return sum(decision.permitted for decision in ours), in_part, ours[0].source


def _alike(
    decisions: Sequence[LoggedDecision],
) -> Iterator[tuple[list[str], LoggedDecision]]:
    """Group decisions with the same outcome and reasons: their recipients, and one of them."""
    groups: dict[tuple[LoggedSection, ...], list[LoggedDecision]] = {}
    for decision in decisions:
        groups.setdefault(decision.sections, []).append(decision)
    for group in sorted(groups.values(), key=lambda group: not group[0].permitted):
        yield [decision.recipient for decision in group], group[0]


def _sections(decision: LoggedDecision) -> Iterator[str]:
    """Write a decision's sections, those with the same reasons together."""
    groups: dict[tuple[str, ...], list[LoggedSection]] = {}
    for section in decision.sections:
        groups.setdefault(section.reasons, []).append(section)
    for reasons, sections in groups.items():
        withheld = [section.category for section in sections if section.withheld]
        for section in sections:
            if not section.withheld:
                yield f"    {section.category}: {_shared(section)}"
        if withheld:
            yield f"    {', '.join(withheld)}: nothing"
        for reason in reasons:
            yield f"      [dim]{Reason(reason).sentence}[/dim]"


def _shared(section: LoggedSection) -> str:
    return ", ".join(section.fields) or "that it exists"
