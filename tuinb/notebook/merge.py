"""Merges two versions of a notebook that have a common base, cell by cell.

Cells are the same if they have the same id, or, where files lack ids, the same or similar content (see matching.py). Sources
are merged by lines, metadata and attachments by keys, outputs as lists. Where only one side changed the source of a cell, the
outputs of that side go with it; where one side cleared them, those of the other stay. What both sides changed in different
ways is a conflict: it stays as in ours, and `conflicts.settled` takes another side. No cell is lost: one that a side changed
and the other deleted stays.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Final, TypeAlias

from tuinb.notebook.alignment import Hunk, longest_rising, merge3
from tuinb.notebook.cell import ATTACHMENTS, NO_OUTPUTS
from tuinb.notebook.changes import ABSENT, CellData
from tuinb.notebook.conflicts import Conflict, Part, Side, lines_of, settled, text_of
from tuinb.notebook.difference import (
    Content,
    Difference,
    attachments_of,
    difference,
    joined_lines,
    metadata_of,
    same,
    same_cell,
    same_content,
    same_outputs,
)
from tuinb.notebook.matching import renamed
from tuinb.notebook.nesting import is_deep
from tuinb.notebook.staging import Chain

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence

    from tuinb.notebook.changes import CellId, Json, OutputData

    Keys: TypeAlias = Mapping[str, Json]
    Outputs: TypeAlias = tuple[OutputData, ...]

MACHINE_WRITTEN: Final = frozenset(
    {"collapsed", "scrolled", "autoscroll", "ExecuteTime", "execution", "language_info", "widgets"}
)
"""Top-level keys of metadata that programs write by themselves. Where both sides have changed a value, ours is kept."""
_COUNT: Final = "execution_count"


@dataclass(frozen=True)
class Merge:
    ours: Content
    content: Content
    """The merged notebook. Conflicts are as in ours."""
    conflicts: tuple[Conflict, ...]
    theirs: Content
    """The other version, with the ids of ours."""

    @cached_property
    def difference(self) -> Difference:
        """What changes ours into the merged notebook."""
        return difference(self.ours, self.content)


def merge(base: Content, ours: Content, theirs: Content) -> Merge:
    """Merges `theirs` into `ours`. Cells keep the ids that they have in ours."""
    base, theirs = renamed(base, ours, theirs)
    return _Merger(base, ours, theirs).merge()


def carried_over(current: Content, target: Content, base: Content) -> Difference:
    """Returns changes that carry what `target` changed of `base` over to `current`.

    In a conflict the target wins, but a cell that `current` changed and the target deleted stays.
    """
    merged = merge(base, current, target)
    in_cells = [conflict for conflict in merged.conflicts if conflict.part is not Part.CELL]
    found = difference(current, settled(merged.content, in_cells, Side.THEIRS))
    before, _ = renamed(base, current, target)
    changed = [cell for cell in found.cells if cell in before.cells and _is_changed(cell, before, current)]
    conflicts = dict.fromkeys((*changed, *(conflict.cell for conflict in merged.conflicts if conflict.cell is not None)))
    return replace(found, conflicts=tuple(conflicts), is_elsewhere=not same_content(current, before))


def _is_changed(cell: CellId, base: Content, current: Content) -> bool:
    return cell not in current.cells or not same_cell(current.cells[cell], base.cells[cell])


class _Merger:
    def __init__(self, base: Content, ours: Content, theirs: Content) -> None:
        self._base, self._ours, self._theirs = base, ours, theirs
        self._conflicts: list[Conflict] = []

    def merge(self) -> Merge:
        metadata = self._keys(None, Part.METADATA, self._base.metadata, self._ours.metadata, self._theirs.metadata)
        everyone = dict.fromkeys((*self._ours.cells, *self._theirs.cells))
        cells = {cell: data for cell in everyone if (data := self._cell(cell)) is not None}
        content = Content({cell: cells[cell] for cell in self._order(cells)}, metadata, self._ours.deleted)
        return Merge(self._ours, content, tuple(self._conflicts), self._theirs)

    # ---- cells

    def _cell(self, cell: CellId) -> CellData | None:
        base, ours, theirs = (content.cells.get(cell) for content in (self._base, self._ours, self._theirs))
        if ours is not None and theirs is not None:
            return self._both(base or CellData(cell, "", ""), ours, theirs)
        kept = ours or theirs
        if base is None or kept is None:
            return kept
        if same_cell(replace(kept, execution_count=base.execution_count), base):
            return None
        self._conflicts.append(Conflict(cell, Part.CELL, base, ours, theirs))
        return kept

    def _both(self, base: CellData, ours: CellData, theirs: CellData) -> CellData:
        if same_cell(base, theirs) or same_cell(ours, theirs):
            return ours
        kind = self._kind(base, ours, theirs)
        raw = self._raw(base, ours, theirs)
        source = self._source(base, ours, theirs)
        outputs, count = self._outputs(base, ours, theirs) if kind not in NO_OUTPUTS else ((), ours.execution_count)
        if same(ours.execution_count, base.execution_count) or ours.kind != kind:
            count = theirs.execution_count
        return replace(ours, kind=kind, source=source, raw=raw, outputs=outputs, execution_count=count)

    def _kind(self, base: CellData, ours: CellData, theirs: CellData) -> str:
        if ours.kind == base.kind or ours.kind == theirs.kind:
            return theirs.kind
        if theirs.kind != base.kind:
            self._conflicts.append(Conflict(ours.id, Part.KIND, base.kind, ours.kind, theirs.kind))
        return ours.kind

    def _source(self, base: CellData, ours: CellData, theirs: CellData) -> str:
        if ours.source in (base.source, theirs.source):
            return theirs.source
        if theirs.source == base.source:
            return ours.source
        regions = tuple(merge3(lines_of(base.source), lines_of(ours.source), lines_of(theirs.source)))
        if any(isinstance(region, Hunk) for region in regions):
            conflict = Conflict(ours.id, Part.SOURCE, base.source, ours.source, theirs.source, regions=regions)
            self._conflicts.append(conflict)
        return text_of(regions, Side.OURS)

    # ---- metadata and attachments

    def _raw(self, base: CellData, ours: CellData, theirs: CellData) -> Keys:
        raw = dict(ours.raw)
        metadata = self._keys(ours.id, Part.METADATA, metadata_of(base), metadata_of(ours), metadata_of(theirs))
        if metadata or "metadata" in raw:
            raw["metadata"] = metadata
        before, mine, other = (attachments_of(cell) for cell in (base, ours, theirs))
        attachments = self._keys(ours.id, Part.ATTACHMENTS, before or {}, mine or {}, other or {})
        changed = other if (mine is None) == (before is None) else mine
        if attachments or changed is not None:
            raw[ATTACHMENTS] = attachments
        elif mine is not None:
            del raw[ATTACHMENTS]
        return raw

    def _keys(
        self, cell: CellId | None, part: Part, base: Keys, ours: Keys, theirs: Keys, path: tuple[str, ...] = ()
    ) -> dict[str, Json]:
        found: dict[str, Json] = {}
        for key in dict.fromkeys((*ours, *theirs)):
            before, mine, other = (keys.get(key, ABSENT) for keys in (base, ours, theirs))
            value, here = mine, (*path, key)
            if same(mine, before):
                value = other
            elif same(other, before) or same(mine, other):
                pass
            elif isinstance(mine, dict) and isinstance(other, dict):
                value = self._keys(cell, part, before if isinstance(before, dict) else {}, mine, other, here)
            elif here == ("tags",) and isinstance(mine, list) and isinstance(other, list):
                value = _tags(before if isinstance(before, list) else [], mine, other)
            elif part is Part.METADATA and here[0] in MACHINE_WRITTEN:
                value = other if mine is ABSENT else mine
            else:
                self._conflicts.append(Conflict(cell, part, before, mine, other, here))
            if value is not ABSENT:
                found[key] = value
        return found

    # ---- outputs

    def _outputs(self, base: CellData, ours: CellData, theirs: CellData) -> tuple[Outputs, int | None]:
        """Returns the merged outputs, and the count of the run that they are of."""
        mine, other = (ours.outputs, ours.execution_count), (theirs.outputs, theirs.execution_count)
        if same_outputs(theirs.outputs, base.outputs) or same_outputs(theirs.outputs, ours.outputs):
            return mine
        if same_outputs(ours.outputs, base.outputs):
            return other
        sides = [[_key(output) for output in cell.outputs] for cell in (base, ours, theirs)]
        is_edited, is_edited_there = ours.source != base.source, theirs.source != base.source
        if sides[2] == sides[0] or sides[2] == sides[1] or (is_edited and not is_edited_there):
            return mine
        if sides[1] == sides[0] or (is_edited_there and not is_edited):
            return other
        if not ours.outputs or not theirs.outputs:
            return mine if ours.outputs else other
        regions = merge3(*sides)
        known = {_key(output): output for output in (*theirs.outputs, *ours.outputs)}
        merged: list[OutputData] = []
        for region in regions:
            if isinstance(region, Hunk):
                self._conflicts.append(Conflict(ours.id, Part.OUTPUTS, base.outputs, ours.outputs, theirs.outputs))
                return mine
            merged += [known[key] for key in region]
        return tuple(merged), ours.execution_count

    # ---- order

    def _order(self, cells: Collection[CellId]) -> list[CellId]:
        base, ours, theirs = (
            [cell for cell in content.cells if cell in cells] for content in (self._base, self._ours, self._theirs)
        )
        moved, moved_there = _moved(base, ours), _moved(base, theirs)
        here, there = set(ours), set(theirs)
        places = {cell: place for place, cell in enumerate(base)}

        def goes_first(cell: CellId, added: CellId) -> bool:
            """Whether a cell that only ours has goes before one that only theirs has, if they are at the same place."""
            return cell not in there and (cell not in places or places[cell] < places.get(added, 0))

        if moved_there and not moved:
            return woven(theirs, ours, lambda cell, added: cell not in here and not goes_first(added, cell))
        if not moved_there or [cell for cell in ours if cell in there] == [cell for cell in theirs if cell in here]:
            return woven(ours, theirs, goes_first)
        self._find_order_conflicts(moved & moved_there, ours, theirs)
        return woven([cell for cell in ours if cell in moved or cell not in moved_there], theirs, goes_first)

    def _find_order_conflicts(self, cells: Collection[CellId], ours: Sequence[CellId], theirs: Sequence[CellId]) -> None:
        above, above_there = dict(zip(ours, (None, *ours), strict=False)), dict(zip(theirs, (None, *theirs), strict=False))
        base = dict(zip(self._base.cells, (None, *self._base.cells), strict=False))
        for cell in ours:
            if cell in cells and above[cell] != above_there[cell]:
                self._conflicts.append(Conflict(cell, Part.ORDER, base[cell], above[cell], above_there[cell]))


def _moved(base: Sequence[CellId], side: Sequence[CellId]) -> set[CellId]:
    return set(base).intersection(side) - longest_rising(side, base)


def woven(order: Sequence[CellId], others: Iterable[CellId], goes_first: Callable[[CellId, CellId], bool]) -> list[CellId]:
    """Returns `order` with the other cells, each below the one above it in `others`.

    `goes_first(cell, other)` is whether a cell of `order` that follows there goes before the other.
    """
    chain = Chain(order)
    above: CellId | None = None
    for cell in others:
        if cell not in chain:
            while (below := chain.below(above)) is not None and goes_first(below, cell):
                above = below
            chain.insert(cell, above)
        above = cell
    return list(chain)


def _tags(base: Sequence[Json], ours: Sequence[Json], theirs: Sequence[Json]) -> list[Json]:
    """Returns the tags of ours, with those that theirs added and without those that theirs removed."""
    added = [tag for tag in theirs if tag not in base and tag not in ours]
    return [tag for tag in ours if tag in theirs or tag not in base] + added


def _key(output: OutputData) -> Hashable:
    """Returns a value that is equal for outputs that show the same. The count of the run is left out."""
    if is_deep(output.raw):
        return id(output.raw)
    return _frozen(joined_lines({key: value for key, value in output.raw.items() if key != _COUNT}))


def _frozen(value: Json) -> Hashable:
    if isinstance(value, dict):
        return frozenset((key, _frozen(item)) for key, item in value.items())
    return tuple(map(_frozen, value)) if isinstance(value, list) else value
