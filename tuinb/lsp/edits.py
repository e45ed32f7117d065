"""Edits that a server wants to make, as changes of the notebook: all of them or none.

What a server may edit is the sources that it has. An edit of another file, of a cell that was edited since, of a magic that
the server does not see, or one that overlaps another, is refused with all others.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from tuinb.errors import LanguageServerError
from tuinb.lsp import positions
from tuinb.lsp.documents import Found, is_masked
from tuinb.notebook.changes import SpliceSource

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tuinb.lsp.documents import Documents
    from tuinb.notebook.changes import CellId

_NO_EDIT = "what it answers is no edit"


class _Edit(NamedTuple):
    start: int
    end: int
    text: str


def splices(edit: Any, documents: Documents, sources: Mapping[CellId, str]) -> list[SpliceSource]:  # noqa: ANN401
    """Returns a WorkspaceEdit as changes of sources, which are `sources` now. Raises LanguageServerError."""
    found: dict[CellId, list[_Edit]] = {}
    for uri, change in _changes(edit, documents):
        for cell, one in _read(uri, change, documents):
            found.setdefault(cell, []).append(one)
    changes: list[SpliceSource] = []
    for cell, edits in found.items():
        source = documents.cells[cell].source
        if sources.get(cell) != source:
            raise LanguageServerError("a cell was edited meanwhile, so nothing was changed", hint="try again")
        edits.sort(key=lambda one: (one.start, one.end))
        if any(after.start < before.end for before, after in pairwise(edits)):
            raise LanguageServerError("its edits overlap, so nothing was changed")
        # From the end, so that what is before keeps its place.
        changes += [
            SpliceSource(cell, one.start, source[one.start : one.end], one.text)
            for one in reversed(edits)
            if source[one.start : one.end] != one.text
        ]
    return changes


def _changes(edit: Any, documents: Documents) -> Iterator[tuple[str, Any]]:  # noqa: ANN401
    """Yields each edit of a WorkspaceEdit with its document."""
    if edit is None:
        return
    if not isinstance(edit, dict):
        raise LanguageServerError(_NO_EDIT)
    listed = edit.get("documentChanges")
    if not isinstance(listed, list):
        changes = edit.get("changes") or {}
        if not isinstance(changes, dict):
            raise LanguageServerError(_NO_EDIT)
        listed = [{"textDocument": {"uri": uri}, "edits": edits} for uri, edits in changes.items()]
    for change in listed:
        if isinstance(change, dict) and "kind" in change:
            raise LanguageServerError("it would also make, rename or delete files, so nothing was changed")
        try:
            document, edits = change["textDocument"], list(change["edits"])
            uri, version = str(document["uri"]), document.get("version")
        except (TypeError, KeyError, AttributeError):
            raise LanguageServerError(_NO_EDIT) from None
        if not documents.has(uri):
            name = uri.rpartition("/")[2] or uri
            raise LanguageServerError(f"it would also change {name}, so nothing was changed")
        if not documents.has(uri, version):
            raise LanguageServerError("a cell was edited meanwhile, so nothing was changed", hint="try again")
        yield from ((uri, one) for one in edits)


def _read(uri: str, edit: Any, documents: Documents) -> list[tuple[CellId, _Edit]]:  # noqa: ANN401
    """Returns a TextEdit as edits of sources: one, but for one that goes over several cells."""
    try:
        text, between = edit["newText"], edit["range"]
        start, end = positions.read(between["start"]), positions.read(between["end"])
    except (TypeError, KeyError):
        raise LanguageServerError(_NO_EDIT) from None
    if not isinstance(text, str) or start is None or end is None or end < start:
        raise LanguageServerError(_NO_EDIT)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    first, last = documents.find(uri, start), documents.find(uri, end)
    if first is None or last is None:
        raise LanguageServerError("it would change what is outside of the cells, so nothing was changed")
    if last.cell != first.cell:
        if (last.row, last.column) != (0, 0) or not _follows(documents, first.cell, last.cell):
            return list(_row_by_row(documents, first, last, text))
        # It ends where the next cell begins.
        rows = documents.cells[first.cell].text.split("\n")
        text, last = text.removesuffix("\n"), Found(first.cell, len(rows) - 1, len(rows[-1]))
    one = documents.cells[first.cell]
    if any(is_masked(one, row) for row in range(first.row, last.row + 1)):
        raise LanguageServerError("it would change a line that is no plain code, so nothing was changed")
    return [(first.cell, _Edit(_offset(one.source, first), _offset(one.source, last), text))]


def _row_by_row(documents: Documents, first: Found, last: Found, text: str) -> Iterator[tuple[CellId, _Edit]]:
    """Yields the rows that a change over several cells makes others. Some servers send the whole document for a rename."""
    order = list(documents.cells)
    cells = order[order.index(first.cell) : order.index(last.cell) + 1]
    rows = [(cell, row, line) for cell in cells for row, line in enumerate(documents.cells[cell].text.split("\n"))]
    end = len(rows) - documents.cells[last.cell].rows + last.row
    rows = rows[first.row : end + 1]
    new = f"{rows[0][2][: first.column]}{text}{rows[-1][2][last.column :]}".split("\n")
    if len(new) == len(rows) + 1 and not new[-1]:
        new.pop()  # The text ends with the end of its last line.
    if len(new) != len(rows):
        raise LanguageServerError("it would join or split cells, so nothing was changed")
    for (cell, row, line), other in zip(rows, new, strict=True):
        if line == other:
            continue
        one = documents.cells[cell]
        if is_masked(one, row):
            raise LanguageServerError("it would change a line that is no plain code, so nothing was changed")
        at = _offset(one.source, Found(cell, row, 0))
        yield cell, _Edit(at, at + len(line), other)


def _follows(documents: Documents, cell: CellId, other: CellId) -> bool:
    order = list(documents.cells)
    return order.index(other) == order.index(cell) + 1


def _offset(source: str, place: Found) -> int:
    starts = _starts(source)
    return min(starts[place.row] + place.column, len(source))


@lru_cache(maxsize=16)
def _starts(source: str) -> list[int]:
    """Returns the offset at which each row begins."""
    found = [0]
    for row in source.split("\n")[:-1]:
        found.append(found[-1] + len(row) + 1)
    return found


def offset_of(documents: Documents, place: Found) -> int:
    """Returns the offset of a place in the source of its cell, as the server knows it."""
    return _offset(documents.cells[place.cell].source, place)
