"""Bringing a service's tables to the newest shape; each service keeps its versions in `migrations/`."""

from pathlib import Path
from typing import Literal

from alembic import command, context
from alembic.autogenerate.api import AutogenContext
from alembic.config import Config
from sqlalchemy import BigInteger, Connection, MetaData, text
from sqlmodel import AutoString

from chassis.columns import Utc
from chassis.database import Database


async def upgrade(database: Database, folder: Path) -> None:
    """Bring the database to the newest version that `folder` has; quick when it is there already."""

    def run(connection: Connection) -> None:
        if connection.dialect.name == "postgresql":
            # Two workers that start at once: the second finds the work done.
            connection.execute(text("SELECT pg_advisory_xact_lock(4294967291)"))
        config = Config()
        config.set_main_option("script_location", str(folder))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")

    await database.run_sync(run)


def _render(kind: str, item: object, generating: AutogenContext) -> str | Literal[False]:
    # Migrations stay readable, and true, when our own types move: they name what is stored.
    if kind != "type":
        return False
    if isinstance(item, Utc):
        generating.imports.add("from chassis.columns import Utc")
        return "Utc()"
    if isinstance(item, AutoString):
        return "sa.String()"
    if isinstance(item, BigInteger) and "sqlite" in item._variant_mapping:
        generating.imports.add("from chassis.columns import Number")
        return "Number"
    return False


def run_here(metadata: MetaData) -> None:
    """What a service's `migrations/env.py` does: run on the connection that `upgrade` gave."""
    context.configure(
        connection=context.config.attributes["connection"],
        target_metadata=metadata,
        render_item=_render,
        transaction_per_migration=False,
    )
    context.run_migrations()
