"""What every package of the hub may use: settings, clock, logs, and writing a file atomically.

Imports nothing else of the hub. Read ``settings.py`` first.
"""
