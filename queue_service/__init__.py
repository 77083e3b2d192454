"""Visits: the queue itself, and the pictures of it on every screen."""
