"""Alembic's entry to this service's versions."""

from appointment_service.tables import Table
from chassis.migrations import run_here

run_here(Table.metadata)
