"""Accounts of the console: people, passwords and sign-in."""
