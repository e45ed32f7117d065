"""Spawns a kernel's process, before the screen is imported and from the main thread.

A kernel takes 0.4 s to start, longer than the screen. `kernel.connection` connects to the process later. This module imports
neither zmq nor jupyter_client, so that spawning takes a few milliseconds.

A kernel has a private folder for its sockets, a connection file in the folder that `jupyter console --existing` searches, and a
log of its stdout and stderr. tuinb and the kernel hold a lock in the private folder. `sweep` removes the folders whose lock is
free, because both processes have ended.

The kernel of a session is `kept`: it outlives a tuinb that is killed, and the next one adopts it (`adopt`).
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import signal
import stat
import subprocess
import sys
from contextlib import ExitStack, suppress
from dataclasses import asdict
from pathlib import Path
from string import Template

from tuinb import private_folder
from tuinb.errors import KernelError, KernelStartError
from tuinb.kernel.launch.adopted import UNKNOWN_CODE, AdoptedProcess
from tuinb.kernel.launch.encryption import curve_keys
from tuinb.kernel.launch.kernelspecs import KernelSpec, find_program, runtime_folder
from tuinb.kernel.launch.quirks import START_NOTES, speaks_ipc
from tuinb.late_pattern import late_pattern
from tuinb.processes import end_with_parent
from tuinb.record import Record

CHANNEL_PORTS = ("shell_port", "iopub_port", "stdin_port", "control_port", "hb_port")
PREFIX = "kernel-"
"""What the name of a connection file begins with."""
_MAX_SOCKET_PATH = 100
"""Maximum bytes of a socket's path. The system's limit is 107 on Linux and 103 on macOS."""
_RUN_MODULE = (
    "import sys; sys.path[:1] = filter(None, sys.path[:1]); "
    "import runpy; runpy.run_module({module!r}, run_name='__main__', alter_sys=True)"
)
"""Does what `python -m` does, but does not search the working folder for the module and for what that imports. The working
folder is the notebook's, and an ipykernel_launcher.py or contextlib.py in it would run on opening. ipykernel itself adds the
working folder to sys.path later, behind the standard library; with Python's option -P it would not."""
_FOLDER_NAME = late_pattern(r"tuinb-[0-9a-f]{12}")


class Launched(Record, frozen=False):
    """A kernel's process, its files, and its connection info. `relaunch` puts another process in it."""

    spec: KernelSpec
    cwd: Path
    folder: Path
    """The private folder with the sockets and the lock."""
    lock: int
    """Descriptor of the lock file, which the kernel inherits. -1 after `discard`."""
    connection_file: Path
    info: dict[str, str | int]
    """The content of the connection file."""
    log_path: Path
    log_start: int
    """Offset in the log of the first byte of this process."""
    process: subprocess.Popen[bytes] | AdoptedProcess
    kept: bool = False
    """Whether the kernel outlives a tuinb that is killed."""


def launch_early(spec: KernelSpec, cwd: Path, *, kept: bool = False, notebook: str = "") -> Launched | None:
    """Spawns the kernel before there is a connection. Returns None if a provisioner runs it: the connection starts it then.

    Call it on the main thread. Raises KernelStartError.
    """
    return None if spec.provisioner else launch(spec, cwd, kept=kept, notebook=notebook)


def launch(spec: KernelSpec, cwd: Path, *, kept: bool = False, notebook: str = "") -> Launched:
    """Spawns the kernel with `cwd` as its working directory. Call it on the main thread.

    The connection file tells other programs the path of the notebook, if there is one, as a Jupyter server's does.

    The kernel ends with this process, unless it is `kept`: then `adopt` finds it.

    Raises KernelStartError, also if the kernelspec names a provisioner, because its argv is for another machine.
    """
    if spec.provisioner:
        raise KernelStartError("it is run by a provisioner and can't be spawned here", where=spec.name)
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
            connection_file = runtime / f"{PREFIX}{identity}.json"
            log_path = runtime / f"{PREFIX}{identity}.log"
            private_folder.write(folder / "files", json.dumps([str(connection_file), str(log_path)]))
            if kept:
                private_folder.write(folder / "kernel", json.dumps({"cwd": str(cwd), "spec": asdict(spec)}))
            for path in (connection_file, log_path):
                undo.callback(path.unlink, missing_ok=True)
            info = connection_info(spec, folder) | ({"jupyter_session": notebook} if notebook else {})
            private_folder.write(connection_file, json.dumps(info, indent=1))
        except OSError as error:
            raise KernelStartError(
                f"its connection file or its folder for sockets can't be made: {error}",
                where=spec.name,
                hint="set JUPYTER_RUNTIME_DIR and TMPDIR to folders that can be written to",
            ) from error
        process, log_start = _spawn(spec, cwd, connection_file, log_path, lock, kept=kept)
        undo.pop_all()
    return Launched(spec, cwd, folder, lock, connection_file, info, log_path, log_start, process, kept)


def adopt(folder: Path, pid: int, started: str) -> Launched:
    """Returns a kept kernel whose tuinb was killed, from its private folder. `started`: see processes.start_of.

    Raises KernelError if the folder is not there, is not private, or does not hold what `launch` wrote.
    """
    try:
        status = folder.lstat()
        if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.geteuid() or status.st_mode & 0o077:
            raise KernelError("the folder of its sockets is not private", where=str(folder))
        connection_file, log_path = map(Path, json.loads((folder / "files").read_text()))
        described = json.loads((folder / "kernel").read_text())
        info = json.loads(connection_file.read_text())
        spec = KernelSpec(**{**described["spec"], "argv": tuple(described["spec"]["argv"]), "notices": ()})
        cwd = Path(described["cwd"])
        lock = os.open(folder / "lock", os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise KernelError(f"its files can't be read: {error}", where=str(folder)) from error
    return Launched(spec, cwd, folder, lock, connection_file, info, log_path, 0, AdoptedProcess(pid, started), kept=True)


def relaunch(launched: Launched) -> None:
    """Spawns the kernel again, with the same files and the same key. Raises KernelStartError.

    The earlier process must have been reaped.
    """
    for path in launched.folder.glob("kernel-*"):
        path.unlink(missing_ok=True)
    try:
        private_folder.write(launched.connection_file, json.dumps(launched.info, indent=1))
    except OSError as error:
        raise KernelStartError(f"its connection file can't be written: {error}", where=str(launched.connection_file)) from error
    launched.process, launched.log_start = _spawn(
        launched.spec, launched.cwd, launched.connection_file, launched.log_path, launched.lock, kept=launched.kept
    )


def discard(launched: Launched, *, keep_log: bool = False) -> None:
    """Removes the files of a kernel that has ended. Never raises. Safe to call twice."""
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
    """Removes the files of kernels that ended with a killed front end. Returns the number of such kernels. Never raises."""
    swept = 0
    for base in _socket_bases():
        with suppress(OSError):
            swept += sum(_sweep_one(Path(entry.path)) for entry in os.scandir(base) if _FOLDER_NAME.fullmatch(entry.name))
    return swept


def remove_files(folder: Path) -> bool:
    """Removes the private folder of a kernel that has ended, and its other files. Returns whether it did. Never raises."""
    return bool(_FOLDER_NAME.fullmatch(folder.name)) and _sweep_one(folder)


def connection_info(spec: KernelSpec, folder: Path) -> dict[str, str | int]:
    """Returns the content of a connection file, with a new key.

    The addresses are ipc sockets in `folder`, or free ports of 127.0.0.1 if the kernel needs TCP. TCP is encrypted if possible.
    """
    common: dict[str, str | int] = {
        "key": os.urandom(32).hex(),
        "signature_scheme": "hmac-sha256",
        "kernel_name": spec.name,
    }
    if speaks_ipc(spec):
        return {"transport": "ipc", "ip": str(folder / "kernel")} | dict(zip(CHANNEL_PORTS, range(1, 6), strict=True)) | common
    ports = dict(zip(CHANNEL_PORTS, _free_ports(), strict=True))
    return {"transport": "tcp", "ip": "127.0.0.1"} | ports | common | curve_keys(spec)


def log_tail(launched: Launched, lines: int = 10) -> str:
    """Returns the last lines that this process wrote to its stdout and stderr, or an empty string."""
    return tail(launched.log_path, launched.log_start, lines)


def tail(path: Path, start: int, lines: int = 10, most: int = 16_384) -> str:
    """Returns the last lines of a log after the offset `start`, at most `most` bytes. Empty if it can't be read.

    Leaves out the notes that each ipykernel begins with.
    """
    try:
        with path.open("rb") as log:
            end = log.seek(0, os.SEEK_END)
            log.seek(max(start, end - most))
            text = log.read().decode("utf-8", "replace")
    except OSError:
        return ""
    return "\n".join(re.sub(START_NOTES, "", text).rstrip().split("\n")[-lines:])


def exit_reason(code: int) -> str:
    """Describes the return code of a process, which is negative after a signal."""
    if code == UNKNOWN_CODE:
        return "it ended; its exit code is not known"
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
    spec: KernelSpec, cwd: Path, connection_file: Path, log_path: Path, lock: int, *, kept: bool
) -> tuple[subprocess.Popen[bytes], int]:
    argv = _fill(spec, connection_file)
    environ = _environ(spec)
    if kept:
        environ.pop("JPY_PARENT_PID", None)
    else:  # ipykernel ends with the process of this id, also on systems other than Linux.
        environ["JPY_PARENT_PID"] = str(os.getpid())
    argv[0] = _program(spec, argv[0], environ)
    try:
        log = os.open(log_path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            log_start = os.lseek(log, 0, os.SEEK_END)
            # The kernel gets its own process group: Ctrl+C does not reach it, and its children are killed with it.
            process = subprocess.Popen(
                argv,
                cwd=cwd,
                env=environ,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                pass_fds=(lock,),
                preexec_fn=None if kept else end_with_parent(),
            )
        finally:
            os.close(log)
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        raise _start_error(error, spec, argv[0], cwd) from error
    return process, log_start


def _program(spec: KernelSpec, name: str, environ: dict[str, str]) -> str:
    """Returns the absolute path of the kernel's program. Raises KernelStartError.

    A relative path would be one of the notebook's folder.
    """
    program = find_program(name, environ)
    if program.startswith("/"):
        return program
    what = "there is no such program" if os.sep not in name else "its program is a path relative to the notebook's folder"
    raise KernelStartError(what, where=name, hint=f"the kernelspec is in {spec.resource_dir or spec.name}")


def _fill(spec: KernelSpec, connection_file: Path) -> list[str]:
    """Returns the command line: argv with its placeholders filled, and with `_RUN_MODULE` for Python's option -m."""
    known = {"connection_file": str(connection_file), "resource_dir": spec.resource_dir, "prefix": sys.prefix}
    argv = [re.sub(r"\{(\w+)\}", lambda match: known.get(match[1], match[0]), word) for word in spec.argv]
    at = argv.index("-m") if "-m" in argv[1:-1] else 0
    if not at or not Path(argv[0]).name.startswith("python") or not all(word.startswith("-") for word in argv[1:at]):
        return argv
    return [*argv[:at], "-c", _RUN_MODULE.format(module=argv[at + 1]), *argv[at + 2 :]]


def own_environ() -> dict[str, str]:
    """Returns this process's environment as kernels inherit it: without what configures Textual.

    An empty entry of PYTHONPATH means the working folder, mostly by accident (`$PYTHONPATH:/lib`). Python would run a
    sitecustomize.py of the notebook's folder.
    """
    environ = {name: value for name, value in os.environ.items() if not name.startswith("TEXTUAL")}
    if "PYTHONPATH" in environ:
        environ["PYTHONPATH"] = os.pathsep.join(filter(None, environ["PYTHONPATH"].split(os.pathsep)))
    return environ


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


# ---- files


def _socket_bases() -> list[str]:
    """Returns the folders that may contain private folders. XDG_RUNTIME_DIR is last, because it is removed at logout."""
    found = [os.environ.get("TMPDIR", ""), "/tmp", os.environ.get("XDG_RUNTIME_DIR", "")]
    return [base for base in dict.fromkeys(found) if base.startswith("/")]


def _make_folder() -> Path:
    refused: OSError | None = None
    for base in _socket_bases():
        path = Path(base, f"tuinb-{os.urandom(6).hex()}")
        if len(os.fsencode(path / "kernel-1")) > _MAX_SOCKET_PATH:
            continue
        try:
            path.mkdir(mode=0o700)
        except OSError as error:
            refused = error
            continue
        return path
    raise refused or OSError("no folder with a path short enough for sockets")


def writable_runtime_folder() -> Path | None:
    """Creates and returns the folder for connection files and logs. Returns None if it can't be written to."""
    folder = runtime_folder(os.environ)
    try:
        private_folder.make_missing(folder)
    except OSError:
        return None
    return folder if os.access(folder, os.W_OK | os.X_OK) else None


def _remove(folder: Path) -> None:
    # Imported late, as `socket` is, because the kernel starts only after this module is imported.
    import shutil

    shutil.rmtree(folder, ignore_errors=True)


def _free_ports() -> list[int]:
    """Returns free ports of 127.0.0.1. All are held until the last one is known, so that they differ."""
    import socket

    with ExitStack() as held:
        ports = []
        for _ in CHANNEL_PORTS:
            listener = held.enter_context(socket.socket())
            listener.bind(("127.0.0.1", 0))
            ports.append(int(listener.getsockname()[1]))
        return ports


def _sweep_one(folder: Path) -> bool:
    """Removes a private folder and the files that belong to it, if its lock is free. Returns whether it did."""
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
    except (OSError, ValueError):  # the folder is in use, or is not tuinb's
        return False
    finally:
        os.close(lock)
    return True
