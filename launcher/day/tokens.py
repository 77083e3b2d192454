"""The token of each member of staff: signed with the installation's secret, or given."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

import jwt
from pydantic import BaseModel, ConfigDict, ValidationError

from contracts.identity import Role
from contracts.shapes import Id
from launcher.refusal import CannotGoOn


class Tokens(Protocol):
    """Whoever has the staff's tokens."""

    def of(self, role: Role, clinic_id: Id, doctor_id: Id | None = None) -> str:
        """The token of a member of this clinic's staff; raises CannotGoOn when there is none."""

    def anyone(self) -> str:
        """The token of whoever may look at the list of clinics."""


Sign = Callable[[Role, Collection[Id], Id | None], str]
"""Signs a token for a role in these clinics, for this doctor."""


@dataclass(frozen=True)
class SignedTokens:
    """Tokens made as they are needed, by whoever has the secret."""

    sign: Sign

    def of(self, role: Role, clinic_id: Id, doctor_id: Id | None = None) -> str:
        """A fresh one."""
        return self.sign(role, (clinic_id,), doctor_id)

    def anyone(self) -> str:
        """An admin's."""
        return self.sign(Role.ADMIN, (), None)


class _Claims(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    role: Role
    doctor_id: Id | None = None


class GivenTokens:
    """Tokens of an installation whose secret we don't have; an admin's stands in for everybody."""

    def __init__(self, given: Sequence[str]) -> None:
        self._given = [(_claims(token), token) for token in given]

    def of(self, role: Role, clinic_id: Id, doctor_id: Id | None = None) -> str:
        """The one of this role, and of this doctor; raises CannotGoOn when it was not given."""
        for claims, token in self._given:
            if claims.role is role and claims.doctor_id == doctor_id:
                return token
        for claims, token in self._given:
            if claims.role is Role.ADMIN:
                return token
        who = f"doctor {doctor_id}" if doctor_id else f"a {role}"
        raise CannotGoOn(
            f"nobody gave the token of {who} of clinic {clinic_id}; give it, or an admin's: --token"
        )

    def anyone(self) -> str:
        """The first."""
        return self._given[0][1]


def _claims(token: str) -> _Claims:
    try:
        # Whether it is genuine, the installation will say.
        return _Claims.model_validate(jwt.decode(token, options={"verify_signature": False}))
    except (jwt.InvalidTokenError, ValidationError) as error:
        raise CannotGoOn(
            f"that token says nothing of its bearer's role: {error}; see: clinicwire token"
        ) from error
