"""Sign-in, sessions, permissions, rate limits and headers."""
