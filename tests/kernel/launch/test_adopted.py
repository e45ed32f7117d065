"""Adopting a kernel that another process spawned."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tuinb import processes
from tuinb.errors import KernelError
from tuinb.kernel.launch import spawn
from tuinb.kernel.launch.adopted import UNKNOWN_CODE, AdoptedProcess
from tuinb.kernel.launch.kernelspecs import KernelSpec

if TYPE_CHECKING:
    from collections.abc import Iterator

SLEEP = "import time; time.sleep(600)"


@pytest.fixture
def kernel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[spawn.Launched]:
    """Returns a kept kernel of this process."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))
    spec = KernelSpec("k", "K", "python", (sys.executable, "-c", SLEEP), {"A": "1"}, metadata={"m": [1]}, why="because")
    launched = spawn.launch(spec, tmp_path, kept=True)
    yield launched
    launched.process.kill()
    launched.process.wait()
    spawn.discard(launched)


def test_a_process_is_known_by_its_number_and_start(kernel: spawn.Launched) -> None:
    pid, started = kernel.process.pid, processes.start_of(kernel.process.pid)
    adopted = AdoptedProcess(pid, started)
    assert adopted.poll() is None
    assert AdoptedProcess(pid, started + "1").poll() == UNKNOWN_CODE
    with pytest.raises(subprocess.TimeoutExpired):
        adopted.wait(0)
    adopted.kill()
    assert adopted.wait(20) == UNKNOWN_CODE
    adopted.kill()
    assert spawn.exit_reason(UNKNOWN_CODE) == "it ended; its exit code is not known"


def test_a_kept_kernel_comes_back_from_its_folder(kernel: spawn.Launched) -> None:
    adopted = spawn.adopt(kernel.folder, kernel.process.pid, processes.start_of(kernel.process.pid))
    os.close(adopted.lock)
    assert (adopted.spec, adopted.cwd, adopted.info) == (kernel.spec, kernel.cwd, kernel.info)
    assert (adopted.connection_file, adopted.log_path) == (kernel.connection_file, kernel.log_path)
    assert b"JPY_PARENT_PID" not in Path(f"/proc/{kernel.process.pid}/environ").read_bytes()


@pytest.mark.parametrize("damage", ["mode", "missing", "broken"])
def test_a_folder_that_is_not_what_was_written_is_refused(kernel: spawn.Launched, damage: str) -> None:
    if damage == "mode":
        kernel.folder.chmod(0o755)
    elif damage == "missing":
        (kernel.folder / "kernel").unlink()
    else:
        (kernel.folder / "kernel").write_text('{"spec": {}}')
    with pytest.raises(KernelError):
        spawn.adopt(kernel.folder, kernel.process.pid, "1")


def test_the_files_of_a_kernel_that_ended_are_removed(kernel: spawn.Launched) -> None:
    assert not spawn.remove_files(kernel.folder), "it runs"
    os.killpg(kernel.process.pid, signal.SIGKILL)
    kernel.process.wait()
    os.close(kernel.lock)
    kernel.lock = -1
    assert spawn.remove_files(kernel.folder)
    assert not kernel.folder.exists()
    assert not kernel.connection_file.exists()
