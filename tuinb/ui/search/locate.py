"""The searchable text of cells, and the rows that show matches.

Streams, tracebacks and plain text are searched as lines, without rendering rows. Tables and other rendered outputs are searched
row by row. Sources are searched as written, also Markdown: the match of the same index in the rendered prose is shown.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tuinb.mime import as_text
from tuinb.notebook.search import SOURCE
from tuinb.render import ansi
from tuinb.render.block import FoldingBlock, Line, is_wide
from tuinb.render.layout.wrapped import TextBlock
from tuinb.render.registry import render_bundle, render_output, row_of
from tuinb.ui.view.match_marks import row_text
from tuinb.ui.view.output_area import choices

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tuinb.notebook.cell import Cell
    from tuinb.notebook.outputs import Output
    from tuinb.notebook.search import Chunk, Match, Query
    from tuinb.render.block import Block
    from tuinb.render.context import RenderContext
    from tuinb.render.layout.wrapped import LineSource
    from tuinb.render.registry import Choices
    from tuinb.workspace.view_state import Look

_MOST_ROWS = 20_000
"""Maximum number of searched rows of one rendered output."""
_ROWS = 50
"""Rows that are rendered as one chunk."""
_LONGEST_LINE = 10_000
"""Columns for which tracebacks are rendered, so that a match is not divided."""
_LONGEST_AS_IT_IS = 65_536
"""Maximum number of characters of an output that is searched as one chunk."""
_MOST_WRAPPED = 2_000
"""Maximum number of rows of one wrapped line in which a match is located."""


def texts_of(cell: Cell, context: RenderContext, look: Look) -> Iterator[tuple[int, Iterable[Chunk]]]:
    """Yields the index of each text of a cell (SOURCE, or the index of the output) with its text in chunks."""
    yield SOURCE, ((0, cell.source),)
    for index, output in enumerate(cell.outputs):
        if (text := _shown_as_it_is(output)) is not None:
            yield index, ((0, text),)
            continue
        block = _whole(output, context, choices(look, index))
        yield index, _lines(block.source) if isinstance(block, TextBlock) else _rows(block, context)


def _shown_as_it_is(output: Output) -> str | None:
    """Returns the text of an output from the file if that is what is shown, else None.

    Most outputs of most notebooks are such, and to render one takes ten times as long as to search it.
    """
    raw = output.original
    if raw is None:
        return None
    if output.type == "stream":
        text = as_text(raw.get("text"))
    else:
        text = as_text(output.data["text/plain"]) if output.data.keys() == {"text/plain"} else None
    if text is None or len(text) > _LONGEST_AS_IT_IS or "\r" in text or "\b" in text or ansi.has_sequences(text):
        return None
    return text


def _whole(output: Output, context: RenderContext, chosen: Choices) -> Block:
    """Returns an output as a block with nothing collapsed, and with all columns if that leaves the rows the same."""
    block = render_output(output, context, chosen)
    if isinstance(block, TextBlock):  # most are, and to ask for the other, a protocol, takes as long as to search it
        return block
    if isinstance(block, FoldingBlock):
        return _opened(output, context, chosen)
    if not is_wide(block) or block.columns <= context.width:
        return block
    wide = render_output(output, replace(context, width=block.columns), chosen)
    return wide if wide.height == block.height else block


def _opened(output: Output, context: RenderContext, chosen: Choices) -> Block:
    if output.type == "error":
        return render_output(output, replace(context, width=_LONGEST_LINE, folds_frames=False))
    metadata = {mime: {"expanded": True} for mime in output.data}
    return render_bundle(output.data, context, metadata, replace(chosen, toggled=frozenset()))


def target_of(output: Output, context: RenderContext, look: Look, match: Match) -> str:
    """Returns the JSON pointer of the value in which a match is."""
    opened = _opened(output, context, choices(look, match.place))
    return opened.pointer(min(match.line, opened.height - 1)) if isinstance(opened, FoldingBlock) and opened.height else ""


def node_to_expand(block: FoldingBlock, target: str, query: Query) -> str | None:
    """Returns the next node to expand to show a match in the value `target`. Returns None if it is visible or none hides it."""
    nearest_node: str | None = None
    for row in range(min(block.height, _MOST_ROWS)):
        pointer = block.pointer(row)
        if pointer == target and any(query.hits(row_text(block.line(row)))):
            return None
        above = target == pointer or target.startswith(f"{pointer}/")
        if above and block.node(row) == pointer and (nearest_node is None or len(pointer) >= len(nearest_node)):
            nearest_node = pointer
    return nearest_node


def row_of_value(block: FoldingBlock, target: str, query: Query) -> int:
    """Returns the row that shows a match in a value, else the first row of the value."""
    rows = [row for row in range(min(block.height, _MOST_ROWS)) if block.pointer(row) == target]
    return next((row for row in rows if any(query.hits(row_text(block.line(row))))), rows[0] if rows else 0)


def start_for(block: Block, match: Match, start: int, columns: int) -> int:
    """Returns the first column to show of a wide block so that a match is visible; `start` if it is visible already."""
    if not is_wide(block) or block.columns <= columns:
        return start
    last = block.columns - columns
    start = min(start, last)
    if start <= match.column and match.column + match.length < start + columns:
        return start
    return max(0, min(match.column - columns // 2, last))


def nearest(line: Line, query: Query, column: int) -> int:
    """Returns the index of the match of a row that is nearest to a column."""
    starts = [start for start, _ in query.hits(row_text(line))]
    return min(range(len(starts)), key=lambda number: abs(starts[number] - column), default=0)


def _lines(source: LineSource) -> Iterator[Chunk]:
    number = 0
    while number < source.piece_count:
        piece = source.piece(number)
        text = "\n".join(source.lines(piece.first_line, piece.first_line + piece.line_count))
        # Line by line: an unfinished escape sequence must not remove text of the next line.
        if ansi.has_sequences(text):
            text = "\n".join(map(ansi.strip, text.split("\n")))
        yield piece.first_line, text
        number += 1


def _rows(block: Block, context: RenderContext) -> Iterator[Chunk]:
    height = min(block.height, _MOST_ROWS)
    for first in range(0, height, _ROWS):
        rows = range(first, min(first + _ROWS, height, block.height))
        yield first, "\n".join(row_text(row_of(block.line, row, context)) for row in rows)


def row_in(block: Block, match: Match, nth: int, query: Query) -> tuple[int, int]:
    """Returns the row of a block that shows a match, and its index within the row. `nth` is its index within the line."""
    if not isinstance(block, TextBlock):
        return min(match.line, max(0, block.height - 1)), nth
    first, height = block.row_of(match.line), block.height
    for row in range(first, min(first + _MOST_WRAPPED, height)):
        count = len(query.hits(row_text(block.line(row))))
        if nth < count:
            return row, nth
        nth -= count
    return min(first, max(0, height - 1)), 0


def row_in_prose(block: Block, nth: int, query: Query) -> tuple[int, int]:
    """Returns the row of rendered prose that shows the `nth` match, and its index within the row.

    Returns the last match if there are fewer, and (0, 0) if there is none.
    """
    found = (0, 0)
    for row in range(min(block.height, _MOST_ROWS)):
        for number, _ in enumerate(query.hits(row_text(block.line(row)))):
            found = (row, number)
            if nth == 0:
                return found
            nth -= 1
    return found
