"""Runs a kernel through its kernelspec's provisioner: in a container, on a cluster, over SSH, or where the plug-in decides.

Only such kernels need jupyter_client, whose import takes 100 ms. Its AsyncKernelManager starts, restarts, signals, polls and
ends them. tuinb's own channels connect to the addresses that `get_connection_info` returns. The user's `jupyter_config.py` and
`jupyter_config.json` apply, as in every program that uses a KernelManager.
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
"""Group of the entry points that provide provisioners."""
POLL = 1.0
"""Seconds between polls of the provisioner. A poll may go to another machine."""
CALL_TIMEOUT = 60.0
"""Seconds that one call to a provisioner may take, other than a start. tuinb must be able to exit if a provisioner hangs."""


class ProvisionedProcess:
    """Implements KernelProcess for a kernel that a provisioner runs, on this machine or elsewhere."""

    def __init__(self, spec: KernelSpec, cwd: Path, *, poll: float = POLL, call_timeout: float = CALL_TIMEOUT) -> None:
        self._spec = spec
        self._cwd = cwd
        self._interval = poll
        self._call_timeout = call_timeout
        self._manager: AsyncKernelManager | None = None
        """Kept during a restart. A start after an end makes a new one."""
        self._log: Path | None = None
        self._log_start = 0
        """Offset in the log of the first byte of this run."""
        self._polling: asyncio.Task[None] | None = None
        self._signals: set[asyncio.Task[bool]] = set()

    @property
    def owned(self) -> bool:
        """See KernelProcess. Always."""
        return True

    @property
    def pid(self) -> int | None:
        """See KernelProcess. A provisioner may run its kernel anywhere, so that none is known."""
        return None

    @property
    def adopted(self) -> bool:
        """See KernelProcess. Never."""
        return False

    @property
    def folder(self) -> Path | None:
        """See KernelProcess. The provisioner decides when its kernel ends."""
        return None

    @property
    def connection_file(self) -> Path | None:
        """See KernelProcess."""
        return Path(self._manager.connection_file) if self._manager is not None else None

    async def start(self, on_end: Callable[[str], None]) -> Mapping[str, Any]:
        """See KernelProcess."""
        if self._manager is None:
            self._manager = self._make_manager()
        manager = self._manager
        descriptor = self._open_log()
        try:
            await manager.start_kernel(cwd=str(self._cwd), env=spawn.own_environ(), stdout=descriptor, stderr=descriptor)
        except Exception as error:  # a provisioner is a plug-in: it may raise anything
            raise self._start_error(f"its kernel provisioner did not start it: {_describe(error)}") from error
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
        """See KernelProcess. The manager sends shutdown_request. The provisioner and the user's configuration set the wait."""
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

    def log_tail(self) -> str:
        """See KernelProcess."""
        return spawn.tail(self._log, self._log_start) if self._log is not None else ""

    async def log(self) -> str:
        """See KernelProcess. May be empty for a kernel on another machine."""
        return await asyncio.to_thread(read_log, self._log) if self._log is not None else ""

    def discard(self) -> None:
        """See KernelProcess. The manager has removed its connection file already."""
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
        except Exception as error:  # traitlets validates the user's values with code that may raise anything
            raise self._start_error(f"the Jupyter configuration does not fit: {_describe(error)}") from error

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
            except Exception as error:  # The kernel may still run. The heartbeat shows if it can't be reached.
                self._note(f"it could not be polled: {_describe(error)}")
        on_end(spawn.exit_reason(code))

    async def _try(self, failure: str, work: Awaitable[object]) -> bool:
        """Awaits a call to the provisioner. Returns whether it succeeded. Writes an exception to the kernel's log."""
        try:
            async with asyncio.timeout(self._call_timeout):
                await work
        except Exception as error:  # see start()
            self._note(f"{failure}: {_describe(error)}")
            return False
        return True

    def _note(self, text: str) -> None:
        if self._log is not None:
            with suppress(OSError), self._log.open("a", encoding="utf-8", errors="replace") as log:
                log.write(f"tuinb: {text}\n")

    def _start_error(self, what: str) -> KernelStartError:
        return KernelStartError(what, where=self._spec.name, hint=f"its provisioner is {self._spec.provisioner!r}")


class _OneKernelspec(KernelSpecManager):
    """Gives the manager the kernelspec that tuinb found. jupyter_client may not search its folder."""

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
    """Raises KernelSpecError if no installed package provides the provisioner that `spec` names."""
    if entry_points(group=GROUP, name=spec.provisioner):
        return
    known = ", ".join(sorted(entry_points(group=GROUP).names)) or "none"
    raise KernelSpecError(
        f"its kernel provisioner {spec.provisioner!r} is not installed",
        where=str(Path(spec.resource_dir) / "kernel.json") if spec.resource_dir else spec.name,
        hint=f"install the package that provides it beside tuinb, as an entry point of {GROUP}; there are: {known}",
    )


def user_config() -> Config:
    """Returns the user's Jupyter configuration. Raises KernelStartError if one of its files is broken.

    JupyterApp would also run a `jupyter_config.py` in the current folder, which may not be the user's own. Neither is one found
    by a relative path in JUPYTER_CONFIG_PATH or JUPYTER_CONFIG_DIR.
    """
    config = Config()
    for folder in reversed([path for path in jupyter_config_path() if Path(path).is_absolute()]):
        for loader in (PyFileConfigLoader("jupyter_config.py", folder), JSONFileConfigLoader("jupyter_config.json", folder)):
            try:
                config.merge(loader.load_config())
            except ConfigFileNotFound:
                continue
            except Exception as error:  # the file is a Python program
                raise KernelStartError(f"it can't be read: {_describe(error)}", where=loader.full_filename) from error
    return config


def _describe(error: Exception) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
