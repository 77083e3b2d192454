"""Appointments, the catalogue they are booked from, and the tokens that are refused."""
