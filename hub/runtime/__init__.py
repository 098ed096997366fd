"""The processes: worker, adapter runner, supervisor, plug-ins, doctor, and their assembly.

May import ``casework``, ``adapters`` and everything below them. Read ``bootstrap.py`` first: it is
the one file that names the concrete parts.
"""
