"""Finds cells by their names on the command line: a number, counted from 1 over all cells, or an id."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuinb.errors import UsageError

if TYPE_CHECKING:
    from tuinb.notebook.changes import CellId
    from tuinb.notebook.document import Notebook


def chosen(notebook: Notebook, first: str | None, last: str | None, where: str) -> list[CellId]:
    """Returns the code cells from `first` to `last`, both included. `where` is the notebook's name, for UsageError."""
    start = 0 if first is None else position(notebook, first, where)
    end = len(notebook) - 1 if last is None else position(notebook, last, where)
    if None not in (first, last) and start > end:
        raise UsageError(f"--from {first} comes after --to {last}", where=where, hint="give the upper cell to --from")
    return [cell for cell in notebook.order[start : end + 1] if notebook[cell].kind == "code"]


def position(notebook: Notebook, name: str, where: str) -> int:
    """Returns the index of the cell of this name. Raises UsageError."""
    for place, cell in enumerate(notebook):
        if cell.raw.get("id") == name:
            return place
    if name.isdecimal() and 1 <= int(name[:9]) <= len(notebook):
        return int(name[:9]) - 1
    hint = f"cells are named by their number, 1 to {len(notebook)}, or by their id"
    raise UsageError(f"no cell is called {name!r}", where=where, hint=hint)
