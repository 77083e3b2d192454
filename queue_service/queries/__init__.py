"""Reads, a noun a file."""
