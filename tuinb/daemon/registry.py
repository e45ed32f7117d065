"""The list of running sessions: a small file for each, in `tuinb/sessions` of the user's state folder.

A session writes its file at its start and removes it at its end. A file whose process has ended is removed by the next reader,
unless the session's kernel was left behind. The home folder may be shared by several hosts: only the host that wrote a file can
judge it. The files hold no secret. Nothing in them is trusted further than its owner: who connects checks the other end.
"""

from __future__ import annotations

import json
import os
import time
from contextlib import suppress
from dataclasses import MISSING, asdict, dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tuinb import __version__, private_folder, processes
from tuinb.daemon.places import Place
from tuinb.errors import SessionError, shown
from tuinb.files import disk

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterable, Iterator, Sequence

SUFFIX: Final = ".json"
_STALE: Final = 60.0
"""Seconds after which an unfinished file was left behind."""
_MOST_BYTES: Final = 64 * 1024
"""Maximum length of a file: the longest path takes 24 kB in JSON."""
_MOVED_WITHIN: Final = 0.5
"""Seconds in which a session that has moved its socket has written its entry."""
_POLL: Final = 0.01
_LATEST: Final = 1e11
"""A time that no session begins at, in seconds since 1970: some systems can't show later ones."""


@dataclass(frozen=True, slots=True)
class Entry(processes.Recorded):
    """A session, as its file describes it."""

    id: str
    """The name of the file."""
    notebook: str
    """The absolute path of the notebook."""
    socket: str
    """The path of the socket on which the session listens."""
    host: str
    boot: str
    pid: int
    started: str
    since: float
    """When the session began, in seconds since 1970."""
    version: str = __version__
    kernel_pid: int = 0
    """The number of the kernel's process. 0 if there is none on this machine."""
    kernel_started: str = ""
    source: str = ""
    """The absolute path of the notebook that a run reads. Empty for other sessions."""
    kernel_folder: str = ""
    """The kernel's private folder, which names its connection file. Empty if the kernel can't be adopted."""

    @classmethod
    def of(
        cls,
        identity: str,
        notebook: Path,
        place: Place,
        since: float,
        kernel: tuple[int | None, str],
        source: Path | None = None,
    ) -> Entry:
        """Returns the entry for a session of this process."""
        here = processes.this_process()
        pid_of_kernel, folder_of_kernel = kernel
        process = (pid_of_kernel, processes.start_of(pid_of_kernel)) if pid_of_kernel is not None else (0, "")
        folder_of_kernel = folder_of_kernel if pid_of_kernel is not None else ""
        more = str(source or ""), folder_of_kernel
        return cls(identity, str(notebook), str(place.address), *here, since, __version__, *process, *more)

    @property
    def paths(self) -> list[str]:
        """The notebooks by which the session is found."""
        return [self.notebook, self.source] if self.source else [self.notebook]

    @property
    def place(self) -> Place:
        """Where the session listens."""
        address = Path(self.socket)
        return Place(address.parent, address.stem)

    @property
    def left_kernel(self) -> int | None:
        """The number of the kernel's process, if that runs although the session's has ended."""
        left = self.is_here and not self.is_running
        return self.kernel_pid if left and processes.is_running(self.kernel_pid, self.kernel_started, self.boot) else None


@dataclass(slots=True)
class Listing:
    """What the folder holds."""

    entries: list[Entry] = field(default_factory=list)
    """Sessions, the latest first: of this host and, in a shared home, of other ones."""
    problems: list[str] = field(default_factory=list)
    """Files that describe no session, for the user."""


def folder() -> Path:
    """Returns the folder of entries; it may not exist."""
    return private_folder.state_folder(os.environ) / "sessions"


def write(entry: Entry) -> None:
    """Writes or replaces an entry. Raises OSError."""
    private_folder.make(folder())
    private_folder.replace(_file(entry), json.dumps(asdict(entry)))


def remove(entry: Entry) -> None:
    """Removes an entry. Raises OSError."""
    _file(entry).unlink(missing_ok=True)


def _file(entry: Entry) -> Path:
    return folder() / f"{entry.id}{SUFFIX}"


def read() -> Listing:
    """Returns the sessions. Removes the entries of sessions that have ended on this host and left nothing."""
    found = Listing()
    for path in _files():
        try:
            entry = _parse(path)
        except FileNotFoundError:  # it has ended meanwhile
            continue
        except (OSError, ValueError, RecursionError) as error:
            why = error.strerror if isinstance(error, OSError) else "it describes no session"
            found.problems.append(f"{shown(path)}: {why}; remove it")
            continue
        if not entry.is_here or entry.is_running or entry.left_kernel:
            found.entries.append(entry)
        else:
            with suppress(OSError):  # a home that can't be written: it is left out all the same
                path.unlink()
    found.entries.sort(key=lambda entry: entry.since, reverse=True)
    return found


def left_kernel_of(notebook: Path) -> Entry | None:
    """Returns the latest session of a notebook whose process has ended, but not its kernel."""
    real = os.path.realpath(notebook)
    found = (entry for entry in read().entries if entry.left_kernel and os.path.realpath(entry.notebook) == real)
    return next(found, None)


def _files() -> Iterator[Path]:
    try:
        paths = sorted(folder().iterdir())
    except OSError:
        return
    for path in paths:
        if path.suffix == SUFFIX:
            yield path
        elif path.suffix == private_folder.UNFINISHED:
            with suppress(OSError):
                if time.time() - path.lstat().st_mtime > _STALE:
                    path.unlink()


def _parse(path: Path) -> Entry:
    """Returns the entry in a file. Raises ValueError if it holds none, and OSError if it can't be read."""
    data = json.loads(private_folder.read(path, _MOST_BYTES))
    if not isinstance(data, dict):
        raise ValueError
    known = {name: _checked(name, data[name]) for name in _TYPES if name in data}  # a later version may write more
    if not known.keys() >= _REQUIRED:
        raise ValueError
    return Entry(**{**known, "id": path.stem})


_TYPES: Final = {entry.name: {"str": str, "int": int, "float": float}[str(entry.type)] for entry in fields(Entry)}

_REQUIRED: Final = {entry.name for entry in fields(Entry) if entry.default is MISSING}
"""What every version writes."""


def _checked(name: str, value: object) -> Any:  # noqa: ANN401
    wanted = _TYPES[name]
    if wanted is float and type(value) is int and 0 <= value < _LATEST:
        return float(value)
    if type(value) is not wanted or (isinstance(value, str) and "\0" in value):
        raise ValueError(name)
    if isinstance(value, float) and not 0 <= value < _LATEST:
        raise ValueError(name)
    return value


def connect(entry: Entry, within: float) -> tuple[Entry, socket.socket | None]:
    """Returns the session's entry of now, and a connection to it; None if it does not listen.

    A session that saves under another name moves its socket, and writes its entry after that: where the socket of a running one
    is gone, the entry is read again for a moment. Raises SessionError as Place.connect does.
    """
    deadline = time.monotonic() + _MOVED_WITHIN
    while (daemon := entry.place.connect(within)) is None and entry.is_running and time.monotonic() < deadline:
        time.sleep(_POLL)
        try:
            entry = _parse(_file(entry))
        except (OSError, ValueError, RecursionError):  # it has ended, or the next list complains about its file
            break
    return entry, daemon


# ---- names


def choose(entries: Sequence[Entry], name: str) -> Entry:
    """Returns the session of this name: a notebook's path, its id, or a part of the path that no other session has.

    Raises SessionError, which lists the sessions.
    """
    real = os.path.realpath(disk.absolute_path(name))
    by_path = [entry for entry in entries if name == entry.id or real in map(os.path.realpath, entry.paths)]
    by_name = [entry for entry in entries if name in map(os.path.basename, entry.paths)]
    by_part_of_name = [entry for entry in entries if name and any(name in Path(path).name for path in entry.paths)]
    by_part = [entry for entry in entries if name and any(name in path for path in entry.paths)]
    for found in (by_path, by_name, by_part_of_name, by_part):
        if len(found) == 1:
            return found[0]
        if found:
            raise SessionError(
                f"{len(found)} sessions are called so", where=repr(name), hint=f"give more of the path: {names(found)}"
            )
    raise SessionError("no session is called so", where=repr(name), hint=existing(entries))


def existing(entries: Sequence[Entry]) -> str:
    """Returns a hint that lists the sessions."""
    return f"there are: {names(entries)}" if entries else "there is none; `tuinb FILE` begins one"


def names(entries: Iterable[Entry]) -> str:
    """Returns the notebooks of sessions as one line."""
    return ", ".join(
        shown(entry.notebook) if entry.is_here else f"{shown(entry.notebook)} on {entry.host}" for entry in entries
    )
