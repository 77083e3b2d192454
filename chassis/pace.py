"""How often somebody may ask: so much at once, and then so much a second."""

from collections.abc import Callable, Hashable
from itertools import islice


class Pace:
    """A measure for each key: `burst` at once, and `rate` a second come back. `clock` is in seconds.

    Kept by token, never by address: a hospital is one address, and all its screens come back at once when a
    bridge was restarted.
    """

    def __init__(self, burst: int, rate: float, clock: Callable[[], float]) -> None:
        self._burst = burst
        self._rate = rate
        self._clock = clock
        self._full_at: dict[Hashable, float] = {}

    def allows(self, key: Hashable) -> bool:
        """Whether this one may go on now; it then counts."""
        now = self._clock()
        # When the measure would be full again; full already is what nobody needs to remember.
        full_at = max(self._full_at.pop(key, now), now) + 1 / self._rate
        self._forget(now)
        # A thousandth more: adding up fractions of seconds is not exact.
        if full_at - now > (self._burst + 0.001) / self._rate:
            self._full_at[key] = full_at - 1 / self._rate
            return False
        self._full_at[key] = full_at
        return True

    def _forget(self, now: float) -> None:
        # Two at most for each one that comes: what is kept never grows beyond those who came lately.
        for oldest in tuple(islice(self._full_at, 2)):
            if self._full_at[oldest] <= now:
                del self._full_at[oldest]
