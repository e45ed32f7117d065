"""The code cells of a notebook as the documents of a server, and places in both.

A server that knows notebooks (LSP 3.17) gets a document for each cell; any other gets one document of all cells, one after the
other, so that each knows the names of those above. Invariants: documents have a row for each row of the sources, and no
carriage return or lone surrogate; a column is the same in both, unless the row is `masked`. `sync` returns what brings a
server up to date, and is the only thing that changes what it is taken to have.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from bisect import bisect_right
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias
from urllib.parse import quote

from tuinb.analysis.cell_code import CELL_CODE
from tuinb.analysis.statements import without_magics
from tuinb.lsp import positions
from tuinb.record import Record

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tuinb.notebook.changes import CellId

Notification: TypeAlias = tuple[str, dict[str, Any]]
"""A method and its parameters."""
Source: TypeAlias = "tuple[CellId, str]"
FULL, INCREMENTAL = 1, 2
"""How a server takes changes of a document (TextDocumentSyncKind)."""
_CODE_CELL = 2
_UNSENT = {ord("\r"): " ", **dict.fromkeys(range(55296, 57344), "�")}
"""What would be a line's end for servers, or no character, as others of the same length."""


class Sent(Record):
    """A cell as a server has it."""

    source: str
    """As the notebook had it."""
    text: str
    """As the server has it, row by row."""

    @property
    def rows(self) -> int:
        return self.text.count("\n") + 1


class Found(NamedTuple):
    """A place in a cell."""

    cell: CellId
    row: int
    column: int


@lru_cache(maxsize=4096)
def sent(source: str, *, masks: bool) -> Sent:
    """Returns a source as it is sent. `masks`: IPython's magics are replaced, for a server that only knows Python."""
    text = source if source.isascii() and "\r" not in source else source.translate(_UNSENT)
    if not masks or not any(sign in text for sign in "%!?"):
        return Sent(source, text)
    first = text.lstrip()
    if first.startswith("%%"):
        word = first[2:].split(maxsplit=1)
        if not word or word[0] not in CELL_CODE:
            return Sent(source, "\n" * text.count("\n"))
    return Sent(source, without_magics(text))


def is_masked(one: Sent, row: int) -> bool:
    """Returns whether a row of a cell is another one for the server."""
    if one.text == one.source:
        return False
    rows, others = one.source.split("\n"), one.text.split("\n")
    return row >= len(rows) or rows[row] != others[row]


class Documents(ABC):
    """What one server has of one notebook."""

    def __init__(self, language: str, encoding: str, *, masks: bool) -> None:
        self._language = language
        self._encoding = encoding
        self._masks = masks
        self.cells: dict[CellId, Sent] = {}
        """The cells that the server has, in their order."""

    @abstractmethod
    def sync(self, sources: Iterable[Source]) -> list[Notification]:
        """Returns what tells the server the code cells as they are now."""

    @abstractmethod
    def close(self) -> list[Notification]:
        """Returns what ends the documents."""

    @abstractmethod
    def uri(self, cell: CellId) -> str:
        """Returns the document that has a cell. The server must have the cell."""

    @abstractmethod
    def cells_of(self, uri: str) -> Sequence[CellId]:
        """Returns the cells that a document has. None of a document that is not one of these."""

    @abstractmethod
    def has(self, uri: str, version: object = None) -> bool:
        """Returns whether a document is one of these, and, if a version is given, whether the server has that one."""

    @abstractmethod
    def find(self, uri: str, place: positions.Position) -> Found | None:
        """Returns where a server's position, in the server's units, is. None if it is in no cell.

        A position after the last row, which ends a range of whole lines, is the end of that row.
        """

    @abstractmethod
    def to_server(self, cell: CellId, offset: int) -> dict[str, Any]:
        """Returns `textDocument` and `position` for an offset in a source. The server must have the cell."""

    def _read(self, sources: Iterable[Source]) -> dict[CellId, Sent]:
        found: dict[CellId, Sent] = {}
        for cell, source in sources:
            old = self.cells.get(cell)
            found[cell] = old if old is not None and old.source == source else sent(source, masks=self._masks)
        return found

    def _within(self, cell: CellId, row: int, units: int) -> Found | None:
        lines = self.cells[cell].text.split("\n")
        if row < len(lines):
            return Found(cell, row, positions.column(lines[row], units, self._encoding))
        return Found(cell, row - 1, len(lines[-1])) if row == len(lines) and not units else None

    def _place(self, cell: CellId, offset: int) -> dict[str, int]:
        one = self.cells[cell]
        if one.text == one.source:
            return positions.to_server(one.text, offset, self._encoding)
        place = positions.position(one.source, offset)
        line = one.text.split("\n")[place.line][: place.column]
        return {"line": place.line, "character": positions.units(line, self._encoding)}

    def _change(self, old: str, new: str, kind: int) -> dict[str, Any]:
        """Returns the change that makes `new` of `old`: what differs between their common start and end."""
        if kind == FULL:
            return {"text": new}
        start = _common(old, new)
        rest = min(len(old), len(new)) - start
        end = _common(old[len(old) - rest :][::-1], new[len(new) - rest :][::-1])
        return {
            "range": {
                "start": positions.to_server(old, start, self._encoding),
                "end": positions.to_server(old, len(old) - end, self._encoding),
            },
            "text": new[start : len(new) - end],
        }


class CellDocuments(Documents):
    """A document for each cell, for a server that knows notebooks."""

    def __init__(self, uri: str, language: str, encoding: str, *, masks: bool) -> None:
        super().__init__(language, encoding, masks=masks)
        self._uri = uri
        self._version = 0
        self._count = 0
        """Number of documents that were opened: a cell that is moved gets a new one."""
        self._uris: dict[CellId, str] = {}
        self._found: dict[str, CellId] = {}
        self._versions: dict[str, int] = {}

    def sync(self, sources: Iterable[Source]) -> list[Notification]:
        """See Documents."""
        new = self._read(sources)
        old, self.cells = self.cells, new
        if not self._version:
            self._version = 1
            opened = [self._open(cell) for cell in new]
            cells = [{"kind": _CODE_CELL, "document": document["uri"]} for document in opened]
            book = {"uri": self._uri, "notebookType": "jupyter-notebook", "version": 1, "cells": cells}
            return [("notebookDocument/didOpen", {"notebookDocument": book, "cellTextDocuments": opened})]
        changes: list[dict[str, Any]] = []
        moved: set[CellId] = set()
        if tuple(old) != tuple(new):
            structure, moved = self._restructure(list(old), list(new))
            changes.append({"structure": structure})
        texts = [
            {
                "document": {"uri": self._uris[cell], "version": self._next(self._uris[cell])},
                "changes": [self._change(old[cell].text, one.text, INCREMENTAL)],
            }
            for cell, one in new.items()
            if cell in old and cell not in moved and old[cell] is not one and old[cell].text != one.text
        ]
        if texts:
            changes.append({"textContent": texts})
        return [self._changed(change) for change in changes]

    def _restructure(self, old: Sequence[CellId], new: Sequence[CellId]) -> tuple[dict[str, Any], set[CellId]]:
        """Returns the change of the order, and the cells whose documents are opened anew."""
        start = next((index for index, pair in enumerate(zip(old, new, strict=False)) if pair[0] != pair[1]), None)
        start = min(len(old), len(new)) if start is None else start
        end = 0
        while end < min(len(old), len(new)) - start and old[-1 - end] == new[-1 - end]:
            end += 1
        closed = [self._close(cell) for cell in old[start : len(old) - end]]
        opened = [self._open(cell) for cell in new[start : len(new) - end]]
        cells = [{"kind": _CODE_CELL, "document": document["uri"]} for document in opened]
        structure = {
            "array": {"start": start, "deleteCount": len(closed), "cells": cells},
            "didOpen": opened,
            "didClose": [{"uri": uri} for uri in closed],
        }
        return structure, set(new[start : len(new) - end])

    def _changed(self, cells: dict[str, Any]) -> Notification:
        self._version += 1
        book = {"uri": self._uri, "version": self._version}
        return "notebookDocument/didChange", {"notebookDocument": book, "change": {"cells": cells}}

    def _open(self, cell: CellId) -> dict[str, Any]:
        uri = f"vscode-notebook-cell:{self._uri.partition(':')[2].removeprefix('//')}#c{self._count}"
        self._count += 1
        self._uris[cell], self._found[uri], self._versions[uri] = uri, cell, 1
        return {"uri": uri, "languageId": self._language, "version": 1, "text": self.cells[cell].text}

    def _close(self, cell: CellId) -> str:
        uri = self._uris.pop(cell)
        del self._found[uri], self._versions[uri]
        return uri

    def _next(self, uri: str) -> int:
        self._versions[uri] += 1
        return self._versions[uri]

    def close(self) -> list[Notification]:
        """See Documents."""
        closed = [{"uri": self._close(cell)} for cell in self.cells]
        self.cells = {}
        return [("notebookDocument/didClose", {"notebookDocument": {"uri": self._uri}, "cellTextDocuments": closed})]

    def uri(self, cell: CellId) -> str:
        """See Documents."""
        return self._uris[cell]

    def cells_of(self, uri: str) -> Sequence[CellId]:
        """See Documents."""
        cell = self._found.get(uri)
        return () if cell is None else (cell,)

    def has(self, uri: str, version: object = None) -> bool:
        """See Documents."""
        return uri in self._found and (version is None or version == self._versions[uri])

    def find(self, uri: str, place: positions.Position) -> Found | None:
        """See Documents."""
        cell = self._found.get(uri)
        return None if cell is None else self._within(cell, place.line, place.column)

    def to_server(self, cell: CellId, offset: int) -> dict[str, Any]:
        """See Documents."""
        return {"textDocument": {"uri": self._uris[cell]}, "position": self._place(cell, offset)}


class OneDocument(Documents):
    """All cells as one document, for a server that only knows files. `kind` is how it takes changes."""

    def __init__(self, uri: str, language: str, encoding: str, *, masks: bool, kind: int = INCREMENTAL) -> None:
        super().__init__(language, encoding, masks=masks)
        self._uri = uri
        self._kind = kind
        self._version = 0
        self._text = ""
        self._order: list[CellId] = []
        self._tops: list[int] = []
        """The row of the document at which each cell begins."""

    def sync(self, sources: Iterable[Source]) -> list[Notification]:
        """See Documents."""
        old = self.cells
        self.cells = new = self._read(sources)
        # What is kept is the same object.
        if self._version and len(old) == len(new) and all(a is b for a, b in zip(old.values(), new.values(), strict=True)):
            if list(new) != self._order:
                self._number()
            return []
        before, self._text = self._text, "\n".join(one.text for one in new.values())
        self._number()
        document = {"uri": self._uri, "version": self._version + 1}
        self._version += 1
        if self._version == 1:
            opened = {**document, "languageId": self._language, "text": self._text}
            return [("textDocument/didOpen", {"textDocument": opened})]
        if before == self._text:
            return []
        change = self._change(before, self._text, self._kind)
        return [("textDocument/didChange", {"textDocument": document, "contentChanges": [change]})]

    def _number(self) -> None:
        self._order, self._tops, row = list(self.cells), [], 0
        for one in self.cells.values():
            self._tops.append(row)
            row += one.rows

    def close(self) -> list[Notification]:
        """See Documents."""
        self.cells = {}
        return [("textDocument/didClose", {"textDocument": {"uri": self._uri}})]

    def uri(self, cell: CellId) -> str:
        """See Documents."""
        return self._uri

    def cells_of(self, uri: str) -> Sequence[CellId]:
        """See Documents."""
        return self._order if uri == self._uri else ()

    def has(self, uri: str, version: object = None) -> bool:
        """See Documents."""
        return uri == self._uri and (version is None or version == self._version)

    def find(self, uri: str, place: positions.Position) -> Found | None:
        """See Documents."""
        index = bisect_right(self._tops, place.line) - 1
        if uri != self._uri or index < 0:
            return None
        return self._within(self._order[index], place.line - self._tops[index], place.column)

    def to_server(self, cell: CellId, offset: int) -> dict[str, Any]:
        """See Documents."""
        place = self._place(cell, offset)
        place["line"] += self._tops[self._order.index(cell)]
        return {"textDocument": {"uri": self._uri}, "position": place}


def file_uri(path: str) -> str:
    """Returns the URI of an absolute path."""
    return f"file://{quote(path)}"


def _common(one: str, other: str) -> int:
    """Returns the number of characters that two texts begin with both. Compares slices, at the speed of C."""
    most = least = 0
    size = min(len(one), len(other))
    if one[:size] == other[:size]:
        return size
    step = 1
    while one[least : least + step] == other[least : least + step]:
        least += step
        step *= 2
    most = least + step
    while most - least > 1:
        middle = (least + most) // 2
        if one[least:middle] == other[least:middle]:
            least = middle
        else:
            most = middle
    return least
