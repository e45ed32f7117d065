"""Turns lines of text into Textual's strips: cutting, wrapping, styling."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.segment import Segment
from textual.strip import Strip

from tuinb.render.safe import clean, width
from tuinb.terminal.pictures import PLACEHOLDER, marked

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rich.style import Style

    from tuinb.render.block import Line, Span


class RowStrip(Strip):
    """A strip without a reference cycle.

    Textual's Strip caches the result of `divide`. With one cut at the end that is the strip itself: a cycle for each painted
    row, which keeps the garbage collector busy during a flood of rows, while keys wait.
    """

    def divide(self, cuts: Iterable[int]) -> Sequence[Strip]:
        places = list(cuts)
        return [self] if places == [self.cell_length] else super().divide(places)


def segments_of(span: Span, text: str, style: Style) -> list[Segment]:
    """Returns segments for `text`, the span's text or its start. Marks the start of a picture's row for the terminal."""
    if span.image is None or not text:
        return [Segment(text, style)]
    picture, row = span.image
    if text.startswith(PLACEHOLDER):
        return [Segment(text, marked(style, picture, row, True))]
    first = Segment(text[0], marked(style, picture, row, False))
    return [first, Segment(text[1:], style)] if text[1:] else [first]


def cut(text: str, columns: int) -> str:
    """Returns the longest start of `text` that fits into `columns`."""
    if text.isascii():
        return text[: max(0, columns)]
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if width(text[:middle]) <= columns:
            low = middle
        else:
            high = middle - 1
    return text[:low]


def cut_with_mark(text: str, columns: int) -> str:
    """Returns `text`, or if it does not fit into `columns`, the longest start that fits with a `…` behind it."""
    return text if width(text) <= columns else cut(text, columns - 1) + "…"


def cut_front(text: str, columns: int) -> str:
    """Returns `text`, or if it does not fit into `columns`, its end behind a `…`, as long as fits."""
    while text and width(text) > columns:
        text = "…" + text.removeprefix("…")[max(1, width(text) - columns) :]
    return text


_PER_COLUMN = 4
"""Characters per column that `wrap` reads: some characters take no column."""


def wrap(text: str, columns: int, most: int) -> list[str]:
    """Returns `text` as at most `most` lines of at most `columns` columns, broken at spaces if possible, and safe to show.

    A line keeps its indentation, up to half of the columns.
    """
    lines: list[str] = []
    # The text may come from a kernel and have any length.
    for raw in text[: _PER_COLUMN * columns * most].split("\n"):
        line, shown = "", clean(raw.expandtabs(4))
        first, *rest = shown.lstrip(" ").split(" ")
        indentation = min(len(shown) - len(shown.lstrip(" ")), columns // 2)
        for word in (" " * indentation + first, *rest):
            if line and width(line) + 1 + width(word) > columns:
                lines.append(line)
                line = ""
            line = f"{line} {word}" if line else word
            while width(line) > columns:
                kept = cut(line, columns)
                lines.append(kept)
                line = line[len(kept) :]
        lines.append(line)
    return lines[:most]


def as_strip(line: Line, base: Style, columns: int) -> Strip:
    """Returns a rendered line on a background, cut or padded to `columns`."""
    segments = [part for span in line for part in segments_of(span, span.text, base + span.style if span.style else base)]
    return Strip(segments).adjust_cell_length(columns, base)
