"""Describes changes of a notebook as text, cell by cell."""

from __future__ import annotations

from difflib import unified_diff
from typing import TYPE_CHECKING

from tuinb.mime import joined
from tuinb.notebook import changes as c

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tuinb.notebook.changes import CellId, Change, OutputData
    from tuinb.notebook.document import Notebook

_CONTEXT = 2
"""Lines around a difference."""
_HEADER = 3
"""Lines of a unified diff before the first line that differs."""
_LONGEST = 40
"""Lines of an output that are listed."""


def lines(changes: Sequence[Change], notebook: Notebook) -> Iterator[str]:
    """Yields the description of changes that fit the notebook as it is now, one block for each cell."""
    by_cell: dict[CellId | None, list[Change]] = {}
    for change in changes:
        by_cell.setdefault(_cell_of(change), []).append(change)
    for cell, some in by_cell.items():
        yield _title(cell, some, notebook)
        for change in some:
            yield from _change(change, notebook)
        yield ""


def _cell_of(change: Change) -> CellId | None:
    if isinstance(change, c.InsertCell):
        return change.cell.id
    return None if isinstance(change, c.UpdateDisplay) else change.cell


def _title(cell: CellId | None, changes: Iterable[Change], notebook: Notebook) -> str:
    if cell is None:
        return "── the notebook"
    if cell in notebook:
        return f"── cell {notebook.index(cell) + 1}"
    for change in changes:
        if isinstance(change, c.InsertCell | c.RestoreCell) and change.after is not None and change.after in notebook:
            return f"── a new cell, below cell {notebook.index(change.after) + 1}"
    return "── a new cell"


def _change(change: Change, notebook: Notebook) -> Iterator[str]:
    match change:
        case c.InsertCell(cell):
            yield from _diff("", cell.source)
            yield from _outputs((), cell.outputs)
        case c.DeleteCell(cell):
            yield from _diff(notebook[cell].source, "")
        case c.SpliceSource(cell, at, removed, inserted):
            source = notebook[cell].source
            yield from _diff(source, f"{source[:at]}{inserted}{source[at + len(removed) :]}")
        case c.SetOutputs(cell, outputs):
            yield from _outputs(notebook[cell].arrived.data() if notebook.knows(cell) else (), outputs)
        case c.MoveCell():
            yield "moved"
        case c.SetKind(_, kind):
            yield f"becomes {kind}"
        case c.SetMetadata(_, key, value):
            yield f"metadata: {key} {'is removed' if value is c.ABSENT else 'changes'}"
        case c.SetAttachments():
            yield "attachments change"
        case _:
            pass  # a count, which changes with its outputs


def _outputs(old: Sequence[OutputData], new: Sequence[OutputData]) -> Iterator[str]:
    found = list(_diff(text_of(old), text_of(new)))
    if found:
        yield "output:"
    yield from found[:_LONGEST]
    if len(found) > _LONGEST:
        yield f"… {len(found) - _LONGEST} more lines"


def text_of(outputs: Iterable[OutputData]) -> str:
    """Returns the text of outputs, and the type of those that have none."""
    found = []
    for output in outputs:
        data = output.raw.get("data")
        bundle = data if isinstance(data, dict) else {}
        text = joined(output.raw.get("text")) or joined(bundle.get("text/plain"))
        found.append(text or _traceback(output) or ", ".join(bundle) or str(output.raw.get("output_type")))
    return "\n".join(found)


def _traceback(output: OutputData) -> str:
    """Returns the text of an error. Its frames have no ends of lines, other than the lines of a text."""
    frames = output.raw.get("traceback")
    return "\n".join(str(frame) for frame in frames) if isinstance(frames, list | tuple) else joined(frames)


def _diff(old: str, new: str) -> Iterator[str]:
    """Yields the lines that differ, with `-` and `+`, and some lines around them."""
    for number, line in enumerate(unified_diff(old.splitlines(), new.splitlines(), lineterm="", n=_CONTEXT)):
        if number >= _HEADER:
            yield "…" if line.startswith("@@") else line
