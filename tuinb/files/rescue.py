"""Saves unsaved work beside the notebook when the screen is lost: a dropped connection, a signal, a crash.

The notebook itself is not overwritten, because the user was not asked. Earlier rescue files are not overwritten either.
"""

from __future__ import annotations

import os
import tempfile
from itertools import count, takewhile
from pathlib import Path

from tuinb.errors import NotebookSaveError, shown


def write(path: Path, data: bytes) -> Path:
    """Writes the unsaved content of the notebook at `path` to a new file beside it, or else in the folder for temporary
    files.

    Returns the path of the file. Raises NotebookSaveError if neither folder accepts it.
    """
    for beside in (True, False):
        try:
            # If every disk is full, gettempdir finds no folder and raises an error.
            return _write_new(path if beside else Path(tempfile.gettempdir(), path.name), data)
        except OSError as error:
            reason = error.strerror or str(error)
    raise NotebookSaveError(f"unsaved changes are lost: {reason}", where=shown(path))


def find(path: Path) -> tuple[Path, ...]:
    """Returns the rescue files of the notebook at `path` that are beside it."""
    return tuple(takewhile(os.path.lexists, (_name(path, number) for number in count())))


def _name(path: Path, number: int) -> Path:
    return path.with_name(f"{path.stem}.unsaved{number or ''}.ipynb")


def _write_new(path: Path, data: bytes) -> Path:
    number = 0
    while os.path.lexists(target := _name(path, number)):
        number += 1
    with target.open("xb") as file:
        try:
            os.fchmod(file.fileno(), 0o600)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        except OSError:
            target.unlink()
            raise
    return target
