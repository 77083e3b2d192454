"""One change in the making: what it writes and what it says."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from contracts.event import Event, Process


@dataclass(frozen=True)
class Staged:
    """An event on its way to the outbox, in the transaction of its cause."""

    event: Event
    version: int
    also: tuple[str, ...]


@dataclass
class Transaction:
    """One change: its session, its time, who asked for it, and the events it causes."""

    session: AsyncSession
    process: Process
    now: datetime
    actor: str
    mint: Callable[[], int]
    revisions: dict[int, int] = field(default_factory=dict)
    staged: list[Staged] = field(default_factory=list)
    wakes: bool = False

    async def flush(self) -> None:
        """Write what waits in the session; most changes leave nothing there."""
        session = self.session
        if session.new or session.dirty or session.deleted:
            await session.flush()
