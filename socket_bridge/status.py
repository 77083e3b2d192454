"""Tells the clients when what they see may be old, and when it is not any more."""

import asyncio

from socket_bridge.members import Members
from socket_bridge.packets import status
from socket_bridge.reader import Reader

LOOK = 0.25
"""Seconds between looks at the reader."""

STRETCH = 50
"""Members told at a stretch, in a turn that an event's stretch may be in too."""


class Status:
    """Sends `bridge_status` to everyone when the reader falls behind, and when it has caught up."""

    def __init__(self, members: Members, reader: Reader) -> None:
        self._members = members
        self._reader = reader

    async def run(self) -> None:
        """Look until cancelled."""
        said = True
        while True:
            await asyncio.sleep(LOOK)
            if self._reader.live is not said:
                said = not said
                await self._tell()

    async def _tell(self) -> None:
        packet = status(self._reader.live, round(self._reader.lag * 1000))
        for number, member in enumerate(self._members.all(), start=1):
            member.line.deliver(packet)
            if number % STRETCH == 0:
                await asyncio.sleep(0)
