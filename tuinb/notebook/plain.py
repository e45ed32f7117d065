"""What a commit did, as changes that a copy of the notebook can apply: for a journal, or for a copy in another process.

An `Applied` holds live objects (the state in RestoreOutputs) and brings back cells that only its own notebook still knows
(RestoreCell). `plain` writes such a change as the content that it led to. A reader of plain transactions has only the cells in
the order: deleted cells are forgotten at once, and come back as new ones.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias, assert_never

from tuinb.notebook.changes import (
    AppendOutput,
    CellData,
    ClearOutputs,
    DeleteCell,
    InsertCell,
    MoveCell,
    RestoreCell,
    RestoreOutputs,
    SetMetadata,
    SetOutputs,
    Transaction,
    UpdateDisplay,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tuinb.notebook.cell import Cell
    from tuinb.notebook.changes import Applied, CellId, Change, PlainChange
    from tuinb.notebook.document import Notebook

_Structural: TypeAlias = InsertCell | DeleteCell | RestoreCell | MoveCell


def plain(applied: Applied, notebook: Notebook) -> Transaction:
    """Returns a transaction of plain changes that does the same. To be called before the notebook changes again."""
    structure = _Structure(applied.changes, notebook)
    outputs = dict.fromkeys(sorted(structure.restored))
    changes: list[PlainChange] = []
    for at, change in enumerate(applied.changes):
        match change:
            case InsertCell() | DeleteCell() | RestoreCell() | MoveCell():
                changes += structure.plain(at, change)
            case UpdateDisplay() | SetMetadata(None):
                changes.append(change)
            case RestoreOutputs(cell):
                outputs[cell] = None
            case _:
                assert change.cell is not None
                if change.cell in notebook and change.cell not in structure.restored:
                    changes.append(change)
    for cell in outputs:
        if cell in notebook:
            changes += _outputs_of(notebook[cell])
    return Transaction(tuple(changes), applied.origin, applied.step, applied.label)


def replay(notebook: Notebook, transaction: Transaction) -> Applied:
    """Applies a plain transaction to a notebook without a history, and forgets the cells that it deletes.

    Raises ChangeError.
    """
    applied = notebook.apply(transaction)
    deleted = [change.cell for change in transaction.changes if isinstance(change, DeleteCell)]
    notebook.retain(deleted)
    notebook.release(deleted)
    return applied


class _Structure:
    """Changes of the order, for a reader that knows no deleted cell.

    A cell that is there before and after the transaction is moved, never deleted and inserted. A deleted one goes at the end of
    what is done to it, so that others can be placed below it until then.
    """

    def __init__(self, changes: Iterable[Change], notebook: Notebook) -> None:
        self._notebook = notebook
        self._here: set[CellId] = set()
        self._last: dict[CellId, int] = {}
        self.restored: set[CellId] = set()
        """The cells that come back in this transaction."""
        for at, cell, change in _structural(changes):
            if isinstance(change, RestoreCell) and cell not in self._last:
                self.restored.add(cell)
            self._last[cell] = at

    def plain(self, at: int, change: _Structural) -> Iterator[PlainChange]:
        """Yields what stands for `change`, which is at index `at` of the transaction."""
        cell = change.cell.id if isinstance(change, InsertCell) else change.cell
        was_here = cell in self._here
        self._here.add(cell)
        match change:
            case MoveCell():
                yield change
            case DeleteCell():
                if self._last[cell] == at:
                    yield change
            case InsertCell(_, after) | RestoreCell(_, after) if was_here:
                yield MoveCell(cell, after)
            case InsertCell():
                yield change
            case RestoreCell(_, after):
                yield from self._inserted(cell, after)
            case _:
                assert_never(change)

    def _inserted(self, cell: CellId, after: CellId | None) -> Iterator[PlainChange]:
        """The cell as it is now, without its outputs."""
        if cell not in self._notebook:
            yield InsertCell(CellData(cell, "code", ""), after)  # it goes again in this transaction
            return
        found = self._notebook[cell]
        data = replace(found.data(), outputs=())
        if not found.bare:
            yield InsertCell(data, after)
            return
        yield InsertCell(replace(data, raw={key: value for key, value in data.raw.items() if key != "metadata"}), after)
        for key, value in found.metadata.items():
            yield SetMetadata(cell, key, value)


def _structural(changes: Iterable[Change]) -> Iterator[tuple[int, CellId, _Structural]]:
    """Yields the changes of the order, each with its index and its cell."""
    for at, change in enumerate(changes):
        if isinstance(change, InsertCell):
            yield at, change.cell.id, change
        elif isinstance(change, DeleteCell | RestoreCell | MoveCell):
            yield at, change.cell, change


def _outputs_of(cell: Cell) -> Iterator[PlainChange]:
    """Yields the changes that give a copy of the cell the outputs that it has now."""
    outputs = cell.arrived
    data = outputs.data()
    last = outputs[-1] if data else None
    if last is not None and last.original is None and last.stream is not None and last.stream.moves():
        # The stream goes on where its cursor is.
        yield SetOutputs(cell.id, data[:-1])
        yield AppendOutput(cell.id, {**last.raw, "text": last.stream.as_written()})
    else:
        yield SetOutputs(cell.id, data)
    if outputs.pending_clear:
        yield ClearOutputs(cell.id, wait=True)
