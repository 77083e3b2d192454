"""What queue_service is told beside what every process is told."""

from pydantic import Field

from chassis.settings import Settings


class QueueSettings(Settings):
    """The queue's own variables."""

    doctor_seats: int = Field(
        default=1, ge=1, le=9, description="patients a doctor may have in progress at once"
    )
