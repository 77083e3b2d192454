"""What the tests say on a machine without a browser."""

import asyncio
import os
import sys
from pathlib import Path

import pytest

from tests.browser import chromium

ROOT = Path(__file__).parents[2]
ONE = "tests/browser/test_accessibility.py"
"""Tests that need a browser."""

LIMIT = 60.0


@pytest.mark.skipif(chromium.CHROME_OF_MACOS.exists(), reason="the browser can't be hidden there")
@pytest.mark.parametrize(("wanted", "code", "said"), [("", 0, " skipped"), (chromium.REQUIRED, 1, " error")])
async def test_without_a_browser_the_end_says_so_and_it_is_an_error_only_where_one_is_required(
    wanted: str, code: int, said: str
) -> None:
    command = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", ONE)
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=ROOT,
        env=os.environ | {"PATH": "", chromium.VARIABLE: wanted},
        stdout=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(LIMIT):
        out = (await process.communicate())[0].decode()
    assert process.returncode == code, out
    assert said in out.splitlines()[-1]
    assert ("THE SCREENS WERE NOT TESTED" in out) == (code == 0)
    assert "apt install chromium" in out
