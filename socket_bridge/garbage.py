"""How often Python looks for objects that only hold one another: seldom, for a connection leaves none."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

NEW, YOUNG, ALL = 5_000, 5, 400
"""Python's own 700, 10 and 10 look at thousands of connections again and again while they come in. The first
two, multiplied, are the most that is looked at in one go but for all: some milliseconds."""


@contextmanager
def collected_seldom() -> Iterator[None]:
    """Look less often while the block lasts, in this whole process."""
    before = gc.get_threshold()
    gc.set_threshold(NEW, YOUNG, ALL)
    try:
        yield
    finally:
        gc.set_threshold(*before)
