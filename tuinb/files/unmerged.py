"""Notebooks that git merged as a text, and left with its conflict markers: invalid JSON. Merges their two sides by cells.

The base is what git wrote between the markers. Without it, what both sides have in common is the base: then nothing is known to
be deleted. Git has the base in its index, too, but opening a notebook does not run git: a repository may name programs for it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tuinb.errors import NotebookFileError, NotebookFormatError, shown
from tuinb.files import disk, load
from tuinb.files.ipynb.git_markers import sides
from tuinb.files.notebook_file import NotebookFile
from tuinb.notebook.conflicts import Side, settled
from tuinb.notebook.difference import Content, difference, same, same_cell
from tuinb.notebook.matching import matched
from tuinb.notebook.merge import merge

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tuinb.files.ipynb.git_markers import Sides
    from tuinb.files.load import Loaded


def content_of(loaded: Loaded) -> Content:
    """Returns the content of a notebook. An empty file has none, although it is opened with an empty cell."""
    return Content.of(loaded.notebook) if (loaded.file.data or b"").strip() else Content({}, {})


def opened(path: Path) -> Loaded | None:
    """Opens a notebook with git's conflict markers as its own side, with `changes` that merge the other one into it.

    Conflicts are kept with both sides, between markers in cells. Returns None if it has no such markers, or if a side is no
    notebook.
    """
    try:
        data, state = disk.read(path)
        found = sides(data.decode())
        if found is None:
            return None
        base, ours, theirs = take_apart(path, found)
    except (NotebookFileError, FileNotFoundError, UnicodeDecodeError):
        return None
    merged = merge(base, content_of(ours), content_of(theirs))
    content = settled(merged.content, merged.conflicts, Side.MARKED)
    count = len(merged.conflicts)
    left = f"{count} conflict{'s' * (count != 1)} left: :resolve shows them" if count else "there is no conflict left"
    notice = f"Git left its conflict markers in this file. Both sides are merged by cells, unsaved; {left}."
    file = NotebookFile(path, ours.file.source_map, data=data, state=state)
    changes = difference(merged.ours, content).changes
    return replace(ours, file=file, notices=(*ours.notices, notice), changes=changes, label="merge of both sides")


def take_apart(
    path: Path, found: Sides, known_base: Callable[[Path], bytes | None] = lambda path: None
) -> tuple[Content, Loaded, Loaded]:
    """Returns the base and the two sides of a notebook with conflict markers. Raises NotebookFileError.

    `known_base` returns the bytes of the base if the markers lack it, or None.
    """
    ours, theirs = (_usable(path, side, name) for side, name in ((found.ours, "ours"), (found.theirs, "theirs")))
    base = _parsed(path, found.base.encode()) if found.base is not None else None
    if base is None and (data := known_base(path)) is not None:
        base = _parsed(path, data)
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


def _common(ours: Content, theirs: Content) -> Content:
    """Returns what is the same on both sides."""
    theirs = matched(ours, theirs)
    pairs = ((cell, theirs.cells.get(name)) for name, cell in ours.cells.items())
    cells = {cell.id: cell for cell, other in pairs if other is not None and same_cell(cell, other)}
    keys = {key: value for key, value in ours.metadata.items() if key in theirs.metadata and same(value, theirs.metadata[key])}
    return Content(cells, keys)
