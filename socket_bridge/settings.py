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
    ping_interval: float = Field(default=25, gt=0, description="seconds between pings to a client")
    ping_timeout: float = Field(default=20, gt=0, description="seconds until an unanswered ping ends it")
    connect_limit: float = Field(
        default=20, gt=0, description="seconds a connection may stay open without a token"
    )
