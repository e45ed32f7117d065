"""The changes that lead from one notebook to another, by cells.

With a common base, only what differs between base and target is changed: what others changed meanwhile stays. Where both
changed the same field of a cell, the target's wins, and the cell counts as a conflict.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeAlias

from tuinb.notebook.cell import NO_OUTPUTS
from tuinb.notebook.changes import (
    ABSENT,
    CellData,
    CellId,
    Change,
    DeleteCell,
    InsertCell,
    MoveCell,
    RestoreCell,
    SetExecutionCount,
    SetKind,
    SetMetadata,
    SetOutputs,
    SpliceSource,
)
from tuinb.notebook.staging import Chain

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

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


@dataclass(frozen=True, slots=True)
class Difference:
    changes: tuple[Change, ...]
    cells: tuple[CellId, ...]
    """The cells that are changed, added or removed. A cell that is only moved is not among them."""
    conflicts: tuple[CellId, ...]
    """Those cells among them that others changed, too."""
    is_elsewhere: bool = False
    """Whether the present notebook is not the base."""


def difference(current: Content, target: Content, base: Content | None = None) -> Difference:
    """Returns what changes `current` into `target`. With `base`, carries the changes from `base` to `target` over."""
    if base is None:
        return _Comparison(current, target, current).difference()
    names = _matches(base, current, target)
    base = _renamed(base, names)
    found = _Comparison(current, _renamed(target, names), base).difference()
    return replace(found, is_elsewhere=not _is_equal(current, base))


class _Comparison:
    def __init__(self, current: Content, target: Content, base: Content) -> None:
        self._current, self._target, self._base = current, target, base
        self._changes: list[Change] = list(_metadata(None, base.metadata, target.metadata, current.metadata))
        self._cells: list[CellId] = []
        self._conflicts: list[CellId] = []
        self._new: set[CellId] = set()

    def difference(self) -> Difference:
        deleted = self._deleted()
        self._changes += map(DeleteCell, deleted)
        kept = [cell for cell in self._current.cells if cell not in deleted]
        for cell, data in self._target.cells.items():
            self._compare(cell, data)
        self._place(kept)
        return Difference(tuple(self._changes), (*deleted, *self._cells), tuple(self._conflicts))

    def _deleted(self) -> dict[CellId, None]:
        """Returns the cells that the target deleted. One that others changed meanwhile is kept."""
        found: dict[CellId, None] = {}
        for cell, before in self._base.cells.items():
            if cell in self._target.cells or (now := self._current.cells.get(cell)) is None:
                continue
            if _is_same(now, before):
                found[cell] = None
            else:
                self._conflicts.append(cell)
        return found

    def _compare(self, cell: CellId, data: CellData) -> None:
        before, now = self._base.cells.get(cell), self._current.cells.get(cell)
        if now is None:
            if before is None or not _is_same(data, before):
                self._new.add(cell)
                self._cells.append(cell)
                if before is not None:
                    self._conflicts.append(cell)
            return
        changes = list(_cell(now, data, before))
        if changes:
            self._changes += changes
            self._cells.append(cell)
            if before is not None and not _is_same(now, before):
                self._conflicts.append(cell)

    def _place(self, kept: Sequence[CellId]) -> None:
        """Adds the new cells, and moves cells that the target moved."""
        here = self._new.union(kept)
        ours = [cell for cell in self._target.cells if cell in here]
        moved = _common(self._target.cells, self._base.cells) != _common(self._base.cells, self._target.cells)
        order = _woven(ours, kept) if moved else _woven(kept, ours)
        still = _longest_rising(order, kept)
        above: CellId | None = None
        for cell in order:
            if cell in self._new:
                self._changes += self._added(cell, above)
            elif cell not in still:
                self._changes.append(MoveCell(cell, above))
            above = cell

    def _added(self, cell: CellId, above: CellId | None) -> Iterator[Change]:
        data = self._target.cells[cell]
        if (known := self._current.deleted.get(cell)) is None:
            yield InsertCell(data, above)
        else:
            yield RestoreCell(cell, above)
            yield from _cell(known, data, None)


def _common(cells: Iterable[CellId], others: Collection[CellId]) -> list[CellId]:
    return [cell for cell in cells if cell in others]


def _woven(order: Sequence[CellId], others: Iterable[CellId]) -> list[CellId]:
    """Returns `order` with the other cells, each below the one that is above it in `others`."""
    chain = Chain(order)
    above: CellId | None = None
    for cell in others:
        if cell not in chain:
            chain.insert(cell, above)
        above = cell
    return list(chain)


def _longest_rising(order: Sequence[CellId], old: Sequence[CellId]) -> set[CellId]:
    """Returns the most cells of `old` that are in the same sequence in `order`, so that the fewest are moved."""
    positions = {cell: position for position, cell in enumerate(old)}
    ends: list[int] = []
    last: list[CellId] = []
    before: dict[CellId, CellId | None] = {}
    for cell in order:
        if cell not in positions:
            continue
        length = bisect_left(ends, positions[cell])
        before[cell] = last[length - 1] if length else None
        ends[length : length + 1] = [positions[cell]]
        last[length : length + 1] = [cell]
    found: set[CellId] = set()
    at = last[-1] if last else None
    while at is not None:
        found.add(at)
        at = before[at]
    return found


# ---- one cell


def _cell(now: CellData, target: CellData, base: CellData | None) -> Iterator[Change]:
    """Yields the changes of one cell. Without `base`, all that differs is changed."""
    base = now if base is None else base
    cell = now.id
    count, has_hidden = now.execution_count, False
    if base.kind != target.kind != now.kind:
        yield SetKind(cell, target.kind)
        count = None if now.kind == "code" else count
        has_hidden = now.kind in NO_OUTPUTS
    if base.source != target.source != now.source:
        yield _splice(cell, now.source, target.source)
    yield from _metadata(cell, _metadata_of(base), _metadata_of(target), _metadata_of(now))
    # Outputs that reached a cell without outputs would be shown again.
    if has_hidden or not (_same_outputs(base.outputs, target.outputs) or _same_outputs(now.outputs, target.outputs)):
        yield SetOutputs(cell, target.outputs)
    if base.execution_count != target.execution_count != count:
        yield SetExecutionCount(cell, target.execution_count)


def _splice(cell: CellId, old: str, new: str) -> SpliceSource:
    """Returns the splice without the text that both have at the beginning and at the end."""
    shortest = min(len(old), len(new))
    start = next((at for at in range(shortest) if old[at] != new[at]), shortest)
    rest = shortest - start
    end = next((at for at in range(rest) if old[-1 - at] != new[-1 - at]), rest)
    return SpliceSource(cell, start, old[start : len(old) - end], new[start : len(new) - end])


def _metadata_of(cell: CellData) -> Metadata:
    return cell.raw.get("metadata") or {}


def _metadata(cell: CellId | None, base: Metadata, target: Metadata, now: Metadata) -> Iterator[Change]:
    for key in {**base, **target}:
        value = target.get(key, ABSENT)
        if base.get(key, ABSENT) != value != now.get(key, ABSENT):
            yield SetMetadata(cell, key, value)


def _is_equal(one: Content, other: Content) -> bool:
    cells = zip(one.cells.values(), other.cells.values(), strict=False)
    return [*one.cells] == [*other.cells] and one.metadata == other.metadata and all(_is_same(*pair) for pair in cells)


def _is_same(one: CellData, other: CellData) -> bool:
    return next(_cell(one, other, None), None) is None


def _same_outputs(some: Sequence[OutputData], others: Sequence[OutputData]) -> bool:
    return len(some) == len(others) and all(
        one.raw is other.raw or _joined(one.raw) == _joined(other.raw) for one, other in zip(some, others, strict=True)
    )


def _joined(value: Json) -> Json:
    """Returns an output with lists of lines as one text each: a file may have either."""
    if isinstance(value, dict):
        return {key: _joined(item) for key, item in value.items()}
    if isinstance(value, list) and value and all(isinstance(line, str) for line in value):
        return "".join(value)
    return value


# ---- cells without ids in the file


def _matches(base: Content, current: Content, target: Content) -> dict[CellId, CellId]:
    """Maps cells of the base to cells of `current` that have another id and the same source."""
    old = [cell for cell in base.cells if cell not in current.cells]
    new = [cell for cell in current.cells if cell not in base.cells and cell not in target.cells]
    if not old or not new:
        return {}
    from difflib import SequenceMatcher

    sources = [base.cells[cell].source for cell in old], [current.cells[cell].source for cell in new]
    if sources[0] == sources[1]:
        return dict(zip(old, new, strict=True))
    blocks = SequenceMatcher(None, *sources).get_matching_blocks()
    return {old[one + at]: new[other + at] for one, other, length in blocks for at in range(length)}


def _renamed(content: Content, names: Mapping[CellId, CellId]) -> Content:
    if not names:
        return content
    cells = {names.get(cell, cell): data for cell, data in content.cells.items()}
    return replace(content, cells={cell: replace(data, id=cell) for cell, data in cells.items()})
