"""A kernel's process that an earlier tuinb spawned, with the part of subprocess.Popen that its users need.

It is no child of this process: waitpid does not work on it, and nobody tells its exit code. Its number and start tell it from a
later process with the same number.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from contextlib import suppress
from typing import Final

from tuinb import processes

UNKNOWN_CODE: Final = 256
"""The return code of an adopted process that has ended. No process has it."""
_POLL: Final = 0.05
"""Seconds between checks of `wait`."""


class AdoptedProcess:
    """A running process, by its number and its start in the system's own unit (processes.start_of)."""

    def __init__(self, pid: int, started: str) -> None:
        self.pid = pid
        self.returncode: int | None = None
        """UNKNOWN_CODE once `poll` or `wait` saw the end."""
        self._started = started

    @property
    def is_running(self) -> bool:
        """Whether the process runs. Leaves `returncode` as it is."""
        return processes.is_running(self.pid, self._started, processes.boot_id())

    def poll(self) -> int | None:
        """Returns None while the process runs, and UNKNOWN_CODE after."""
        if self.returncode is None and not self.is_running:
            self.returncode = UNKNOWN_CODE
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Waits for the end of the process. Raises subprocess.TimeoutExpired."""
        deadline = None if timeout is None else time.monotonic() + timeout
        while (code := self.poll()) is None:
            if timeout is not None and deadline is not None and time.monotonic() >= deadline:
                raise subprocess.TimeoutExpired(str(self.pid), timeout)
            time.sleep(_POLL)
        return code

    def kill(self) -> None:
        """Kills the process, if it runs."""
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
