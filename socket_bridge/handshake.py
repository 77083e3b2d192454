"""A connection becomes a member: a valid token, the rooms it is put in, and the end when the token ends."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs

import orjson
import structlog

from chassis.errors import Refusal, TooMany
from chassis.remembered import LEEWAY
from chassis.revocations import Revocations
from contracts.encoding import encode
from contracts.screen import Expiring
from contracts.tokens import TokenRevoked
from socket_bridge.admission import rooms_at_connect
from socket_bridge.forwarder import Forwarder
from socket_bridge.limits import Limits
from socket_bridge.members import Line, Member, Members
from socket_bridge.metrics import Metrics
from socket_bridge.packets import DISCONNECT, Packet, refusal, status
from socket_bridge.reader import Reader
from socket_bridge.replay import Replay, cursor_of
from socket_bridge.tokens import Tokens

log = structlog.get_logger()

WELCOME = "Connected to real-time updates"
ENDED = "Your session has ended: sign in again"

WARNING = 60.0
"""Seconds before a token's end at which its bearer is told, time enough to get a new one."""


class Handshake:
    """Lets clients in, and out when their token no longer counts."""

    def __init__(
        self,
        tokens: Tokens,
        revocations: Revocations,
        limits: Limits,
        members: Members,
        forwarder: Forwarder,
        replay: Replay,
        reader: Reader,
        metrics: Metrics,
        clock: Callable[[], datetime],
    ) -> None:
        self._tokens = tokens
        self._revocations = revocations
        self._limits = limits
        self._members = members
        self._forwarder = forwarder
        self._replay = replay
        self._reader = reader
        self._metrics = metrics
        self._clock = clock

    async def admit(self, query: str, auth: Any, line: Line) -> Member:
        """The member that a connection becomes; raises `Refusal`."""
        given = auth if isinstance(auth, dict) else {}
        token = given.get("token")
        if token is None:
            token = parse_qs(query).get("token", [None])[0]
        try:
            identity = await self._tokens.bearer(token)
        except Refusal as error:
            self._metrics.refused.inc()
            log.info("connect_refused", why=error.message)
            raise
        too_many = self._limits.on_connect(identity)
        if too_many is not None:
            log.warning("connect_refused", why=too_many, sub=identity.sub)
            raise TooMany(too_many)
        log.info("connected", sub=identity.sub, role=identity.role, jti=identity.jti)
        return Member(line, identity, given.get("cursor") is True, cursor_of(given))

    def watch(self, member: Member) -> None:
        """End the connection when its token, which may be a new one, ends; and say so a minute before."""
        if member.expiry is not None:
            member.expiry.cancel()
        left = self._left(member)
        later = asyncio.get_running_loop().call_later
        if left > WARNING:
            member.expiry = later(left - WARNING, self._warn, member)
        else:
            member.expiry = later(left + LEEWAY, self._end, member, "expired")

    async def greet(self, member: Member) -> None:
        """Put a new member in the rooms of its role, with what it missed there, and say that it is
        connected."""

        def entered(recovered: bool) -> None:
            welcome: dict[str, object] = {"message": WELCOME}
            if member.cursor:
                where = {"epoch": self._reader.epoch, "seq": self._forwarder.seq, "recovered": recovered}
                welcome |= where
            member.line.deliver(Packet.event("connected", orjson.dumps(welcome)))
            if self._left(member) <= WARNING:
                _say_expiring(member)
            if not self._reader.live:
                member.line.deliver(status(False, round(self._reader.lag * 1000)))

        self.watch(member)
        rooms = rooms_at_connect(member.identity)
        await self._replay.enter(member, rooms, member.came_from, None, entered)

    def revoked(self, revocation: TokenRevoked) -> None:
        """Refuse these tokens from now on, and end the connections that have one."""
        self._revocations.add(revocation, self._clock())
        log.info("revoked", id=revocation.revocation_id, sub=revocation.sub, jti=revocation.jti)
        for member in self._members.all():
            if self._revocations.refuses(member.identity):
                self._end(member, "revoked")

    def _left(self, member: Member) -> float:
        return (member.identity.expires_at - self._clock()).total_seconds()

    def _warn(self, member: Member) -> None:
        _say_expiring(member)
        left = self._left(member) + LEEWAY
        member.expiry = asyncio.get_running_loop().call_later(left, self._end, member, "expired")

    def _end(self, member: Member, why: str) -> None:
        log.info("session_ended", why=why, sub=member.identity.sub, role=member.identity.role)
        member.line.deliver(refusal(ENDED))
        # Now, not when the connection is gone: an event may come right behind.
        self._members.dismiss(member)
        member.line.hang_up(DISCONNECT)


def _say_expiring(member: Member) -> None:
    told = Expiring(expires_at=member.identity.expires_at)
    member.line.deliver(Packet.event("auth_expiring", encode(told)))
