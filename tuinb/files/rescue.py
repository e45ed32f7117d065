"""Unsaved work whose screen went away (a connection that dropped, a signal, a crash) is written beside the notebook.

Never over the notebook itself, which nobody was asked about, nor over an earlier rescue: the name is one that nothing has.
"""

from __future__ import annotations

import os
import tempfile
from itertools import count, takewhile
from pathlib import Path

from tuinb.errors import NotebookSaveError, shown


def write(path: Path, data: bytes) -> Path:
    """Writes what was unsaved of the notebook at `path`, beside it or else in the folder for temporary files.

    Returns where. Raises NotebookSaveError where neither takes it.
    """
    for beside in (True, False):
        try:
            # Where every disk is full there is no folder for temporary files, and to ask for it is an error.
            return _write_new(path if beside else Path(tempfile.gettempdir(), path.name), data)
        except OSError as error:
            reason = error.strerror or str(error)
    raise NotebookSaveError(f"unsaved changes are lost: {reason}", where=shown(path))


def found(path: Path) -> tuple[Path, ...]:
    """What was rescued of the notebook at `path` and is still beside it."""
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
