"""The nouns of the command line, in the order of the help, each with its help in one sentence."""

from __future__ import annotations

from dataclasses import dataclass

import typer


@dataclass(frozen=True, slots=True)
class Noun:
    """One noun: its name, its file in hub/cli, its help; short enough for a line of 80 columns."""

    name: str
    file: str
    help: str


NOUNS = (
    Noun("init", "init", "Make a settings file, keys, passwords and the store."),
    Noun("up", "up", "Run the whole hub: broker, worker, adapters and console."),
    Noun("demo", "demo", "Play the main job on a made-up borough."),
    Noun("translate", "translate", "Translate agency files into events, or events into files."),
    Noun("worker", "worker", "Run one worker: decide events and send deliveries."),
    Noun("adapter", "adapter", "Run, list, check and create adapters."),
    Noun("agreement", "agreement", "Check, publish and list data-sharing agreements."),
    Noun("case", "case", "Check cases that say what the decision should be."),
    Noun("consent", "consent", "Record, withdraw and show consents and objections."),
    Noun("child", "child", "Find, merge, split and erase children."),
    Noun("review", "review", "List and close matters that need a person."),
    Noun("quarantine", "quarantine", "List, retry and discard quarantined inputs."),
    Noun("delivery", "delivery", "List deliveries; retry or discard dead letters."),
    Noun("reoffer", "reoffer", "Deliver what was withheld and is permitted now."),
    Noun("correction", "correction", "List corrections and who acknowledged them."),
    Noun("retention", "retention", "Destroy content past its retention period."),
    Noun("keys", "keys", "Replace the hub's own keys while it runs."),
    Noun("audit", "audit", "Verify, search, explain and export the ledger."),
    Noun("subject-access", "subject_access", "Write a child's subject access copy."),
    Noun("console", "console", "Serve the audit console until Ctrl-C."),
    Noun("person", "person", "Manage the accounts of the console."),
    Noun("witness", "witness", "Cosign another organisation's ledger."),
    Noun("topology", "topology", "Export, apply and check the broker's queues and accounts."),
    Noun("doctor", "doctor", "Check the whole installation and say what to do."),
    Noun("docs", "docs", "List the pages of the documentation, or print one."),
)


def group(name: str) -> typer.Typer:
    """Return a noun without verbs yet; alone it shows its help."""
    about = next(noun.help for noun in NOUNS if noun.name == name)
    made = typer.Typer(name=name, help=about, no_args_is_help=True, rich_markup_mode=None)
    # With a callback a noun of one verb keeps its verb.
    made.callback(help=about)(_no_options)
    return made


def _no_options() -> None:
    """A noun has no options of its own."""
