"""Watching and ending a kernel's process on the event loop."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import signal
    import subprocess
    from collections.abc import Callable

_POLL = 0.25
"""Seconds, where the system has no pidfd."""


class ProcessWatch:
    """Sees the end of a process at once, and reaps it. `on_end` gets the watch and the return code, negative for a signal."""

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
        code = self._process.poll()
        if code is not None and not self._end.is_set():
            self._end.set()
            self.close()
            self._on_end(self, code)

    def _poll(self) -> None:
        self._look()
        if not self._end.is_set():
            self._timer = self._loop.call_later(_POLL, self._poll)


def signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    """Signals the process and what it started. One that is gone is no error."""
    try:
        # It leads a group of its own, whose id is its own as long as any member lives.
        os.killpg(process.pid, number)
    except (ProcessLookupError, PermissionError):
        if process.poll() is None:
            process.send_signal(number)
