"""A doctor's newest completed visits without looking at everyone's."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables to this version."""
    op.drop_index("visit_of_doctor", table_name="visit")
    op.create_index(
        "visit_of_doctor", "visit", ["doctor_id", "day", "status", "clinic_id", "end_time"], unique=False
    )
