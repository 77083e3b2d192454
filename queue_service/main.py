"""queue_service, put together."""

from pathlib import Path

from chassis.service import Parts, Service
from chassis.settings import Settings
from contracts.event import Process
from queue_service import projector
from queue_service.access import ACCESS
from queue_service.answerers import answerers
from queue_service.consumers import HANDLERS
from queue_service.routes import router
from queue_service.settings import QueueSettings
from queue_service.tables import Table

PARTS = Parts(
    process=Process.QUEUE,
    metadata=Table.metadata,
    migrations=Path(__file__).parent / "migrations",
    router=router,
    access=ACCESS,
    handlers=HANDLERS,
    answerers=answerers,
    background=(projector.project,),
    on_new_epoch=projector.mark_everything,
)


def build(settings: Settings) -> Service:
    """The service as its environment says."""
    return Service(QueueSettings.model_validate(settings.model_dump()), PARTS)
