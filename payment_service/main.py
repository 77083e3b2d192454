"""payment_service, put together."""

from pathlib import Path

from chassis.service import Parts, Service
from chassis.settings import Settings
from contracts.event import Process
from payment_service.access import ACCESS
from payment_service.answerers import answerers
from payment_service.consumers import HANDLERS
from payment_service.routes import router
from payment_service.tables import Table

PARTS = Parts(
    process=Process.PAYMENT,
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
