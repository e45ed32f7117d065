"""Takes the sides of a notebook apart that git left with its conflict markers, with the base that the index has of it."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from tuinb.errors import NotebookFormatError, UsageError, shown
from tuinb.files import disk, unmerged
from tuinb.files.ipynb.git_markers import sides

if TYPE_CHECKING:
    from pathlib import Path

    from tuinb.files.load import Loaded
    from tuinb.notebook.difference import Content


def take_apart(path: Path) -> tuple[Content, Loaded, Loaded]:
    """Returns the base and the two sides of a notebook with conflict markers. Raises NotebookFileError."""
    try:
        text = disk.read(path)[0].decode()
    except FileNotFoundError as error:
        raise UsageError("there is no such file", where=shown(path), hint="check the name") from error
    except UnicodeDecodeError as error:
        raise NotebookFormatError("it is not UTF-8", where=shown(path), hint="repair it with a text editor") from error
    found = sides(text)
    if found is None:
        raise UsageError("it has no conflict markers of git", where=shown(path), hint="tuinb merge BASE OURS THEIRS")
    return unmerged.take_apart(path, found, _from_index)


def _from_index(path: Path) -> bytes | None:
    """Returns the base that git has of a file in conflict, or None if it has none."""
    command = ["git", "-C", str(path.parent), "cat-file", "blob", f":1:./{path.name}"]
    try:
        done = subprocess.run(command, capture_output=True, check=False)
    except OSError:
        return None
    return done.stdout if done.returncode == 0 else None
