"""Replaces the content of a file atomically.

The steps are: a temporary file in the same folder, fsync, a check for changes by other programs, rename, fsync of the
folder. If a step before the rename fails, the file is unchanged and the temporary file is removed. If the process is killed,
the next save or start removes it (temporary.py). An existing file is never truncated: if the folder accepts no new file, saving
fails instead of writing in place.
"""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from tuinb.errors import NotebookSaveError, shown
from tuinb.files import attributes
from tuinb.files import temporary as temporary_files
from tuinb.files.disk import DiskState

if TYPE_CHECKING:
    from collections.abc import Callable


def replace(
    path: Path, data: bytes, *, check: Callable[[], None] | None = None, mode: int = 0o666
) -> tuple[DiskState, tuple[str, ...]]:
    """Writes `data` to `path`. Returns the new state of the file, and notices about properties of the old file that were
    lost.

    Symbolic links are followed and kept. `check` is called just before the rename and may raise to prevent it. A new file gets
    `mode`, without what the umask takes away. Raises NotebookSaveError.
    """
    try:
        target = Path(os.path.realpath(path))
        old = _old(target)
        temporary, number = _create(target, old, mode)
    except OSError as error:
        raise _failure(error, path) from error
    try:
        notices = attributes.take_over(number, target, old) if old is not None else ()
        _write(number, data)
        os.fsync(number)
        written = DiskState.of(os.fstat(number))
        if check is not None:
            check()
        os.replace(temporary, target)  # noqa: PTH105 - the fault that tests inject
    except BaseException as error:
        with suppress(OSError):
            temporary.unlink()
        if isinstance(error, OSError):
            raise _failure(error, path) from error
        raise
    finally:
        os.close(number)
    if old is not None and old.st_nlink > 1:
        notices = (*notices, "other hard links to this file keep the old content")
    # The rename changes the file's ctime.
    with suppress(OSError):
        written = DiskState.of(target.stat()) if target.stat().st_ino == written.inode else written
    return written, (*notices, *_sync_folder(target.parent))


def require_writable(path: Path) -> None:
    """Raises NotebookSaveError if `replace` would fail for lack of permission. Call it before long work whose result is
    saved.
    """
    try:
        target = Path(os.path.realpath(path))
        _old(target)
    except OSError as error:
        raise _failure(error, path) from error
    if not os.access(target.parent, os.W_OK | os.X_OK):
        raise _closed(target)


def _old(target: Path) -> os.stat_result | None:
    """Returns the state of the existing file, or None. Raises NotebookSaveError if it must not be replaced."""
    try:
        old = target.stat()
    except FileNotFoundError:
        return None
    if stat.S_ISDIR(old.st_mode):
        raise NotebookSaveError("that is a folder", where=shown(target), hint="add the name of a file")
    if not stat.S_ISREG(old.st_mode):
        raise NotebookSaveError("it is not a regular file", where=shown(target), hint="save under another name")
    # A rename would bypass the file's write protection.
    if not os.access(target, os.W_OK):
        raise NotebookSaveError(
            "the file is write-protected", where=shown(target), hint="allow it with `chmod u+w`, or save under another name"
        )
    return old


def _create(target: Path, old: os.stat_result | None, mode: int) -> tuple[Path, int]:
    try:
        # A replacement stays private until it gets the mode of the old file.
        return temporary_files.create(target, mode if old is None else 0o600)
    except PermissionError as error:
        raise _closed(target) from error


def _closed(target: Path) -> NotebookSaveError:
    return NotebookSaveError(
        "its folder allows no new file, so it can't be replaced safely; nothing was written",
        where=shown(target),
        hint=f"allow writing in {shown(target.parent)}, or save in another folder",
    )


def _write(number: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(number, view) :]


def _sync_folder(folder: Path) -> tuple[str, ...]:
    try:
        number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(number)
        finally:
            os.close(number)
    except OSError as error:
        # Some file systems can't sync a folder. A folder may also be writable but not readable.
        if error.errno not in {errno.EINVAL, errno.ENOTSUP, errno.EACCES, errno.EBADF}:
            return (f"saved, but the disk did not confirm it: {error.strerror or error}",)
    return ()


def _failure(error: OSError, path: Path) -> NotebookSaveError:
    where = shown(path)
    folder = shown(path.parent)
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT:
            reason = "the disk is full" if error.errno == errno.ENOSPC else "your disk quota is used up"
            return NotebookSaveError(
                f"{reason}; the file is unchanged", where=where, hint="free some space, or save on another disk"
            )
        case errno.EROFS:
            return NotebookSaveError("its disk is read-only", where=where, hint="save on another disk")
        case errno.ENOENT | errno.ENOTDIR:
            return NotebookSaveError(
                "its folder does not exist", where=where, hint=f"create the folder {folder}, or save in another one"
            )
        case errno.EACCES | errno.EPERM:
            return NotebookSaveError(
                "no permission to write it", where=where, hint=f"check `ls -ld {folder}`, or save in another folder"
            )
        case errno.ENAMETOOLONG:
            return NotebookSaveError("its name is too long", where=where, hint="save under a shorter name")
        case errno.EBUSY:
            return NotebookSaveError(
                "it can't be replaced, because it is a mount point", where=where, hint="save in another folder"
            )
        case errno.ELOOP:
            return NotebookSaveError("its symbolic links form a loop", where=where, hint="save under another name")
        case errno.EFBIG:
            return NotebookSaveError("it is too large for this disk", where=where, hint="save on another disk")
        case _:
            return NotebookSaveError(
                f"it can't be written: {error.strerror or error}; the file is unchanged", where=where, hint="save elsewhere"
            )
