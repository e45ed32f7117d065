"""Prose flowed to a width: words are kept whole where they fit, lines break at spaces and at hard breaks."""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING

from tuinb.render.block import Line, Span
from tuinb.render.safe import width, with_base
from tuinb.render.text import wrap

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

BREAK = Span("\n")
"""Stands among spans for a hard break."""

_WORDS = re.compile(r" +|[^ ]+")


def flow(spans: Iterable[Span], columns: int) -> list[Line]:
    """The spans as lines of at most so many columns. Spaces at the ends of lines go."""
    lines: list[Line] = []
    line: list[Span] = []
    room = columns
    for word, size in chain(_words(spans), [([BREAK], 0)]):
        if word[0] is BREAK:
            lines.append(_trimmed(line))
            line, room = [], columns
        elif size <= room:
            if line or word[0].text != " " * size:
                line.extend(word)
                room -= size
        elif word[0].text.isspace():
            lines.append(_trimmed(line))
            line, room = [], columns
        else:
            if line:
                lines.append(_trimmed(line))
            *full, last = wrap(tuple(word), columns)
            lines.extend(full)
            line, room = list(last), columns - line_width(last)
    return lines


def line_width(line: Sequence[Span]) -> int:
    """Columns of a line."""
    return sum(width(span.text) for span in line)


def joined(spans: Iterable[Span]) -> Line:
    """The same with neighbours of one style put together."""
    out: list[Span] = []
    for span in spans:
        if out and out[-1].style == span.style and out[-1].image is span.image is None:
            out[-1] = Span(out[-1].text + span.text, span.style)
        elif span.text or span.image:
            out.append(span)
    return tuple(out)


def _trimmed(line: list[Span]) -> Line:
    while line and not line[-1].text.strip(" "):
        line.pop()
    return joined(line)


def _words(spans: Iterable[Span]) -> Iterable[tuple[list[Span], int]]:
    """Words, which may have several styles, runs of spaces, and breaks; with their widths."""
    word: list[Span] = []
    size = 0
    for span in spans:
        parts = [span.text] if span is BREAK else _WORDS.findall(span.text)
        for part in parts:
            if span is BREAK or part[0] == " ":
                if word:
                    yield word, size
                    word, size = [], 0
                yield ([span], 0) if span is BREAK else ([Span(part, span.style)], len(part))
            else:
                part = part if word else with_base(part)
                word.append(Span(part, span.style))
                size += width(part)
    if word:
        yield word, size
