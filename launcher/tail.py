"""Events as they come through a bridge, one line each."""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx
import socketio  # type: ignore[import-untyped]  # it ships no types
from rich.console import Console
from rich.text import Text

from contracts.shapes import Id
from launcher.headline import COLOURS, Headlines, read
from launcher.refusal import CannotGoOn


@dataclass
class Place:
    """How far we have read, so that a connection that comes back goes on from there."""

    epoch: str | None = None
    seq: int | None = None

    def wish(self) -> dict[str, str | int]:
        """What to ask for at a return; nothing the first time."""
        return {} if self.epoch is None or self.seq is None else {"since": self.seq, "epoch": self.epoch}


async def tail(base: str, token: str, clinics: Collection[Id], console: Console) -> None:
    """Print what these clinics hear (all that the bearer may see, where none is named) until cancelled.

    Raises CannotGoOn when nothing answers at `base`, or the token does not open it.
    """
    wanted = clinics or await _clinics(base, token)
    # Only we stop it; its own handler would stop in the middle of a line.
    client = socketio.AsyncClient(handle_sigint=False, reconnection_delay=0.5, reconnection_delay_max=5)
    headlines = Headlines()
    read_to = Place()
    refused = ""

    @client.event  # type: ignore[untyped-decorator]  # it ships no types
    async def connected(told: dict[str, Any], *_: object) -> None:
        # Joins made at a return all ask from where the connection was lost.
        since = read_to.wish()
        read_to.epoch = told.get("epoch")
        for clinic_id in wanted:
            await client.emit("join_queue_room", {"clinic_id": clinic_id, **since})

    @client.event  # type: ignore[untyped-decorator]  # it ships no types
    async def error(told: dict[str, Any], *_: object) -> None:
        console.print(Text(f"refused: {told.get('message')}", style="red"))

    @client.event  # type: ignore[untyped-decorator]  # it ships no types
    async def connect_error(told: object) -> None:
        nonlocal refused
        refused = str(told.get("message") if isinstance(told, dict) else told)

    @client.on("*")  # type: ignore[untyped-decorator]  # it ships no types
    async def heard(name: str, payload: object, position: dict[str, Any] | None = None) -> None:
        if position:
            read_to.seq = max(read_to.seq or 0, position["seq"])
        console.print(_line(name, payload, position or {}, headlines), soft_wrap=not console.is_terminal)

    def auth() -> dict[str, object]:
        return {"token": token, "cursor": True, **read_to.wish()}

    try:
        await client.connect(base, auth=auth, transports=["websocket"], wait_timeout=10)
        console.print(Text(f"listening on {base} to {_named(wanted)}; Ctrl-C stops it", style="dim"))
        await client.wait()
    except socketio.exceptions.ConnectionError as failure:
        raise CannotGoOn(f"{base} does not let us in: {refused or failure}") from failure
    finally:
        await client.disconnect()
        # Its transport closes a moment later than it says.
        await asyncio.sleep(0)


def _line(name: str, payload: object, position: dict[str, Any], headlines: Headlines) -> Text:
    event = read(name, payload)
    at = datetime.fromisoformat(position["at"]) if "at" in position else None
    line = Text(no_wrap=True, overflow="ellipsis")
    line.append(f"{at.astimezone():%H:%M:%S.%f}"[:-3] if at else " " * 12, style="dim")
    line.append(f"  {name:<29}", style=f"bold {COLOURS.get(name, 'white')}")
    line.append(f"  {position.get('seq', ''):>7}  ", style="dim")
    line.append(headlines.of(event) if event else "(not known to this version)")
    return line


def _named(clinics: Collection[Id]) -> str:
    return ", ".join(f"clinic {clinic_id}" for clinic_id in clinics) or "no clinic"


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
