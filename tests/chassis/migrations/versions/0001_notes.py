"""notes."""

from alembic import op

from tests.chassis.notebook import Table

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make every table at once."""
    Table.metadata.create_all(op.get_bind())
