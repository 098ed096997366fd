"""What travels sealed: deliveries to an agency, events to the hub, and the keys of a release.

Everything here is arithmetic on values: no files, no clock, no network. Randomness is an argument,
except where HPKE makes its own ephemeral key. ``docs/sealed-delivery.md`` gives the formats to the
byte. Imports ``schemas`` only. Read ``delivery.py`` first.
"""
