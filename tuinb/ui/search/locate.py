"""The text of cells as it is searched, and where a match is on the screen.

Text that is shown as lines (streams, tracebacks, plain text) is searched as lines, without making rows of them; what is drawn
(tables, prose) by its rows. Sources are searched as they are written, Markdown too, whose rendering is then looked through for
the match with the same number.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tuinb.notebook.search import SOURCE
from tuinb.render import ansi
from tuinb.render.block import FoldingBlock, Line, is_wide
from tuinb.render.layout.wrapped import TextBlock
from tuinb.render.registry import render_bundle, render_output, row_of
from tuinb.ui.view.match_marks import words
from tuinb.ui.view.output_area import choices

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tuinb.notebook.cell import Cell
    from tuinb.notebook.outputs import Output
    from tuinb.notebook.search import Chunk, Match, Query
    from tuinb.render.block import Block
    from tuinb.render.context import RenderContext
    from tuinb.render.layout.wrapped import LineSource
    from tuinb.render.registry import Choices
    from tuinb.workspace.view_state import Look

_MOST_ROWS = 20_000
"""Rows of one drawn output that are searched."""
_ROWS = 50
"""Rows that are drawn without a pause."""
_WALKED = 2_000
"""Rows of one wrapped line in which a match is looked for."""


def texts_of(cell: Cell, context: RenderContext, look: Look) -> Iterator[tuple[int, Iterator[Chunk]]]:
    """The source and the outputs of a cell, in chunks."""
    yield SOURCE, iter(((0, cell.source),))
    for index, output in enumerate(cell.outputs):
        block = _whole(output, context, choices(look, index))
        yield index, _lines(block.source) if isinstance(block, TextBlock) else _rows(block, context)


def _whole(output: Output, context: RenderContext, chosen: Choices) -> Block:
    """An output as a block of which nothing is cut or folded: a tree wholly open, and a table where its rows are the same."""
    block = render_output(output, context, chosen)
    if isinstance(block, FoldingBlock):
        return _opened(output, context, chosen)
    if not is_wide(block) or block.columns <= context.width:
        return block
    wide = render_output(output, replace(context, width=block.columns), chosen)
    return wide if wide.height == block.height else block


def _opened(output: Output, context: RenderContext, chosen: Choices) -> Block:
    metadata = {mime: {"expanded": True} for mime in output.data}
    return render_bundle(output.data, context, metadata, replace(chosen, toggled=frozenset()))


def target_of(output: Output, context: RenderContext, look: Look, match: Match) -> str:
    """The JSON pointer of what a match in a tree stands in."""
    opened = _opened(output, context, choices(look, match.place))
    return opened.pointer(min(match.line, opened.height - 1)) if isinstance(opened, FoldingBlock) and opened.height else ""


def fold_over(block: FoldingBlock, target: str, query: Query) -> str | None:
    """The node to open next so that a match in the value `target` is seen; None where it is, or nothing hides it."""
    nearest_node: str | None = None
    for row in range(min(block.height, _MOST_ROWS)):
        pointer = block.pointer(row)
        if pointer == target and any(query.hits(words(block.line(row)))):
            return None
        above = target == pointer or target.startswith(f"{pointer}/")
        if above and block.node(row) == pointer and (nearest_node is None or len(pointer) >= len(nearest_node)):
            nearest_node = pointer
    return nearest_node


def row_of_value(block: FoldingBlock, target: str, query: Query) -> int:
    """The row that shows a match in a value, or else the first row of the value."""
    rows = [row for row in range(min(block.height, _MOST_ROWS)) if block.pointer(row) == target]
    return next((row for row in rows if any(query.hits(words(block.line(row))))), rows[0] if rows else 0)


def start_for(block: Block, match: Match, start: int, columns: int) -> int:
    """The first column to show of a wide block, so that a match is seen; `start`, where it is already."""
    if not is_wide(block) or block.columns <= columns:
        return start
    last = block.columns - columns
    start = min(start, last)
    if start <= match.column and match.column + match.length < start + columns:
        return start
    return max(0, min(match.column - columns // 2, last))


def nearest(line: Line, query: Query, column: int) -> int:
    """The how manieth match of a row stands nearest to a column."""
    starts = [start for start, _ in query.hits(words(line))]
    return min(range(len(starts)), key=lambda number: abs(starts[number] - column), default=0)


def _lines(source: LineSource) -> Iterator[Chunk]:
    number = 0
    while number < source.piece_count:
        piece = source.piece(number)
        text = "\n".join(source.lines(piece.first_line, piece.first_line + piece.line_count))
        # Line by line: what is stripped from one must not take the next with it.
        yield piece.first_line, "\n".join(map(ansi.strip, text.split("\n"))) if not text.isprintable() and _odd(text) else text
        number += 1


def _odd(text: str) -> bool:
    return "\x1b" in text or not text.isascii()


def _rows(block: Block, context: RenderContext) -> Iterator[Chunk]:
    height = min(block.height, _MOST_ROWS)
    for first in range(0, height, _ROWS):
        rows = range(first, min(first + _ROWS, height, block.height))
        yield first, "\n".join(words(row_of(block.line, row, context)) for row in rows)


def row_in(block: Block, match: Match, nth: int, query: Query) -> tuple[int, int]:
    """The row of a block where a match is, which is the `nth` of its line; and the how manieth of that row it is."""
    if not isinstance(block, TextBlock):
        return min(match.line, max(0, block.height - 1)), nth
    first, height = block.row_of(match.line), block.height
    for row in range(first, min(first + _WALKED, height)):
        count = sum(1 for _ in query.hits(words(block.line(row))))
        if nth < count:
            return row, nth
        nth -= count
    return min(first, max(0, height - 1)), 0


def row_in_prose(block: Block, nth: int, query: Query) -> tuple[int, int]:
    """The row of rendered prose that shows the `nth` match of its source, or the last one shown; the first row for none."""
    found = (0, 0)
    for row in range(min(block.height, _MOST_ROWS)):
        for number, _ in enumerate(query.hits(words(block.line(row)))):
            found = (row, number)
            if nth == 0:
                return found
            nth -= 1
    return found
