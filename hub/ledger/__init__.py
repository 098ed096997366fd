"""The record in which any alteration shows: what was decided and disclosed, as arithmetic.

The ledger is an append-only list of small entries. Each entry is canonical JSON, hashed into a
Merkle tree (RFC 6962, RFC 9162); the head of the tree is signed as a checkpoint (C2SP
tlog-checkpoint) and the whole is exported as files (C2SP tlog-tiles), so that a third party can
check it with published formats and without our help. Everything here is arithmetic on values: no
database, no files, no clock, no randomness and no network. Time, keys and salts are arguments;
stored hashes and files are reached through callables that the caller passes in.
``docs/ledger.md`` explains it. Imports ``schemas`` only. Read ``entry.py`` first.
"""
