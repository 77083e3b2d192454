"""What concerns a day: the booked time of a visit, and when money changed hands."""

import sqlalchemy as sa
from alembic import op

from chassis.columns import Utc

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables to this version."""
    op.add_column("known_visit", sa.Column("planned_at", Utc(), nullable=True))
    op.create_index(op.f("ix_known_visit_planned_at"), "known_visit", ["planned_at"], unique=False)
    op.create_index(op.f("ix_receipt_at"), "receipt", ["at"], unique=False)
