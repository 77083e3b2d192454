"""How soon it is ready, and what it takes when nothing happens: `python -m bench.start [--runs 5]`.

Each run makes an installation of its own, stops it, and measures its second start.
"""

import argparse
import asyncio
import time
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from bench.installation import started

QUIET = 5.0
"""Seconds of nothing before the memory is looked at."""


async def main(runs: int) -> None:
    """Measure, and print the medians."""
    seconds, memory = [], []
    for _ in range(runs):
        with TemporaryDirectory(prefix="clinicwire-bench-") as folder:
            async with started(Path(folder)):
                pass
            began = time.perf_counter()
            async with started(Path(folder)) as installation:
                seconds.append(time.perf_counter() - began)
                await asyncio.sleep(QUIET)
                memory.append(installation.memory() / 2**20)
    print(f"ready in {median(seconds):.2f} s; {median(memory):.0f} MiB when idle; medians of {runs}")  # noqa: T201


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--runs", type=int, default=5)
    asyncio.run(main(options.parse_args().runs))
