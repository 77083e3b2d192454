"""What appointment_service publishes about tokens that may no longer be used."""

from typing import ClassVar, Self

from pydantic import model_validator

from contracts.event import Event, Process
from contracts.shapes import Id, Moment


class TokenRevoked(Event):
    """A token (`jti`) or all tokens of a subject (`sub`) issued until `revoked_at` are refused from now on.

    Kept until `expires_at`, when the last token it concerns has expired by itself.
    """

    subject: ClassVar[str] = "revocation.{revocation_id}.token_revoked"
    rooms: ClassVar[tuple[str, ...]] = ()
    owner: ClassVar[Process] = Process.APPOINTMENT
    of_clinic: ClassVar[str | None] = None

    revocation_id: Id
    jti: str | None
    sub: str | None
    revoked_at: Moment
    expires_at: Moment

    @model_validator(mode="after")
    def _names_one(self) -> Self:
        if (self.jti is None) == (self.sub is None):
            raise ValueError("name either jti or sub")
        return self
