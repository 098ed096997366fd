"""What a user typed or chose, read and checked."""
