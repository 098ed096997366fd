"""The store: SQLAlchemy Core over SQLite (embedded) or PostgreSQL. Only this package knows SQL."""
