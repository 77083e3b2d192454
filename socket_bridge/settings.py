"""What the bridge is told by its environment, beside what every process is told."""

from pydantic import Field

from chassis.settings import Settings as ProcessSettings


class Settings(ProcessSettings):
    """The bridge's configuration."""

    direct_wire: bool = Field(
        default=True,
        description="events are written straight to the WebSocket's transport; false: python-engineio's way",
    )
    pending_limit: int = Field(
        default=1024 * 1024, ge=64 * 1024, description="bytes that wait for a client before it is cut off"
    )
    ring_events: int = Field(
        default=20_000, ge=100, description="latest events kept in memory for clients that come back"
    )
    ring_bytes: int = Field(default=64 * 1024 * 1024, ge=1024 * 1024, description="the same, in bytes")
    replay_limit: int = Field(
        default=5_000, ge=1, description="missed events that are sent one by one; more: start anew"
    )
    ping_interval: float = Field(
        default=25, gt=0, description="seconds between pings to a client, for some up to a fifth less"
    )
    ping_timeout: float = Field(default=20, gt=0, description="seconds until an unanswered ping ends it")
    connect_limit: float = Field(
        default=20, gt=0, description="seconds a connection may stay open without a token"
    )
    connects_at_once: int = Field(
        default=10_000, ge=1, description="connections that may be opened at once with one token"
    )
    connects_per_second: float = Field(
        default=200, gt=0, description="and how many a second once those are used up"
    )
    messages_at_once: int = Field(
        default=200, ge=1, description="messages (joins, leaves, new tokens) a client may send at once"
    )
    messages_per_second: float = Field(
        default=20, gt=0, description="and how many a second once those are used up"
    )
    token_messages_at_once: int = Field(
        default=100_000, ge=1, description="messages at once of all clients with one token together"
    )
    token_messages_per_second: float = Field(
        default=2_000, gt=0, description="and how many a second once those are used up"
    )
