"""The channels that move bytes between agency systems and the hub; see adapters/contract.py."""
