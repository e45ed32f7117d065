"""All sources of a notebook as one script, for an editor of the user's, and back. Outputs and metadata are not in it.

A line `# %%` begins a code cell, `# %% [markdown]` and `# %% [raw]` other cells, whose lines are comments. A number behind it
is that of a cell of the notebook. Without one, the cell is new. `#` stands for what begins a comment of the language. It is the
percent format of other programs, but a line with a title behind `%%` is text here.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tuinb.notebook.changes import CellData, CellId
    from tuinb.notebook.difference import Content

_CODE: Final = "code"
_KINDS: Final = (_CODE, "markdown", "raw")


class Script:
    """The format for one language. `comment` is what begins its comments."""

    def __init__(self, comment: str) -> None:
        marker = rf"{re.escape(comment)} %%(?: \[({'|'.join(_KINDS)})\])?(?: ([0-9]{{1,9}}))? *$"
        self._comment = comment
        self._prefix = f"{comment} "
        self._head = f"{comment} Each line of {comment} %% begins a cell. Those with a number are moved, changed or deleted."
        self._marker = re.compile(marker)
        # A line of a source that looks like a marker is made a comment once more.
        self._like_marker = re.compile(rf"^(?:{re.escape(self._prefix)})*{marker}", re.MULTILINE)
        self._escaped = re.compile(rf"^(?:{re.escape(self._prefix)})+{marker}", re.MULTILINE)
        self._commented = re.compile(rf"^{re.escape(comment)} ?", re.MULTILINE)

    def written(self, content: Content) -> str:
        """Returns the script of a notebook."""
        cells = (self._written(number, cell) for number, cell in enumerate(content.cells.values(), 1))
        return "\n".join((self._head, "", *cells))

    def read(self, text: str, base: Content, fresh: Callable[[str, str], CellData]) -> Content:
        """Returns what `base` becomes by an edited script of it. `fresh` makes a cell of a kind and a source.

        A cell without its marker is deleted. What has the number of another cell above it is new, as is text before the first
        marker.
        """
        known = list(base.cells.values())
        cells: dict[CellId, CellData] = {}
        for kind, number, lines in self._chunks(text.split("\n")):
            source = self._source(kind, lines)
            old = known[number - 1] if 1 <= number <= len(known) else None
            if old is None or old.id in cells:
                cell = fresh(kind, source)
            else:
                is_same = source == old.source.rstrip("\n")
                kind = old.kind if kind == _shown(old.kind) else kind
                cell = replace(old, kind=kind, source=old.source if is_same else source)
            cells[cell.id] = cell
        return replace(base, cells=cells)

    def _written(self, number: int, cell: CellData) -> str:
        kind = _shown(cell.kind)
        if kind == _CODE:
            marker, body = "%%", self._like_marker.sub(lambda found: self._prefix + found[0], cell.source)
        else:
            lines = (self._prefix + line if line else self._comment for line in cell.source.split("\n"))
            marker, body = f"%% [{kind}]", "\n".join(lines)
        return f"{self._prefix}{marker} {number}\n{body}\n"

    def _source(self, kind: str, lines: Sequence[str]) -> str:
        """Returns the source that lines stand for, without empty lines at its end: there is one below each cell."""
        text = "\n".join(lines)
        if kind == _CODE:
            text = self._escaped.sub(lambda found: found[0].removeprefix(self._prefix), text)
        else:
            text = self._commented.sub("", text)
        return text.rstrip("\n")

    def _chunks(self, lines: Sequence[str]) -> Iterator[tuple[str, int, Sequence[str]]]:
        """Yields the kind, the number (0: none) and the lines of each cell."""
        kind, number, chunk = _CODE, 0, list[str]()
        is_first = True
        for line in lines[1:] if lines[0] == self._head else lines:
            if (found := self._marker.match(line)) is None:
                chunk.append(line)
                continue
            if not is_first or any(map(str.strip, chunk)):
                yield kind, number, chunk
            kind, number, chunk, is_first = found[1] or _CODE, int(found[2] or 0), [], False
        if not is_first or any(map(str.strip, chunk)):
            yield kind, number, chunk


def _shown(kind: str) -> str:
    return kind if kind in _KINDS else "raw"
