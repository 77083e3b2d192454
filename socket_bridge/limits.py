"""What a client, and all with its token together, may ask of a bridge; what is more is refused in words."""

from collections.abc import Callable

import structlog

from chassis.pace import Pace
from contracts.identity import Identity
from socket_bridge.members import Member
from socket_bridge.metrics import Metrics
from socket_bridge.packets import DISCONNECT
from socket_bridge.settings import Settings

log = structlog.get_logger()

TOO_MANY = "Too many connections were opened with this token: try again in a moment"
TOO_OFTEN = "Too many messages: wait a moment and try again"


class Limits:
    """Counts connections and messages; `clock` is in seconds.

    By token and by client, never by address: a hospital is one address, and all its screens come back at once
    when a bridge was restarted.
    """

    def __init__(self, settings: Settings, metrics: Metrics, clock: Callable[[], float]) -> None:
        self._metrics = metrics
        self._connects = Pace(settings.connects_at_once, settings.connects_per_second, clock)
        self._by_token = Pace(settings.token_messages_at_once, settings.token_messages_per_second, clock)
        self._by_client = Pace(settings.messages_at_once, settings.messages_per_second, clock)
        self._patience = Pace(settings.messages_at_once, settings.messages_per_second, clock)

    def on_connect(self, identity: Identity) -> str | None:
        """Why the bearer of this token may not connect just now, None when they may."""
        if self._connects.allows(_token(identity)):
            return None
        self._metrics.limited.inc()
        return TOO_MANY

    def on_message(self, member: Member) -> str | None:
        """Why this client may not say anything just now, None when it may.

        A client that goes on all the same is disconnected.
        """
        if self._by_client.allows(member) and self._by_token.allows(_token(member.identity)):
            return None
        self._metrics.limited.inc()
        if not self._patience.allows(member):
            log.warning("client_cut", why="too many messages", sub=member.identity.sub)
            member.line.hang_up(DISCONNECT)
        return TOO_OFTEN


def _token(identity: Identity) -> tuple[str, str | None]:
    return identity.sub, identity.jti
