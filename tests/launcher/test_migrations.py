"""What migrations make is what the code expects, in every service and on either database."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection

import appointment_service.main
import patient_service.main
import payment_service.main
import queue_service.main
from chassis.service import Parts, Service
from chassis.settings import Settings
from tests.parts import SECRET

SERVICES = {
    parts.process: parts
    for parts in (
        appointment_service.main.PARTS,
        patient_service.main.PARTS,
        payment_service.main.PARTS,
        queue_service.main.PARTS,
    )
}


@pytest.mark.parametrize("parts", SERVICES.values(), ids=SERVICES)
async def test_a_migrated_database_is_as_the_tables_say(parts: Parts, database_url: str) -> None:
    settings = Settings.model_validate({"database_url": database_url, "jwt_secret": SECRET})
    service = Service(settings, parts)
    await service.migrate()
    differences: list[object] = []

    def compare(connection: Connection) -> None:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences.extend(compare_metadata(context, parts.metadata))

    await service.database.run_sync(compare)
    assert differences == []
