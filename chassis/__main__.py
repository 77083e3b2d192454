"""`python -m chassis SERVICE "what changed"`: write a migration from a service's tables as they are now."""

import asyncio
import sys
import tempfile
from importlib import import_module
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

from chassis.database import Database
from chassis.migrations import upgrade


def write(service: str, message: str) -> None:
    """Compare the tables with what the migrations make of an empty database, and write the difference."""
    parts = import_module(f"{service}_service.main").PARTS
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/empty.db", parts.metadata, parts.process, lambda: 0)
        asyncio.run(upgrade(database, parts.migrations))

        def revise(connection: Connection) -> None:
            config = Config()
            config.set_main_option("script_location", str(parts.migrations))
            config.attributes["connection"] = connection
            number = len(list(Path(parts.migrations, "versions").glob("*.py"))) + 1
            command.revision(config, message, autogenerate=True, rev_id=f"{number:04}")

        asyncio.run(database.run_sync(revise))


if __name__ == "__main__":
    write(sys.argv[1], sys.argv[2])
