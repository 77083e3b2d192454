"""Events as they come through a bridge, one line each."""

from collections.abc import Collection

import httpx
from rich.console import Console
from rich.text import Text

from chassis.listening import Gap, Heard, listening
from contracts.screen import Refused, Room
from contracts.shapes import Id
from launcher.headline import COLOURS, Headlines
from launcher.refusal import CannotGoOn


async def tail(base: str, token: str, clinics: Collection[Id], console: Console) -> None:
    """Print what these clinics hear (all that the bearer may see, where none is named) until cancelled.

    Raises CannotGoOn when nothing answers at `base`, or the token does not open it.
    """
    wanted = clinics or await _clinics(base, token)
    headlines = Headlines()
    try:
        async with listening(base, token, *map(Room.of_clinic, wanted)) as line:
            named = ", ".join(f"clinic {clinic_id}" for clinic_id in wanted) or "no clinic"
            console.print(Text(f"listening on {base} to {named}; Ctrl-C stops it", style="dim"))
            async for heard in line:
                # On a screen a line is cut to its width; in a file or a pipe it is whole.
                console.print(_line(heard, headlines), soft_wrap=not console.is_terminal)
    except ConnectionError as failure:
        raise CannotGoOn(f"{base} does not let us in: {failure}") from failure


def _line(heard: Heard | Gap | Refused, headlines: Headlines) -> Text:
    match heard:
        case Gap():
            return Text("away for too long: what happened meanwhile is not shown", style="yellow")
        case Refused():
            return Text(f"refused: {heard.message}", style="red")
    name, event, stamp = heard.name, heard.event, heard.stamp
    line = Text(no_wrap=True, overflow="ellipsis")
    line.append(f"{stamp.at.astimezone():%H:%M:%S.%f}"[:-3] if stamp.at else " " * 12, style="dim")
    line.append(f"  {name:<29}", style=f"bold {COLOURS.get(name, 'white')}")
    line.append(f"  {stamp.seq:>7}  ", style="dim")
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
