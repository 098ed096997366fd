"""The encrypted formats: deliveries to an agency, events to the hub, and keys at release.

Pure functions of values: no files, no clock, no network. Randomness is an argument, except where
HPKE makes its own ephemeral key. May import ``schemas``. Read ``delivery.py`` first;
``docs/sealed-delivery.md`` specifies the formats to the byte.
"""
