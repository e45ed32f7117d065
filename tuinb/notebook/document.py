"""The notebook: cells by id, in an order. Only transactions change it.

`apply` checks each change, in order, against a staged copy of the state that it needs. It commits only if all of them fit, and
a commit can't fail. Invariants: `order` holds only known cells; a deleted cell stays known, and receives outputs, until the
last caller of `retain` calls `release`; mappings that a cell was made of are replaced, never mutated; revisions only grow.
"""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, assert_never

from tuinb.errors import ChangeError
from tuinb.notebook.cell import Cell, with_key
from tuinb.notebook.changes import (
    AppendOutput,
    AppendStream,
    Applied,
    CellData,
    CellId,
    Change,
    ClearOutputs,
    DeleteCell,
    InsertCell,
    Json,
    MoveCell,
    RestoreCell,
    RestoreOutputs,
    SetAttachments,
    SetExecutionCount,
    SetKind,
    SetMetadata,
    SetOutputs,
    SpliceSource,
    Transaction,
    UpdateDisplay,
)
from tuinb.notebook.language import language_of
from tuinb.notebook.outputs import Displays, DisplayState, Outputs, OutputsState
from tuinb.notebook.staging import Stage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

CODE = "code"
_IDS_SINCE = (4, 5)
"""The first version of the notebook format whose cells have ids."""


def _random_id() -> str:
    return os.urandom(4).hex()


class Notebook:
    """The content of one notebook."""

    def __init__(
        self,
        cells: Iterable[CellData] = (),
        metadata: Mapping[str, Json] | None = None,
        *,
        nbformat: int = 4,
        nbformat_minor: int = 5,
        extra: Mapping[str, Json] | None = None,
        saved_outputs: Mapping[CellId, Sequence[Mapping[str, Json]]] | None = None,
        id_factory: Callable[[], str] = _random_id,
    ) -> None:
        """Makes a notebook of `cells`. `saved_outputs` are nbformat 4 outputs of cells that come without outputs."""
        self.revision = 0
        self.metadata: Mapping[str, Json] = {} if metadata is None else metadata
        self.nbformat = nbformat
        self.nbformat_minor = nbformat_minor
        self.extra: Mapping[str, Json] = {} if extra is None else extra
        """Unknown keys at the top level of the file."""
        self._id_factory = id_factory
        self._displays = Displays()
        self._cells: dict[CellId, Cell] = {}
        self._order: list[CellId] = []
        self._positions: dict[CellId, int] | None = None
        self._retained: Counter[CellId] = Counter()
        saved = saved_outputs or {}
        for data in cells:
            self._cells[data.id] = Cell(data, self._displays, saved.get(data.id, ()))
            self._order.append(data.id)
        if len(self._cells) != len(self._order):
            twice = [cell for cell, count in Counter(self._order).items() if count > 1]
            raise ChangeError("two cells have the same id", where=f"cell {twice[0]}")

    # ---- reading

    @property
    def order(self) -> Sequence[CellId]:
        """The ids from top to bottom. Callers must not change the sequence."""
        return self._order

    @property
    def language(self) -> str:
        """The language of its code according to the metadata, else `python`."""
        return language_of(self.metadata)

    def __len__(self) -> int:
        return len(self._order)

    def __iter__(self) -> Iterator[Cell]:
        return map(self._cells.__getitem__, self._order)

    def __getitem__(self, cell: CellId) -> Cell:
        """Returns a cell, also a deleted one that is still known. Raises KeyError for any other id."""
        return self._cells[cell]

    def __contains__(self, cell: object) -> bool:
        """Returns whether a cell is in the order."""
        return cell in self._position_map()

    def knows(self, cell: CellId) -> bool:
        """Returns whether a cell is in the order, or deleted and still addressable."""
        return cell in self._cells

    def known(self) -> Iterator[Cell]:
        """Returns all addressable cells, also deleted ones, in no particular order."""
        return iter(self._cells.values())

    def index(self, cell: CellId) -> int:
        """Returns its index in the order. Raises KeyError for a cell that is not in the order."""
        return self._position_map()[cell]

    def at(self, position: int) -> Cell:
        return self._cells[self._order[position]]

    def standing(self, cell: CellId | None) -> CellId | None:
        """Returns `cell`, or if it is deleted the nearest cell above its old place. None is the top."""
        while cell is not None and cell not in self:
            known = self._cells.get(cell)
            cell = known.above if known is not None else None
        return cell

    def new_id(self) -> CellId:
        """Returns an id that no cell has, not even a deleted one."""
        while (found := CellId(self._id_factory())) in self._cells:
            pass
        return found

    @property
    def has_ids(self) -> bool:
        """Whether cells have ids in a file of its format version."""
        return (self.nbformat, self.nbformat_minor) >= _IDS_SINCE

    def fresh(self, cell: CellData) -> CellData:
        """Returns a copy of a cell to insert, with a new id, in `raw` too where the file format has cell ids.

        The copy's outputs have no display ids: as in JupyterLab, update_display_data reaches what a run displayed, not
        copies of it.
        """
        key = self.new_id()
        raw: dict[str, Json] = {name: value for name, value in cell.raw.items() if name != "id"}
        outputs = tuple(replace(output, display_id=None) for output in cell.outputs)
        return replace(cell, id=key, raw={"id": key, **raw} if self.has_ids else raw, outputs=outputs)

    def _position_map(self) -> dict[CellId, int]:
        if self._positions is None:
            self._positions = {cell: position for position, cell in enumerate(self._order)}
        return self._positions

    def follow_format(self, other: Notebook) -> None:
        """Takes over what is no content from a newer version of the file: the format version, and unknown keys."""
        self.nbformat, self.nbformat_minor, self.extra = other.nbformat, other.nbformat_minor, other.extra

    # ---- holding deleted cells

    def retain(self, cells: Iterable[CellId]) -> None:
        """Keeps cells addressable even if they are deleted, until `release` is called as often."""
        self._retained.update(iter(cells))

    def release(self, cells: Iterable[CellId]) -> None:
        """Ends one `retain` of each cell. Forgets a deleted cell that is no longer retained."""
        for cell in cells:
            self._retained[cell] -= 1
            if self._retained[cell] > 0:
                continue
            del self._retained[cell]
            if cell in self._cells and cell not in self:
                self._displays.discard(self._cells.pop(cell).arrived)

    def adopt(self, cell: CellData) -> Cell:
        """Makes a cell that is known but in no place, as a deleted one is, for code that is no part of the notebook.

        It is retained: call `release`.
        """
        adopted = self._cells[cell.id] = Cell(cell, self._displays)
        self.retain((cell.id,))
        return adopted

    # ---- changing

    def apply(self, transaction: Transaction) -> Applied:
        """Commits a whole transaction. Raises ChangeError and changes nothing if a change does not fit."""
        stage = Stage(self._cells, self._order, self.metadata)
        inverses = [stage.check(change) for change in transaction.changes]
        touched: set[CellId] = set()
        for at, change in enumerate(transaction.changes):
            inverses[at] += self._commit(change, touched)
        if stage.chain is not None:
            for cell, above in stage.deleted.items():
                self._cells[cell].above = above
            self._order = list(stage.chain)
            self._positions = None
        for cell, source in stage.sources.items():
            self._cells[cell].source = source
        for cell in touched:
            self._cells[cell].revision += 1
        self.revision += 1
        return Applied(
            self.revision,
            transaction.origin,
            transaction.changes,
            tuple([undone for changes in reversed(inverses) for undone in changes]),
            frozenset(touched),
            stage.chain is not None,
            transaction.step,
            transaction.label,
        )

    def _commit(self, change: Change, touched: set[CellId]) -> tuple[Change, ...]:
        """Carries out one checked change except for order and sources. Returns the changes that restore the outputs."""
        match change:
            case AppendOutput() | AppendStream() | ClearOutputs() | SetOutputs() | RestoreOutputs():
                touched.add(change.cell)
                return (RestoreOutputs(change.cell, _set_outputs(self._cells[change.cell].arrived, change)),)
            case UpdateDisplay():
                return self._update_display(change, touched)
            case SpliceSource() | SetKind() | SetExecutionCount():
                touched.add(change.cell)
                return _set_content(self._cells[change.cell], change)
            case SetMetadata():
                self._set_metadata(change, touched)
            case SetAttachments():
                touched.add(change.cell)
                self._cells[change.cell].set_attachments(change)
            case InsertCell(data):
                self._cells[data.id] = Cell(data, self._displays)
            case DeleteCell() | RestoreCell() | MoveCell():
                pass
            case _:
                assert_never(change)
        return ()

    def _set_metadata(self, change: SetMetadata, touched: set[CellId]) -> None:
        if change.cell is None:
            self.metadata = with_key(self.metadata, change.key, change.value, change.position)
        else:
            touched.add(change.cell)
            self._cells[change.cell].set_metadata(change)

    def _update_display(self, change: UpdateDisplay, touched: set[CellId]) -> tuple[Change, ...]:
        undone: list[Change] = []
        for output, before in self._displays.update(change.display_id, change.data, change.metadata):
            undone.append(RestoreOutputs(output.cell, DisplayState(output, *before)))
            if output.cell not in touched:
                touched.add(output.cell)
                self._cells[output.cell].arrived.revision += 1
        return tuple(undone)


def _set_content(cell: Cell, change: SpliceSource | SetKind | SetExecutionCount) -> tuple[Change, ...]:
    match change:
        case SetExecutionCount(_, count):
            cell.execution_count = count
        case SetKind(_, kind):
            before, cell.kind = cell.kind, kind
            if kind == CODE != before and (len(cell.arrived) or cell.arrived.pending_clear):
                # The way back drops outputs and a pending clear, but these came before it was code.
                return (RestoreOutputs(cell.id, cell.arrived.snapshot()),)
            if kind != CODE and before != kind and (before == CODE or len(cell.arrived)):
                if before == CODE:
                    cell.execution_count = None
                return (RestoreOutputs(cell.id, cell.arrived.drop()),)
        case SpliceSource():
            pass  # The stage has the new source.
        case _:
            assert_never(change)
    return ()


def _set_outputs(
    outputs: Outputs, change: AppendOutput | AppendStream | ClearOutputs | SetOutputs | RestoreOutputs
) -> OutputsState | DisplayState:
    match change:
        case AppendStream(_, name, text):
            return outputs.append_stream(name, text)
        case AppendOutput(_, output, display_id):
            return outputs.append(output, display_id)
        case ClearOutputs(_, wait):
            return outputs.clear(wait=wait)
        case SetOutputs(_, new):
            return outputs.set(new)
        case RestoreOutputs(_, state):
            return outputs.restore_display(state) if isinstance(state, DisplayState) else outputs.restore(state)
        case _:
            assert_never(change)
