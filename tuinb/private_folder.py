"""Folders and files that belong to their user alone, whatever the umask is.

What tuinb keeps beside no notebook (journals, trusted environments, connection files, logs) is nobody else's: folders have the
mode 0700, files 0600.
"""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tuinb.errors import shown

if TYPE_CHECKING:
    from collections.abc import Mapping

UNFINISHED: Final = ".tmp"
"""Suffix of a file that is written to replace another one."""


def state_folder(environ: Mapping[str, str]) -> Path:
    """Returns tuinb's folder for state, as platformdirs has it, whose import would delay the start of a kernel.

    A relative XDG_STATE_HOME is ignored, as its specification demands: the working folder may be anybody's.
    """
    base = environ.get("XDG_STATE_HOME", "")
    home = Path(environ.get("HOME") or Path.home())
    if base.startswith("/"):
        return Path(base, "tuinb")
    return home / ("Library/Application Support" if sys.platform == "darwin" else ".local/state") / "tuinb"


def journals(environ: Mapping[str, str]) -> Path:
    """Returns the folder of the journals. Here, so that the start can look into it without their code."""
    return state_folder(environ) / "journals"


def make(folder: Path) -> None:
    """Makes a folder and those above it, each for its user alone. Closes an existing one to others. Raises OSError."""
    make_missing(folder)
    found = folder.stat()
    if found.st_uid != os.geteuid():
        raise PermissionError(f"{shown(folder)} belongs to another user")
    if stat.S_IMODE(found.st_mode) & 0o077:
        folder.chmod(0o700)


def make_missing(folder: Path) -> None:
    """Makes a folder and those above it, each for its user alone. An existing one stays as it is. Raises OSError.

    Path.mkdir gives its mode to the last folder only.
    """
    try:
        folder.mkdir(mode=0o700)
    except FileNotFoundError:
        make_missing(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)
    except FileExistsError:
        if not folder.is_dir():
            raise


def write(path: Path, text: str) -> None:
    """Writes a file for its user alone, over an existing one. Does not follow a symbolic link. Raises OSError."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)


def replace(path: Path, text: str) -> None:
    """Writes a file for its user alone in place of an existing one. Raises OSError, and leaves the old file then.

    Whoever reads it meanwhile finds the old text or the new one, whole.
    """
    temporary = path.with_suffix(f".{os.getpid()}{UNFINISHED}")
    try:
        write(temporary, text)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def read(path: Path, most: int) -> bytes:
    """Returns the first `most` bytes of a file. Does not follow a symbolic link. Raises OSError.

    Raises PermissionError if it belongs to another user, and ValueError if it is a folder, a pipe or a device.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        about = os.fstat(descriptor)
        if about.st_uid != os.geteuid():
            raise PermissionError(0, "it belongs to another user")
        if not stat.S_ISREG(about.st_mode):
            raise ValueError(f"{shown(path)} is no regular file")
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            return file.read(most)
    finally:
        os.close(descriptor)
