"""The bridge beside its peers: `python -m bench.wire [--quick] [--rounds 3] [--only direct node] [--save
FILE]`.

In turn and in one run: the limit (C), our bridge both ways, Node's socket.io and python-socketio, all fed
the same 2.2 KB events by NATS (but for the limit), each in a process of its own on the first core; clients,
publisher and nats-server are on the second. Printed are medians of the rounds.
"""

import argparse
import os
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
import uvloop

from bench.wire.course import Course, Outcome, run
from bench.wire.serve import SECRET
from bench.wire.servers import KINDS, has_compiler
from bench.wire.tables import printed
from contracts.identity import Role
from launcher import broker as brokers
from launcher.broker_config import Limits
from launcher.provision import StreamSize, provision
from launcher.token import sign
from socket_bridge.settings import Settings

COURSES = (Course(100, 1, 2), Course(1000, 1, 2), Course(5000, 1, 2), Course(5000, 500, 2))
QUICK = (Course(20, 2, 0.1),)

ON_ITS_OWN = Limits(sync_interval="2m")
"""How the stream is kept here: a disk that is waited for at each event is no server's time to send it."""

Outcomes = dict[str, dict[str, list[Outcome]]]
"""By the name of the course, by kind of server: a round after the other."""


async def measure(kinds: list[str], courses: tuple[Course, ...], rounds: int) -> Outcomes:
    """Every server on every course, in turn."""
    outcomes: Outcomes = {}
    with tempfile.TemporaryDirectory() as folder:
        tokens = Path(folder, "tokens")
        _write_tokens(tokens, max(course.clients for course in courses))
        async with brokers.running(Path(folder, "broker"), limits=ON_ITS_OWN) as broker:
            settings = {"nats_url": broker.url, "nats_nkey": broker.seeds["provisioner"]}
            await provision(Settings.model_validate(settings), {}, StreamSize(max_bytes=256 << 20))
            for course in courses:
                of = outcomes[course.name] = {kind: [] for kind in kinds}
                for _ in range(rounds):
                    for kind in kinds:
                        of[kind].append(await run(kind, course, broker, tokens))
                        print(course.name, kind, of[kind][-1], flush=True)  # noqa: T201
    return outcomes


def _write_tokens(file: Path, count: int) -> None:
    now, life = datetime.now(UTC), timedelta(hours=2)
    signed = (sign(SECRET, Role.ADMIN, now, life=life, sub=f"bench-{number}") for number in range(count))
    file.write_text("".join(f"{token}\n" for token in signed))


def main() -> None:
    """Read the options, measure, and print the tables."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--quick", action="store_true", help="only to see that it runs")
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--only", nargs="+", choices=KINDS, default=list(KINDS), help="these servers")
    options.add_argument("--clients", nargs="+", help="these columns: 100 1000 5000 '500 x 10'")
    options.add_argument("--save", type=Path, help="all rounds as JSON, for bench.picture")
    given = options.parse_args()
    if hasattr(os, "sched_setaffinity") and (os.cpu_count() or 1) > 1:
        os.sched_setaffinity(0, {1})
    if not has_compiler():
        raise SystemExit(
            "The clients are a C program: install a compiler that is called cc (Debian: apt install gcc)"
        )
    kinds = [kind for kind in KINDS if kind in given.only]
    courses: tuple[Course, ...] = QUICK if given.quick else COURSES
    if given.clients:
        courses = tuple(one for one in courses if one.name in given.clients)
    outcomes = uvloop.run(measure(kinds, courses, 1 if given.quick else given.rounds))
    print(printed(outcomes))  # noqa: T201
    if given.save:
        given.save.write_bytes(orjson.dumps(outcomes, option=orjson.OPT_INDENT_2))


if __name__ == "__main__":
    main()
