"""Renames, deletes, makes and copies files and folders, of this machine and of Jupyter servers.

For `tuinb server` and the file picker. All functions block, and raise TuinbError. Nothing that exists is replaced, unless the
caller says so, and nothing is renamed or deleted that a tuinb has open.
"""

from __future__ import annotations

import errno
import math
import os
import posixpath
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tuinb.errors import ChangedOnDiskError, NotebookFileError, UsageError, is_remote, shown
from tuinb.files import disk
from tuinb.files.claim import Claim, claimed
from tuinb.files.journal.folder import leftovers
from tuinb.files.listing import walked
from tuinb.files.names import is_notebook_name
from tuinb.files.storage import storage_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tuinb.server.rest import Server

_CHECK_PATH: Final = "check the path"
_MOST_FOLDERS: Final = 50
"""Folders of a server that are looked through for open notebooks, each by a request."""


def beside(path: Path, name: str) -> Path:
    """Returns the path that a typed name means in the folder of `path`. A server's folder is never left."""
    if not name or "\0" in name or posixpath.basename(name) in {".", ".."}:
        raise UsageError("that is no name", where=shown(name), hint="write another one")
    if not is_remote(path):
        return Path(os.path.normpath(path.parent / os.path.expanduser(name)))  # noqa: PTH111 - raises nothing
    from tuinb.server.address import file_of, path_of

    base, file = file_of(path)
    return path_of(base, posixpath.normpath(posixpath.join("/", posixpath.dirname(file), name)).lstrip("/"))


def is_folder(path: Path) -> bool:
    """Returns whether a path is that of a folder."""
    if not is_remote(path):
        return disk.is_folder(path)
    from tuinb.server import contents

    there = contents.find(*_on_server(path))
    return there is not None and there.is_folder


def within(target: Path, source: Path, *, named_folder: bool) -> Path:
    """Returns where `source` goes: into the folder `target`, or to that path.

    `named_folder` tells whether a slash at its end says that it is a folder. Raises UsageError if it is none then.
    """
    if is_folder(target):
        return target / source.name
    if named_folder:
        hint = "make it, or leave the slash at the end out"
        raise UsageError("there is no such folder", where=shown(target), hint=hint)
    return target


def rename(old: Path, new: Path) -> None:
    """Renames a file or folder, also into another folder of the same place."""
    if is_remote(old) != is_remote(new):
        raise UsageError("it can't be moved to another machine", where=shown(old), hint="copy it, then delete it")
    if new.is_relative_to(old):
        raise UsageError("a folder can't be moved into itself", where=shown(old), hint="choose another folder")
    with _unused(old):
        if is_remote(old):
            from tuinb.server import contents

            for notebook in _notebooks_in(old) if is_folder(old) else (old,):
                _require_saved(notebook)  # no journal finds the notebook of a server under another name
            (server, before), after = _on_server(old), _on_server(new)[1]
            contents.rename(server, before, after)
            _move_kernels(server, before, after)
        else:
            with suppress(OSError):  # renaming it says why
                _require_saved(old, before=old.stat().st_mtime)  # a younger journal finds it by its number
            _rename_here(old, new)


def _move_kernels(server: Server, old: str, new: str) -> None:
    from tuinb.server import kernels
    from tuinb.server.rest import ServerError

    try:
        kernels.move_sessions(server, old, new)
    except ServerError as error:
        what = f"it was renamed, but its kernels are found by the old name alone: {error.what}"
        raise NotebookFileError(what, where=shown(old), hint="rename it back, and try again") from error


def _rename_here(old: Path, new: Path) -> None:
    if os.path.lexists(new):
        raise UsageError("there is one of this name already", where=shown(new), hint="choose another name")
    try:
        if old.is_dir() and not old.is_symlink():
            old.rename(new)
        else:
            _move(old, new)
    except OSError as error:
        is_new = error.errno in {errno.EEXIST, errno.ENAMETOOLONG} or (error.errno == errno.ENOENT and os.path.lexists(old))
        raise _failed("renamed", new if is_new else old, error) from error


def _move(old: Path, new: Path) -> None:
    """Renames a file. A file that another program makes at `new` meanwhile is not replaced, where the disk has hard links."""
    try:
        os.link(old, new, follow_symlinks=False)
    except OSError as error:
        if error.errno not in {errno.EPERM, errno.ENOTSUP, errno.EMLINK, errno.ENOSYS}:
            raise
        old.rename(new)
        return
    try:
        old.unlink()
    except OSError:
        new.unlink()
        raise


def remove(path: Path) -> None:
    """Deletes a file or an empty folder. Many servers have a bin, which gets it."""
    with _unused(path):
        _require_saved(path)
        if is_remote(path):
            from tuinb.server import contents

            contents.remove(*_on_server(path))
            return
        try:
            if path.is_dir() and not path.is_symlink():
                path.rmdir()
            else:
                path.unlink()
        except OSError as error:
            raise _failed("deleted", path, error) from error


def make_folder(path: Path) -> None:
    """Makes a folder in an existing one."""
    if is_remote(path):
        from tuinb.server import contents

        contents.make_folder(*_on_server(path))
        return
    try:
        path.mkdir()
    except OSError as error:
        raise _failed("made", path, error) from error


def copy(source: Path, target: Path, *, replace: bool = False) -> tuple[str, ...]:
    """Copies a file byte for byte, from or to a server. Returns notices.

    Raises ChangedOnDiskError if there is a file with other content, unless `replace`.
    """
    try:
        data, _ = storage_of(source).read(source)
    except FileNotFoundError:
        raise UsageError("there is no such file", where=shown(source), hint=_CHECK_PATH) from None
    storage = storage_of(target)

    def check() -> None:
        try:
            is_same = storage.has(target, data)
        except FileNotFoundError:
            return
        if not is_same:
            what = f"{'the server has' if is_remote(target) else 'there is'} a file of this name with other content"
            raise ChangedOnDiskError(what, where=shown(target), hint="choose another name")

    _, notices = storage.replace(target, data, check=None if replace else check)
    return notices


def _on_server(path: Path) -> tuple[Server, str]:
    """Returns the server of a path, and the path on it."""
    from tuinb.server import known
    from tuinb.server.address import file_of

    base, file = file_of(path)
    return known.server(base), file


def _failed(what: str, path: Path, error: OSError) -> NotebookFileError:
    says, hint = {
        errno.ENOENT: ("there is no such file or folder", _CHECK_PATH),
        errno.ENOTDIR: ("a part of the path is a file, not a folder", _CHECK_PATH),
        errno.EEXIST: ("there is one of this name already", "choose another name"),
        errno.ENOTEMPTY: ("the folder is not empty", "delete what is in it first"),
        errno.EACCES: (f"no permission: it was not {what}", f"check `ls -ld {shown(path.parent)}`"),
        errno.EPERM: (f"no permission: it was not {what}", f"check `ls -ld {shown(path.parent)}`"),
        errno.ENAMETOOLONG: ("its name is too long", "choose a shorter name"),
        errno.EXDEV: ("that is on another disk", "copy it there, then delete it"),
    }.get(error.errno or 0, (f"it was not {what}: {error.strerror or error}", "check the disk"))
    return NotebookFileError(says, where=shown(path), hint=hint)


# ---- open notebooks


@contextmanager
def _unused(path: Path) -> Iterator[None]:
    """Keeps other processes from opening a notebook. Raises NotebookSaveError if one has it open, or one in that folder.

    A notebook in a folder that no process had opened before can still be opened meanwhile.
    """
    hint = "close it there first"
    with ExitStack() as claims:
        claims.enter_context(claimed(path, hint))
        if is_folder(path):
            for notebook in _notebooks_in(path):
                if Claim(notebook).owner is not None:
                    claims.enter_context(claimed(notebook, hint))
        yield


def _notebooks_in(folder: Path) -> Iterator[Path]:
    """Yields the notebooks of a folder and of those in it, as far as they are listed quickly."""
    if not is_remote(folder):
        yield from (folder / name for name in walked(folder).names)
        return
    from tuinb.server import contents

    server, file = _on_server(folder)
    folders = [file]
    for number, each in enumerate(folders):  # which grows meanwhile
        if number == _MOST_FOLDERS:
            return
        for entry in contents.listing(server, each):
            if entry.is_folder:
                folders.append(entry.path)
            elif is_notebook_name(Path(entry.name)):
                yield folder / posixpath.relpath(entry.path, file or ".")


def _require_saved(notebook: Path, before: float = math.inf) -> None:
    """Raises NotebookFileError if a session that was killed has left unsaved changes of a notebook before a time."""
    found = leftovers(notebook)
    for journal in found:
        journal.release()
    if any(journal.written < before for journal in found):
        what = "it has unsaved changes, which a session that was killed has left"
        raise NotebookFileError(what, where=shown(notebook), hint="open it, and save or drop them first")
