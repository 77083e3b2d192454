"""Draws what `python -m bench.wire --save FILE` measured: `python -m bench.picture FILE PICTURE.svg`."""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from xml.sax.saxutils import escape

import orjson

from bench.wire.course import Outcome
from bench.wire.servers import KINDS
from bench.wire.tables import medians

COLOURS = {"limit": "#9aa5b1", "direct": "#0b7285", "stock": "#66a5ad", "node": "#e8590c", "emit": "#b08968"}
WIDTH, LEFT, BAR, GAP, TOP = 760, 8, 15, 26, 44
LONGEST = 480
"""Pixels of the longest bar; its figure stands beside it."""


def drawn(answers: Mapping[str, Mapping[str, float]]) -> str:
    """Bars, a group for each course."""
    lines, height = list(_lines(answers)), TOP
    height += sum(GAP + BAR * len(by_kind) + GAP // 2 for by_kind in answers.values())
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}"'
            f' viewBox="0 0 {WIDTH} {height}" font-family="system-ui, sans-serif" font-size="12">',
            f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
            f'<text x="{LEFT}" y="24" font-size="15" font-weight="600" fill="#212529">'
            "Thousands of deliveries for a second of the server's CPU</text>",
            *lines,
            "</svg>",
            "",
        ]
    )


def _lines(answers: Mapping[str, Mapping[str, float]]) -> Iterator[str]:
    most = max(value for by_kind in answers.values() for value in by_kind.values())
    at = TOP
    for course, by_kind in answers.items():
        at += GAP
        title = (
            f"{course} clients in one room" if course.isdigit() else f"{course.replace(' x ', ' rooms of ')}"
        )
        yield f'<text x="{LEFT}" y="{at - 6}" font-weight="600" fill="#212529">{title}</text>'
        for kind in (kind for kind in KINDS if kind in by_kind):
            length = by_kind[kind] / most * LONGEST
            yield (
                f'<rect x="{LEFT}" y="{at}" width="{length:.0f}" height="{BAR - 3}" fill="{COLOURS[kind]}"/>'
            )
            yield (
                f'<text x="{LEFT + length + 6:.0f}" y="{at + 10}" fill="#343a40">'
                f"{by_kind[kind]:.0f}  {escape(KINDS[kind])}</text>"
            )
            at += BAR
        at += GAP // 2


def main(saved: Path, picture: Path) -> None:
    """Draw the medians of the saved rounds."""
    rounds = orjson.loads(saved.read_bytes())
    outcomes = {
        course: {kind: [Outcome(**one) for one in each] for kind, each in by_kind.items()}
        for course, by_kind in rounds.items()
    }
    picture.write_text(drawn(medians(outcomes, lambda one: one.deliveries)))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
