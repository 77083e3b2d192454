"""What must be so whatever was sent: nobody failed, nobody died, nothing was kept, and the clinic works."""

from tests.fuzz.clinic import Clinic

MEBIBYTE = 2**20

GROWTH = {"clinicwire": 24 * MEBIBYTE, "stock bridge": 12 * MEBIBYTE}
"""Bytes (RSS) that a process may have gained since it was warm: an allocator's noise, rows in SQLite's cache.

The broker's is left out: what it holds is the stream, which has a limit of its own.
"""


async def keep(clinic: Clinic, warm: dict[str, int]) -> None:
    """Hold the processes to it; raises AssertionError saying what is broken."""
    await clinic.settled()
    assert clinic.dead() == [], f"dead: {clinic.dead()}"
    complaints = clinic.complaints()
    assert complaints == [], "\n".join(complaints[:20])
    await clinic.works()
    too_much = grown(clinic, warm)
    assert too_much == [], ", ".join(too_much)


def grown(clinic: Clinic, warm: dict[str, int]) -> list[str]:
    """The processes that hold more than they may have gained since they were warm, and how much they did."""
    gained = {name: memory - warm[name] for name, memory in clinic.memory().items()}
    return [
        f"{name} grew by {more / MEBIBYTE:.1f} MiB"
        for name, more in gained.items()
        if more > GROWTH.get(name, more)
    ]
