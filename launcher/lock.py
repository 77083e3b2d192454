"""One instance a data folder: two brokers on one store both run, and ruin it."""

import contextlib
import fcntl
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from launcher.refusal import CannotGoOn

PATIENCE = 5.0
"""Seconds that a broker whose launcher was killed gets to end."""


class DataFolderInUse(CannotGoOn):
    """Another instance runs on this data folder."""


@contextlib.contextmanager
def held(data: Path) -> Iterator[int]:
    """Hold the data folder; yields the descriptor of a second lock, which the broker is to inherit.

    The kernel frees a lock when the last process that has it is gone, however it went. The first says whether
    there is a launcher; the second, whether there is a broker, which is ended when it outlived its launcher.
    Raises DataFolderInUse.
    """
    with (data / "lock").open("a+") as own, (data / "broker.lock").open("a+") as brokers:
        if not _taken(own):
            raise DataFolderInUse(
                f"Clinicwire already runs on {data} (process {_noted(own)}); "
                "stop it first, or start this one on another folder: --data DIR"
            )
        _note(own, os.getpid())
        if not _taken(brokers):
            _end(_noted(brokers))
            _wait(brokers, data)
        yield brokers.fileno()


def note_broker(data: Path, pid: int) -> None:
    """Write down which broker has the second lock, for a start that finds it without its launcher."""
    with (data / "broker.lock").open("a+") as brokers:
        _note(brokers, pid)


def _taken(file: TextIO) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _note(file: TextIO, pid: int) -> None:
    file.truncate(0)
    file.write(str(pid))
    file.flush()


def _noted(file: TextIO) -> int:
    file.seek(0)
    return int(file.read() or 0)


def _end(broker: int) -> None:
    # It has the lock, or the lock would be free: the number is still its own.
    if broker:
        with contextlib.suppress(ProcessLookupError):
            os.kill(broker, signal.SIGTERM)


def _wait(file: TextIO, data: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while not _taken(file):
        if time.monotonic() > deadline:
            raise DataFolderInUse(
                f"the broker on {data} does not end (process {_noted(file)}); "
                "end it, or start on another folder: --data DIR"
            )
        time.sleep(0.02)
