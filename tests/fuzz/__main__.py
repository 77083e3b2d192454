"""`make fuzz`: so many inputs in all, in rounds; says the seed, the figures, and what was broken."""

import argparse
import asyncio
import secrets
import sys
import time
from collections.abc import Callable, Iterator
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory

from contracts.event import Process
from contracts.identity import Role
from contracts.permissions import SERVICES
from tests.fuzz import frames, law, messages, requests, routes
from tests.fuzz.clinic import Clinic, running
from tests.launcher.processes import run

ROUNDS, WARM = 20, 8
"""The first rounds fill what is kept on purpose (compiled statements, SQLite's pages); then memory is
watched."""

SHARES = {"frames": 0.56, "messages": 0.12, "requests": 0.26, "schemathesis": 0.06}
"""Of all inputs; schemathesis takes some twenty times as long for a request as `requests` does."""

EXAMPLES, AGAIN = (10, "examples,coverage,fuzzing,stateful"), (30, "fuzzing,stateful")
"""Of each operation, in a run with a role's token, and schemathesis's phases: what follows from the document
alone is the same each time."""


async def fuzz(inputs: int, seed: int, say: Callable[[str], None]) -> int:
    """Attack, and hold the clinic to the law; the number of inputs. Raises AssertionError."""
    began, sent = time.monotonic(), 0
    warm: dict[str, int] = {}
    runs = _runs()
    with TemporaryDirectory(prefix="clinicwire-fuzz-") as folder:
        async with running(Path(folder)) as clinic:
            for number in range(1, ROUNDS + 1):
                before, turn = sent, time.monotonic()
                sent += await _round(clinic, inputs // ROUNDS, seed + number - 1, runs)
                await clinic.settled()
                pace = (sent - before) / (time.monotonic() - turn)
                held = ", ".join(
                    f"{name} {size / law.MEBIBYTE:.0f}" for name, size in clinic.memory().items()
                )
                minutes = (time.monotonic() - began) / 60
                say(f"{minutes:5.1f} min: {sent:7,} inputs, {pace:4.0f} a second; MiB: {held}")
                if number == WARM:
                    warm = clinic.memory()
            await law.keep(clinic, warm)
            await _day(clinic, say)
    return sent


def _runs() -> Iterator[tuple[Process, Role, int, str]]:
    callers = routes.callers()
    yield from ((*caller, *EXAMPLES) for caller in callers)
    yield from ((*caller, *AGAIN) for caller in cycle(callers))


async def _round(
    clinic: Clinic, inputs: int, seed: int, runs: Iterator[tuple[Process, Role, int, str]]
) -> int:
    bearers = [
        clinic.token(Role.RECEPTIONIST, 1),
        clinic.token(Role.DOCTOR, 1, doctor=1),
        clinic.token(Role.CASHIER, 1),
        clinic.token(Role.ADMIN),
        clinic.token(Role.DISPLAY, 1),
    ]
    share = {what: int(inputs * share) for what, share in SHARES.items()}
    sent = 0
    for url in (clinic.base, clinic.stock):
        sent += _kept(await frames.attack(url, bearers, share["frames"] // 2, f"{seed}"))
    sent += _kept(await messages.attack(clinic, share["messages"], f"{seed}"))
    for process in SERVICES:
        wanted = share["requests"] // len(SERVICES)
        sent += _kept(await requests.attack(clinic, process, wanted, f"{seed}"))
    wanted = sent + share["schemathesis"]
    while sent < wanted:
        process, role, examples, phases = next(runs)
        made = await routes.attack(clinic, process, role, seed, examples, phases)
        assert not made.failed, f"{made.what}\n{made.report}"
        sent += made.cases
    return sent


def _kept(tally: frames.Tally | messages.Tally) -> int:
    assert tally.failures == [], "\n".join(tally.failures)
    return tally.sent


async def _day(clinic: Clinic, say: Callable[[str], None]) -> None:
    """A whole day in a clinic that nobody attacked."""
    number = await clinic.opened()
    command = ("day", "--base", clinic.base, "--clinic", str(number), "--data", clinic.data, "--speed", "0")
    played = await run(*command, "--seed", "1", limit=600)
    assert played.code == 0, played.out + played.err
    say(played.out.splitlines()[-1])


def main() -> int:
    """0 when the law held; 1, and what was broken, when it did not."""
    parser = argparse.ArgumentParser(prog="make fuzz", description=__doc__)
    parser.add_argument("--inputs", type=int, default=200_000)
    parser.add_argument("--seed", type=int, default=None, help="the same inputs again")
    given = parser.parse_args()
    seed = secrets.randbelow(10**6) if given.seed is None else given.seed
    _say(f"seed {seed}; the same again: make fuzz ARGS='--seed {seed} --inputs {given.inputs}'")
    try:
        sent = asyncio.run(fuzz(given.inputs, seed, _say))
    except AssertionError as broken:
        _say(f"broken: {broken}")
        return 1
    _say(f"{sent} inputs: no answer of 500 or more, nobody dead, nothing grown, and the clinic works")
    return 0


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
