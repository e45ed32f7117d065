"""Where the user was in a notebook when it was left last: a small file for each notebook, in `views` of the state folder.

It holds the active cell, the cursor, the scroll position, folds and unfolded outputs. Cells are named by their ids and their
places: notebooks of old formats have no ids that last. What a file says is taken as far as it fits the notebook; one that is
damaged is as good as none. The latest files are also the notebooks that a user may want to open again.
"""

from __future__ import annotations

import hashlib
import json
import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tuinb import private_folder
from tuinb.errors import is_remote
from tuinb.notebook.changes import CellId

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tuinb.notebook.document import Notebook
    from tuinb.workspace.view_state import ViewState

MOST: Final = 200
"""Notebooks that are remembered."""
_LONGEST: Final = 256 * 1024
"""Bytes of a file that are read. A thousand folded headings take a quarter of that."""
_DIGITS: Final = 16
_SUFFIX: Final = ".json"


def _folder(environ: Mapping[str, str]) -> Path:
    return private_folder.state_folder(environ) / "views"


def _file(notebook: Path, environ: Mapping[str, str]) -> Path:
    real = str(notebook) if is_remote(notebook) else os.path.realpath(notebook)
    return _folder(environ) / f"{hashlib.sha256(os.fsencode(real)).hexdigest()[:_DIGITS]}{_SUFFIX}"


# ---- writing


def described(view: ViewState, cursor: int | None, notebook: Notebook) -> dict[str, Any]:
    """Returns where the user is. `cursor` is the offset in the active cell, if that was edited."""
    return {
        "active": _place(view.active, notebook),
        "cursor": cursor,
        "scroll": _place(view.scroll_cell, notebook),
        "row": view.scroll_row,
        "folds": {cell: folded for cell, folded in view.folds.items() if cell in notebook},
        "unfolded": [cell for cell in view.unfolded if cell in notebook],
    }


def _place(cell: CellId | None, notebook: Notebook) -> list[object] | None:
    return [cell, notebook.index(cell)] if cell is not None and cell in notebook else None


def write(notebook: Path, where: Mapping[str, Any], environ: Mapping[str, str]) -> None:
    """Remembers where the user of a notebook was. Forgets the notebooks that were left longest ago. Raises OSError.

    A file that does not exist is not remembered: a new notebook that was never saved.
    """
    if not is_remote(notebook) and not notebook.is_file():
        return
    folder, file = _folder(environ), _file(notebook, environ)
    private_folder.make(folder)
    private_folder.replace(file, json.dumps({"path": str(notebook), **where}))
    for _, old in sorted(_times(folder), reverse=True)[MOST:]:
        old.unlink(missing_ok=True)


# ---- reading


def read(notebook: Path, environ: Mapping[str, str]) -> dict[str, Any] | None:
    """Returns where the user of a notebook was. None if nothing is known."""
    return _read(_file(notebook, environ))


def _read(file: Path) -> dict[str, Any] | None:
    """Returns what a file holds. None if it is damaged, or another user's."""
    try:
        found = json.loads(private_folder.read(file, _LONGEST))
    except (OSError, ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def apply(where: Mapping[str, Any], view: ViewState, notebook: Notebook) -> int | None:
    """Sets the view state to where the user was. Returns the cursor in the active cell, if that was edited."""
    active, scroll = _cell(where.get("active"), notebook), _cell(where.get("scroll"), notebook)
    row, folds, unfolded, cursor = (where.get(name) for name in ("row", "folds", "unfolded", "cursor"))
    if isinstance(folds, dict):
        view.folds = {CellId(cell): folded for cell, folded in folds.items() if cell in notebook and isinstance(folded, bool)}
    if isinstance(unfolded, list):
        view.unfolded = {CellId(cell) for cell in unfolded if isinstance(cell, str) and cell in notebook}
    if scroll is not None and type(row) is int:
        view.scroll_cell, view.scroll_row = scroll, row
    if active is None:
        return None
    view.activate(active)
    return cursor if type(cursor) is int and 0 <= cursor <= len(notebook[active].source) else None


def _cell(place: object, notebook: Notebook) -> CellId | None:
    """Returns the cell that a place names, or the one that is where it was."""
    match place:
        case [str(cell), int(_)] if cell in notebook:
            return CellId(cell)
        case [_, int(index)] if 0 <= index < len(notebook):
            return notebook.order[index]
    return None


def recent(environ: Mapping[str, str], most: int) -> list[Path]:
    """Returns the notebooks that were left last, the latest first, without those that are gone."""
    found: list[Path] = []
    for _, file in sorted(_times(_folder(environ)), reverse=True):
        path = (_read(file) or {}).get("path")
        if isinstance(path, str) and path.startswith("/") and "\0" not in path and (is_remote(path) or Path(path).is_file()):
            found.append(Path(path))
            if len(found) == most:
                break
    return found


def _times(folder: Path) -> list[tuple[float, Path]]:
    found: list[tuple[float, Path]] = []
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            with suppress(OSError):
                found.append((entry.stat(follow_symlinks=False).st_mtime, Path(entry.path)))
    return found
