"""How often Python looks for objects that only hold one another: seldom, for a connection leaves none."""

import gc

NEW, YOUNG, ALL = 20_000, 50, 100
"""Python's own 700, 10 and 10 look at thousands of connections again and again while they come in."""


def collect_seldom() -> None:
    """Look less often from now on, in this whole process."""
    gc.set_threshold(NEW, YOUNG, ALL)
