"""One instance a data folder: two brokers on one store both run, and ruin it."""

import contextlib
import fcntl
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

from launcher.refusal import CannotGoOn

PATIENCE = 5.0
"""Seconds that a broker whose launcher was killed gets to end."""


class DataFolderInUse(CannotGoOn):
    """Another instance runs on this data folder."""


@contextlib.contextmanager
def held(data: Path) -> Iterator[int]:
    """Hold the data folder; yields the lock's file descriptor, which the broker inherits.

    The kernel frees the lock when the launcher and its broker are both gone, however they went. Raises
    DataFolderInUse when another launcher is alive; a broker that outlived its launcher is ended first.
    """
    path = data / "lock"
    with path.open("a+") as file:
        if not _taken(file.fileno()):
            file.seek(0)
            _end_orphan(_numbers(file.read()), data)
            _wait(file.fileno(), data)
        _note(path, os.getpid())
        yield file.fileno()


def note_broker(data: Path, pid: int) -> None:
    """Write down which broker shares the lock, for a start that finds it without its launcher."""
    _note(data / "lock", os.getpid(), pid)


def _note(path: Path, *pids: int) -> None:
    path.write_text(" ".join(map(str, pids)))


def _numbers(text: str) -> list[int]:
    return [int(word) for word in text.split() if word.isdecimal()]


def _taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _end_orphan(pids: list[int], data: Path) -> None:
    launcher, *brokers = pids or [0]
    if launcher and _alive(launcher):
        raise DataFolderInUse(
            f"Clinicwire already runs on {data} (process {launcher}); "
            "stop it first, or start this one on another folder: --data DIR"
        )
    for broker in brokers:
        # It holds the lock, or the lock would be free: the number is still its own.
        with contextlib.suppress(ProcessLookupError):
            os.kill(broker, signal.SIGTERM)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def _wait(descriptor: int, data: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while not _taken(descriptor):
        if time.monotonic() > deadline:
            raise DataFolderInUse(
                f"something still holds {data}; wait until it has stopped, or name another folder: --data DIR"
            )
        time.sleep(0.02)
