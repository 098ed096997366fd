"""Alembic's entry: runs the migrations on the connection that hub/store/engine.py gives it.

Migrations spell out what they change and never import the live tables, so no metadata is needed.
"""

from __future__ import annotations

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=None,
    transactional_ddl=False,
)
context.run_migrations()
