"""Subjects to rooms to sockets: what happened, on every screen that may see it."""
