"""Lays out the conflicts of a merge side by side."""

from __future__ import annotations

import json
from itertools import zip_longest
from typing import TYPE_CHECKING, Final

from tuinb.commands.host import ConflictPage, ConflictRow
from tuinb.notebook.alignment import Hunk, matches
from tuinb.notebook.changes import ABSENT
from tuinb.notebook.conflicts import Part, Side, lines_of
from tuinb.session.recovery_report import text_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tuinb.notebook.alignment import Region
    from tuinb.notebook.changes import CellId
    from tuinb.notebook.conflicts import Conflict, Value
    from tuinb.notebook.difference import Content

_MOST: Final = 2_000
"""Lines of a side that are shown."""
_PARTS: Final[Mapping[Part, str]] = {
    Part.CELL: "one side deleted it, and the other changed it",
    Part.ORDER: "both sides moved it",
    Part.KIND: "its type",
    Part.SOURCE: "its source",
    Part.METADATA: "metadata",
    Part.ATTACHMENTS: "attachment",
    Part.OUTPUTS: "its outputs",
}


def pages(content: Content, conflicts: Sequence[Conflict]) -> list[ConflictPage]:
    """Returns a page for each conflict. `content` is the merged notebook."""
    numbers = {cell: number for number, cell in enumerate(content.cells, 1)}
    return [_page(conflict, numbers) for conflict in conflicts]


def _page(conflict: Conflict, numbers: Mapping[CellId, int]) -> ConflictPage:
    where = "the notebook" if conflict.cell is None else f"cell {numbers.get(conflict.cell, '')}".rstrip()
    what = " ".join(filter(None, (_PARTS[conflict.part], ".".join(conflict.path))))
    sides = [Side.OURS, Side.THEIRS]
    if conflict.part in (Part.SOURCE, Part.OUTPUTS):
        sides.append(Side.BOTH)
    if conflict.part is Part.SOURCE:
        sides.append(Side.MARKED)
        rows = list(_merged(conflict.regions))
    else:
        ours, theirs = (_text(conflict.part, value, numbers) for value in (conflict.ours, conflict.theirs))
        rows = list(_aligned(lines_of(ours), lines_of(theirs)))
    return ConflictPage(f"{where}: {what}", rows, sides)


def _text(part: Part, value: Value, numbers: Mapping[CellId, int]) -> str:
    match part:
        case Part.CELL:
            return "(deleted)" if value is None else value.source or "(empty)"
        case Part.ORDER:
            return "(first)" if value is None else f"below cell {numbers.get(value, '?')}"
        case Part.OUTPUTS:
            return text_of(value) or "(no output)"
        case Part.KIND:
            return str(value)
        case _:
            return "(none)" if value is ABSENT else json.dumps(value, indent=1, ensure_ascii=False, default=str)


def _merged(regions: Sequence[Region[str]]) -> Iterator[ConflictRow]:
    for region in regions:
        if isinstance(region, Hunk):
            yield from _beside(region.ours, region.theirs)
        else:
            yield from (ConflictRow(line, line, differs=False) for line in region)


def _aligned(ours: Sequence[str], theirs: Sequence[str]) -> Iterator[ConflictRow]:
    ours, theirs = _cut(ours), _cut(theirs)
    at, other = 0, 0
    for place, place_there in (*matches(ours, theirs), (len(ours), len(theirs))):
        yield from _beside(ours[at:place], theirs[other:place_there])
        if place < len(ours):
            yield ConflictRow(ours[place], theirs[place_there], differs=False)
        at, other = place + 1, place_there + 1


def _cut(lines: Sequence[str]) -> Sequence[str]:
    more = len(lines) - _MOST
    return lines if more <= 0 else [*lines[:_MOST], f"… {more:,} more lines"]


def _beside(ours: Sequence[str], theirs: Sequence[str]) -> Iterator[ConflictRow]:
    for mine, other in zip_longest(ours, theirs):
        yield ConflictRow(mine, other, differs=True)
