"""Events as they come through a bridge, one line each."""

import asyncio
from collections.abc import Collection

import aiohttp
import httpx
import socketio  # type: ignore[import-untyped]  # it ships no types
from rich.console import Console
from rich.text import Text

from contracts.screen import Connected, Refused, Stamp
from contracts.shapes import Id
from launcher.headline import COLOURS, Headlines, read
from launcher.refusal import CannotGoOn


async def tail(base: str, token: str, clinics: Collection[Id], console: Console) -> None:
    """Print what these clinics hear (all that the bearer may see, where none is named) until cancelled.

    Raises CannotGoOn when nothing answers at `base`, or the token does not open it.
    """
    wanted = clinics or await _clinics(base, token)
    # A session of ours, because the client does not close its own.
    async with aiohttp.ClientSession() as session:
        await _Listener(session, token, wanted, console).listen(base)


class _Listener:
    """A connection that comes back where it was lost, and prints what it hears."""

    def __init__(
        self, session: aiohttp.ClientSession, token: str, clinics: Collection[Id], console: Console
    ) -> None:
        self._token = token
        self._clinics = clinics
        self._console = console
        self._headlines = Headlines()
        self._epoch: str | None = None
        self._seq: int | None = None
        self._refused = ""
        self._client = socketio.AsyncClient(
            http_session=session,
            # Its own handler of Ctrl-C would stop in the middle of a line.
            handle_sigint=False,
            reconnection_delay=0.5,
        )
        self._client.on("connected", self._connected)
        self._client.on("error", self._error)
        self._client.on("connect_error", self._connect_error)
        self._client.on("*", self._heard)

    async def listen(self, base: str) -> None:
        """Listen until cancelled."""
        try:
            await self._client.connect(base, auth=self._auth, transports=["websocket"], wait_timeout=10)
            named = ", ".join(f"clinic {clinic_id}" for clinic_id in self._clinics) or "no clinic"
            self._console.print(Text(f"listening on {base} to {named}; Ctrl-C stops it", style="dim"))
            # In a task of its own: python-engineio's reading swallows a cancellation that reaches it.
            await asyncio.shield(asyncio.create_task(self._client.wait()))
        except socketio.exceptions.ConnectionError as failure:
            raise CannotGoOn(f"{base} does not let us in: {self._refused or failure}") from failure
        finally:
            await self._client.disconnect()

    def _auth(self) -> dict[str, object]:
        return {"token": self._token, "cursor": True, **self._place()}

    def _place(self) -> dict[str, str | int]:
        return {} if self._epoch is None or self._seq is None else {"since": self._seq, "epoch": self._epoch}

    async def _connected(self, told: object) -> None:
        # Every join at a return asks from the same place: where the connection was lost.
        place = self._place()
        self._epoch = Connected.model_validate(told).epoch
        for clinic_id in self._clinics:
            await self._client.emit("join_queue_room", {"clinic_id": clinic_id, **place})

    async def _error(self, told: object) -> None:
        self._console.print(Text(f"refused: {Refused.model_validate(told).message}", style="red"))

    async def _connect_error(self, told: object) -> None:
        self._refused = str(told.get("message") if isinstance(told, dict) else told)

    async def _heard(self, name: str, payload: object, stamp: object = None) -> None:
        place = None if stamp is None else Stamp.model_validate(stamp)
        if place:
            self._seq = max(self._seq or 0, place.seq)
        line = _line(name, payload, place, self._headlines)
        # On a screen a line is cut to its width; in a file or a pipe it is whole.
        self._console.print(line, soft_wrap=not self._console.is_terminal)


def _line(name: str, payload: object, place: Stamp | None, headlines: Headlines) -> Text:
    event = read(name, payload)
    line = Text(no_wrap=True, overflow="ellipsis")
    line.append(f"{place.at.astimezone():%H:%M:%S.%f}"[:-3] if place and place.at else " " * 12, style="dim")
    line.append(f"  {name:<29}", style=f"bold {COLOURS.get(name, 'white')}")
    line.append(f"  {place.seq if place else '':>7}  ", style="dim")
    line.append(headlines.of(event) if event else "(not known to this version)")
    return line


async def _clinics(base: str, token: str) -> list[Id]:
    try:
        async with httpx.AsyncClient(base_url=base, timeout=10) as client:
            answer = await client.get("/clinics", headers={"Authorization": f"Bearer {token}"})
            answer.raise_for_status()
    except httpx.HTTPStatusError as refusal:
        raise CannotGoOn(f"{base} refuses: {refusal.response.text}") from refusal
    except httpx.HTTPError as failure:
        raise CannotGoOn(
            f"nothing answers at {base}; start it with: make run, or name another: --base URL"
        ) from failure
    return [clinic["id"] for clinic in answer.json()["clinics"]]
