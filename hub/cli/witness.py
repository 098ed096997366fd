"""``hub witness``: cosign another organisation's ledger; it needs no settings, store or broker."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from hub.cli.exit_codes import ExitCode
from hub.cli.nouns import group
from hub.cli.output import emit, plain, say, table, warn
from hub.cli.shared_options import AsJson
from hub.evidence.witness import (
    ForkVerdict,
    Witnessed,
    WitnessedLedgers,
    WitnessKey,
    convicts,
    kept_heads,
    make_key,
)
from hub.evidence.witness import sign as sign_request
from hub.foundation import clock
from hub.keys.witness_keys import verifier_key, witness_signer
from hub.ledger.witness import WitnessVerdict

REFUSALS = {
    WitnessVerdict.OTHER_SIZE: (
        "Not signed: this witness last signed {kept} entries. Ask for a request made with "
        "--since {kept}."
    ),
    WitnessVerdict.SMALLER: (
        "NOT SIGNED: the checkpoint counts {size} entries, and this witness has signed {kept}. A "
        "ledger does not shrink: has its store been replaced by an older copy?"
    ),
    WitnessVerdict.UNPROVED: (
        "NOT SIGNED: the proof does not lead from the {kept} entries that this witness signed to "
        "the {size} offered. Both heads are in {evidence}. Ask for an export, and check it with "
        "'hub audit verify-export --checkpoint'."
    ),
    WitnessVerdict.FORK: (
        "NOT SIGNED: THE LEDGER HAS TWO PASTS. The head of {size} entries and the head of {kept} "
        "that this witness signed cannot both be true. The proof is in {evidence}."
    ),
}

witness = group("witness")
KeptFolder = Annotated[
    Path, typer.Option("--kept", metavar="DIR", help="Where this witness stores signed heads.")
]
LogKey = Annotated[
    Path,
    typer.Option(metavar="FILE", help="The ledger's verifier key, as its operator gave it."),
]


def add_to(app: typer.Typer) -> None:
    """Add the noun."""
    app.add_typer(witness)


@witness.command()
def init(
    key: Annotated[Path, typer.Option(metavar="FILE", help="Where the secret key goes.")],
    name: Annotated[
        str, typer.Option(metavar="NAME", help="Who signs, such as trust.example.nhs.uk/witness.")
    ],
    *,
    as_json: AsJson = False,
) -> int:
    """Make a witness's key pair.

    Writes a secret file, and the verifier key beside it. Give the verifier key to
    the hub's operator, who names it in the setting 'witnesses', and to everyone
    who relies on this witness.

    JSON keys: file, key.

    Example: hub witness init --key witness.key --name trust.example/witness
    """
    made = make_key(key, name)
    if as_json:
        emit(WitnessKey(file=str(key), key=str(made)))
    else:
        say(f"Secret key: {key}. Do not give it to anyone.")
        say(f"Verifier key, to be given to others: {made}")
    return ExitCode.OK


@witness.command()
def sign(  # noqa: PLR0913  each is an option of the command
    request: Annotated[
        Path, typer.Argument(metavar="REQUEST", help="What the operator asks to cosign.")
    ],
    key: Annotated[Path, typer.Option(metavar="FILE", help="This witness's secret key.")],
    log_key: LogKey,
    kept: KeptFolder,
    *,
    lines: Annotated[
        bool,
        typer.Option("--lines", help="Print only the signature line, as in c2sp.org/tlog-witness."),
    ] = False,
    as_json: AsJson = False,
) -> int:
    """Cosign a checkpoint that extends the last one signed here.

    The log's signature must be valid, the proof must lead from the size stored
    in the folder, and the checkpoint is stored there before the signature is
    printed. A smaller ledger or a different past is never signed and ends with
    1; two heads that contradict each other are written to a file in the folder.

    JSON keys: verdict, origin, size, kept, note, lines, evidence, convicts.

    Example: hub witness sign ask.txt --key my.key --log-key hub.pub --kept seen
    """
    signer, log = witness_signer(key), verifier_key(log_key)
    at = int(clock.now().timestamp())
    done = sign_request(request.read_bytes(), signer, [log], kept, at)
    signed = done.verdict is WitnessVerdict.GOES_ON
    if as_json:
        emit(done)
    elif signed:
        sys.stdout.write(done.lines if lines else done.note)
    else:
        warn(_refusal(done))
    return ExitCode.OK if signed else ExitCode.FOUND


def _refusal(done: Witnessed) -> str:
    text = REFUSALS[done.verdict]
    return plain(text.format(kept=done.kept, size=done.size, evidence=done.evidence))


@witness.command()
def show(kept: KeptFolder, *, as_json: AsJson = False) -> int:
    """Show the newest head of each ledger signed here.

    JSON keys: ledgers (each with origin, size, root, note).

    Example: hub witness show --kept seen
    """
    heads = kept_heads(kept)
    if as_json:
        emit(WitnessedLedgers(ledgers=tuple(heads)))
    else:
        rows = [(head.origin, head.size, head.root) for head in heads]
        table(("ledger", "entries", "root"), rows)
    return ExitCode.OK


@witness.command()
def fork(
    evidence: Annotated[
        Path, typer.Argument(metavar="FILE", help="The evidence that a witness stored.")
    ],
    log_key: LogKey,
    *,
    as_json: AsJson = False,
) -> int:
    """Check evidence that a ledger has two pasts.

    It needs nothing but the evidence and the log's key. Ends with 0 where it is
    proof: the log signed both heads, and they cannot both be true. Ends with 1
    where it is not.

    JSON keys: convicts.

    Example: hub witness fork fork-hub.example-40-52.json --log-key hub.pub
    """
    proved = convicts(evidence.read_bytes(), verifier_key(log_key))
    if as_json:
        emit(ForkVerdict(convicts=proved))
    elif proved:
        say("This is proof: the log signed two heads that cannot both be true.")
    else:
        say("This is no proof: both heads may be of one ledger, or the log did not sign both.")
    return ExitCode.OK if proved else ExitCode.FOUND
