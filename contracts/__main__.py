"""`python -m contracts write` writes what derives from the contracts; `check` says what is amiss."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

from contracts.asyncapi import asyncapi
from contracts.compatibility import breaks
from contracts.schemas import MAJOR, Schema, schemas
from contracts.table import table
from contracts.typescript import typescript

ROOT = Path(__file__).parents[1]
SCHEMAS = Path("contracts/schemas")


def derived() -> dict[Path, str]:
    """Every derived file, by its path under the repository's root."""
    return {
        Path("contracts/asyncapi.json"): _json(asyncapi()),
        Path("contracts/events.gen.ts"): typescript(),
        Path("docs/contracts.md"): table(),
        **{SCHEMAS / f"{name}.json": _json(schema) for name, schema in schemas().items()},
    }


def broken(root: Path) -> list[str]:
    """What readers were promised by the schemas that are kept under `root`, and would no longer get."""
    kept = {path.stem: _read(path) for path in sorted((root / SCHEMAS).glob("*.json"))}
    return list(breaks(kept, schemas()))


def stale(root: Path) -> Iterator[Path]:
    """The derived files under `root` that are not as they would be written now, leftovers included."""
    files = derived()
    for path, text in files.items():
        if not (root / path).exists() or (root / path).read_text() != text:
            yield path
    for kept in sorted((root / SCHEMAS).glob("*.json")):
        if kept.relative_to(root) not in files:
            yield kept.relative_to(root)


def write(root: Path) -> list[str]:
    """Write what is stale; answers what stands in the way, having written nothing then."""
    problems = [*_breaking(root)]
    if not problems:
        files = derived()
        for path in [*stale(root)]:
            if path in files:
                (root / path).parent.mkdir(parents=True, exist_ok=True)
                (root / path).write_text(files[path])
            else:
                (root / path).unlink()
    return problems


def check(root: Path) -> list[str]:
    """What is wrong, one sentence each, with what to do about it."""
    outdated = [f"{path} is stale: run python -m contracts write, and commit it" for path in stale(root)]
    return [*_breaking(root), *outdated]


def _breaking(root: Path) -> Iterator[str]:
    for breach in broken(root):
        yield (
            f"{breach}: this breaks readers. Keep what was there beside what is new or, when every reader "
            f"is ready for it, raise MAJOR in contracts/schemas.py from {MAJOR} to {MAJOR + 1}"
        )


def _json(document: Schema) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _read(path: Path) -> Schema:
    schema: Schema = json.loads(path.read_text())
    return schema


def main(arguments: list[str]) -> int:
    """0 when all is well, 1 when something is wrong (said on stderr), 2 when asked for something unknown."""
    match arguments:
        case ["write"]:
            problems = write(ROOT)
        case ["check"]:
            problems = check(ROOT)
        case _:
            sys.stderr.write("Say python -m contracts write, or python -m contracts check\n")
            return 2
    sys.stderr.writelines(f"{problem}\n" for problem in problems)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
