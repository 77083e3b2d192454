"""What a process is told by its environment; every variable is in the README's table."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict


class Settings(BaseSettings):
    """One process's configuration, read from the environment by these names in capitals."""

    # An empty variable is what compose makes of one that was not given.
    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_ignore_empty=True)

    database_url: str = Field(
        default="", description="sqlite:///path or postgresql://user:password@host/name"
    )
    nats_url: str = Field(default="nats://127.0.0.1:4222", description="one address or several, by commas")
    nats_nkey: SecretStr | None = Field(
        default=None, description="the seed (SU...) of this process's NATS user"
    )
    nats_tls_ca: Path | None = Field(default=None, description="the CA that signed the broker's certificate")
    jwt_secret: SecretStr | None = Field(default=None, description="HS256: at least 32 bytes")
    jwks_url: str | None = Field(default=None, description="RS256, ES256, EdDSA: where the keys are")
    jwt_issuer: str | None = Field(default=None, description="checked against iss where given")
    jwt_audience: str | None = Field(default=None, description="checked against aud where given")
    port: int = Field(default=8000, description="where this process listens")
    worker: int = Field(
        default=0, ge=0, le=7, description="this worker's number among a service's, on PostgreSQL"
    )
    allowed_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(), description="browser origins that may call and connect, by commas; * for any"
    )
    requests_at_once: int = Field(
        default=5_000, ge=1, description="requests that one token may make at once of a service"
    )
    requests_per_second: float = Field(
        default=500, gt=0, description="and how many a second once those are used up"
    )
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @field_validator("allowed_origins", mode="before")
    @classmethod
    def _split(cls, given: object) -> object:
        if isinstance(given, str):
            return tuple(origin.strip() for origin in given.split(",") if origin.strip())
        return given
