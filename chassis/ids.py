"""Ids that sort by time and are minted where a thing is first named.

41 bits of milliseconds since 2026, 2 of the service and 3 of its worker, 7 of a counter: below 2^53, so that
JavaScript keeps them whole.
"""

from collections.abc import Callable

from contracts.event import Process

EPOCH_MS = 1_767_225_600_000
"""2026-01-01T00:00:00Z, in milliseconds."""

_SERVICES = (Process.QUEUE, Process.APPOINTMENT, Process.PATIENT, Process.PAYMENT)
_COUNTERS = 1 << 7


class Minter:
    """Mints one worker's ids; `clock_ms` gives the time in milliseconds since 1970."""

    def __init__(self, process: Process, worker: int, clock_ms: Callable[[], int]) -> None:
        self._who = (_SERVICES.index(process) << 3 | worker) << 7
        self._clock_ms = clock_ms
        self._last_ms = 0
        self._counter = 0

    def __call__(self) -> int:
        """The next id; past 128 in a millisecond, or when the clock steps back, it borrows from the next."""
        now_ms = self._clock_ms() - EPOCH_MS
        if now_ms > self._last_ms:
            self._last_ms, self._counter = now_ms, 0
        elif self._counter + 1 < _COUNTERS:
            self._counter += 1
        else:
            self._last_ms, self._counter = self._last_ms + 1, 0
        return self._last_ms << 12 | self._who | self._counter
