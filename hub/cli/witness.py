"""``hub witness``: cosign the ledger of a hub that somebody else runs; no settings are needed."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from hub.cli.exit_codes import ExitCode
from hub.cli.nouns import group
from hub.cli.output import emit, plain, say, table, warn
from hub.cli.shared_options import AsJson
from hub.evidence.witness import Witnessed, convicts, kept_heads, make_key
from hub.evidence.witness import sign as sign_request
from hub.foundation import clock
from hub.keys.witness_keys import verifier_key, witness_signer
from hub.ledger.witness import WitnessVerdict

WORDS = {
    WitnessVerdict.OTHER_SIZE: (
        "Not signed: this witness last signed {kept} entries. Ask for a request made with "
        "--since {kept}."
    ),
    WitnessVerdict.SMALLER: (
        "NOT SIGNED: the checkpoint counts {size} entries, and this witness has signed {kept}. A "
        "ledger does not shrink: has its store been swapped for an older copy?"
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
    Path, typer.Option("--kept", metavar="DIR", help="Where the newest signed heads are kept.")
]
LogKey = Annotated[
    Path,
    typer.Option(metavar="FILE", help="The ledger's verifier key, as its operator gave it once."),
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
    """Make a witness's key pair: a secret file, and the verifier key beside it.

    Give the verifier key to the hub's operator, who names it in the setting
    'witnesses', and to everyone who shall rely on this witness.

    JSON keys: file, key.

    Example: hub witness init --key witness.key --name trust.example/witness
    """
    made = make_key(key, name)
    if as_json:
        emit({"file": str(key), "key": str(made)})
    else:
        say(f"The secret key is in {key}: keep it to yourself.")
        say(f"The verifier key, to be given to others: {made}")
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
        typer.Option("--lines", help="Print the signature line alone, as c2sp.org/tlog-witness."),
    ] = False,
    as_json: AsJson = False,
) -> int:
    """Cosign a checkpoint, if it goes on from the last one that was signed here.

    It needs no settings, store or broker: only the request, a key and a folder.
    The log's signature must hold, the proof must lead from the size kept in the
    folder, and the checkpoint is kept there before the signature is printed. A
    smaller ledger or another past is never signed, and ends with 1; two heads
    that do not go together are written to a file in the folder.

    JSON keys: verdict, origin, size, kept, note, lines, evidence, convicts.

    Example: hub witness sign ask.txt --key my.key --log-key hub.pub --kept seen
    """
    signer, log = witness_signer(key), verifier_key(log_key)
    at = int(clock.now().timestamp())
    said = sign_request(request.read_bytes(), signer, [log], kept, at)
    if as_json:
        emit(asdict(said))
    elif said.verdict is WitnessVerdict.GOES_ON:
        sys.stdout.write(said.lines if lines else said.note)
    else:
        warn(_words(said))
    return ExitCode.OK if said.verdict is WitnessVerdict.GOES_ON else ExitCode.FOUND


def _words(said: Witnessed) -> str:
    return plain(WORDS[said.verdict].format(kept=said.kept, size=said.size, evidence=said.evidence))


@witness.command()
def show(kept: KeptFolder, *, as_json: AsJson = False) -> int:
    """Show the newest head of each ledger that was signed here.

    JSON keys: ledgers (each with origin, size, root, note).

    Example: hub witness show --kept seen
    """
    heads = kept_heads(kept)
    if as_json:
        emit({"ledgers": [asdict(head) for head in heads]})
    else:
        table(
            ("ledger", "entries", "root"), [(head.origin, head.size, head.root) for head in heads]
        )
    return ExitCode.OK


@witness.command()
def fork(
    evidence: Annotated[
        Path, typer.Argument(metavar="FILE", help="The evidence that a witness kept.")
    ],
    log_key: LogKey,
    *,
    as_json: AsJson = False,
) -> int:
    """Check evidence of two pasts, with nothing but itself and the log's key.

    Ends with 0 where it convicts: both heads bear the log's signature, and they
    cannot both be true. Ends with 1 where it does not show that.

    JSON keys: convicts.

    Example: hub witness fork fork-hub.example-40-52.json --log-key hub.pub
    """
    proved = convicts(evidence.read_bytes(), verifier_key(log_key))
    if as_json:
        emit({"convicts": proved})
    elif proved:
        say("It convicts: the log signed two heads that cannot both be true.")
    else:
        say(
            "It does not convict: the two heads may be of one ledger, or the log did not sign both."
        )
    return ExitCode.OK if proved else ExitCode.FOUND
