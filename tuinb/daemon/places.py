"""Where sessions listen: one socket for each notebook, in a folder that only its owner can use.

The folder is `$TMPDIR/tuinb-UID`, else `/tmp/tuinb-UID`. XDG_RUNTIME_DIR is removed at logout, and the home folder may be on a
network, where sockets don't work. A folder that somebody else made, or a link in its place, is refused: whoever listens there
is handed the terminal. Both sides check that the other one is the same user.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import socket
import stat
import struct
import sys
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tuinb.errors import SessionError, shown
from tuinb.record import Record

if TYPE_CHECKING:
    from collections.abc import Iterator

_MAX_SOCKET_PATH: Final = 100
"""Maximum bytes of a socket's path. The system's limit is 107 on Linux and 103 on macOS."""
_NAME_DIGITS: Final = 16
_BACKLOG: Final = 16
_ALONE: Final = "`tuinb --no-session FILE` opens the notebook without a session"


def folder() -> Path:
    """Returns the folder of this user's sockets; it may not exist."""
    name = f"tuinb-{os.geteuid()}"
    bases = [base for base in (os.environ.get("TMPDIR", ""), "/tmp") if base.startswith("/")]
    fitting = [base for base in bases if len(os.fsencode(Path(base, name, "0" * _NAME_DIGITS + ".sock"))) <= _MAX_SOCKET_PATH]
    return Path(next((base for base in fitting if Path(base).is_dir() and os.access(base, os.W_OK | os.X_OK)), "/tmp"), name)


def make_private(path: Path) -> None:
    """Makes the folder if it does not exist. Raises SessionError unless it is a folder that only this user can use."""
    try:
        path.mkdir(mode=0o700)
    except FileExistsError:
        pass
    except OSError as error:
        raise SessionError(f"no folder for its socket can be made: {error.strerror}", where=shown(path), hint=_ALONE) from error
    check_private(path)


def check_private(path: Path) -> None:
    """Raises SessionError unless it is a folder that only this user can use. Raises FileNotFoundError if it does not exist."""
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode):
        raise SessionError("it is not a folder", where=shown(path), hint=f"remove it; {_ALONE}")
    if found.st_uid != os.geteuid():
        raise SessionError("the folder for sockets belongs to another user", where=shown(path), hint=_ALONE)
    if stat.S_IMODE(found.st_mode) & 0o077:
        raise SessionError(
            "other users can use the folder for sockets",
            where=shown(path),
            hint=f"check what is in it, then `chmod 700` it; {_ALONE}",
        )


def check_peer(connection: socket.socket) -> None:
    """Raises SessionError unless the process at the other end belongs to this user."""
    user = _peer(connection)
    if user != os.geteuid():
        raise SessionError(f"the process at the other end of the socket belongs to user {user}", hint=_ALONE)


def _peer(connection: socket.socket) -> int:
    """Returns the id of the user at the other end."""
    if sys.platform == "linux":
        user = struct.unpack("3i", connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[1]
    else:  # SOL_LOCAL, LOCAL_PEERCRED: struct xucred begins with its version and the user
        user = struct.unpack_from("2I", connection.getsockopt(0, 1, 76))[1]
    return int(user)


class Place(Record):
    """The place of one notebook's session."""

    folder: Path
    name: str

    @classmethod
    def of(cls, notebook: Path) -> Place:
        """Returns the place for a notebook, by its path without symbolic links."""
        real = os.fsencode(os.path.realpath(notebook))
        return cls(folder(), hashlib.sha256(real).hexdigest()[:_NAME_DIGITS])

    @property
    def address(self) -> Path:
        """The socket on which the session listens."""
        return self.folder / f"{self.name}.sock"

    @property
    def log(self) -> Path:
        """What the daemon writes to its stderr. Removed at its end."""
        return self.folder / f"{self.name}.log"

    @property
    def agent(self) -> Path:
        """The link to the SSH agent of the terminal that attached last (environment.py)."""
        return self.folder / f"{self.name}.agent"

    @property
    def _lock(self) -> Path:
        return self.folder / f"{self.name}.lock"

    def connect(self, within: float | None = None) -> socket.socket | None:
        """Returns a connection to the session. Returns None if none runs. Raises SessionError if it is not this user's.

        Raises SessionError, too, if it does not take the connection `within` so many seconds.
        """
        try:
            check_private(self.folder)
            found = self.address.lstat()
        except FileNotFoundError:
            return None
        if not stat.S_ISSOCK(found.st_mode) or found.st_uid != os.geteuid():
            raise SessionError("it is not a socket of yours", where=shown(self.address), hint=f"remove it; {_ALONE}")
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(within)
        try:
            connection.connect(str(self.address))
            connection.settimeout(None)
            check_peer(connection)
        except (TimeoutError, BlockingIOError) as error:  # others, whom it did not answer either, wait before this one
            connection.close()
            raise SessionError("it does not answer", where=shown(self.address), hint=_ALONE) from error
        except OSError as error:
            connection.close()
            if error.errno in (errno.ECONNREFUSED, errno.ENOENT):
                return None
            problem = f"its socket can't be reached: {error.strerror}"
            raise SessionError(problem, where=shown(self.address), hint=_ALONE) from error
        except SessionError:
            connection.close()
            raise
        return connection

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Makes the folder, and keeps other processes from beginning or ending this session meanwhile.

        A forked child has to close its copy of the lock's descriptor. Raises SessionError.
        """
        descriptor = self._take_lock()
        try:
            yield
        finally:
            os.close(descriptor)

    def _take_lock(self) -> int:
        while True:
            make_private(self.folder)
            try:
                descriptor = os.open(self._lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
            except FileNotFoundError:  # a session that ended removed the folder
                continue
            except OSError as error:
                raise SessionError(f"it can't be locked: {error.strerror}", where=shown(self._lock), hint=_ALONE) from error
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            with suppress(FileNotFoundError):
                if os.path.samestat(os.fstat(descriptor), self._lock.lstat()):
                    return descriptor
            os.close(descriptor)  # its last holder removed it

    def listen(self) -> socket.socket:
        """Returns a listening socket. Call it under the lock, after `connect` found nobody. Raises SessionError."""
        listener = socket.socket(socket.AF_UNIX)
        try:
            self.address.unlink(missing_ok=True)
            listener.bind(str(self.address))
            self.address.chmod(0o600)
            listener.listen(_BACKLOG)
        except OSError as error:
            listener.close()
            raise SessionError(f"its socket can't be made: {error.strerror}", where=shown(self.address), hint=_ALONE) from error
        return listener

    def hold_folder(self) -> int:
        """Returns a descriptor with a lock that keeps systemd-tmpfiles from cleaning the folder."""
        descriptor = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC | os.O_NOFOLLOW)
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        return descriptor

    def remove(self) -> None:
        """Removes the socket of a session that ends."""
        with self.locked():
            self.abandon()

    def abandon(self) -> None:
        """Removes the socket of a session that did not begin. Call it under the lock."""
        self.address.unlink(missing_ok=True)
        self._lock.unlink(missing_ok=True)
        self._remove_folder()

    def clean(self) -> None:
        """Removes what a session that was killed has left, unless another one listens. Raises SessionError."""
        with self.locked():
            daemon = self.connect()
            if daemon is not None:
                daemon.close()
                return
            for path in (self.address, self.log, self.agent, self._lock):
                path.unlink(missing_ok=True)
        self._remove_folder()

    def remove_rest(self) -> None:
        """Removes the log and the link to the SSH agent, unless another session has begun here meanwhile."""
        if not self.address.exists():
            self.log.unlink(missing_ok=True)
            self.agent.unlink(missing_ok=True)
        self._remove_folder()

    def _remove_folder(self) -> None:
        with suppress(OSError):  # other sessions use it
            self.folder.rmdir()
