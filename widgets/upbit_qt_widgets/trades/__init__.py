"""The tape: the trades of one market as they happen."""
