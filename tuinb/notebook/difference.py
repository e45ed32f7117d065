"""The changes that lead from one notebook to another, by cells. Cells are the same if they have the same id."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from tuinb.notebook.alignment import longest_rising
from tuinb.notebook.cell import ATTACHMENTS, NO_OUTPUTS
from tuinb.notebook.changes import (
    ABSENT,
    CellData,
    CellId,
    Change,
    DeleteCell,
    InsertCell,
    MoveCell,
    RestoreCell,
    SetAttachments,
    SetExecutionCount,
    SetKind,
    SetMetadata,
    SetOutputs,
    SpliceSource,
)
from tuinb.record import Record

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tuinb.notebook.changes import Json, OutputData
    from tuinb.notebook.document import Notebook

    Metadata: TypeAlias = Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Content:
    """A whole notebook as plain values."""

    cells: Mapping[CellId, CellData]
    """In order."""
    metadata: Metadata
    deleted: Mapping[CellId, CellData] = field(default_factory=dict)
    """Deleted cells that are still known. They can only be restored, not inserted."""

    @classmethod
    def of(cls, notebook: Notebook) -> Content:
        """Returns the present content."""
        deleted = {cell.id: cell.data() for cell in notebook.known() if cell.id not in notebook}
        return cls({cell.id: cell.data() for cell in notebook}, notebook.metadata, deleted)


class Difference(Record):
    changes: tuple[Change, ...]
    cells: tuple[CellId, ...]
    """The cells that are changed, added or removed. A cell that is only moved is not among them."""
    conflicts: tuple[CellId, ...] = ()
    """Where changes are carried over: cells that others changed, too."""
    is_elsewhere: bool = False
    """Whether changes are carried over to another notebook than the one that they were made in."""

    @property
    def extent(self) -> str:
        """What is changed, for the user: how many cells, or else what is no cell's."""
        if self.cells or not self.changes:
            return f"{len(self.cells)} cell{'s' * (len(self.cells) != 1)}"
        moved = [isinstance(change, MoveCell) for change in self.changes]
        return " and ".join(["the order of the cells"] * any(moved) + ["the metadata"] * (not all(moved)))


def difference(current: Content, target: Content) -> Difference:
    """Returns what changes `current` into `target`."""
    deleted = [cell for cell in current.cells if cell not in target.cells]
    changes: list[Change] = [*_metadata(None, current.metadata, target.metadata), *map(DeleteCell, deleted)]
    cells = list(deleted)
    for cell, data in target.cells.items():
        now = current.cells.get(cell)
        some = [] if now is None else list(cell_changes(now, data))
        changes += some
        if now is None or some:
            cells.append(cell)
    changes += _placed(current, target)
    return Difference(tuple(changes), tuple(cells))


def _placed(current: Content, target: Content) -> Iterator[Change]:
    """Yields the new cells, and moves, so that the cells are in the order of `target`. The fewest are moved."""
    order = list(target.cells)
    kept = [cell for cell in current.cells if cell in target.cells]
    still = longest_rising(order, kept)
    above: CellId | None = None
    for cell in order:
        if cell not in current.cells:
            yield from _added(target.cells[cell], above, current)
        elif cell not in still:
            yield MoveCell(cell, above)
        above = cell


def _added(cell: CellData, above: CellId | None, current: Content) -> Iterator[Change]:
    if (known := current.deleted.get(cell.id)) is None:
        yield InsertCell(cell, above)
    else:
        yield RestoreCell(cell.id, above)
        yield from cell_changes(known, cell)


# ---- one cell


def cell_changes(now: CellData, target: CellData) -> Iterator[Change]:
    """Yields what changes one cell. Unknown keys of the cell stay as they are."""
    cell, count = now.id, now.execution_count
    outputs_differ = not same_outputs(now.outputs, target.outputs)
    if now.kind != target.kind:
        yield SetKind(cell, target.kind)
        count = None if now.kind == "code" else count
        # A cell that had no outputs may have hidden ones from its file.
        outputs_differ = target.kind not in NO_OUTPUTS
    if now.source != target.source:
        yield _splice(cell, now.source, target.source)
    yield from _metadata(cell, metadata_of(now), metadata_of(target))
    if not same(attachments_of(now), attachments := attachments_of(target)):
        yield SetAttachments(cell, attachments)
    if outputs_differ:
        yield SetOutputs(cell, target.outputs)
    if count != target.execution_count:
        yield SetExecutionCount(cell, target.execution_count)


def _splice(cell: CellId, old: str, new: str) -> SpliceSource:
    """Returns the splice without the text that both have at the beginning and at the end."""
    shortest = min(len(old), len(new))
    start = next((at for at in range(shortest) if old[at] != new[at]), shortest)
    rest = shortest - start
    end = next((at for at in range(rest) if old[-1 - at] != new[-1 - at]), rest)
    return SpliceSource(cell, start, old[start : len(old) - end], new[start : len(new) - end])


def metadata_of(cell: CellData) -> Metadata:
    """Returns the metadata of a cell."""
    found = cell.raw.get("metadata")
    return found if isinstance(found, dict) else {}


def attachments_of(cell: CellData) -> Mapping[str, Json] | None:
    """Returns the attachments of a cell. None if it has no such key."""
    found = cell.raw.get(ATTACHMENTS)
    return found if isinstance(found, dict) else None


def _metadata(cell: CellId | None, now: Metadata, target: Metadata) -> Iterator[Change]:
    for key in {**now, **target}:
        value = target.get(key, ABSENT)
        if not same(value, now.get(key, ABSENT)):
            yield SetMetadata(cell, key, value)


# ---- comparing


def same_content(one: Content, other: Content) -> bool:
    """Whether two contents are equal, ids included."""
    cells = zip(one.cells.values(), other.cells.values(), strict=False)
    return [*one.cells] == [*other.cells] and same(one.metadata, other.metadata) and all(same_cell(*pair) for pair in cells)


def same_cell(one: CellData, other: CellData) -> bool:
    """Whether two versions of a cell have the same content."""
    return next(cell_changes(one, other), None) is None


def same(one: Json, other: Json) -> bool:
    """Whether two JSON values are equal. Unlike in Python, true is not 1, and 1 is not 1.0.

    Values that are nested too deeply to be compared count as different.
    """
    try:
        return one is other or _same(one, other)
    except RecursionError:
        return False


def _same(one: Json, other: Json) -> bool:
    if one.__class__ is not other.__class__:
        return False
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(_same(value, other[key]) for key, value in one.items())
    if isinstance(one, list):
        return len(one) == len(other) and all(map(_same, one, other))
    return bool(one == other) or (one != one and other != other)


def same_outputs(some: Sequence[OutputData], others: Sequence[OutputData]) -> bool:
    """Whether two lists of outputs are equal. Texts may be stored as one text or as lists of lines."""
    return len(some) == len(others) and all(map(_same_output, some, others))


def _same_output(one: OutputData, other: OutputData) -> bool:
    try:
        return one.raw is other.raw or one.raw == other.raw or joined_lines(one.raw) == joined_lines(other.raw)
    except RecursionError:
        return False


def joined_lines(value: Json) -> Json:
    """Returns an output with lists of lines as one text each: a file may have either."""
    if isinstance(value, dict):
        return {key: joined_lines(item) for key, item in value.items()}
    if isinstance(value, list) and value and all(isinstance(line, str) for line in value):
        return "".join(value)
    return value
