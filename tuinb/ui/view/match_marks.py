"""Highlights the matches of a search in a row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuinb.render.block import Line, Span, plain

if TYPE_CHECKING:
    from rich.style import Style

    from tuinb.notebook.search import Query


def row_text(line: Line) -> str:
    """Returns the text of a row; empty for a row of a picture."""
    return "" if line and line[0].image is not None else plain(line)


def highlight_matches(line: Line, query: Query, style: Style, current: int, current_style: Style) -> Line:
    """Returns a row with its matches highlighted. `current` is the index of the current match, -1 for none."""
    hits = query.hits(row_text(line))
    if not hits:
        return line
    out: list[Span] = []
    at = 0
    for span in line:
        end, start = at + len(span.text), at
        for number, (left, right) in enumerate(hits):
            left, right = max(left, start), min(right, end)
            if left >= right:
                continue
            if left > start:
                out.append(span._replace(text=span.text[start - at : left - at]))
            mark = current_style if number == current else style
            out.append(span._replace(text=span.text[left - at : right - at], style=span.style + mark if span.style else mark))
            start = right
        if start < end:
            out.append(span._replace(text=span.text[start - at :]))
        at = end
    return tuple(out)
