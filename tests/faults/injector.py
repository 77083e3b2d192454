"""What goes wrong: which fault comes when is the seed's choice, and every one of them is repaired."""

import asyncio
import random
import signal
from collections import Counter
from collections.abc import Awaitable, Callable

import asyncpg

from tests.faults.driver import Driver
from tests.faults.house import SERVICES, House
from tests.faults.screens import Screen

HALF_WAY_LIMIT = 90.0
"""Seconds until a service that is to end half way through publishing must have had something to publish."""

Fault = Callable[[House, random.Random], Awaitable[None]]


def _killing(name: str) -> Fault:
    async def kill(house: House, chance: random.Random) -> None:
        child = house.children[name]
        await child.stop(signal.SIGKILL)
        await asyncio.sleep(chance.random())
        await child.start()

    return kill


def _pausing(name: str) -> Fault:
    async def pause(house: House, chance: random.Random) -> None:
        child = house.children.get(name) or house.brokers.nodes[0]
        child.signal(signal.SIGSTOP)
        await asyncio.sleep(0.5 + 3 * chance.random())
        child.signal(signal.SIGCONT)

    return pause


def _ending_half_way(name: str) -> Fault:
    async def end(house: House, chance: random.Random) -> None:
        """Published, not marked, and gone: the next start publishes the same again."""
        await house.children[name].stop(signal.SIGKILL)
        ending = house.faulty(name, "end_half_way")
        await ending.start()
        async with asyncio.timeout(HALF_WAY_LIMIT):
            await ending.ended()
        await house.children[name].start()

    return end


def _cutting_connections(name: str) -> Fault:
    async def cut(house: House, chance: random.Random) -> None:
        connection = await asyncpg.connect(house.databases[name])
        for _ in range(1 + chance.randrange(3)):
            await connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            await asyncio.sleep(chance.random() / 2)
        await connection.close()

    return cut


async def _kill_brokers(house: House, chance: random.Random) -> None:
    await house.brokers.kill(range(len(house.brokers.nodes)))
    await asyncio.sleep(2 * chance.random())
    await house.brokers.start()


async def _wipe_brokers(house: House, chance: random.Random) -> None:
    await house.brokers.wipe()
    await asyncio.sleep(chance.random())
    await house.brokers.start()


async def _kill_leader(house: House, chance: random.Random) -> None:
    leader = await house.brokers.leader()
    await house.brokers.kill([leader])
    await asyncio.sleep(1 + 4 * chance.random())
    await house.brokers.start()


async def _pull_cable(house: House, chance: random.Random) -> None:
    assert house.cable is not None
    for _ in range(1 + chance.randrange(3)):
        await house.cable.pull(0.1 + 0.4 * chance.random())
        await asyncio.sleep(0.5)


WIPE = "wipe the broker"
MOST_WIPES = 2
"""Each has everything published again: more of them would show nothing new."""


def faults(database: str, nodes: int) -> dict[str, Fault]:
    """What can go wrong in such a house, by name."""
    known: dict[str, Fault] = {"kill bridge": _killing("bridge"), "pause bridge": _pausing("bridge")}
    for name in SERVICES:
        known[f"kill {name}"] = _killing(name)
        known[f"{name} ends half way"] = _ending_half_way(name)
    for name in ("queue", "patient"):
        known[f"pause {name}"] = _pausing(name)
    known |= {"kill the broker": _kill_brokers, WIPE: _wipe_brokers, "pause the broker": _pausing("nats")}
    if nodes > 1:
        known["kill the leader"] = _kill_leader
        known["kill the leader again"] = _kill_leader
    else:
        known["pull the bridge's cable"] = _pull_cable
    if database == "postgresql":
        known |= {f"cut {name}'s connections": _cutting_connections(name) for name in SERVICES}
    return known


class Injector:
    """Lets so many faults happen, spread over the changes."""

    def __init__(self, house: House, driver: Driver, known: dict[str, Fault], seed: int, wanted: int) -> None:
        self._house = house
        self._driver = driver
        self._known = known
        self._chance = random.Random(f"{seed} faults")
        self._wanted = wanted
        self.happened: Counter[str] = Counter()
        driver.going_on = lambda: self.happened.total() < wanted

    def chosen(self) -> list[str]:
        """The faults in their order: each kind once before any comes again."""
        found: list[str] = []
        while len(found) < self._wanted:
            kinds = sorted(self._known)
            self._chance.shuffle(kinds)
            found += [kind for kind in kinds if kind != WIPE or found.count(WIPE) < MOST_WIPES]
        return found[: self._wanted]

    async def run(self, say: Callable[[str], None]) -> None:
        """Inject, and wait until all is well again before the next."""
        chosen = self.chosen()
        for number, name in enumerate(chosen):
            place = (number + 0.2 + 0.6 * self._chance.random()) / len(chosen)
            await self._driver.reached(round(self._driver.wanted * place))
            say(f"{self._driver.made:>6} changes: {name}")
            await self._known[name](self._house, self._chance)
            self.happened[name] += 1
            await self._house.ready()


async def come_and_go(screens: list[Screen], chance: random.Random, pause: float) -> None:
    """Every `pause` seconds or so a screen goes away, until cancelled."""
    while True:
        await asyncio.sleep(pause * (0.3 + 1.4 * chance.random()))
        chance.choice(screens).leave()
