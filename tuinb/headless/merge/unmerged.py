"""Merges the sides of a notebook again that git merged as a text, and left with its conflict markers: invalid JSON.

The base is what git wrote between the markers, else what the index has of it. Without either, what both sides have in common is
the base: then nothing is known to be deleted.
"""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from tuinb.errors import NotebookFormatError, UsageError, shown
from tuinb.files import disk, load
from tuinb.files.ipynb.git_markers import sides
from tuinb.headless.diff.versions import content_of
from tuinb.notebook.difference import Content, same, same_cell
from tuinb.notebook.matching import matched

if TYPE_CHECKING:
    from pathlib import Path

    from tuinb.files.load import Loaded


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
    ours, theirs = (_usable(path, side, name) for side, name in ((found.ours, "ours"), (found.theirs, "theirs")))
    base = _parsed(path, found.base.encode()) if found.base is not None else None
    if base is None:
        base = _from_index(path)
    return content_of(base) if base is not None else _common(content_of(ours), content_of(theirs)), ours, theirs


def _usable(path: Path, text: str, side: str) -> Loaded:
    loaded = load.parse(path, text.encode())
    if loaded.read_only:
        raise NotebookFormatError(f"the side of {side} is no notebook: {loaded.read_only}", where=shown(path))
    return loaded


def _parsed(path: Path, data: bytes) -> Loaded | None:
    """Returns a notebook, or None if the bytes are none."""
    try:
        loaded = load.parse(path, data)
    except NotebookFormatError:
        return None
    return None if loaded.read_only else loaded


def _from_index(path: Path) -> Loaded | None:
    """Returns the base that git has of a file in conflict, or None if it has none."""
    command = ["git", "-C", str(path.parent), "cat-file", "blob", f":1:./{path.name}"]
    try:
        done = subprocess.run(command, capture_output=True, check=False)
    except OSError:
        return None
    return _parsed(path, done.stdout) if done.returncode == 0 else None


def _common(ours: Content, theirs: Content) -> Content:
    """Returns what is the same on both sides."""
    theirs = matched(ours, theirs)
    pairs = ((cell, theirs.cells.get(name)) for name, cell in ours.cells.items())
    cells = {cell.id: cell for cell, other in pairs if other is not None and same_cell(cell, other)}
    keys = {key: value for key, value in ours.metadata.items() if key in theirs.metadata and same(value, theirs.metadata[key])}
    return Content(cells, keys)
