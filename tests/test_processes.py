"""Processes by number and start."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tuinb import processes


def test_a_process_is_known_by_its_start() -> None:
    started = processes.start_of(os.getpid())
    assert processes.is_running(os.getpid(), started, processes.boot_id())
    assert not processes.is_running(os.getpid(), started, "another boot")
    assert not processes.is_running(os.getpid(), "another start", processes.boot_id())
    assert not processes.is_running(os.getpid(), "", processes.boot_id())


def test_memory_is_in_bytes() -> None:
    assert 1_000_000 < (processes.resident_bytes(os.getpid()) or 0) < 10_000_000_000


def test_a_process_that_has_ended() -> None:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    assert processes.start_of(process.pid) == ""
    assert processes.resident_bytes(process.pid) is None


def test_a_process_that_nobody_waited_for_has_ended() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        assert processes.start_of(process.pid)
        process.kill()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert processes.start_of(process.pid) == ""


@pytest.mark.parametrize("there_is_proc", [True, False])
def test_where_there_is_no_proc_ps_is_asked(there_is_proc: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    read, exists = Path.read_text, Path.exists

    def no_text(path: Path, *args: Any, **kwargs: Any) -> str:  # noqa: ANN401 - whatever read_text takes
        if str(path).startswith("/proc"):
            raise FileNotFoundError
        return read(path, *args, **kwargs)

    monkeypatch.setattr(Path, "read_text", no_text)
    monkeypatch.setattr(Path, "exists", lambda path: there_is_proc if str(path).startswith("/proc") else exists(path))
    processes.boot_id.cache_clear()
    assert processes.boot_id() == ""
    processes.boot_id.cache_clear()
    assert bool(processes.start_of(os.getpid())) is not there_is_proc
    assert bool(processes.resident_bytes(os.getpid())) is not there_is_proc
