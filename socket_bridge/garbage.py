"""How often Python looks for objects that only hold one another: seldom, for a connection leaves none."""

import gc

NEW, YOUNG, ALL = 5_000, 5, 400
"""Python's own 700, 10 and 10 look at thousands of connections again and again while they come in. The first
two, multiplied, are the most that is looked at in one go but for all: some milliseconds."""


def collect_seldom() -> None:
    """Look less often from now on, in this whole process."""
    gc.set_threshold(NEW, YOUNG, ALL)
