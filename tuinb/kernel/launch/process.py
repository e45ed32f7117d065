"""Watching and ending a kernel's process on the event loop."""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable

_POLL = 0.25
"""Seconds, where the system has no pidfd."""


class ProcessWatch:
    """Sees the end of a process at once, ends what it leaves behind in its group, and reaps it.

    `on_end` gets the watch and the return code, negative for a signal.
    """

    def __init__(self, process: subprocess.Popen[bytes], on_end: Callable[[ProcessWatch, int], None]) -> None:
        self._process = process
        self._on_end = on_end
        self._loop = asyncio.get_running_loop()
        self._end: asyncio.Event = asyncio.Event()
        self._descriptor = -1
        self._timer: asyncio.TimerHandle | None = None
        self.expected = False
        """Whether we are ending it ourselves."""
        try:
            self._descriptor = os.pidfd_open(process.pid)
        except (AttributeError, OSError):  # no pidfd here, or it has been reaped
            self._poll()
        else:
            self._loop.add_reader(self._descriptor, self._look)

    @property
    def ended(self) -> bool:
        self._look()
        return self._end.is_set()

    async def wait(self, seconds: float | None) -> None:
        """Until it has ended, at most `seconds`."""
        if self.ended:
            return
        try:
            async with asyncio.timeout(seconds):
                await self._end.wait()
        except TimeoutError:
            return

    def close(self) -> None:
        """Looks no more. Safe to call twice."""
        if self._descriptor >= 0:
            self._loop.remove_reader(self._descriptor)
            os.close(self._descriptor)
            self._descriptor = -1
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look(self) -> None:
        if self._end.is_set() or not self._is_gone():
            return
        code = self._process.wait()
        self._end.set()
        self.close()
        self._on_end(self, code)

    def _is_gone(self) -> bool:
        """Where it is, its group has been ended, too: before it is reaped, because then its id is nobody else's yet."""
        if self._process.returncode is not None:
            return True
        with suppress(ChildProcessError):  # somebody else has reaped it
            if os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
                return False
        signal_group(self._process, signal.SIGKILL)
        return True

    def _poll(self) -> None:
        self._look()
        if not self._end.is_set():
            self._timer = self._loop.call_later(_POLL, self._poll)


def signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    """Signals the process, which leads a group, and what it started; not once it has been reaped."""
    if process.returncode is None:
        with suppress(ProcessLookupError, PermissionError):  # macOS says the latter of a group that has ended
            os.killpg(process.pid, number)
