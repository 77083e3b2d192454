"""`python -m bench.returning` runs one bridge in a process of its own, the clients in others, and prints
- for 2,000 clients that each missed 100 events of a restart: when all are live again after their connects;
- what a client that stops reading has waiting for it, and the latency of the others with and without it;
- the replay of 10 events from memory, and of 1,000 events out of a stream of a million, after one join.
`--clients`, `--stored` make it smaller, `--only` leaves parts out; a figure is the median of `--rounds`.
"""

import argparse
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import nats
import uvloop

from bench.returning import bridge, crowd, deaf, replays
from bench.returning.publisher import Publisher
from contracts.event import Process
from contracts.identity import Role
from contracts.stream import inbox_prefix
from launcher import broker as brokers
from launcher.provision import StreamSize, provision
from launcher.token import sign
from socket_bridge.settings import Settings

PARTS = ("crowd", "deaf", "few", "many")


async def main(parts: list[str], clients: int, stored: int, rounds: int) -> None:
    """Measure one after another."""
    with tempfile.TemporaryDirectory() as folder:
        async with brokers.running(Path(folder)) as broker:
            told = {"nats_url": broker.url, "nats_nkey": broker.seeds["provisioner"]}
            await provision(Settings.model_validate(told), {}, StreamSize(max_bytes=3 << 30))
            connection = await nats.connect(
                broker.url,
                nkeys_seed_str=broker.seeds[Process.QUEUE],
                inbox_prefix=inbox_prefix(Process.QUEUE),
            )
            publisher, port = Publisher(connection), bridge.free_port()
            now, ours = datetime.now(UTC), (*range(1, crowd.CLINICS + 1), *replays.OURS)
            token = sign(bridge.SECRET, Role.RECEPTIONIST, now, life=timedelta(hours=4), clinics=ours)
            if "crowd" in parts:
                for _ in range(rounds):
                    _say(await crowd.measure(broker, publisher, port, token, clients))
            if "deaf" in parts:
                _say(await deaf.measure(broker, publisher, port, token))
            if "few" in parts:
                _say(await replays.few(broker, publisher, port, token, rounds))
            if "many" in parts:
                for line in await replays.many(broker, publisher, port, token, stored, rounds):
                    _say(line)
            await connection.close()


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--clients", type=int, default=2000)
    parser.add_argument("--stored", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    uvloop.run(main(given.only, given.clients, given.stored, given.rounds))
