"""What nobody expects: values, texts and bytes, all from one seeded source."""

import json
from collections.abc import Sequence
from copy import deepcopy
from random import Random
from typing import Any

ODD: Sequence[Any] = (
    None,
    True,
    False,
    0,
    -1,
    1,
    2**31,
    2**53,
    2**63,
    10**300,
    0.5,
    -0.0,
    1e308,
    "",
    "1",
    "clinic_1",
    "\0",
    "\x7f",
    "‮",
    "é́́",
    "\U0001d54a",
    "\ufffe",
    "x" * 3000,
    "__proto__",
    "constructor",
    [],
    [[]],
    {},
    {"": None},
    {"clinic_id": {"clinic_id": 1}},
)

NAMES = (
    "clinic_id",
    "doctor_id",
    "token",
    "since",
    "epoch",
    "cursor",
    "auth",
    "_placeholder",
    "num",
    "",
    "x",
)


def value(random: Random, depth: int = 0) -> Any:
    """Anything that JSON can say."""
    match random.randrange(8 if depth < 4 else 4):
        case 0 | 1 | 2:
            # A copy: it may be changed where it is put.
            return deepcopy(random.choice(ODD))
        case 3:
            return random.randrange(-(2**64), 2**64)
        case 4 | 5:
            return [value(random, depth + 1) for _ in range(random.randrange(4))]
        case _:
            return {random.choice(NAMES): value(random, depth + 1) for _ in range(random.randrange(4))}


def text(random: Random) -> str:
    """JSON, nearly JSON, or none at all."""
    match random.randrange(10):
        case 0:
            return "[" * random.randrange(1, 3000)
        case 1:
            return '{"a":' * random.randrange(1, 3000)
        case 2:
            return "".join(
                chr(random.choice((random.randrange(128), random.randrange(0xD800)))) for _ in range(40)
            )
        case 3:
            return random.choice(
                ("NaN", "Infinity", "-Infinity", "1e9999", "00", "'x'", '"\\ud800"', "\\", "//")
            )
        case 4:
            return mangled(random, json.dumps(value(random)))
        case _:
            return json.dumps(value(random), ensure_ascii=random.random() < 0.5)


def mangled(random: Random, whole: str) -> str:
    """A text with something cut out, doubled or put in."""
    for _ in range(random.randrange(1, 4)):
        place, end = sorted(random.randrange(len(whole) + 1) for _ in range(2))
        match random.randrange(4):
            case 0:
                whole = whole[:place] + whole[end:]
            case 1:
                whole = whole[:end] + whole[place:end] + whole[end:]
            case 2:
                whole = (
                    whole[:place]
                    + random.choice(("\0", '"', "[", "}", ",", "9", "-", "\x1e", "é"))
                    + whole[place:]
                )
            case _:
                whole = whole[:place]
    return whole
