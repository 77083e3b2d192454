"""Alembic's entry to the notebook's only version."""

from chassis.migrations import run_here
from tests.chassis.notebook import Table

run_here(Table.metadata)
