"""`python -m tests.faults`: the long form, one run after another; 1 when anything was wrong."""

import argparse
import asyncio
import secrets
import sys

from tests.faults.run import Wanted, run


def main() -> None:
    """Run as wanted, and say how it went."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--seed", type=int, action="append", help="which run; may be repeated")
    parser.add_argument("--changes", type=int, default=2000)
    parser.add_argument("--faults", type=int, default=20)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="postgresql")
    parser.add_argument("--nodes", type=int, choices=[1, 3], default=1, help="nats-servers")
    given = parser.parse_args()
    wrong = False
    for seed in given.seed or [secrets.randbelow(10_000)]:
        print(f"seed {seed}", flush=True)  # noqa: T201
        wanted = Wanted(seed, given.changes, given.faults, given.database, given.nodes)
        outcome = asyncio.run(run(wanted, lambda line: print(line, flush=True)))  # noqa: T201
        print(outcome.told(), flush=True)  # noqa: T201
        wrong = wrong or bool(outcome.verdict.faults)
    sys.exit(wrong)


if __name__ == "__main__":
    main()
