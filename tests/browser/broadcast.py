"""Many updates of a board in a short time: published as the queue service does, faster than it renders."""

import asyncio
from datetime import UTC, datetime

import nats

from chassis.broker import flushed
from contracts import BoardUpdated, encode, headers
from contracts.event import Process
from contracts.shapes import BoardTicket, VisitStatus
from tests.browser.clinic import CLINIC, Clinic

SHOWN = 24
"""Tickets on the board: a full waiting room."""

PACE = 0.002
"""Seconds between two, so that each is drawn or at least taken in, and the bridge cuts nobody off."""


def picture(number: int) -> BoardUpdated:
    """The board when this ticket is called: each picture calls the next."""
    ticket = BoardTicket(queue_number=number, room_number="1", status=VisitStatus.CALLED)
    waiting = tuple(
        BoardTicket(queue_number=number + place, room_number="1", status=VisitStatus.WAITING)
        for place in range(1, SHOWN)
    )
    return BoardUpdated(clinic_id=CLINIC, waiting=waiting, called=(ticket,), in_progress=())


async def broadcast(clinic: Clinic, first: int, count: int) -> None:
    """Call so many tickets on the clinic's board, one after another."""
    seed = (clinic.keys / f"{Process.QUEUE.value}.nk").read_text().strip()
    connection = await nats.connect(
        clinic.nats, nkeys_seed_str=seed, inbox_prefix=f"_INBOX_{Process.QUEUE.value}"
    )
    try:
        for number in range(first, first + count):
            event = picture(number)
            given = {headers.ROOMS: ",".join(event.audience()), headers.AT: datetime.now(UTC).isoformat()}
            await connection.publish(event.address(), encode(event), headers=given)
            await asyncio.sleep(PACE)
        await flushed(connection)
    finally:
        await connection.close()
