"""A kernel's process on the event loop: starting, watching, interrupting and ending it."""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from tuinb.errors import KernelError
from tuinb.kernel.launch import spawn

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from tuinb.kernel.launch.kernelspecs import KernelSpec
    from tuinb.kernel.launch.spawn import Launched

LOG_BYTES = 200_000
"""Bytes of a log that are shown; a kernel may have written gigabytes."""
_POLL = 0.25
"""Seconds between looks at a process, on systems without pidfd."""
_UNTIL_REAPED = 2.0
"""Seconds to wait after SIGKILL. Only a hanging system needs longer, and leaving must not hang with it."""


class KernelProcess(Protocol):
    """A kernel's process, however and wherever it runs. It can be started again once it has ended."""

    async def start(self, on_end: Callable[[str], None]) -> Mapping[str, Any]:
        """Starts the process (if it does not run yet) and returns its connection info, as in a connection file.

        `on_end` is called with the reason, in one line, if the process ends without `end`. Raises KernelError.
        """
        ...

    def interrupt(self) -> None:
        """Sends SIGINT."""
        ...

    async def end(self, request_shutdown: Callable[[], None] | None, *, restart: bool) -> None:
        """Ends the process. Does nothing if there is none. Never raises.

        `request_shutdown` sends shutdown_request over the channels. None if the kernel does not listen there.
        """
        ...

    def last_words(self) -> str:
        """Returns the last lines that the process wrote to its stdout and stderr."""
        ...

    async def log(self) -> str:
        """Returns the last LOG_BYTES of its log. Raises KernelError if it can't be read."""
        ...

    def discard(self) -> None:
        """Removes the files of a process that has ended. Never raises. Safe to call twice."""
        ...


@dataclass(frozen=True, slots=True)
class EndTiming:
    """How long a process may take to end, in seconds."""

    shutdown: float = 1.0
    """From shutdown_request to SIGTERM."""
    terminate: float = 0.3
    """From SIGTERM to SIGKILL."""


class SpawnedProcess:
    """Implements KernelProcess for a child process of tuinb. `launched` is the process if it was spawned early."""

    def __init__(
        self, spec: KernelSpec, cwd: Path, *, launched: Launched | None = None, timing: EndTiming | None = None
    ) -> None:
        self.launched = launched
        self._spec = spec
        self._cwd = cwd
        self._timing = timing or EndTiming()
        self._watch: ProcessWatch | None = None

    async def start(self, on_end: Callable[[str], None]) -> Mapping[str, Any]:
        """See KernelProcess. Call it on the main thread, for `spawn.launch`."""

        def ended(watch: ProcessWatch, code: int) -> None:
            if not watch.expected:
                on_end(spawn.exit_reason(code))

        if self.launched is None:
            self.launched = spawn.launch(self._spec, self._cwd)
        elif self.launched.process.returncode is not None:
            spawn.relaunch(self.launched)
        self._watch = ProcessWatch(self.launched.process, ended)
        return self.launched.info

    def interrupt(self) -> None:
        """See KernelProcess."""
        if self.launched is not None:
            signal_group(self.launched.process, signal.SIGINT)

    async def end(self, request_shutdown: Callable[[], None] | None, *, restart: bool) -> None:
        """See KernelProcess. Asks the kernel first, then sends SIGTERM, then SIGKILL."""
        if self.launched is None:
            return
        watch = self._watch = self._watch or ProcessWatch(self.launched.process, lambda _watch, _code: None)
        watch.expected = True
        if request_shutdown is not None and not watch.ended:
            request_shutdown()
            await watch.wait(self._timing.shutdown)
        if not watch.ended:
            signal_group(self.launched.process, signal.SIGTERM)
            await watch.wait(self._timing.terminate)
        if not watch.ended:
            signal_group(self.launched.process, signal.SIGKILL)
            await watch.wait(_UNTIL_REAPED)
        watch.close()
        self._watch = None

    def last_words(self) -> str:
        """See KernelProcess."""
        return spawn.log_tail(self.launched) if self.launched is not None else ""

    async def log(self) -> str:
        """See KernelProcess."""
        return await asyncio.to_thread(read_log, self.launched.log_path) if self.launched is not None else ""

    def discard(self) -> None:
        """See KernelProcess."""
        if self.launched is not None:
            spawn.discard(self.launched)


def read_log(path: Path) -> str:
    """Returns the last LOG_BYTES of a kernel's log. Raises KernelError if it can't be read."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - LOG_BYTES))
            return file.read().decode("utf-8", "replace")
    except OSError as error:
        raise KernelError(f"the kernel's log can't be read: {error.strerror}", where=str(path)) from error


class ProcessWatch:
    """Notices the end of a process at once, kills the rest of its process group, and reaps it.

    `on_end` gets the watch and the return code, which is negative for a signal.
    """

    def __init__(self, process: subprocess.Popen[bytes], on_end: Callable[[ProcessWatch, int], None]) -> None:
        self._process = process
        self._on_end = on_end
        self._loop = asyncio.get_running_loop()
        self._end: asyncio.Event = asyncio.Event()
        self._descriptor = -1
        self._timer: asyncio.TimerHandle | None = None
        self.expected = False
        """Whether tuinb is ending the process itself."""
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
        """Waits until the process has ended, at most `seconds`."""
        if self.ended:
            return
        try:
            async with asyncio.timeout(seconds):
                await self._end.wait()
        except TimeoutError:
            return

    def close(self) -> None:
        """Stops watching. Safe to call twice."""
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
        """Kills the process group of a process that has ended: before it is reaped, while its id is nobody else's."""
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
    """Signals the process, which leads a group, and what it started. Does nothing once it has been reaped."""
    if process.returncode is None:
        with suppress(ProcessLookupError, PermissionError):  # macOS says the latter of a group that has ended
            os.killpg(process.pid, number)
