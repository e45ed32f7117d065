"""Fills lines of a given width with words. Lines break at spaces and hard breaks; only words longer than a line are split."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from tuinb.late_pattern import late_pattern
from tuinb.render.block import Line, Span
from tuinb.render.layout.wrapped import wrap
from tuinb.render.safe import is_narrow, width, with_base

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

BREAK = Span("\n")
"""A hard break between spans."""

_WORDS = late_pattern(r" +|[^ ]+")


def flow(spans: Iterable[Span], columns: int) -> list[Line]:
    """Returns the spans as lines of at most `columns`. Removes spaces at the ends of lines."""
    lines: list[Line] = []
    paragraph: list[Span] = []
    for span in chain(spans, (BREAK,)):
        if span is not BREAK:
            paragraph.append(span)
            continue
        text = "".join(part.text for part in paragraph)
        even = text.isascii() or (is_narrow(text) and width(text) == len(text))
        lines += _fill_even(text, paragraph, columns) if even else _fill(paragraph, columns)
        paragraph = []
    return lines


def _fill_even(text: str, spans: list[Span], columns: int) -> Iterator[Line]:
    """Yields the lines of a text in which every character takes one column. Cuts at offsets without looking at words."""
    at, end = 0, len(text.rstrip(" "))
    pieces = _Pieces(spans)
    while True:
        while at < end and text[at] == " ":
            at += 1
        cut = at + columns
        if cut >= end:
            yield pieces.cut(at, end)
            return
        if text[cut] != " ":
            space = text.rfind(" ", at, cut)
            cut = space if space > at else cut
        line_end = cut
        while text[line_end - 1] == " ":
            line_end -= 1
        yield pieces.cut(at, line_end)
        at = cut


class _Pieces:
    """Spans that are cut by character offsets, from front to back."""

    def __init__(self, spans: list[Span]) -> None:
        self._spans = spans
        self._number = self._start = 0

    def cut(self, start: int, end: int) -> Line:
        out: list[Span] = []
        while self._number < len(self._spans) and self._start < end:
            span = self._spans[self._number]
            first, last = max(start - self._start, 0), end - self._start
            if part := span.text[first:last]:
                out.append(span if part == span.text else Span(part, span.style))
            if last < len(span.text):
                break
            self._start += len(span.text)
            self._number += 1
        return joined(out)


def _fill(spans: list[Span], columns: int) -> list[Line]:
    lines: list[Line] = []
    line: list[Span] = []
    room = columns
    for word, size in _words(spans):
        if size <= room:
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
    return [*lines, _trimmed(line)]


def line_width(line: Sequence[Span]) -> int:
    """Returns the width of a line in columns."""
    return sum(width(span.text) for span in line)


def joined(spans: Iterable[Span]) -> Line:
    """Returns the spans with neighbours of equal style merged."""
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
    """Yields words, which may have several styles, and runs of spaces, each with its width."""
    word: list[Span] = []
    size = 0
    for span in spans:
        for part in _WORDS.findall(span.text):
            if part[0] == " ":
                if word:
                    yield word, size
                    word, size = [], 0
                yield [Span(part, span.style)], len(part)
            else:
                part = part if word else with_base(part)
                word.append(Span(part, span.style))
                size += width(part)
    if word:
        yield word, size
