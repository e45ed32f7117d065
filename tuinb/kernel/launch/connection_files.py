"""Finds and checks connection files of kernels that run already, whoever started them.

A connection file has the addresses of a kernel and the key that signs its messages. Many files in Jupyter's runtime folder are
of kernels that have ended. A kernel listens on all five of its addresses. The system tells which process listens, so that no
kernel has to be asked for its process id. This module needs neither zmq nor asyncio, so that a command can find a kernel before
it forks. The key is in no text: not in an error, and not in the repr of a file.
"""

from __future__ import annotations

import json
import os
import socket
import stat
import struct
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tuinb.errors import KernelError, shown
from tuinb.kernel.launch.kernelspecs import runtime_folder
from tuinb.kernel.launch.spawn import CHANNEL_PORTS, PREFIX
from tuinb.record import Record

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_MOST_BYTES = 1 << 16
"""Bytes of a connection file that are read."""
_MOST_FILES = 500
"""Number of connection files that are read. The newest are."""
_CONNECT = 0.2
"""Seconds that a socket of this machine has to take a connection."""
_ANY_ADDRESS = ("*", "0.0.0.0", "::", "")
_LISTENS = "0A"
"""The state of a listening socket in /proc/net/tcp."""


@dataclass(frozen=True, slots=True)
class ConnectionFile:
    """A connection file that was read and checked."""

    path: Path
    info: Mapping[str, Any] = field(repr=False)
    """Its content, with the key."""
    local: bool
    """Whether its addresses are of this machine."""
    warnings: tuple[str, ...] = ()
    """What the user should know about it."""

    @property
    def name(self) -> str:
        """The name of the file without `kernel-` and `.json`."""
        return self.path.stem.removeprefix(PREFIX)

    @property
    def kernel_name(self) -> str:
        """The kernelspec's name. Empty if the file does not tell."""
        return _text(self.info.get("kernel_name"))

    @property
    def notebook(self) -> str:
        """The path of the notebook that the kernel was started for. Empty if the file does not tell."""
        return _text(self.info.get("jupyter_session"))

    @property
    def address(self) -> str:
        """The address of the other machine that the kernel runs on. Empty if it runs on this one."""
        return "" if self.local else shown(_text(self.info.get("ip")))

    @property
    def question(self) -> str:
        """The question to ask before a connection to another machine. Empty if the kernel runs on this one."""
        if self.local:
            return ""
        how = "encrypted" if self.info.get("curve_publickey") else "without encryption"
        return f"This kernel is at {self.address}, not on this machine. Your code and its results go there {how}. Connect?"

    @property
    def label(self) -> str:
        """The name, and the notebook if it is known."""
        return f"{self.name} ({Path(self.notebook).name})" if self.notebook else self.name


class Running(Record):
    """A kernel whose addresses are listened on."""

    file: ConnectionFile
    pid: int | None = None
    """The number of the process that listens. None if it is not known, or is not on this machine."""


def read(path: Path) -> ConnectionFile:
    """Reads and checks a connection file. Raises KernelError."""
    where = shown(path)
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as file:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                raise KernelError("it is no file", where=where, hint="a connection file is kernel-….json")
            data = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise KernelError(f"the connection file can't be read: {error.strerror}", where=where) from error
    if status.st_uid != os.geteuid():
        raise KernelError(
            "it is a connection file of another user", where=where, hint="tuinb connects to your own kernels only"
        )
    exposed = _exposed(path, status.st_mode)
    if exposed & 0o022:
        hint = f"`chmod 600 {where}`, if you know where it is from"
        raise KernelError("other users can change this connection file", where=where, hint=hint)
    info = _checked(data, where)
    warnings = []
    if exposed & 0o044:
        warnings.append(f"Other users can read the key in {where}. `chmod 600` closes it.")
    if not info.get("key"):
        warnings.append("The messages of this kernel are not signed: its connection file has no key.")
    return ConnectionFile(path, info, info["transport"] == "ipc" or is_local(info["ip"]), tuple(warnings))


def _exposed(path: Path, mode: int) -> int:
    """Returns the bits of a file's mode that are for others, as far as its folder lets them pass."""
    try:
        return mode if path.parent.stat().st_mode & 0o011 else 0
    except OSError:
        return mode


def _checked(data: bytes, where: str) -> dict[str, Any]:
    def refuse(why: str) -> KernelError:
        return KernelError(f"it is no connection file: {why}", where=where, hint="`tuinb kernels --running` lists kernels")

    try:
        info = json.loads(data) if len(data) <= _MOST_BYTES else None
    except (ValueError, RecursionError):
        raise refuse("it is not JSON") from None
    if not isinstance(info, dict):
        raise refuse("it is too long" if info is None and len(data) > _MOST_BYTES else "it is no JSON object")
    info.setdefault("transport", "tcp")
    if problem := _wrong_address(info) or _wrong_key(info):
        raise refuse(problem)
    if info["transport"] == "tcp" and info["ip"] in _ANY_ADDRESS:
        info["ip"] = "127.0.0.1"
    return info


def _wrong_address(info: Mapping[str, Any]) -> str:
    if info["transport"] not in ("tcp", "ipc"):
        return f"its transport is {_shortened(info['transport'])}, where tuinb knows tcp and ipc"
    if not isinstance(info.get("ip"), str):
        return "it has no address (ip)"
    for port in CHANNEL_PORTS:
        number = info.get(port)
        if not isinstance(number, int) or isinstance(number, bool) or not 0 < number < 1 << 16:
            return f"its {port} is {_shortened(number)}"
    return ""


def _wrong_key(info: Mapping[str, Any]) -> str:
    for name in ("key", "signature_scheme", "curve_publickey", "curve_secretkey"):
        if not isinstance(info.get(name, ""), str | None):
            return f"its {name} is no text"
    return "" if bool(info.get("curve_publickey")) == bool(info.get("curve_secretkey")) else "it has one of two CURVE keys only"


def _shortened(value: object) -> str:
    return shown(repr(value)[:40])


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def is_local(ip: str) -> bool:
    """Returns whether an address is one of this machine. A name other than localhost is not looked up, and counts as remote."""
    if ip == "localhost":
        return True
    try:
        with socket.socket(socket.AF_INET6 if ":" in ip else socket.AF_INET, socket.SOCK_DGRAM) as probe:
            socket.inet_pton(probe.family, ip)
            probe.bind((ip, 0))
    except (OSError, ValueError):
        return False
    return True


# ---- which kernels run


def running(environ: Mapping[str, str]) -> list[Running]:
    """Returns the kernels of this user that seem to run, the latest first: their connection files are good and listened on.

    Those on other machines are returned without asking.
    """
    folder = runtime_folder(environ)
    with suppress(OSError):
        paths = sorted(folder.glob(f"{PREFIX}*.json"), key=_changed_at, reverse=True)
        return _listened_on(_readable(paths[:_MOST_FILES]))
    return []


def find(word: str, notebook: Path | None, environ: Mapping[str, str]) -> Running:
    """Returns the running kernel that `word` names. Raises KernelError if none or several fit.

    `word` is the path of a connection file, or a kernel's name, process id, kernelspec or notebook, or a part of its name. An
    empty one means the kernel of `notebook`, or the only one there is.
    """
    path = Path(word).expanduser()
    if os.sep in word or (word.endswith(".json") and path.exists()):
        found = _listened_on([read(path)])
        if not found:
            raise KernelError("its kernel has ended: nothing listens at its addresses", where=shown(path), hint=_LISTS)
        return found[0]
    kernels = running(environ)
    fitting = _fitting(word, notebook, kernels)
    if len(fitting) == 1:
        return fitting[0]
    what = f"--existing {shown(word)}" if word else "--existing"
    if fitting:
        names = ", ".join(kernel.file.label for kernel in fitting)
        raise KernelError(f"{len(fitting)} kernels fit", where=what, hint=f"name one of {shown(names)}")
    if kernels:
        raise KernelError("no running kernel of yours fits", where=what, hint=_LISTS)
    folder = runtime_folder(environ)
    raise KernelError("no kernel of yours runs", where=what, hint=f"connection files are searched in {shown(folder)}")


_LISTS = "`tuinb kernels --running` lists those that run"


def _fitting(word: str, notebook: Path | None, kernels: Sequence[Running]) -> list[Running]:
    """Returns the kernels that fit in the first of several ways in which any does."""
    if not word:
        same = [kernel for kernel in kernels if notebook is not None and is_of(kernel.file, notebook)]
        return same or list(kernels)
    word = word.removesuffix(".json").removeprefix(PREFIX)
    ways = (
        [kernel for kernel in kernels if word in (kernel.file.name, str(kernel.pid))],
        [
            kernel
            for kernel in kernels
            if word in (kernel.file.kernel_name, kernel.file.notebook, Path(kernel.file.notebook).name)
        ],
        [kernel for kernel in kernels if word in kernel.file.name],
    )
    return next((found for found in ways if found), [])


def is_of(file: ConnectionFile, notebook: Path) -> bool:
    """Returns whether a kernel was started for a notebook. A server writes a path relative to its own root folder."""
    told = Path(file.notebook)
    if not file.notebook:
        return False
    return told == notebook if told.is_absolute() else notebook.parts[-len(told.parts) :] == told.parts


def _changed_at(path: Path) -> float:
    try:
        return path.lstat().st_mtime
    except OSError:
        return 0.0


def _readable(paths: Iterable[Path]) -> list[ConnectionFile]:
    files = []
    for path in paths:
        with suppress(KernelError):
            files.append(read(path))
    return files


def _listened_on(files: Iterable[ConnectionFile]) -> list[Running]:
    found: list[Running] = []
    ports: dict[int, list[int]] = {}
    for file in files:
        if not file.local:
            found.append(Running(file))
        elif file.info["transport"] == "ipc":
            pids = [_unix_listener(f"{file.info['ip']}-{file.info[port]}") for port in CHANNEL_PORTS]
            if None not in pids:
                found.append(Running(file, pids[0] or None))
        elif all(_takes_connections(file.info["ip"], file.info[port]) for port in CHANNEL_PORTS):
            ports.setdefault(file.info["shell_port"], []).append(len(found))
            found.append(Running(file))
    for port, (uid, pid) in _tcp_listeners(ports).items():
        for at in ports[port]:
            found[at] = Running(found[at].file, pid if uid == os.geteuid() else -1)
    return [kernel for kernel in found if kernel.pid != -1]


def _unix_listener(path: str) -> int | None:
    """Returns the process that listens on a socket in the file system. 0 if the system does not tell; None if none does.

    A process of another user counts as none.
    """
    try:
        with socket.socket(socket.AF_UNIX) as probe:
            probe.settimeout(_CONNECT)
            probe.connect(path)
            if not hasattr(socket, "SO_PEERCRED"):
                return 0
            pid, uid, _ = struct.unpack("3i", probe.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i")))
    except (OSError, ValueError):
        return None
    return int(pid) if uid == os.geteuid() else None


def _takes_connections(ip: str, port: int) -> bool:
    try:
        with socket.create_connection((ip, port), _CONNECT):
            return True
    except OSError:
        return False


def _tcp_listeners(ports: Iterable[int]) -> dict[int, tuple[int, int | None]]:
    """Returns port → user id and process id of those that listen on TCP ports of this machine, as far as the system tells."""
    wanted = set(ports)
    sockets: dict[str, tuple[int, int]] = {}
    if not wanted:
        return {}
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        with suppress(OSError, ValueError, IndexError):
            for line in Path(table).read_text().splitlines()[1:]:
                fields = line.split()
                port = int(fields[1].rpartition(":")[2], 16)
                if fields[3] == _LISTENS and port in wanted:
                    sockets[f"socket:[{fields[9]}]"] = port, int(fields[7])
    found: dict[int, tuple[int, int | None]] = {port: (uid, None) for port, uid in sockets.values()}
    holders: dict[int, list[int]] = {}
    for pid in _own_processes():
        for name in _open_files(pid):
            if name in sockets:
                holders.setdefault(sockets[name][0], []).append(pid)
    for port, pids in holders.items():
        # A child that was forked without exec has the sockets of its parent.
        eldest = [pid for pid in pids if _parent_of(pid) not in pids]
        if len(eldest) == 1:
            found[port] = found[port][0], eldest[0]
    return found


def _own_processes() -> Iterable[int]:
    with suppress(OSError):
        for entry in os.scandir("/proc"):
            with suppress(OSError):
                if entry.name.isdecimal() and entry.stat().st_uid == os.geteuid():
                    yield int(entry.name)


def _open_files(pid: int) -> Iterable[str]:
    with suppress(OSError):
        for entry in os.scandir(f"/proc/{pid}/fd"):
            with suppress(OSError):
                yield str(Path(entry.path).readlink())


def _parent_of(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except (OSError, ValueError, IndexError):
        return 0
