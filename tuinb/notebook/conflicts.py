"""Conflicts of a merge: what both sides changed in different ways, and how a side is taken.

A merge leaves a conflict as ours, so that nothing is lost in the notebook that is being edited. `settled` takes another side,
or both. A file without a screen gets both sides: markers around them in a source and in outputs, and a record in the metadata
for other parts. `find_marked` finds them again.
"""

from __future__ import annotations

import re
from dataclasses import replace
from enum import Enum, StrEnum
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from tuinb.mime import joined
from tuinb.notebook.alignment import Hunk
from tuinb.notebook.cell import ATTACHMENTS
from tuinb.notebook.changes import ABSENT, OutputData
from tuinb.notebook.difference import attachments_of, metadata_of
from tuinb.record import Record

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from tuinb.notebook.alignment import Region
    from tuinb.notebook.changes import CellData, CellId, Json
    from tuinb.notebook.difference import Content

Value: TypeAlias = Any
"""The value of a part on one side."""


class Part(StrEnum):
    """The part of a notebook that is in conflict. Its values are of the type that is named below it."""

    CELL = "cell"
    """CellData, or None on the side that deleted the cell."""
    ORDER = "order"
    """CellId of the cell above it, or None for the first."""
    KIND = "kind"
    """str."""
    SOURCE = "source"
    """str."""
    METADATA = "metadata"
    """A JSON value, or ABSENT."""
    ATTACHMENTS = "attachments"
    """A JSON value, or ABSENT."""
    OUTPUTS = "outputs"
    """A tuple of OutputData."""


class Side(Enum):
    """What `settled` makes of a conflict."""

    OURS = "ours"
    THEIRS = "theirs"
    BOTH = "both"
    """Ours, then theirs. Ours where there can be only one."""
    MARKED = "marked"
    """Both with markers, or ours with a record of theirs in the metadata. Ours for the order of cells."""


class Conflict(Record):
    cell: CellId | None
    """The cell in the merged notebook. None for the notebook's metadata."""
    part: Part
    base: Value
    """None if it is not known: markers do not have it."""
    ours: Value
    theirs: Value
    path: tuple[str, ...] = ()
    """The keys that lead to the value in the metadata or the attachments."""
    regions: tuple[Region[str], ...] = ()
    """The lines of a source: merged ones, and hunks that are in conflict."""


def lines_of(text: str) -> list[str]:
    """Returns the lines without line feeds. An empty text has none."""
    return text.split("\n") if text else []


# ---- taking a side


def settled(content: Content, conflicts: Iterable[Conflict], side: Side) -> Content:
    """Returns a merged content in which conflicts are as one side has them. Conflicts of cells that are gone are skipped."""
    cells, metadata = dict(content.cells), content.metadata
    for conflict in conflicts:
        cell = conflict.cell
        if cell is None:
            metadata = _settled_metadata(metadata, conflict, side)
        elif conflict.part is Part.ORDER:
            cells = _moved(cells, cell, _one(conflict, side))
        elif cell not in cells:
            continue
        elif conflict.part is not Part.CELL:
            cells[cell] = _settled_part(cells[cell], conflict, side)
        elif (kept := _settled_cell(cells[cell], conflict, side)) is not None:
            cells[cell] = kept
        else:
            del cells[cell]
    return replace(content, cells=cells, metadata=metadata)


def _one(conflict: Conflict, side: Side) -> Value:
    return conflict.theirs if side is Side.THEIRS else conflict.ours


def _settled_cell(now: CellData, conflict: Conflict, side: Side) -> CellData | None:
    """Returns a cell that one side deleted and the other changed, or None if it goes."""
    if side is Side.MARKED:
        ours, theirs = (tuple(lines_of(one.source)) if one else () for one in (conflict.ours, conflict.theirs))
        return replace(now, source=text_of([Hunk((), ours, theirs)], side))
    found: CellData | None = conflict.ours or conflict.theirs if side is Side.BOTH else _one(conflict, side)
    return found


def _settled_part(cell: CellData, conflict: Conflict, side: Side) -> CellData:
    match conflict.part:
        case Part.SOURCE:
            return replace(cell, source=text_of(conflict.regions, side))
        case Part.OUTPUTS:
            return replace(cell, outputs=_outputs(conflict, side))
        case Part.KIND:
            cell = replace(cell, kind=_one(conflict, side))
        case Part.ATTACHMENTS:
            attachments = _with_value(attachments_of(cell) or {}, conflict.path, _one(conflict, side))
            cell = replace(cell, raw={**cell.raw, ATTACHMENTS: attachments})
        case _:
            pass
    metadata = _settled_metadata(metadata_of(cell), conflict, side)
    return replace(cell, raw={**cell.raw, "metadata": metadata}) if metadata != metadata_of(cell) else cell


def _settled_metadata(metadata: Mapping[str, Json], conflict: Conflict, side: Side) -> Mapping[str, Json]:
    if conflict.part is Part.METADATA:
        metadata = _with_value(metadata, conflict.path, _one(conflict, side))
    records = [record for record in _records(metadata) if not _is_of(record, conflict)]
    if side is Side.MARKED:
        records.append(_record(conflict))
    elif len(records) == len(_records(metadata)):
        return metadata
    own = metadata.get(OWN_KEY)
    others = {key: value for key, value in own.items() if key != _RECORDS} if isinstance(own, dict) else {}
    new = {**others, **({_RECORDS: records} if records else {})}
    return _with_value(metadata, (OWN_KEY,), new or ABSENT)


def _with_value(metadata: Mapping[str, Json], path: Sequence[str], value: Json) -> dict[str, Json]:
    key, *rest = path
    if rest:
        inner = metadata.get(key)
        value = _with_value(inner if isinstance(inner, dict) else {}, rest, value)
    if value is ABSENT:
        return {name: old for name, old in metadata.items() if name != key}
    return {**metadata, key: value}


def _moved(cells: Mapping[CellId, CellData], cell: CellId, above: CellId | None) -> dict[CellId, CellData]:
    if cell not in cells or (above is not None and above not in cells):
        return dict(cells)
    order = [other for other in cells if other != cell]
    order.insert(0 if above is None else order.index(above) + 1, cell)
    return {other: cells[other] for other in order}


# ---- markers

MARKER: Final = "<<<<<<< "
"""How the first marker of a conflict begins."""
_OURS: Final = f"{MARKER}ours"
_MIDDLE: Final = "======="
_THEIRS: Final = ">>>>>>> theirs"
_MARKER: Final = re.compile(r"(<{7}|\|{7}|={7}|>{7})(?: .*)?")
"""A line of markers, ours or git's. Git writes the names of branches behind them, and may write the base, too."""


def text_of(regions: Iterable[Region[str]], side: Side) -> str:
    """Returns the text of merged lines, with one side of the hunks that are in conflict."""
    return "\n".join(line for region in regions for line in _lines(region, side))


def _lines(region: Region[str], side: Side) -> Iterator[str]:
    if not isinstance(region, Hunk):
        yield from region
    elif side is Side.MARKED:
        yield from (_OURS, *region.ours, _MIDDLE, *region.theirs, _THEIRS)
    else:
        if side is not Side.THEIRS:
            yield from region.ours
        if side is not Side.OURS:
            yield from region.theirs


def _outputs(conflict: Conflict, side: Side) -> tuple[OutputData, ...]:
    ours, theirs = conflict.ours, conflict.theirs
    match side:
        case Side.MARKED:
            return (_marker(_OURS), *ours, _marker(_MIDDLE), *theirs, _marker(_THEIRS))
        case Side.BOTH:
            return (*ours, *theirs)
        case _:
            found: tuple[OutputData, ...] = _one(conflict, side)
            return found


def _marker(text: str) -> OutputData:
    return OutputData({"name": "stderr", "output_type": "stream", "text": f"{text}\n"})


# ---- records in the metadata

OWN_KEY: Final = "tuinb"
"""The key of the metadata under which this program keeps what is its own."""
_RECORDS: Final = "conflicts"


def _record(conflict: Conflict) -> dict[str, Json]:
    values = {name: value for name, value in (("ours", conflict.ours), ("theirs", conflict.theirs)) if value is not ABSENT}
    return {"part": str(conflict.part), "path": list(conflict.path), **values}


def _records(metadata: Mapping[str, Json]) -> Sequence[Mapping[str, Json]]:
    own = metadata.get(OWN_KEY)
    found = own.get(_RECORDS) if isinstance(own, dict) else None
    records = [record for record in found if isinstance(record, dict)] if isinstance(found, list) else []
    return [record for record in records if record.get("part") in _RECORDED and _is_path(record.get("path"))]


_RECORDED: Final = frozenset({Part.KIND, Part.METADATA, Part.ATTACHMENTS})


def _is_path(path: Json) -> bool:
    return isinstance(path, list) and all(isinstance(key, str) for key in path)


def _is_of(record: Mapping[str, Json], conflict: Conflict) -> bool:
    return record["part"] == conflict.part and tuple(record["path"]) == conflict.path


# ---- finding them again


def find_marked(content: Content) -> Iterator[Conflict]:
    """Yields the conflicts that a merge left in a file."""
    yield from _recorded(None, content.metadata)
    for cell in content.cells.values():
        if regions := marked_regions(lines_of(cell.source)):
            yield _marked_source(cell, regions)
        if sides := _marked_outputs(cell.outputs):
            yield Conflict(cell.id, Part.OUTPUTS, None, *sides)
        yield from _recorded(cell.id, metadata_of(cell))


def _recorded(cell: CellId | None, metadata: Mapping[str, Json]) -> Iterator[Conflict]:
    for record in _records(metadata):
        ours, theirs = record.get("ours", ABSENT), record.get("theirs", ABSENT)
        part, path = Part(record["part"]), tuple(record["path"])
        if part is Part.KIND or path:
            yield Conflict(cell, part, None, ours, theirs, path)


def _marked_source(cell: CellData, regions: tuple[Region[str], ...]) -> Conflict:
    """Returns the conflict of a source. If one side of all of it is empty, that side deleted the cell."""
    ours, theirs = (replace(cell, source=text_of(regions, side)) for side in (Side.OURS, Side.THEIRS))
    if len(regions) == 1 and not (ours.source and theirs.source):
        return Conflict(cell.id, Part.CELL, None, ours if ours.source else None, theirs if theirs.source else None)
    return Conflict(cell.id, Part.SOURCE, None, ours.source, theirs.source, regions=regions)


def marked_regions(lines: Sequence[str]) -> tuple[Region[str], ...]:
    """Returns the regions of a source with markers. Returns none if it has no markers, or not all of a conflict's."""
    regions: list[Region[str]] = []
    parts: list[list[str]] = [[]]
    names = ""
    for line in lines:
        found = _MARKER.fullmatch(line)
        mark = found[1][0] if found else ""
        if not mark or names + mark not in _SEQUENCES:
            parts[-1].append(line)
            continue
        names += mark
        if mark == "<" and parts[0]:
            regions.append(tuple(parts[0]))
        if mark == "<":
            parts = []
        if mark == ">":
            base = parts[1] if len(parts) == 3 else ()
            regions.append(Hunk(tuple(base), tuple(parts[0]), tuple(parts[-1])))
            names, parts = "", []
        parts.append([])
    if names or not regions:
        return ()
    return (*regions, tuple(parts[0])) if parts[0] else tuple(regions)


_SEQUENCES: Final = frozenset({"<", "<=", "<=>", "<|", "<|=", "<|=>"})


def _marked_outputs(outputs: Sequence[OutputData]) -> tuple[tuple[OutputData, ...], tuple[OutputData, ...]] | None:
    at = {text: place for place, output in enumerate(outputs) if (text := _marker_of(output))}
    if [*at] != [_OURS, _MIDDLE, _THEIRS] or at[_OURS] or at[_THEIRS] != len(outputs) - 1:
        return None
    return tuple(outputs[1 : at[_MIDDLE]]), tuple(outputs[at[_MIDDLE] + 1 : -1])


def _marker_of(output: OutputData) -> str:
    text = joined(output.raw.get("text")).rstrip("\n") if output.raw.get("name") == "stderr" else ""
    return text if text in (_OURS, _MIDDLE, _THEIRS) else ""
