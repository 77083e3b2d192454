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
from tests.fuzz import frames, law, messages, routes
from tests.fuzz.clinic import Clinic, running
from tests.launcher.processes import run

ROUNDS, WARM = 10, 4
"""The first rounds fill what is kept on purpose (compiled statements, SQLite's pages); then memory is
watched."""

SHARE_OF_FRAMES, SHARE_OF_MESSAGES = 0.6, 0.2
"""The rest are requests, each of which is a transaction."""

EXAMPLES = 10
"""Of each operation, in one run with one role's token."""

Caller = tuple[Process, Role]

PHASES = "examples,coverage,fuzzing,stateful"


async def fuzz(inputs: int, seed: int, say: Callable[[str], None]) -> int:
    """Attack, and hold the clinic to the law; the number of inputs. Raises AssertionError."""
    began, sent = time.monotonic(), 0
    warm: dict[str, int] = {}
    callers = cycle(routes.callers())
    with TemporaryDirectory(prefix="clinicwire-fuzz-") as folder:
        async with running(Path(folder)) as clinic:
            for number in range(1, ROUNDS + 1):
                sent += await _round(clinic, inputs // ROUNDS, seed + number - 1, callers, say)
                await clinic.settled()
                held = {name: f"{memory / law.MEBIBYTE:.0f}" for name, memory in clinic.memory().items()}
                say(f"round {number}: {sent} inputs in {time.monotonic() - began:.0f} s, MiB {held}")
                if number == WARM:
                    warm = clinic.memory()
            await law.keep(clinic, warm)
            await _day(clinic, say)
    return sent


async def _round(
    clinic: Clinic, inputs: int, seed: int, callers: Iterator[Caller], say: Callable[[str], None]
) -> int:
    bearers = [
        clinic.token(Role.RECEPTIONIST, 1),
        clinic.token(Role.DOCTOR, 1, doctor=1),
        clinic.token(Role.CASHIER, 1),
        clinic.token(Role.ADMIN),
        clinic.token(Role.DISPLAY, 1),
    ]
    sent = 0
    for url in (clinic.base, clinic.stock):
        wanted = int(inputs * SHARE_OF_FRAMES / 2)
        tally = await frames.attack(url, bearers, wanted, f"{seed}")
        assert tally.failures == [], "\n".join(tally.failures)
        sent += tally.sent
    forged = await messages.attack(clinic, int(inputs * SHARE_OF_MESSAGES), f"{seed}")
    assert forged.failures == [], "\n".join(forged.failures)
    sent += forged.sent
    requests = links = 0
    while requests < inputs * (1 - SHARE_OF_FRAMES - SHARE_OF_MESSAGES):
        process, role = next(callers)
        made = await routes.attack(clinic, process, role, seed, EXAMPLES, PHASES)
        assert not made.failed, f"{made.what}\n{made.report}"
        requests += made.cases
        links += made.links
    say(f"  frames and messages {sent}, requests {requests}, links followed {links}")
    return sent + requests


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
