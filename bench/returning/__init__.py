"""Clients that come back: many after a restart, one far behind, and one that stops reading."""
