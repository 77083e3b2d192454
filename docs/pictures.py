"""Records the README's pictures of `clinicwire tail` and `clinicwire day`: python docs/pictures.py.

Both are what the commands print on an installation of its own, with the demo's invented people.
"""

import asyncio
import contextlib
import re
import sys
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.text import Text

from launcher.day.play import Wanted, play
from launcher.day.tokens import GivenTokens
from launcher.tail import tail

IMAGES = Path(__file__).parent / "img"
PORT = 8000
CLINIC = 1
SEED = 4
SPEED = 600
"""A day in under a minute, and events that come one by one all the same."""

WIDTH = 112
LINES = 20
"""How much of the tail is shown, in the middle of the morning."""

FONT = "ui-monospace, Menlo, Consolas, monospace"


async def main() -> None:
    """Play a day and listen to it, and write a picture of each."""
    listening, playing = _console(), _console()
    with TemporaryDirectory() as data:
        async with _installation(Path(data)) as (base, token):
            listener = asyncio.create_task(tail(base, token, [CLINIC], listening))
            await play(
                Wanted(base, CLINIC, SPEED, SEED), GivenTokens([token]), playing, lambda: datetime.now(UTC)
            )
            listener.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await listener
    _write("tail", f"clinicwire tail --clinic {CLINIC}", _morning(_lines(listening)))
    _write("day", f"clinicwire day --speed {SPEED} --seed {SEED}", _lines(playing))


@contextlib.asynccontextmanager
async def _installation(data: Path) -> AsyncIterator[tuple[str, str]]:
    command = (Path(sys.executable).with_name("clinicwire"), "up", "--port", str(PORT), "--data", data)
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    assert process.stdout  # noqa: S101  # piped above
    base = token = ""
    try:
        async for line in process.stdout:
            text = line.decode().strip()
            if text.startswith("Clinicwire on "):
                base = text.removeprefix("Clinicwire on ").partition(",")[0]
            if text.startswith("admin "):
                token = text.partition("#token=")[2]
            if text.startswith("ready"):
                break
        yield base, token
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


def _console() -> Console:
    return Console(file=StringIO(), record=True, width=WIDTH, highlight=False)


def _lines(console: Console) -> Sequence[str]:
    return console.export_text(styles=True).splitlines()


def _morning(lines: Sequence[str]) -> Sequence[str]:
    first_paid = next(at for at, line in enumerate(lines) if "payment_processed" in line)
    start = max(1, first_paid - LINES // 2)
    return [lines[0], *lines[start : start + LINES]]


def _write(name: str, title: str, lines: Sequence[str]) -> None:
    console = Console(file=StringIO(), record=True, width=WIDTH, highlight=False)
    for line in lines:
        # A tail that is not on a screen is not cut to its width; the picture is.
        text = Text.from_ansi(line)
        text.truncate(WIDTH, overflow="ellipsis")
        console.print(text, no_wrap=True)
    drawn = console.export_svg(title=title, unique_id=name)
    # A page shows no font that a picture would have to fetch.
    drawn = re.sub(r"@font-face \{.*?\}\s*", "", drawn, flags=re.DOTALL)
    drawn = re.sub(r"font-family: (Fira Code|arial)[^;]*;", f"font-family: {FONT};", drawn)
    IMAGES.mkdir(exist_ok=True)
    (IMAGES / f"{name}.svg").write_text(drawn)


if __name__ == "__main__":
    asyncio.run(main())
