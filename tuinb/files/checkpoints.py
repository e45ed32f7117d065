"""Checkpoints: a file as it was before a session first saved it, where Jupyter has it (`.ipynb_checkpoints`)."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING, Final

from tuinb.errors import NotebookFileError, NotebookSaveError, shown
from tuinb.files import disk

if TYPE_CHECKING:
    from pathlib import Path

FOLDER: Final = ".ipynb_checkpoints"


def path_of(notebook: Path) -> Path:
    """Returns where the checkpoint of a notebook is."""
    return notebook.parent / FOLDER / f"{notebook.stem}-checkpoint{notebook.suffix}"


def keep(notebook: Path) -> None:
    """Writes the checkpoint of a notebook with the present content of its file. Does nothing without a file.

    A folder or a checkpoint that is a symbolic link is not followed: it may have come with the notebook, and lead anywhere.
    Raises NotebookFileError.
    """
    from tuinb.files import atomic

    try:
        data, _ = disk.read(notebook)
        mode = stat.S_IMODE(notebook.stat().st_mode)
    except FileNotFoundError:
        return
    checkpoint = path_of(notebook)
    for path in (checkpoint.parent, checkpoint):
        if path.is_symlink():
            raise NotebookSaveError("it is a symbolic link", where=shown(path), hint="remove it")
    try:
        checkpoint.parent.mkdir(exist_ok=True)
    except OSError as error:
        raise NotebookFileError(
            error.strerror or str(error), where=shown(checkpoint.parent), hint="check the folder"
        ) from error
    atomic.replace(checkpoint, data, mode=mode)
