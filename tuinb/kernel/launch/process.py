"""A kernel's process on the event loop: starting, watching, interrupting and ending it."""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Protocol

from tuinb.errors import KernelError
from tuinb.kernel.launch import spawn
from tuinb.kernel.launch.adopted import AdoptedProcess
from tuinb.record import Record

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from tuinb.kernel.launch.kernelspecs import KernelSpec
    from tuinb.kernel.launch.spawn import Launched

LOG_BYTES = 200_000
"""Bytes of a log that are shown. A log may have gigabytes."""
_POLL = 0.25
"""Seconds between checks of a process, on systems without pidfd."""
_REAP_TIMEOUT = 2.0
"""Seconds to wait for a process after SIGKILL. Only a hanging system needs more, and tuinb must be able to exit there, too."""


class KernelProcess(Protocol):
    """A kernel's process, on this machine or elsewhere. It can be started again after its end."""

    @property
    def owned(self) -> bool:
        """Whether tuinb started the process. It restarts and ends no other."""
        ...

    @property
    def pid(self) -> int | None:
        """The number of the process. None if there is none on this machine."""
        ...

    @property
    def adopted(self) -> bool:
        """Whether the process was spawned by an earlier tuinb, and may have run code for it."""
        ...

    @property
    def folder(self) -> Path | None:
        """The private folder from which another tuinb can adopt the process. None if it ends with this one, or elsewhere."""
        ...

    @property
    def connection_file(self) -> Path | None:
        """The file by which other clients connect. None if there is none yet."""
        ...

    async def start(self, on_end: Callable[[str], None]) -> Mapping[str, Any]:
        """Starts the process if it does not run yet. Returns its connection info, as in a connection file.

        `on_end` is called with the reason, in one line, if the process ends without a call of `end`. Raises KernelError.
        """
        ...

    def interrupt(self) -> None:
        """Sends SIGINT to the process."""
        ...

    async def end(self, request_shutdown: Callable[[], None] | None, *, restart: bool) -> None:
        """Ends the process. Does nothing if there is none. Never raises.

        `request_shutdown` sends shutdown_request over the channels. It is None if the kernel does not read them.
        """
        ...

    def log_tail(self) -> str:
        """Returns the last lines that the process wrote to its stdout and stderr."""
        ...

    async def log(self) -> str:
        """Returns the last LOG_BYTES of its log. Raises KernelError if it can't be read."""
        ...

    def discard(self) -> None:
        """Removes the files of a process that has ended. Never raises. Safe to call twice."""
        ...


class EndTiming(Record):
    """Time limits for the end of a process, in seconds."""

    shutdown: float = 1.0
    """From shutdown_request to SIGTERM."""
    terminate: float = 0.3
    """From SIGTERM to SIGKILL."""


class SpawnedProcess:
    """Implements KernelProcess for a process of this machine, which tuinb spawned or adopted.

    `launched` is the process if it runs already. `kept` is whether later ones outlive a killed tuinb. `notebook`: see launch().
    """

    def __init__(
        self,
        spec: KernelSpec,
        cwd: Path,
        *,
        launched: Launched | None = None,
        kept: bool = False,
        notebook: str = "",
        timing: EndTiming | None = None,
    ) -> None:
        self.launched = launched
        self._kept = kept
        self._notebook = notebook
        self._spec = spec
        self._cwd = cwd
        self._timing = timing or EndTiming()
        self._watch: ProcessWatch | None = None

    @property
    def owned(self) -> bool:
        """See KernelProcess. Always, also an adopted one."""
        return True

    @property
    def pid(self) -> int | None:
        """See KernelProcess."""
        process = self.launched.process if self.launched is not None else None
        return process.pid if process is not None and process.returncode is None else None

    @property
    def adopted(self) -> bool:
        """See KernelProcess."""
        return self.launched is not None and isinstance(self.launched.process, AdoptedProcess)

    @property
    def folder(self) -> Path | None:
        """See KernelProcess."""
        return self.launched.folder if self.launched is not None and self.launched.kept else None

    @property
    def connection_file(self) -> Path | None:
        """See KernelProcess."""
        return self.launched.connection_file if self.launched is not None else None

    async def start(self, on_end: Callable[[str], None]) -> Mapping[str, Any]:
        """See KernelProcess. Call it on the main thread, for `spawn.launch`."""

        def ended(watch: ProcessWatch, code: int) -> None:
            if not watch.expected:
                on_end(spawn.exit_reason(code))

        if self.launched is not None and self.adopted and self.launched.process.returncode is not None:
            # Its lock was the earlier tuinb's, so that others may be removing its files.
            spawn.discard(self.launched)
            self.launched = None
        if self.launched is None:
            self.launched = spawn.launch(self._spec, self._cwd, kept=self._kept, notebook=self._notebook)
        elif self.launched.process.returncode is not None:
            spawn.relaunch(self.launched)
        self._watch = ProcessWatch(self.launched.process, ended)
        return self.launched.info

    def interrupt(self) -> None:
        """See KernelProcess."""
        if self.launched is not None:
            signal_group(self.launched.process, signal.SIGINT)

    async def end(self, request_shutdown: Callable[[], None] | None, *, restart: bool) -> None:
        """See KernelProcess. Sends shutdown_request first, then SIGTERM, then SIGKILL."""
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
            await watch.wait(_REAP_TIMEOUT)
        watch.close()
        self._watch = None

    def log_tail(self) -> str:
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
    """Watches a process. At its end, kills the rest of its process group, reaps it, and calls `on_end`.

    `on_end` gets the watch and the return code, which is negative after a signal.
    """

    def __init__(self, process: subprocess.Popen[bytes] | AdoptedProcess, on_end: Callable[[ProcessWatch, int], None]) -> None:
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
        except (AttributeError, OSError):  # the system has no pidfd, or the process has been reaped
            self._poll()
        else:
            self._loop.add_reader(self._descriptor, self._check)
            if isinstance(process, AdoptedProcess):  # the descriptor may be that of a later process with the same number
                self._loop.call_soon(self._check)

    @property
    def ended(self) -> bool:
        """Whether the process has ended and been reaped."""
        self._check()
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

    def _check(self) -> None:
        if self._end.is_set() or not self._is_gone():
            return
        code = self._process.wait()
        self._end.set()
        self.close()
        self._on_end(self, code)

    def _is_gone(self) -> bool:
        """Returns whether the process has ended, and then kills its group. That must precede reaping, which frees the id."""
        if self._process.returncode is not None:
            return True
        if isinstance(self._process, AdoptedProcess):
            if self._process.is_running:
                return False
            signal_group(self._process, signal.SIGKILL)
            return True
        with suppress(ChildProcessError):  # other code in this process has reaped it
            if os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
                return False
        signal_group(self._process, signal.SIGKILL)
        return True

    def _poll(self) -> None:
        self._check()
        if not self._end.is_set():
            self._timer = self._loop.call_later(_POLL, self._poll)


def signal_group(process: subprocess.Popen[bytes] | AdoptedProcess, number: signal.Signals) -> None:
    """Sends a signal to the process and the rest of its process group. Does nothing once the process has been reaped."""
    if process.returncode is None:
        with suppress(ProcessLookupError, PermissionError):  # macOS raises the latter for a group that has ended
            os.killpg(process.pid, number)
