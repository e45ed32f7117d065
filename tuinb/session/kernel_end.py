"""Sentences on how a kernel ended: which cell ended it, and which cells were not run because of that."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tuinb.kernel.execution.effects import CellsLost
    from tuinb.kernel.protocol.lifecycle import KernelDied
    from tuinb.notebook.changes import CellId
    from tuinb.notebook.document import Notebook


def ended_by_exit(cell: str) -> str:
    """Returns the clause that a cell ended its kernel by `exit()`."""
    return f"{cell} ended the kernel (exit or quit)"


def explain(died: KernelDied, lost: CellsLost | None, notebook: Notebook) -> str:
    """Returns why the kernel died and what was not run, then the last lines of the kernel's stderr."""
    if lost is None or lost.cell is None:
        first = f"The kernel {'did not start' if died.at_start else 'died'}: {died.reason}."
    elif lost.asked_exit:
        first = f"{ended_by_exit(_name(lost.cell, notebook).capitalize())}."
    else:
        first = f"The kernel died while {_name(lost.cell, notebook)} ran: {died.reason}."
    not_run = _not_run(lost.waiting, lost.cell, notebook) if lost is not None else ""
    return f"{first}{not_run}\n{died.stderr}".strip()


def _name(cell: CellId, notebook: Notebook) -> str:
    return f"cell {notebook.index(cell) + 1}" if cell in notebook else "code without a cell"


def _not_run(waiting: Sequence[CellId], ended_by: CellId | None, notebook: Notebook) -> str:
    if not waiting:
        return ""
    count = "1 cell" if len(waiting) == 1 else f"{len(waiting)} cells"
    where = " below" if ended_by is not None and _are_below(waiting, ended_by, notebook) else ""
    return f" {count}{where} {'was' if len(waiting) == 1 else 'were'} not run."


def _are_below(cells: Sequence[CellId], upper: CellId, notebook: Notebook) -> bool:
    known = all(cell in notebook for cell in (upper, *cells))
    return known and all(notebook.index(cell) > notebook.index(upper) for cell in cells)
