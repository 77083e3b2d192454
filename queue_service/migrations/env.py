"""Alembic's entry to this service's versions."""

from chassis.migrations import run_here
from queue_service.tables import Table

run_here(Table.metadata)
