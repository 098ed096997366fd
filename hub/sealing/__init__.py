"""What travels sealed: deliveries to an agency, events to the hub, and the keys of a release.

Everything here is arithmetic on values: no files, no clock, no network. Randomness is an argument,
except where HPKE makes its own ephemeral key. ``vectors`` alone is a command, and writes the test
vectors. ``docs/sealed-delivery.md`` gives the formats to the byte.
"""
