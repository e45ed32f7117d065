"""Spawns a kernel's process, early and from the main thread; no zmq and no jupyter_client, so that it costs few ms.

A kernel takes 0.4 s to start, longer than a screen takes to appear. So its process is spawned before the screen is even
imported, and `kernel.connection` connects to it later. `Launched` holds what both need to know.

Files of a kernel: a private folder with its sockets, a connection file where `jupyter console --existing` looks, and a log of
the process's own stdout and stderr. A lock in the folder is held by us and inherited by the kernel: as long as either lives,
the folder is in use; `sweep` removes those of which neither does.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import signal
import subprocess
import sys
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING

from tuinb.errors import KernelStartError
from tuinb.kernel.launch.kernelspecs import KernelSpec, runtime_folder
from tuinb.kernel.launch.quirks import speaks_ipc

if TYPE_CHECKING:
    from collections.abc import Callable

CHANNEL_PORTS = ("shell_port", "iopub_port", "stdin_port", "control_port", "hb_port")
_LONGEST_SOCKET = 100
"""Bytes of a socket's path; the system's limit is 107 on Linux and 103 on macOS."""
_PR_SET_PDEATHSIG = 1
_OURS = re.compile(r"tuinb-[0-9a-f]{12}")


@dataclass(slots=True)
class Launched:
    """A process, and how to reach it. It outlives the process where that is started again (`relaunch`)."""

    spec: KernelSpec
    cwd: Path
    folder: Path
    """Private; holds the sockets and the lock."""
    lock: int
    """A file descriptor that the kernel inherits."""
    connection_file: Path
    info: dict[str, str | int]
    """The connection file's content."""
    log_path: Path
    log_start: int
    """Where in the log this process's own words begin."""
    process: subprocess.Popen[bytes]


def launch_early(spec: KernelSpec, cwd: Path) -> Launched | None:
    """Spawns the kernel before there is a connection. Returns None if a provisioner runs it, which the connection asks.

    Call it from the main thread. Raises KernelStartError.
    """
    return None if spec.provisioner else launch(spec, cwd)


def launch(spec: KernelSpec, cwd: Path) -> Launched:
    """Spawns the kernel with `cwd` as its working directory; it ends with this process. Call it from the main thread.

    Raises KernelStartError, also if the kernelspec names a provisioner: its argv is not for this machine.
    """
    if spec.provisioner:
        raise KernelStartError("it is run by a provisioner, not from here", where=spec.name)
    identity = os.urandom(16).hex()
    identity = "-".join((identity[:8], identity[8:12], identity[12:16], identity[16:20], identity[20:]))
    with ExitStack() as undo:
        try:
            folder = _make_folder()
            undo.callback(_remove, folder)
            lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            undo.callback(os.close, lock)
            fcntl.flock(lock, fcntl.LOCK_EX)
            runtime = writable_runtime_folder() or folder
            connection_file = runtime / f"kernel-{identity}.json"
            log_path = runtime / f"kernel-{identity}.log"
            (folder / "files").write_text(json.dumps([str(connection_file), str(log_path)]))
            for path in (connection_file, log_path):
                undo.callback(path.unlink, missing_ok=True)
            info = connection_info(spec, folder)
            _write_private(connection_file, json.dumps(info, indent=1))
        except OSError as error:
            raise KernelStartError(
                f"its connection file or its folder for sockets can't be made: {error}",
                where=spec.name,
                hint="JUPYTER_RUNTIME_DIR and TMPDIR say where they go",
            ) from error
        process, log_start = _spawn(spec, cwd, connection_file, log_path, lock)
        undo.pop_all()
    return Launched(spec, cwd, folder, lock, connection_file, info, log_path, log_start, process)


def relaunch(launched: Launched) -> None:
    """Spawns it again where it was, with the same connection file and key. Raises KernelStartError.

    The earlier process must have ended and been waited for.
    """
    for path in launched.folder.glob("kernel-*"):
        path.unlink(missing_ok=True)
    try:
        _write_private(launched.connection_file, json.dumps(launched.info, indent=1))
    except OSError as error:
        raise KernelStartError(f"its connection file can't be written: {error}", where=str(launched.connection_file)) from error
    launched.process, launched.log_start = _spawn(
        launched.spec, launched.cwd, launched.connection_file, launched.log_path, launched.lock
    )


def discard(launched: Launched, *, keep_log: bool = False) -> None:
    """Removes the files of a kernel that has ended. Never raises; safe to call twice."""
    with suppress(OSError):
        launched.connection_file.unlink(missing_ok=True)
    if not keep_log:
        with suppress(OSError):
            launched.log_path.unlink(missing_ok=True)
    if launched.lock >= 0:
        _remove(launched.folder)
        os.close(launched.lock)
        launched.lock = -1


def sweep() -> int:
    """Removes what kernels left behind whose front end was killed, and says how many there were. Never raises."""
    swept = 0
    for base in _socket_bases():
        with suppress(OSError):
            swept += sum(_sweep_one(Path(entry.path)) for entry in os.scandir(base) if _OURS.fullmatch(entry.name))
    return swept


def connection_info(spec: KernelSpec, folder: Path) -> dict[str, str | int]:
    """The content of a connection file: sockets in `folder`, or ports of 127.0.0.1 where the kernel knows TCP only."""
    common: dict[str, str | int] = {
        "key": os.urandom(32).hex(),
        "signature_scheme": "hmac-sha256",
        "kernel_name": spec.name,
    }
    if speaks_ipc(spec):
        return {"transport": "ipc", "ip": str(folder / "kernel")} | dict(zip(CHANNEL_PORTS, range(1, 6), strict=True)) | common
    return {"transport": "tcp", "ip": "127.0.0.1"} | dict(zip(CHANNEL_PORTS, _free_ports(), strict=True)) | common


def log_tail(launched: Launched, lines: int = 10) -> str:
    """Returns the last lines that this process wrote to its stdout and stderr, or an empty string."""
    return tail(launched.log_path, launched.log_start, lines)


def tail(path: Path, start: int, lines: int = 10, most: int = 16_384) -> str:
    """Returns the last lines of a log behind the offset `start`, or an empty string if it can't be read."""
    try:
        with path.open("rb") as log:
            end = log.seek(0, os.SEEK_END)
            log.seek(max(start, end - most))
            text = log.read().decode("utf-8", "replace")
    except OSError:
        return ""
    return "\n".join(text.rstrip().split("\n")[-lines:])


def exit_reason(code: int) -> str:
    """A process's return code (negative: a signal) in words."""
    if code >= 0:
        return f"exited with code {code}"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    if -code == signal.SIGKILL:
        return f"killed by {name} (the system may have run out of memory)"
    return f"killed by {name}"


# ---- the process


def _spawn(
    spec: KernelSpec, cwd: Path, connection_file: Path, log_path: Path, lock: int
) -> tuple[subprocess.Popen[bytes], int]:
    argv = _fill(spec, connection_file)
    # ipykernel's own way to end with its parent, for systems that know none.
    environ = _environ(spec) | {"JPY_PARENT_PID": str(os.getpid())}
    try:
        log = os.open(log_path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            log_start = os.lseek(log, 0, os.SEEK_END)
            # A group of its own: Ctrl+C at the terminal is not for the kernel, and its children can be ended with it.
            process = subprocess.Popen(
                argv,
                cwd=cwd,
                env=environ,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                pass_fds=(lock,),
                preexec_fn=_end_with_parent(),
            )
        finally:
            os.close(log)
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        raise _start_error(error, spec, argv[0], cwd) from error
    return process, log_start


def _end_with_parent() -> Callable[[], None] | None:
    """What the child calls before it becomes the kernel, so that even kill -9 of us ends it; None where there is no such thing.

    The signal comes when the *thread* that spawned it ends, hence the main thread. It is SIGKILL, because the kernel runs
    a user's code, which may have taken SIGTERM for itself.
    """
    if sys.platform != "linux":
        return None
    import ctypes

    prctl = ctypes.CDLL(None).prctl
    request = (ctypes.c_int(_PR_SET_PDEATHSIG), ctypes.c_ulong(signal.SIGKILL))
    parent = os.getpid()

    def before_exec() -> None:
        prctl(*request)
        if os.getppid() != parent:  # it ended in between, and will send no signal any more
            os._exit(1)

    return before_exec


def _fill(spec: KernelSpec, connection_file: Path) -> list[str]:
    known = {"connection_file": str(connection_file), "resource_dir": spec.resource_dir, "prefix": sys.prefix}
    return [re.sub(r"\{(\w+)\}", lambda match: known.get(match[1], match[0]), word) for word in spec.argv]


def own_environ() -> dict[str, str]:
    """Returns this process's environment as kernels inherit it: without what configures Textual."""
    return {name: value for name, value in os.environ.items() if not name.startswith("TEXTUAL")}


def _environ(spec: KernelSpec) -> dict[str, str]:
    environ = own_environ()
    own = {name: Template(value).safe_substitute(environ) for name, value in spec.env.items()}
    return environ | own


def _start_error(error: Exception, spec: KernelSpec, program: str, cwd: Path) -> KernelStartError:
    if not cwd.is_dir():
        return KernelStartError("its working directory is not there", where=str(cwd))
    if isinstance(error, FileNotFoundError):
        return KernelStartError(
            "there is no such program", where=program, hint=f"the kernelspec is in {spec.resource_dir or spec.name}"
        )
    if isinstance(error, PermissionError):
        return KernelStartError("it may not be executed", where=program)
    return KernelStartError(f"the kernel did not start: {error}", where=program)


# ---- its files


def _socket_bases() -> list[str]:
    """Where the folder for sockets may be: not XDG_RUNTIME_DIR first, because that goes away at logout."""
    found = [os.environ.get("TMPDIR", ""), "/tmp", os.environ.get("XDG_RUNTIME_DIR", "")]
    return [base for base in dict.fromkeys(found) if base.startswith("/")]


def _make_folder() -> Path:
    refused: OSError | None = None
    for base in _socket_bases():
        path = Path(base, f"tuinb-{os.urandom(6).hex()}")
        if len(os.fsencode(path / "kernel-1")) > _LONGEST_SOCKET:
            continue
        try:
            path.mkdir(mode=0o700)
        except OSError as error:
            refused = error
            continue
        return path
    raise refused or OSError("no folder with a path short enough for sockets")


def writable_runtime_folder() -> Path | None:
    """Returns the folder for connection files and logs, made if need be. None if nothing can be written there."""
    folder = runtime_folder(os.environ)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:
        return None
    return folder if os.access(folder, os.W_OK | os.X_OK) else None


def _remove(folder: Path) -> None:
    # Imported late, like `socket` below, because this module stands before the kernel's start.
    import shutil

    shutil.rmtree(folder, ignore_errors=True)


def _write_private(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)


def _free_ports() -> list[int]:
    """Ports of 127.0.0.1 that nobody uses now; all are held until the last is known, so that they differ."""
    import socket

    with ExitStack() as held:
        ports = []
        for _ in CHANNEL_PORTS:
            listener = held.enter_context(socket.socket())
            listener.bind(("127.0.0.1", 0))
            ports.append(int(listener.getsockname()[1]))
        return ports


def _sweep_one(folder: Path) -> bool:
    try:
        status = folder.lstat()
        if status.st_uid != os.geteuid() or not folder.is_dir() or folder.is_symlink():
            return False
        lock = os.open(folder / "lock", os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        for name in json.loads((folder / "files").read_text()):
            if re.fullmatch(r"kernel-[0-9a-f-]{36}\.(json|log)", Path(name).name):
                Path(name).unlink(missing_ok=True)
        _remove(folder)
    except (OSError, ValueError):  # in use, or not as we leave it: not ours to judge
        return False
    finally:
        os.close(lock)
    return True
