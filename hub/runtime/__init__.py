"""The processes: worker, adapter runner, supervisor, plug-ins, doctor, and their assembly.

``bootstrap.py`` is the one file that knows concrete parts. Read it first.
"""
