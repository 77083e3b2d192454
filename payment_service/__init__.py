"""Payments: what each visit costs, what of it is in, and whose share it is."""
