"""Sections of a notebook: a Markdown cell that begins with a heading has the cells below it, up to the next such heading.

A folded heading hides its section. Jupyter's notebook with its extension, and VS Code, keep that in the cell's metadata as
`heading_collapsed`, JupyterLab under a name of its own: both are read, and written together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuinb.late_pattern import late_pattern
from tuinb.notebook.changes import ABSENT, CellId, SetMetadata
from tuinb.record import Record

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tuinb.notebook.cell import Cell
    from tuinb.notebook.document import Notebook

_HEADING = late_pattern(r"\s{0,3}(#{1,6})(?:[ \t]+(.*?))?[ \t]*#*[ \t]*(?:\n|$)")
_FENCE = late_pattern(r"\s{0,3}(```|~~~)")
_KEYS = ("heading_collapsed", "jp-MarkdownHeadingCollapsed")


class Heading(Record):
    """A heading in a Markdown cell."""

    cell: CellId
    level: int
    """From 1 to 6."""
    title: str
    line: int
    """The line of the source, from 0."""


def level_of(cell: Cell) -> int:
    """Returns the level of the heading that a cell begins with, 0 if it begins with none."""
    if cell.kind != "markdown":
        return 0
    found = _HEADING.match(cell.source.lstrip("\n"))
    return len(found[1]) if found is not None else 0


def headings(notebook: Notebook) -> list[Heading]:
    """Returns all headings of Markdown cells, from the top. What is in fences of code is none."""
    return [heading for cell in notebook if cell.kind == "markdown" and "#" in cell.source for heading in _headings_in(cell)]


def _headings_in(cell: Cell) -> Iterator[Heading]:
    fence = ""
    for number, line in enumerate(cell.source.split("\n")):
        edge = _FENCE.match(line)
        if edge is not None:
            fence = "" if edge[1] == fence else fence or edge[1]
        elif not fence and (found := _HEADING.match(line)) is not None:
            yield Heading(cell.id, len(found[1]), found[2] or "", number)


def section(notebook: Notebook, heading: CellId) -> tuple[CellId, ...]:
    """Returns the cells of the section of a heading, without itself."""
    start, level = notebook.index(heading) + 1, level_of(notebook[heading])
    end = start
    while end < len(notebook) and not 0 < level_of(notebook.at(end)) <= level:
        end += 1
    return tuple(notebook.order[start:end])


def heading_over(notebook: Notebook, cell: CellId) -> CellId | None:
    """Returns the heading whose section a cell is in. That of a heading is one of a higher level."""
    most = (level_of(notebook[cell]) or 7) - 1
    for index in range(notebook.index(cell) - 1, -1, -1):
        if 0 < level_of(notebook.at(index)) <= most:
            return notebook.order[index]
    return None


def is_folded(cell: Cell, folds: Mapping[CellId, bool]) -> bool:
    """Returns whether a heading is folded. `folds` has what one screen shows otherwise than the notebook says."""
    if cell.id in folds:
        return folds[cell.id] and level_of(cell) > 0
    metadata = cell.metadata
    return any(metadata.get(key) is True for key in _KEYS) and level_of(cell) > 0


def hidden(notebook: Notebook, folds: Mapping[CellId, bool]) -> frozenset[CellId]:
    """Returns the cells that are in the section of a folded heading."""
    found: set[CellId] = set()
    level = 0
    for cell in notebook:
        own = level_of(cell) if level else 0
        if level and (not own or own > level):
            found.add(cell.id)
        else:
            level = (own or level_of(cell)) if cell.kind == "markdown" and is_folded(cell, folds) else 0
    return frozenset(found)


def folding(cell: Cell, *, folded: bool) -> tuple[SetMetadata, ...]:
    """Returns the changes that fold or unfold a heading in the notebook. Returns none if it is so already."""
    if folded:
        return tuple(SetMetadata(cell.id, key, True) for key in _KEYS if cell.metadata.get(key) is not True)
    return tuple(SetMetadata(cell.id, key, ABSENT) for key in _KEYS if key in cell.metadata)


def source_hidden(cell: Cell) -> bool:
    """Returns whether the source of a cell is hidden, as JupyterLab does it."""
    own = cell.metadata.get("jupyter")
    return isinstance(own, dict) and own.get("source_hidden") is True


def hiding_source(cell: Cell, *, hides: bool) -> tuple[SetMetadata, ...]:
    """Returns the change that hides or shows the source of a cell. Returns none if it is so already."""
    if source_hidden(cell) == hides:
        return ()
    own = cell.metadata.get("jupyter")
    rest = {key: value for key, value in own.items() if key != "source_hidden"} if isinstance(own, dict) else {}
    if hides:
        rest["source_hidden"] = True
    return (SetMetadata(cell.id, "jupyter", rest or ABSENT),)
