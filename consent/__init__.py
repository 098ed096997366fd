"""The law as arithmetic: agreements, directives, the decision and its reasons, the ledger. Pure."""
