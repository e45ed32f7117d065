"""The check before a commit: whether each change of a transaction fits the state that the changes before it lead to.

A stage copies only what it needs: the order as a linked chain, so that thousands of deletions cost one walk, and the sources,
kinds, metadata and counts of the cells concerned. It also computes the inverse of each change except for outputs, whose states
are taken at the commit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, assert_never

from tuinb.errors import ChangeError
from tuinb.notebook.cell import ATTACHMENTS, with_key
from tuinb.notebook.changes import (
    ABSENT,
    AppendOutput,
    AppendStream,
    CellId,
    Change,
    ClearOutputs,
    DeleteCell,
    InsertCell,
    Json,
    MoveCell,
    OutputData,
    RestoreCell,
    RestoreOutputs,
    SetAttachments,
    SetExecutionCount,
    SetKind,
    SetMetadata,
    SetOutputs,
    SpliceSource,
    UpdateDisplay,
)
from tuinb.notebook.outputs import DisplayState, OutputsState

if TYPE_CHECKING:
    from tuinb.notebook.cell import Cell


class Chain:
    """An order of cells as a ring of neighbours; None is between the last cell and the first."""

    def __init__(self, order: Sequence[CellId]) -> None:
        ring: list[CellId | None] = [None, *order]
        self._below = dict(zip(ring, [*order, None], strict=True))
        self._above = {below: above for above, below in self._below.items()}

    def __contains__(self, cell: CellId | None) -> bool:
        return cell in self._below

    def __iter__(self) -> Iterator[CellId]:
        cell = self._below[None]
        while cell is not None:
            yield cell
            cell = self._below[cell]

    def below(self, cell: CellId | None) -> CellId | None:
        """Returns the cell below one, or the first below None. Returns None at the end."""
        return self._below[cell]

    def insert(self, cell: CellId, after: CellId | None) -> None:
        below = self._below[after]
        self._below[after], self._below[cell] = cell, below
        self._above[below], self._above[cell] = cell, after

    def remove(self, cell: CellId) -> CellId | None:
        """Removes a cell and returns the one above it."""
        above, below = self._above.pop(cell), self._below.pop(cell)
        self._below[above], self._above[below] = below, above
        return above


class Stage:
    """The notebook after the changes that were checked so far."""

    def __init__(self, cells: Mapping[CellId, Cell], order: Sequence[CellId], metadata: Mapping[str, Json]) -> None:
        self._cells = cells
        self._order = order
        self._metadata = metadata
        self.sources: dict[CellId, str] = {}
        """The new sources of the cells whose source changed."""
        self.deleted: dict[CellId, CellId | None] = {}
        """The cells removed from the order, each with the one that was above it."""
        self._kinds: dict[CellId, str] = {}
        self._counts: dict[CellId, int | None] = {}
        self._keys: dict[CellId | None, Mapping[str, Json]] = {}
        self._raw: dict[CellId, Mapping[str, Json]] = {}
        """The keys of the cells whose attachments changed. Only the attachments in them are up to date."""
        self._new: dict[CellId, InsertCell] = {}
        self.chain: Chain | None = None
        """The new order. None if no change concerned the order."""

    def check(self, change: Change) -> tuple[Change, ...]:
        """Adds a change and returns its inverse without outputs. Raises ChangeError if it does not fit."""
        match change:
            case AppendOutput() | AppendStream() | ClearOutputs() | SetOutputs() | RestoreOutputs() | UpdateDisplay():
                self._check_outputs(change)
                return ()
            case SpliceSource():
                return (self._check_splice(change),)
            case InsertCell() | DeleteCell() | RestoreCell() | MoveCell():
                if self.chain is None:
                    self.chain = Chain(self._order)
                return (self._check_structure(change, self.chain),)
            case SetKind():
                return self._check_kind(change)
            case SetMetadata():
                return (self._check_metadata(change),)
            case SetAttachments():
                return (self._check_attachments(change),)
            case SetExecutionCount(cell, number):
                self._known(cell, change)
                count = self._count(cell)
                self._counts[cell] = number
                return (SetExecutionCount(cell, count),)
            case _:
                assert_never(change)

    def _check_outputs(
        self, change: AppendOutput | AppendStream | ClearOutputs | SetOutputs | RestoreOutputs | UpdateDisplay
    ) -> None:
        if isinstance(change, UpdateDisplay):
            return
        self._known(change.cell, change)
        if isinstance(change, AppendOutput):
            _check_output(change.output, change.cell, change)
        elif isinstance(change, SetOutputs):
            _check_all(change.outputs, change.cell, change)
        elif isinstance(change, RestoreOutputs) and (
            not isinstance(change.state, OutputsState | DisplayState) or change.state.cell != change.cell
        ):
            raise _error("this is no state of the cell's outputs", change.cell, change)

    def _check_kind(self, change: SetKind) -> tuple[Change, ...]:
        cell, kind = change.cell, change.kind
        self._known(cell, change)
        if not kind:
            raise _error("a cell needs a kind", cell, change)
        before, count = self._kind(cell), self._count(cell)
        self._kinds[cell] = kind
        if count is None or (before == "code") == (kind == "code"):
            return (SetKind(cell, before),)
        if before == "code":
            self._counts[cell] = None
        # Whichever way the kind goes, one of there and back leaves code, and with it the count.
        return SetKind(cell, before), SetExecutionCount(cell, count)

    def _check_structure(self, change: InsertCell | DeleteCell | RestoreCell | MoveCell, chain: Chain) -> Change:
        match change:
            case InsertCell(data, after):
                if not data.id:
                    raise _error("a cell needs an id", data.id, change)
                if data.id in self._cells or data.id in self._new:
                    raise _error("there is a cell with this id already", data.id, change)
                _check_all(data.outputs, data.id, change)
                _anchored(chain, after, data.id, change)
                self._new[data.id] = change
                chain.insert(data.id, after)
                return DeleteCell(data.id)
            case DeleteCell(cell):
                _placed(chain, cell, change)
                above = chain.remove(cell)
                self.deleted[cell] = above
                return RestoreCell(cell, above)
            case RestoreCell(cell, after):
                self._known(cell, change)
                if cell in chain:
                    raise _error("the cell is not deleted", cell, change)
                _anchored(chain, after, cell, change)
                chain.insert(cell, after)
                return DeleteCell(cell)
            case MoveCell(cell, after):
                _placed(chain, cell, change)
                if after == cell:
                    raise _error("a cell can't stand below itself", cell, change)
                _anchored(chain, after, cell, change)
                old = chain.remove(cell)
                chain.insert(cell, after)
                return MoveCell(cell, old)
            case _:
                assert_never(change)

    def _check_splice(self, change: SpliceSource) -> Change:
        self._known(change.cell, change)
        source = self._source(change.cell)
        end = change.at + len(change.removed)
        if change.at < 0 or change.at > len(source):
            raise _error(f"offset {change.at} is outside the source of {len(source)} characters", change.cell, change)
        if not source.startswith(change.removed, change.at):
            found = source[change.at : end]
            raise _error(f"{found[:40]!r} stands where {change.removed[:40]!r} was to be replaced", change.cell, change)
        self.sources[change.cell] = f"{source[: change.at]}{change.inserted}{source[end:]}"
        return SpliceSource(change.cell, change.at, change.inserted, change.removed)

    def _check_metadata(self, change: SetMetadata) -> Change:
        if change.cell is not None:
            self._known(change.cell, change)
        keys = self._keys_of(change.cell)
        before = keys.get(change.key, ABSENT)
        position = [*keys].index(change.key) if before is not ABSENT else None
        self._keys[change.cell] = with_key(keys, change.key, change.value, change.position)
        return SetMetadata(change.cell, change.key, before, position if change.value is ABSENT else None)

    def _check_attachments(self, change: SetAttachments) -> Change:
        self._known(change.cell, change)
        if change.attachments is not None and not isinstance(change.attachments, Mapping):
            raise _error("attachments must be a mapping", change.cell, change)
        raw = self._raw.get(change.cell) or self._raw_of(change.cell)
        value = ABSENT if change.attachments is None else change.attachments
        self._raw[change.cell] = with_key(raw, ATTACHMENTS, value, change.position)
        if ATTACHMENTS not in raw:
            return SetAttachments(change.cell, None)
        position = [*raw].index(ATTACHMENTS) if change.attachments is None else None
        return SetAttachments(change.cell, raw[ATTACHMENTS], position)

    # ---- staged state of a cell

    def _known(self, cell: CellId, change: Change) -> None:
        if cell not in self._cells and cell not in self._new:
            raise _error("there is no such cell", cell, change)

    def _source(self, cell: CellId) -> str:
        if (staged := self.sources.get(cell)) is not None:
            return staged
        return self._new[cell].cell.source if cell in self._new else self._cells[cell].source

    def _kind(self, cell: CellId) -> str:
        if (staged := self._kinds.get(cell)) is not None:
            return staged
        return self._new[cell].cell.kind if cell in self._new else self._cells[cell].kind

    def _count(self, cell: CellId) -> int | None:
        if cell in self._counts:
            return self._counts[cell]
        return self._new[cell].cell.execution_count if cell in self._new else self._cells[cell].execution_count

    def _keys_of(self, cell: CellId | None) -> Mapping[str, Json]:
        if (staged := self._keys.get(cell)) is not None:
            return staged
        if cell is None:
            return self._metadata
        found = self._raw_of(cell).get("metadata")
        return found if isinstance(found, Mapping) else {}

    def _raw_of(self, cell: CellId) -> Mapping[str, Json]:
        return self._new[cell].cell.raw if cell in self._new else self._cells[cell].raw


def _check_output(output: object, cell: CellId, change: Change) -> None:
    if not isinstance(output, Mapping):
        raise _error("an output must be a mapping", cell, change)


def _check_all(outputs: Iterable[object], cell: CellId, change: Change) -> None:
    for output in outputs:
        _check_output(output.raw if isinstance(output, OutputData) else None, cell, change)


def _placed(chain: Chain, cell: CellId, change: Change) -> None:
    if cell not in chain:
        raise _error("there is no such cell in the order", cell, change)


def _anchored(chain: Chain, after: CellId | None, cell: CellId, change: Change) -> None:
    if after not in chain:
        raise _error(f"there is no cell {after} for it to stand below", cell, change)


def _error(what: str, cell: CellId, change: Change) -> ChangeError:
    return ChangeError(what, where=f"{type(change).__name__} of cell {cell}")
