"""Events of clinics, published as their relay does: in atomic batches."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import islice

import orjson
from nats.aio.client import Client

from contracts import VisitCancelled, encode, headers

BATCH = 1000
"""Messages of one batch, the most that the server takes."""

LIMIT = 30.0
"""Seconds for the acknowledgement of a batch."""


class Publisher:
    """Publishes numbered events; `last` is the sequence of the newest."""

    def __init__(self, connection: Client) -> None:
        self._connection = connection
        self._made: dict[tuple[int, int], tuple[str, str, bytes]] = {}
        self._number = 0
        self.last = 0

    async def publish(self, clinics: Iterable[int], size: int = 400) -> None:
        """An event of each of these clinics, all of them stored when it returns."""
        rest = iter(clinics)
        while batch := list(islice(rest, BATCH)):
            await self._publish_batch(batch, size)

    async def _publish_batch(self, clinics: list[int], size: int) -> None:
        self._number += len(clinics)
        named = {"Nats-Batch-Id": f"returning-{self._number}"}
        for place, clinic in enumerate(clinics, start=1):
            subject, room, payload = self._event(clinic, size)
            given = named | {
                headers.ROOMS: room,
                headers.AT: datetime.now(UTC).isoformat(),
                headers.VERSION: "1",
                headers.REVISION: str(self._number),
                headers.MESSAGE_ID: f"{self._number}-{place}",
                "Nats-Batch-Sequence": str(place),
            }
            if place < len(clinics):
                await self._connection.publish(subject, payload, headers=given)
        given["Nats-Batch-Commit"] = "1"
        reply = await self._connection.request(subject, payload, timeout=LIMIT, headers=given)
        answer = orjson.loads(reply.data)
        if "error" in answer:
            raise SystemExit(f"the stream took no batch: {answer}")
        self.last = answer["seq"]

    def _event(self, clinic: int, size: int) -> tuple[str, str, bytes]:
        """Its subject, rooms and payload, made once: a million of them are not to take long."""
        made = self._made.get((clinic, size))
        if made is None:
            event = VisitCancelled(visit_id=5, reason="x" * size, clinic_id=clinic)
            made = event.address(), ",".join(event.audience()), encode(event)
            self._made[clinic, size] = made
        return made


def spread(clinics: int, count: int) -> Iterator[int]:
    """So many events, in turn of the clinics from 1 on."""
    return (1 + number % clinics for number in range(count))
