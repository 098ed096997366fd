"""Shared by every package of the hub: settings, clock, logs, atomic file writing, extras.

May import ``schemas`` and nothing else of the project. Read ``settings.py`` first.
"""
