"""appointment_service, put together."""

from pathlib import Path

from appointment_service.access import ACCESS
from appointment_service.answerers import answerers
from appointment_service.consumers import HANDLERS
from appointment_service.routes import router
from appointment_service.tables import Table
from chassis.service import Parts, Service
from chassis.settings import Settings
from contracts.event import Process

PARTS = Parts(
    process=Process.APPOINTMENT,
    metadata=Table.metadata,
    migrations=Path(__file__).parent / "migrations",
    router=router,
    access=ACCESS,
    handlers=HANDLERS,
    answerers=answerers,
)


def build(settings: Settings) -> Service:
    """The service as its environment says."""
    return Service(settings, PARTS)
