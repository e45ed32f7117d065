"""A kernel that runs already, and that tuinb did not start: it is used, and never ended.

It may be JupyterLab's, a console's, an editor's, or that of another tuinb. Its connection file says where it is. Who started
it restarts and ends it.
"""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from tuinb import processes
from tuinb.errors import KernelStartError, shown
from tuinb.kernel.launch.kernelspecs import KernelSpec, find_all

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from tuinb.kernel.launch.connection_files import ConnectionFile, Running


def spec_of(file: ConnectionFile) -> KernelSpec:
    """Returns the installed kernelspec that a connection file names, or one that has its name alone."""
    known = find_all().get(file.kernel_name)
    return known or KernelSpec(file.kernel_name, file.kernel_name or f"kernel {file.name}", "", ())


class ExistingProcess:
    """Implements KernelProcess for a process that tuinb did not start."""

    def __init__(self, kernel: Running) -> None:
        self._file = kernel.file
        self._process = (kernel.pid, processes.start_of(kernel.pid)) if kernel.pid is not None else None
        self._begun = False

    @property
    def owned(self) -> bool:
        """See KernelProcess. Never."""
        return False

    @property
    def pid(self) -> int | None:
        """See KernelProcess. None: what is done to a session's process is not done to this one."""
        return None

    @property
    def adopted(self) -> bool:
        """See KernelProcess. Its code may be that of any client."""
        return True

    @property
    def folder(self) -> Path | None:
        """See KernelProcess."""
        return None

    @property
    def connection_file(self) -> Path | None:
        """See KernelProcess."""
        return self._file.path

    @property
    def local(self) -> bool:
        """Whether it is on this machine."""
        return self._file.local

    @property
    def can_interrupt(self) -> bool:
        """Whether its process is known, so that `interrupt` has an effect."""
        return self._process is not None

    async def start(self, on_end: Callable[[str], None]) -> Mapping[str, Any]:
        """See KernelProcess. Returns the connection info once. Raises KernelStartError after that."""
        if self._begun:
            raise KernelStartError("tuinb did not start it, and can't start it again", where=shown(self._file.path))
        self._begun = True
        return self._file.info

    def interrupt(self) -> None:
        """See KernelProcess."""
        if self._process is not None and processes.is_running(*self._process, processes.boot_id()):
            with suppress(ProcessLookupError, PermissionError):
                os.kill(self._process[0], signal.SIGINT)

    async def end(self, request_shutdown: Callable[[], None] | None, *, restart: bool) -> None:
        """See KernelProcess. Does nothing: the kernel goes on."""

    def log_tail(self) -> str:
        """See KernelProcess. Its output is with the program that started it."""
        return ""

    async def log(self) -> str:
        """See KernelProcess."""
        return "The program that started this kernel has its log."

    def discard(self) -> None:
        """See KernelProcess. Does nothing: its files belong to the program that started it."""
