"""The record that cannot be altered unseen: what was decided, disclosed and said, as arithmetic.

The ledger is an append-only list of small entries. Each entry is canonical JSON, hashed into a
Merkle tree (RFC 6962, RFC 9162); the head of the tree is signed as a checkpoint (C2SP
tlog-checkpoint) and the whole is exported as files (C2SP tlog-tiles), so that a stranger can check
it with published formats and no help from us. Everything here is arithmetic on values: no database,
no files, no clock, no randomness and no network. Time, keys and salts are arguments, and stored
hashes and files are reached through callables that the shell passes in. ``docs/ledger.md`` says it
in plain words.
"""
