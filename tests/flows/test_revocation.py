"""A revoked token opens nothing any more: no route of any service, and its screens end within a second."""

import asyncio

import pytest
from socketio.exceptions import (  # type: ignore[import-untyped]  # it has no types
    ConnectionError as Refused,
)

from contracts import TokenRevoked
from tests.flows.house import CLINIC, House
from tests.flows.screens import SEATS, Screen

pytestmark = pytest.mark.asyncio(loop_scope="module")

EVERYWHERE = (f"/queue/clinic/{CLINIC}", "/appointments", "/patients", "/payments")
"""A route of each service."""


@pytest.mark.parametrize("by", ["jti", "sub"])
async def test_a_revoked_token_is_refused_everywhere_within_a_second(house: House, by: str) -> None:
    claims = {"jti": f"lost-{house.number()}", "sub": f"left-{house.number()}"}
    token = SEATS["reception"].token(**claims)
    screen = Screen(SEATS["reception"], token)
    await screen.open(house.installation.url)
    async with house.bearing(token) as bearer:
        for path in EVERYWHERE:
            assert (await bearer.get(path)).status_code == 200, path
        done = await house.does("admin", "POST", "/auth/revoke", **{by: claims[by]})
        async with asyncio.timeout(1):
            await screen.ended.wait()
        await house.log.until(TokenRevoked, lambda event: getattr(event, by) == claims[by], done.since)
        async with asyncio.timeout(1):
            for path in EVERYWHERE:
                while (await bearer.get(path)).status_code != 401:  # noqa: ASYNC110  # each hears for itself
                    await asyncio.sleep(0.01)
    again = Screen(SEATS["reception"], token)
    with pytest.raises(Refused):
        await again.open(house.installation.url)
    await house.turn()
    assert not [name for name, other in house.screens.items() if other.ended.is_set()]


async def test_a_new_token_of_a_revoked_subject_counts(house: House) -> None:
    sub = f"back-{house.number()}"
    old = SEATS["reception"].token(sub=sub)
    await house.does("admin", "POST", "/auth/revoke", sub=sub)
    async with house.bearing(old) as bearer:
        assert (await bearer.get("/appointments")).status_code == 401
    revoked = [one.event for one in house.log.entries if isinstance(one.event, TokenRevoked)]
    later = max(event.revoked_at for event in revoked).timestamp() + 1
    async with house.bearing(SEATS["reception"].token(sub=sub, iat=int(later) + 1)) as bearer:
        assert (await bearer.get("/appointments")).status_code == 200


async def test_only_an_admin_revokes(house: House) -> None:
    for seat in ("reception", "doctor 1", "cashier", "board"):
        assert (await house.tries(seat, "POST", "/auth/revoke", sub="somebody")).status == 403
    assert (await house.tries("admin", "POST", "/auth/revoke", sub="x", jti="y")).status == 422
    assert (await house.tries("admin", "POST", "/auth/revoke", anything="else")).status == 422
