"""The bench beside the peers runs: every server takes its clients and delivers; no figure is looked at."""

import subprocess
import sys
from pathlib import Path

import pytest

from bench.wire.servers import KINDS, has_compiler


@pytest.mark.skipif(not has_compiler(), reason="the bench's clients are a C program, and there is no cc")
def test_every_server_of_the_bench_delivers(tmp_path: Path) -> None:
    saved = tmp_path / "rounds.json"
    done = subprocess.run(
        [sys.executable, "-m", "bench.wire", "--quick", "--save", saved],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    tables = done.stdout.split("\n\n")
    assert all(f"| {name} |" in table for name in KINDS.values() for table in tables)
    assert saved.exists()
