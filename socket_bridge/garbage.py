"""How often Python looks for objects that only hold one another: seldom, for a connection leaves none."""

import gc

NEW, YOUNG, ALL = 5_000, 5, 20
"""Python's own 700, 10 and 10 look at thousands of connections again and again while they come in. The first
two, multiplied, are the most that is looked at in one go but for all: some milliseconds. All three are about
the most that there can be of garbage: 500,000 objects; 5,000 connections on the direct wire have 130,000."""


def collect_seldom() -> None:
    """Look less often from now on, in this whole process."""
    gc.set_threshold(NEW, YOUNG, ALL)


def set_aside() -> None:
    """Never look again at what is there by now: for a process that has everything it runs on.

    It is most of what there is, so that a look at all is short until there are many connections.
    """
    gc.freeze()
