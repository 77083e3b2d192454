"""How many patients a doctor may have at once."""

from chassis.service import Service
from queue_service.settings import QueueSettings


def seats(service: Service) -> int:
    """As this service was told; one, unless it was told otherwise."""
    return service.settings.doctor_seats if isinstance(service.settings, QueueSettings) else 1
