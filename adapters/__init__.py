"""The translators: one file per format, and the channels that move bytes. See contract.py."""
