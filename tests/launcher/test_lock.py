"""One instance a data folder, however the one before it ended."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from launcher import lock
from launcher.lock import DataFolderInUse


def test_a_second_instance_is_refused_and_told_of_the_first(tmp_path: Path) -> None:
    told = f"process {os.getpid()}.*--data DIR"
    with lock.held(tmp_path), pytest.raises(DataFolderInUse, match=told), lock.held(tmp_path):
        pass


def test_a_folder_that_was_given_back_can_be_had_again(tmp_path: Path) -> None:
    for _ in range(2):
        with lock.held(tmp_path):
            pass


def test_a_broker_that_outlived_its_launcher_is_ended_first(tmp_path: Path) -> None:
    # A launcher that is killed: it leaves a child that has its lock.
    launcher = subprocess.run(
        [
            sys.executable,
            "-c",
            "import pathlib, subprocess, sys, os\n"
            "from launcher import lock\n"
            "data = pathlib.Path(sys.argv[1])\n"
            "held = lock.held(data)\n"
            "quiet = subprocess.DEVNULL\n"
            "child = subprocess.Popen(['sleep', '60'], pass_fds=(held.__enter__(),), stdout=quiet)\n"
            "lock.note_broker(data, child.pid)\n"
            "print(child.pid, flush=True)\n"
            "os._exit(9)",
            tmp_path,
        ],
        stdout=subprocess.PIPE,
        check=False,
    )
    os.kill(int(launcher.stdout), 0)  # it is alive, and has the lock
    with lock.held(tmp_path):
        pass
