"""The SQLite connection whose commits wait in a thread."""

import asyncio
import threading
from pathlib import Path
from typing import Any

from chassis.sqlite import Connection


class Slow:
    """A real connection whose disk takes its time with a commit."""

    def __init__(self, real: Any) -> None:
        self._real = real
        self.begun, self.may_end = threading.Event(), threading.Event()

    def commit(self) -> None:
        """Wait for the disk."""
        self.begun.set()
        assert self.may_end.wait(5)
        self._real.commit()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


async def test_a_cancelled_commit_ends_before_its_connection_is_used_again(tmp_path: Path) -> None:
    connection = Connection(f"{tmp_path}/notes.db", wait=1, statements=10)
    connection.cursor().execute("CREATE TABLE note (words TEXT)")
    slow = connection._connection = Slow(connection._connection)  # type: ignore[assignment]  # all but in name
    connection.cursor().execute("BEGIN IMMEDIATE")
    connection.cursor().execute("INSERT INTO note VALUES ('kept')")
    commit = asyncio.create_task(connection.committed())
    await asyncio.to_thread(slow.begun.wait, 5)
    for _ in range(3):
        commit.cancel()
        await asyncio.sleep(0)
    assert not commit.done()
    slow.may_end.set()
    await asyncio.wait((commit,), timeout=5)
    assert commit.cancelled()
    assert connection.cursor().execute("SELECT words FROM note").fetchall() == [("kept",)]
    connection.close()
