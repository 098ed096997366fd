"""The store: SQLAlchemy Core over SQLite (embedded) or PostgreSQL. Only this package imports SQL.

One repository per noun, all on one transaction. May import ``journey`` and ``keys``. Read
``unit_of_work.py`` first.
"""
