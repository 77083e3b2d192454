"""Many messages of a stream by one question, without a consumer (direct get, ADR-31)."""

import asyncio

import orjson
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError

BATCH = 1000
"""Messages of one answer: for each, the server counts anew what follows."""

LIMIT = 10.0
"""Seconds to wait for the broker's answer: one that is busy reads its files for longer than others answer."""

SEQUENCE, SUBJECT = "Nats-Sequence", "Nats-Subject"
"""The headers that say where a message lies."""


async def get(connection: Client, stream: str, subject: str, start: int) -> tuple[list[Msg], bool]:
    """The first messages of these subjects from `start` on, and whether there are more.

    Raises a nats error when the broker does not answer, or not with them.
    """
    if not connection.is_connected:
        raise NatsError("the broker is away")
    messages: list[Msg] = []
    done: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    async def hear(message: Msg) -> None:
        told = message.headers or {}
        status = told.get("Status")
        if status is None:
            messages.append(message)
        elif done.done():
            return
        elif status in ("204", "404"):
            # The end of a batch; or there is nothing (more).
            done.set_result(status == "204" and int(told.get("Nats-Num-Pending", 0)) > 0)
        else:
            done.set_exception(NatsError(f"{status} {told.get('Description', '')}"))

    inbox = connection.new_inbox()
    subscription = await connection.subscribe(inbox, cb=hear)
    try:
        question = {"seq": start, "next_by_subj": subject, "batch": BATCH}
        await connection.publish(f"$JS.API.DIRECT.GET.{stream}", orjson.dumps(question), reply=inbox)
        async with asyncio.timeout(LIMIT):
            more = await done
    finally:
        await subscription.unsubscribe()
    return messages, more
