"""Tokens as the issuer would sign them, for the demo's links and for trying things out."""

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

import jwt

from contracts.identity import Role
from contracts.shapes import Id

WORKING_DAY = timedelta(hours=12)
DISPLAY_LIFE = timedelta(days=30)
"""The longest a screen on the wall is trusted (design: 30 days at most)."""


def lifetime(role: Role) -> timedelta:
    """How long a token of this role is good for when nobody says."""
    return DISPLAY_LIFE if role is Role.DISPLAY else WORKING_DAY


def sign(
    secret: str,
    role: Role,
    now: datetime,
    *,
    life: timedelta,
    sub: str | None = None,
    clinics: Collection[Id] = (),
    doctor_id: Id | None = None,
    issuer: str | None = None,
    audience: str | None = None,
) -> str:
    """A JWT for a bearer of this role; `life` may be negative, which makes it expired.

    A doctor's `sub` is the doctor's number where none is given; an admin of no named clinic has all of them.
    """
    subject = sub or (str(doctor_id) if doctor_id else role.value)
    claims: dict[str, str | int | list[int]] = {
        "sub": subject,
        "name": f"{role.value.capitalize()} {subject}" if subject != role.value else role.value.capitalize(),
        "role": role.value,
        "clinics": "*" if role is Role.ADMIN and not clinics else sorted(clinics),
        "iat": int(now.timestamp()),
        "exp": int((now + life).timestamp()),
        "jti": secrets.token_urlsafe(12),
    }
    if doctor_id is not None:
        claims["doctor_id"] = doctor_id
    if issuer:
        claims["iss"] = issuer
    if audience:
        claims["aud"] = audience
    return jwt.encode(claims, secret, algorithm="HS256")
