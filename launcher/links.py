"""Sign-in links for the demo's people: a token in the fragment, which no server ever sees."""

from collections.abc import Iterator
from datetime import datetime

from contracts.event import Shape
from contracts.identity import Role
from contracts.shapes import Id
from launcher import token

CLINIC: Id = 1
DOCTOR: Id = 1


class Link(Shape):
    """Who it is for, and the address to open."""

    name: str
    url: str


def address(host: str, port: int) -> str:
    """Where a browser on this machine finds what listens on this host and port."""
    here = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
    return f"http://{here}:{port}"


def links(base: str, secret: str, now: datetime, issuer: str | None, audience: str | None) -> Iterator[Link]:
    """A link for each role in the demo's first clinic, and the admin's for every clinic."""

    def link(name: str, role: Role, *clinics: Id, doctor_id: Id | None = None) -> Link:
        signed = token.sign(
            secret,
            role,
            now,
            life=token.lifetime(role),
            clinics=clinics,
            doctor_id=doctor_id,
            issuer=issuer,
            audience=audience,
        )
        return Link(name=name, url=f"{base}/#token={signed}")

    yield link("reception", Role.RECEPTIONIST, CLINIC)
    yield link("doctor", Role.DOCTOR, CLINIC, doctor_id=DOCTOR)
    yield link("cashier", Role.CASHIER, CLINIC)
    yield link("board", Role.DISPLAY, CLINIC)
    yield link("admin", Role.ADMIN)
