"""Kernels that a kernelspec's provisioner runs: in a container, on a cluster, over SSH, wherever the plug-in puts them.

Only such kernels pay for importing jupyter_client (100 ms). Its AsyncKernelManager starts, restarts, signals, polls and ends
them, and tuinb's own channels connect to what `get_connection_info` names. The user's `jupyter_config.py` and `.json` hold
for them, as for every program that uses a KernelManager.
"""

from __future__ import annotations

import asyncio
import os
import signal
import tempfile
from contextlib import suppress
from copy import deepcopy
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from jupyter_client.kernelspec import KernelSpec as JupyterKernelSpec
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from jupyter_core.paths import jupyter_config_path
from traitlets.config import Config
from traitlets.config.loader import ConfigFileNotFound, JSONFileConfigLoader, PyFileConfigLoader

from tuinb.errors import KernelSpecError, KernelStartError
from tuinb.kernel.launch import spawn
from tuinb.kernel.launch.process import read_log

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from tuinb.kernel.launch.kernelspecs import KernelSpec

GROUP = "jupyter_client.kernel_provisioners"
"""The entry points that offer provisioners."""
POLL = 1.0
"""Seconds between questions whether the kernel lives. A question may go to another machine."""
LONGEST_END = 60.0
"""Seconds that a provisioner may take to end its kernel: one that hangs must not keep tuinb from leaving."""


class ProvisionedProcess:
    """Implements KernelProcess. There need be no process on this machine."""

    def __init__(self, spec: KernelSpec, cwd: Path, *, poll: float = POLL, longest_end: float = LONGEST_END) -> None:
        self._spec = spec
        self._cwd = cwd
        self._interval = poll
        self._longest_end = longest_end
        self._manager: AsyncKernelManager | None = None
        """Kept over restarts; each start after an end has one of its own."""
        self._log: Path | None = None
        self._log_start = 0
        """Where in the log the words of this run begin."""
        self._polling: asyncio.Task[None] | None = None
        self._signals: set[asyncio.Task[bool]] = set()

    async def start(self, on_end: Callable[[str], None]) -> Mapping[str, Any]:
        """See KernelProcess."""
        if self._manager is None:
            self._manager = self._make_manager()
        manager = self._manager
        descriptor = self._open_log()
        try:
            await manager.start_kernel(cwd=str(self._cwd), env=spawn.own_environ(), stdout=descriptor, stderr=descriptor)
        except Exception as error:  # a provisioner is a plug-in: it may raise anything
            raise self._start_error(f"its kernel provisioner did not start it: {_in_words(error)}") from error
        finally:
            os.close(descriptor)
        self._polling = asyncio.create_task(self._poll(manager, on_end))
        return dict(manager.get_connection_info())

    def interrupt(self) -> None:
        """See KernelProcess."""
        if self._manager is not None:
            task = asyncio.create_task(self._try("it could not be interrupted", self._manager.signal_kernel(signal.SIGINT)))
            self._signals.add(task)
            task.add_done_callback(self._signals.discard)

    async def end(self, request_shutdown: Callable[[], None] | None, *, restart: bool) -> None:
        """See KernelProcess. The manager sends shutdown_request itself, and waits as the provisioner and the user say."""
        manager = self._manager
        if manager is None:
            return
        if self._polling is not None:
            self._polling.cancel()
            self._polling = None
        ended = manager.has_kernel and await self._try("it could not be shut down", manager.shutdown_kernel(restart=restart))
        if not ended:
            provisioner = manager.provisioner
            if provisioner is not None and provisioner.has_process:
                await self._try("it could not be killed", provisioner.kill(restart=restart))
                await self._try("its end could not be seen", provisioner.wait())
            await self._try("its resources could not be released", manager.cleanup_resources(restart=restart))
        if not restart:
            self._manager = None

    def last_words(self) -> str:
        """See KernelProcess."""
        return spawn.tail(self._log, self._log_start) if self._log is not None else ""

    async def log(self) -> str:
        """See KernelProcess. A kernel elsewhere may write nothing here."""
        return await asyncio.to_thread(read_log, self._log) if self._log is not None else ""

    def discard(self) -> None:
        """See KernelProcess. The manager has removed its connection file."""
        if self._log is not None:
            with suppress(OSError):
                self._log.unlink(missing_ok=True)

    # ---- the manager

    def _make_manager(self) -> AsyncKernelManager:
        require_provisioner(self._spec)
        identity = str(uuid4())
        folder = spawn.writable_runtime_folder() or Path(tempfile.gettempdir())
        self._log = self._log or folder / f"kernel-{identity}.log"
        config = user_config()
        try:
            return AsyncKernelManager(
                config=config,
                kernel_id=identity,
                kernel_name=self._spec.name,
                kernel_spec_manager=_OneKernelspec(self._spec),
                connection_file=str(folder / f"kernel-{identity}.json"),
            )
        except Exception as error:  # traitlets runs the validators of the user's values
            raise self._start_error(f"the Jupyter configuration does not fit: {_in_words(error)}") from error

    def _open_log(self) -> int:
        assert self._log is not None
        try:
            descriptor = os.open(self._log, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise KernelStartError(f"its log can't be made: {error.strerror}", where=str(self._log)) from error
        self._log_start = os.lseek(descriptor, 0, os.SEEK_END)
        return descriptor

    async def _poll(self, manager: AsyncKernelManager, on_end: Callable[[str], None]) -> None:
        code: int | None = None
        while code is None:
            await asyncio.sleep(self._interval)
            try:
                alive = await manager.is_alive()
                code = None if alive or manager.provisioner is None else await manager.provisioner.poll() or 0
            except Exception as error:  # it is out of reach, which is no end; the heartbeat tells the user
                self._note(f"it could not be asked whether it lives: {_in_words(error)}")
        on_end(spawn.exit_reason(code))

    async def _try(self, failure: str, work: Awaitable[object]) -> bool:
        """Awaits a call to the provisioner. Writes an exception to the kernel's log; returns whether there was none."""
        try:
            async with asyncio.timeout(self._longest_end):
                await work
        except Exception as error:  # see start()
            self._note(f"{failure}: {_in_words(error)}")
            return False
        return True

    def _note(self, text: str) -> None:
        if self._log is not None:
            with suppress(OSError), self._log.open("a", encoding="utf-8", errors="replace") as log:
                log.write(f"tuinb: {text}\n")

    def _start_error(self, what: str) -> KernelStartError:
        return KernelStartError(what, where=self._spec.name, hint=f"its provisioner is {self._spec.provisioner!r}")


class _OneKernelspec(KernelSpecManager):
    """Gives the manager the kernelspec that tuinb found, which may lie where jupyter_client does not search."""

    def __init__(self, spec: KernelSpec) -> None:
        super().__init__()
        self._found = JupyterKernelSpec(
            argv=list(spec.argv),
            env=dict(spec.env),
            display_name=spec.display_name,
            language=spec.language,
            interrupt_mode="message" if spec.interrupt_mode == "message" else "signal",
            resource_dir=spec.resource_dir,
            metadata=deepcopy(dict(spec.metadata)),  # the factory of provisioners writes into it
        )

    def get_kernel_spec(self, kernel_name: str) -> JupyterKernelSpec:
        return self._found


def require_provisioner(spec: KernelSpec) -> None:
    """Raises KernelSpecError if no installed package offers the provisioner that `spec` names."""
    if entry_points(group=GROUP, name=spec.provisioner):
        return
    known = ", ".join(sorted(entry_points(group=GROUP).names)) or "none"
    raise KernelSpecError(
        f"its kernel provisioner {spec.provisioner!r} is not installed",
        where=str(Path(spec.resource_dir) / "kernel.json") if spec.resource_dir else spec.name,
        hint=f"install the package that offers it beside tuinb, as an entry point of {GROUP}; there are: {known}",
    )


def user_config() -> Config:
    """Returns what the user's Jupyter configuration files say. Raises KernelStartError if one of them is broken.

    JupyterApp would also run a `jupyter_config.py` of the current folder, which comes with whatever is opened there.
    """
    config = Config()
    for folder in reversed(jupyter_config_path()):
        for loader in (PyFileConfigLoader("jupyter_config.py", folder), JSONFileConfigLoader("jupyter_config.json", folder)):
            try:
                config.merge(loader.load_config())
            except ConfigFileNotFound:
                continue
            except Exception as error:  # the file is a Python program
                raise KernelStartError(f"it can't be read: {_in_words(error)}", where=loader.full_filename) from error
    return config


def _in_words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
