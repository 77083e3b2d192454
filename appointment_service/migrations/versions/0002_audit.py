"""What stays of an event for the audit trail."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables to this version."""
    op.add_column("outbox", sa.Column("about", sa.String(length=40), nullable=True))
    op.add_column("outbox", sa.Column("became", sa.String(length=40), nullable=True))
    told = sa.text("about IS NOT NULL")
    op.create_index(
        "outbox_about", "outbox", ["about"], unique=False, sqlite_where=told, postgresql_where=told
    )
