"""Messages that no consumer expects: from each process's own user, and from one that may do anything."""

import asyncio
import json
import signal
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from random import Random
from typing import Any

import nats
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import NoRespondersError
from nats.micro.request import ERROR_CODE_HEADER

from chassis.broker import Connection
from contracts import EVENTS, encode, headers
from contracts.event import Process
from contracts.permissions import PERMISSIONS, SERVICES, inbox
from contracts.questions import QUESTIONS
from contracts.stream import STREAM
from launcher import keys
from tests import builders
from tests.fuzz import values
from tests.fuzz.clinic import LIMIT, Clinic

EXAMPLES: dict[str, Any] = {event.subject: json.loads(encode(builders.example(event))) for event in EVENTS}

ODD_HEADERS: Sequence[str] = (
    *(
        "",
        " ",
        "-1",
        "0",
        "1",
        "9" * 30,
        "1.5",
        "NaN",
        "abc",
        "é",
        "x" * 2000,
        "board_1",
        "clinic_1,clinic_1",
    ),
    *("staff,,", ",", "clinic_1,clinic_1", "clinic_*", "\x7f"),
    *("2026-13-45", "2026-03-02T09:30:00", "9999-12-31T23:59:59+00:00"),
)

NAMES = (headers.ROOMS, headers.REVISION, headers.VERSION, headers.AT, headers.ROLLUP, "Nats-TTL", "X")

WINDOW = 200
"""Messages between two looks at whether the broker has them."""


@dataclass
class Tally:
    """What was published, and which answers were a process's own failure."""

    sent: int = 0
    answers: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)


class Forger:
    """Makes messages, the same again by its seed."""

    def __init__(self, seed: str) -> None:
        self.random = Random(seed)  # noqa: S311
        self._number = 0
        self._seed = seed

    def payload(self) -> bytes:
        """What should be JSON of a contract."""
        random = self.random
        match random.randrange(8):
            case 0:
                return random.randbytes(random.randrange(60))
            case 1:
                return values.text(random).encode(errors="replace")
            case 2:
                return json.dumps(values.value(random)).encode()
        whole = json.loads(json.dumps(random.choice(tuple(EXAMPLES.values()))))
        for _ in range(random.randrange(3)):
            self._change(whole)
        said = json.dumps(whole)
        return (values.mangled(random, said) if random.random() < 0.1 else said).encode(errors="replace")

    def event(self, pattern: str) -> tuple[str, bytes, dict[str, str]]:
        """Subject, payload and headers of something like this event."""
        random = self.random
        id = random.choice(("1", "2", "7", "0", "-1", "9" * 25, "é", "1e3", str(random.randrange(2**60))))
        subject = pattern.replace("*", id)
        own = next(event for event in EVENTS if event.pattern() == pattern)
        payload = self.payload()
        if random.random() < 0.5:
            whole = json.loads(json.dumps(EXAMPLES[own.subject]))
            if random.random() < 0.8:
                self._change(whole)
            payload = json.dumps(whole).encode()
        return subject, payload, self.headers()

    def headers(self) -> dict[str, str]:
        """Headers as a relay writes them, or not."""
        random = self.random
        self._number += 1
        given = {
            headers.MESSAGE_ID: f"{self._seed}-{self._number}",
            headers.VERSION: str(random.randrange(1, 5)),
            headers.AT: "2026-03-02T09:30:00+00:00",
        }
        if random.random() < 0.3:
            given[headers.ROOMS] = random.choice(("clinic_1", "board_1", "staff", "clinic_1,doctor_1"))
        for _ in range(random.choice((0, 0, 1, 2, 4))):
            given[random.choice(NAMES)] = random.choice(ODD_HEADERS)
        if random.random() < 0.1:
            del given[random.choice((headers.MESSAGE_ID, headers.VERSION, headers.AT))]
        return {name: value for name, value in given.items() if value.strip() and value.isprintable()}

    def _change(self, whole: Any) -> None:
        random = self.random
        if isinstance(whole, dict) and whole:
            name = random.choice(tuple(whole))
            if isinstance(whole[name], dict | list) and whole[name] and random.random() < 0.7:
                self._change(whole[name])
            elif random.random() < 0.2:
                del whole[name]
            elif random.random() < 0.2:
                whole[str(random.choice(values.NAMES))] = values.value(random)
            else:
                whole[name] = values.value(random)
        elif isinstance(whole, list) and whole:
            self._change(random.choice(whole))


@asynccontextmanager
async def mighty(clinic: Clinic) -> AsyncIterator[Client]:
    """A user that may do anything, put into the broker's configuration while it runs."""
    seed = keys.new_seed()
    config = clinic.data / "broker" / "nats.conf"
    told = json.loads(config.read_text())
    told["authorization"]["users"].append({"nkey": keys.public_key(seed)})
    config.write_text(json.dumps(told))
    clinic.watched["nats-server"].send_signal(signal.SIGHUP)
    # Where every process may answer.
    inbox_prefix = "_INBOX_observer.mighty"
    async with asyncio.timeout(LIMIT):
        while True:
            with suppress(nats.errors.Error, OSError):
                connection = await _connected(clinic, seed, inbox_prefix, allow_reconnect=False)
                break
            await asyncio.sleep(0.05)  # the server tells nobody that it has read its configuration
    try:
        yield connection
    finally:
        await connection.close()


@asynccontextmanager
async def user(clinic: Clinic, process: Process) -> AsyncIterator[Client]:
    """A connection as a process's own user, as if it were somebody else who has its key."""
    seed = (clinic.data / "broker" / "keys" / f"{process}.nk").read_text().strip()
    connection = await _connected(clinic, seed, f"_INBOX_{process}_too")
    try:
        yield connection
    finally:
        await connection.close()


async def _connected(clinic: Clinic, seed: str, inbox_prefix: str, allow_reconnect: bool = True) -> Client:
    async def ignore(_: Exception) -> None:
        """What is refused is refused, and who is not known yet comes again."""

    connection = Connection()
    try:
        await connection.connect(
            clinic.nats,
            nkeys_seed_str=seed,
            inbox_prefix=inbox_prefix.encode(),
            allow_reconnect=allow_reconnect,
            error_cb=ignore,
        )
    except BaseException:
        # nats-py leaves its socket open.
        await connection.close()
        raise
    return connection


async def attack(clinic: Clinic, inputs: int, seed: str) -> Tally:
    """Publish at least so many messages, and wait until everybody has done with them."""
    tally = Tally()
    forger = Forger(seed)
    async with mighty(clinic) as might:
        inboxes: set[str] = set()

        async def learn(message: Msg) -> None:
            for subject in (message.subject, message.reply):
                if subject.startswith("_INBOX_"):
                    inboxes.add(subject)

        for process in Process:
            await might.subscribe(inbox(process), cb=learn)
        await might.subscribe("$JS.API.CONSUMER.>", cb=learn)
        while tally.sent < inputs and len(tally.failures) < 10:
            for process in Process:
                async with user(clinic, process) as own:
                    for _ in range(min(WINDOW, inputs // len(Process) + 1)):
                        await _as(own, process, forger)
                        tally.sent += 1
                    await own.flush(int(LIMIT))
            for _ in range(min(WINDOW, inputs // 2 + 1)):
                await _mightily(might, forger, sorted(inboxes))
                tally.sent += 1
            await might.flush(int(LIMIT))
            for _ in range(min(WINDOW // 4, inputs // 8 + 1)):
                await _ask(might, forger, tally)
                tally.sent += 1
            await _done(clinic, might)
    return tally


async def _as(own: Client, process: Process, forger: Forger) -> None:
    """What the broker lets this user publish, with what it should not say."""
    random = forger.random
    own_events = [event.pattern() for event in EVENTS if event.owner is process]
    if own_events and random.random() < 0.6:
        subject, payload, given = forger.event(random.choice(own_events))
    else:
        allowed = [subject for subject in PERMISSIONS[process].publish if not subject.startswith("$JS")]
        pattern = random.choice(allowed)
        subject = pattern.replace("*", "1").replace(">", f"x{random.randrange(9)}")
        payload, given = forger.payload(), forger.headers()
    if " " not in subject:
        await own.publish(subject, payload, headers=given or None)


async def _mightily(might: Client, forger: Forger, inboxes: Sequence[str]) -> None:
    """Any event in anybody's name, and words in the middle of others' conversations."""
    random = forger.random
    if inboxes and random.random() < 0.3:
        subject, payload, given = random.choice(inboxes), forger.payload(), forger.headers()
        if random.random() < 0.2:
            given["Status"] = random.choice(("100", "404", "408", "409", "503", "999", "x"))
    else:
        subject, payload, given = forger.event(random.choice(EVENTS).pattern())
    await might.publish(subject, payload, headers=given or None)


async def _ask(might: Client, forger: Forger, tally: Tally) -> None:
    question = forger.random.choice(QUESTIONS)
    payload = forger.payload()
    try:
        answer = await might.request(question.subject, payload, timeout=5, headers=forger.headers() or None)
    except (TimeoutError, NoRespondersError) as silence:
        tally.failures.append(f"{question.__name__} {payload[:200]!r}: {silence!r}")
        return
    code = (answer.headers or {}).get(ERROR_CODE_HEADER, "200")
    tally.answers[f"{question.__name__} {code}"] += 1
    if int(code) >= 500 and code != "503":
        tally.failures.append(f"{question.__name__} {payload[:300]!r}: {code}")


async def _done(clinic: Clinic, might: Client) -> None:
    """Wait until no service has anything left to read."""
    stream = might.jetstream(timeout=LIMIT)
    async with asyncio.timeout(LIMIT * 4):
        for service in SERVICES:
            while True:
                info = await stream.consumer_info(STREAM, service)
                if not (info.num_pending or info.num_ack_pending):
                    break
                await asyncio.sleep(0.02)  # a consumer tells nobody that it is through
