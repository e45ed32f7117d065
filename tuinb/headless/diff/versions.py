"""Reads a version of a notebook: a file, standard input, or what git has of it, such as `HEAD:analysis.ipynb`."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tuinb.errors import NotebookFileError, NotebookFormatError, is_remote, shown
from tuinb.files import disk, load
from tuinb.files.journal import folder
from tuinb.files.journal.recovered import recover
from tuinb.headless.arguments import given_path

if TYPE_CHECKING:
    from tuinb.files.load import Loaded

STDIN = "-"
_GIT = ("git", "show", "--no-textconv", "--no-ext-diff", "--end-of-options")


def read(name: str) -> Loaded:
    """Returns a version of a notebook. A file of that name goes before a revision. Raises NotebookFileError."""
    if name == STDIN:
        return _usable(load.parse(Path("standard input"), sys.stdin.buffer.read()), name)
    if name == os.devnull:
        return load.parse(Path(name), b"")
    path = given_path(name)
    revision, colon, inside = name.partition(":")
    if not colon or is_remote(path) or disk.exists(path):
        return _usable(load.load(path), name)
    data = _show(name)
    # Git takes a path from the top of the repository, unless it begins with a dot.
    data = _show(f"{revision}:./{inside}") if isinstance(data, str) else data
    if isinstance(data, str):
        raise NotebookFileError(f"there is no such file, and git says: {data}", where=shown(name), hint="REVISION:PATH")
    return _usable(load.parse(path, data), name)


def read_unsaved(name: str) -> Loaded:
    """Returns a notebook with its unsaved changes: of a tuinb that has it open, or that was killed.

    Raises NotebookFileError if there are none.
    """
    data = folder.latest(given_path(name))
    found = recover(data) if data is not None else None
    if found is None:
        raise NotebookFileError(
            "it has no unsaved changes", where=shown(name), hint="`tuinb recover` lists what was left of notebooks"
        )
    return found.restored


def _show(name: str) -> bytes | str:
    """Returns the content of what git calls `name`, or git's error."""
    try:
        done = subprocess.run([*_GIT, name], capture_output=True, check=False)
    except OSError as error:
        return f"it can't be run: {error.strerror}"
    return done.stdout if done.returncode == 0 else " ".join(done.stderr.decode(errors="replace").split())


def _usable(loaded: Loaded, name: str) -> Loaded:
    if loaded.read_only:
        raise NotebookFormatError(f"it can't be compared: {loaded.read_only}", where=shown(name))
    return loaded
