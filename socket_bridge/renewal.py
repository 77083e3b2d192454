"""A new token in the place of the old one, without leaving: `auth_refresh`."""

from typing import Any

import structlog

from chassis.errors import BadInput, Refusal, Unauthenticated
from chassis.revocations import Revocations
from contracts.identity import Identity
from contracts.screen import Renewed
from socket_bridge.admission import may_enter, rooms_at_connect
from socket_bridge.handshake import Handshake
from socket_bridge.members import Member, Members
from socket_bridge.packets import refusal
from socket_bridge.replay import Replay
from socket_bridge.rooms import Rooms
from socket_bridge.server import Acknowledge, Handler
from socket_bridge.tokens import INVALID, Tokens

log = structlog.get_logger()

ANOTHER = "This token is another person's: sign in on a connection of its own"


class Renewal:
    """Handles `auth_refresh`: the connection goes on, and every room is looked at anew."""

    def __init__(
        self,
        tokens: Tokens,
        revocations: Revocations,
        members: Members,
        rooms: Rooms,
        replay: Replay,
        handshake: Handshake,
    ) -> None:
        self._tokens = tokens
        self._revocations = revocations
        self._members = members
        self._rooms = rooms
        self._replay = replay
        self._handshake = handshake

    def handlers(self) -> dict[str, Handler]:
        """The messages that this handles, by name."""
        return {"auth_refresh": self._refresh}

    async def _refresh(self, member: Member, given: tuple[Any, ...], acknowledge: Acknowledge) -> None:
        try:
            identity = await self._tokens.bearer(_token(given))
            if identity.sub != member.identity.sub:
                raise Unauthenticated(ANOTHER)
            allowed = await self._allowed(member, identity)
            # Revoked while we asked: whoever ended the connections did not see it on this one.
            if self._revocations.refuses(identity):
                raise Unauthenticated(INVALID)
        except Refusal as refused:
            log.info("renewal_refused", sub=member.identity.sub, why=refused.message)
            acknowledge({"ok": False, "message": refused.message})
            member.line.deliver(refusal(refused.message))
            return
        member.identity = identity
        self._handshake.watch(member)
        left = tuple(room for room in member.rooms if room not in allowed)
        for room in left:
            self._members.leave(member, room)
        log.info("renewed", sub=identity.sub, jti=identity.jti, left=left)

        def entered(_: bool) -> None:
            answer = Renewed(ok=True, expires_at=identity.expires_at, left=left)
            acknowledge(answer.model_dump(mode="json"))

        new = [room for room in rooms_at_connect(identity) if room not in member.rooms]
        await self._replay.enter(member, new, None, None, entered)

    async def _allowed(self, member: Member, identity: Identity) -> frozenset[str]:
        """Which of its rooms the member may be in with this identity; raises `Unavailable`."""
        return frozenset(
            [
                room
                for room in tuple(member.rooms)
                if may_enter(identity, room, await self._rooms.clinic_for(identity, room))
            ]
        )


def _token(given: tuple[Any, ...]) -> object:
    if not given or not isinstance(given[0], dict) or "token" not in given[0]:
        raise BadInput('token is required, as in {"token": "..."}')
    return given[0]["token"]
