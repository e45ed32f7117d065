"""The differences between two notebooks as text, in the manner of a unified diff, and as JSON."""

from __future__ import annotations

import json
from itertools import zip_longest
from typing import TYPE_CHECKING, TypeAlias

from rich.style import Style

from tuinb.headless.verify.compare import Comparison
from tuinb.notebook.changes import ABSENT
from tuinb.notebook.conflicts import lines_of
from tuinb.render.block import FoldingRow, Span
from tuinb.render.safe import clean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from tuinb.headless.diff.compare import CellDiff, DiffLine, KeyDiff, NotebookDiff, SameCell
    from tuinb.headless.verify.compare import Difference
    from tuinb.notebook.changes import Json
    from tuinb.notebook.difference import Content
    from tuinb.render.block import Line
    from tuinb.render.styles import ThemeStyles

_SHOWN = 40
"""Lines of a diff of outputs that are printed. --json has all."""
_LONGEST = 60
"""Characters of a value of metadata that are printed."""
_WORD = Style(reverse=True)
_INDENT = Span("   ")
Draw: TypeAlias = "Callable[[Mapping[str, Json]], Iterable[Line]]"
"""Returns the rows of a MIME bundle with an image."""


def as_lines(diff: NotebookDiff, names: tuple[str, str], styles: ThemeStyles, draw: Draw | None = None) -> Iterator[Line]:
    """Yields the lines of the report. There are none if nothing differs. `draw` returns the rows of an image that differs."""
    if diff.is_same:
        return
    report = _Report(styles, draw)
    yield report.line("-", f"-- {names[0]}")
    yield report.line("+", f"++ {names[1]}")
    yield from (row.line for row in report.metadata(diff))
    for cell in diff.cells:
        yield from (row.line for row in report.cell(cell))


def as_rows(diff: NotebookDiff, styles: ThemeStyles, draw: Draw | None = None) -> Iterator[FoldingRow]:
    """Yields the rows for the screen: the report, and folds with what is the same. Changes are the stops."""
    report = _Report(styles, draw)
    yield from report.metadata(diff)
    for cells, cell in zip_longest(diff.between, diff.cells):
        if cells:
            yield report.same(cells)
        if cell is not None:
            yield from report.cell(cell)


class _Report:
    def __init__(self, styles: ThemeStyles, draw: Draw | None) -> None:
        from pygments.token import Generic

        self._draw = draw
        self._styles = {"-": styles.token(Generic.Deleted), "+": styles.token(Generic.Inserted)}
        self._title = styles.role("heading")
        self._faint = styles.role("muted")

    def metadata(self, diff: NotebookDiff) -> Iterator[FoldingRow]:
        if diff.metadata:
            yield FoldingRow(self.title("the notebook"), is_stop=True)
            yield from map(FoldingRow, self.keys("metadata", diff.metadata))

    def cell(self, cell: CellDiff) -> Iterator[FoldingRow]:
        yield FoldingRow(self.title(_title(cell)), is_stop=True)
        for at, line in enumerate(cell.source):
            is_next_change = at > 1 and line.sign != "…" and cell.source[at - 1].sign == "…"
            yield FoldingRow(self.source(line), tuple(map(self.source, line.hidden)), is_next_change)
        for output in cell.outputs:
            yield from map(FoldingRow, self.output(output))
        yield from map(FoldingRow, self.keys("attachment", cell.attachments))
        yield from map(FoldingRow, self.keys("metadata", cell.metadata))

    def same(self, cells: Sequence[SameCell]) -> FoldingRow:
        """Returns a fold with cells that are the same."""
        first, last = cells[0].number, cells[-1].number
        which = f"cell {first} is" if first == last else f"{len(cells)} cells from {first} to {last} are"
        hidden = (line for cell in cells for line in self._same(cell))
        return FoldingRow((Span(f"… {which} the same", self._faint),), tuple(hidden))

    def _same(self, cell: SameCell) -> Iterator[Line]:
        yield (Span(f"   cell {cell.number} ({clean(cell.cell.kind)})", self._faint),)
        yield from (self.line(" ", line) for line in lines_of(cell.cell.source))

    def title(self, text: str) -> Line:
        return (Span(f"@@ {text}", self._title),)

    def line(self, sign: str, text: str) -> Line:
        return (Span(sign + clean(text), self._styles.get(sign)),)

    def source(self, line: DiffLine) -> Line:
        style = self._styles.get(line.sign)
        if all(changed for _, changed in line.pieces) or style is None:
            return self.line(line.sign, line.text)
        word = style + _WORD
        return (Span(line.sign, style), *(Span(clean(text), word if changed else style) for text, changed in line.pieces))

    def output(self, output: Difference) -> Iterator[Line]:
        yield (Span(f"   output: {clean(output.what)}", self._faint),)
        if self._draw is not None:
            for name, image in zip(output.image_names, output.images, strict=False):
                yield (Span(f"   {name}:", self._faint),)
                yield from ((_INDENT, *line) for line in self._draw(image))
        # The first two lines are the names of the sides.
        lines = [line for line in output.diff if not line.startswith(("--- ", "+++ ", "@@"))]
        yield from (self.line(line[:1] or " ", line[1:]) for line in lines[:_SHOWN])
        if len(lines) > _SHOWN:
            yield (Span(f"   … {len(lines) - _SHOWN} more lines (--json has all)", self._faint),)

    def keys(self, what: str, keys: Sequence[KeyDiff]) -> Iterator[Line]:
        for key in keys:
            name = clean(".".join(key.path))
            if what == "attachment":
                verb = "removed" if key.new is ABSENT else "added" if key.old is ABSENT else "changed"
                yield (Span(f"   attachment {name}: {verb}", self._faint),)
                continue
            if key.old is not ABSENT:
                yield self.line("-", f"{what} {name}: {_shown(key.old)}")
            if key.new is not ABSENT:
                yield self.line("+", f"{what} {name}: {_shown(key.new)}")


def _title(cell: CellDiff) -> str:
    number = cell.old if cell.new is None else cell.new
    was = f", was cell {cell.old}" if cell.old not in (None, number) else ""
    kind = " → ".join(cell.kinds)
    if cell.old is None or cell.new is None:
        return clean(f"cell {number} ({kind}), {'added' if cell.old is None else 'deleted'}")
    return clean(f"cell {number}{was} ({kind}){', moved' if cell.moved else ''}")


def _shown(value: Json) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


# ---- one notebook as a text


def as_text(content: Content) -> Iterator[str]:
    """Yields the lines of a notebook: sources as they are, and what outputs show. Equal notebooks have equal lines."""
    comparison = Comparison()
    for number, cell in enumerate(content.cells.values()):
        if number:
            yield ""
        yield clean(f"@@ {cell.kind}")
        yield from map(clean, lines_of(cell.source))
        for name, text in comparison.texts([one.raw for one in cell.outputs]):
            yield clean(f"   output: {name}")
            yield from map(clean, text.splitlines())


# ---- JSON


def as_json(diff: NotebookDiff, names: tuple[str, str]) -> dict[str, object]:
    """Returns what --json prints."""
    return {
        "old": names[0],
        "new": names[1],
        "same": diff.is_same,
        "metadata": list(map(_key, diff.metadata)),
        "cells": list(map(_cell, diff.cells)),
    }


def _cell(cell: CellDiff) -> dict[str, object]:
    status = "added" if cell.old is None else "deleted" if cell.new is None else "changed"
    return {
        "status": status,
        "old": cell.old,
        "new": cell.new,
        "moved": cell.moved,
        "type": list(cell.kinds),
        "source": [{"sign": line.sign, "pieces": [list(piece) for piece in line.pieces]} for line in cell.source],
        "outputs": [{"what": output.what, "diff": "\n".join(output.diff)} for output in cell.outputs],
        "attachments": [{"name": key.path[0], **_sides(key)} for key in cell.attachments],
        "metadata": list(map(_key, cell.metadata)),
    }


def _key(key: KeyDiff) -> Mapping[str, Json]:
    return {"path": list(key.path), **_sides(key)}


def _sides(key: KeyDiff) -> dict[str, Json]:
    """Returns the values of the sides that have one."""
    return {side: value for side, value in (("old", key.old), ("new", key.new)) if value is not ABSENT}
