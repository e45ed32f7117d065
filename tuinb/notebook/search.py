"""Search in cells, chunk by chunk, so that the caller can pause between chunks.

Text is searched at the speed of str.find; lines are counted only up to the match. A query with an upper-case letter is case
sensitive. A query that starts with `re:` is a regular expression: it is matched line by line, and abandoned if it takes too
long, since some expressions take exponential time.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from tuinb.notebook.cell import Cell
    from tuinb.notebook.changes import CellId

SOURCE: Final = -1
"""The place of a match in a cell's source. Other places are indices of outputs."""
REGEX: Final = "re:"

Chunk: TypeAlias = tuple[int, str]
"""A line number, and the text of whole lines from that line on."""
Texts: TypeAlias = Callable[["Cell"], Iterable[tuple[int, Iterable[Chunk]]]]
"""Returns the texts of a cell in order: SOURCE or the index of an output, and its chunks."""
Limit: TypeAlias = Callable[[], AbstractContextManager[object]]


class Match(NamedTuple):
    """The position of a match. Matches in one cell compare by position."""

    cell: CellId
    place: int
    """SOURCE, or the index of the output."""
    line: int
    """Line in that text, from 0."""
    column: int
    length: int


class Query:
    """A text or regular expression to search for."""

    def __init__(self, text: str, limit: Limit = nullcontext) -> None:
        """`limit` returns a context manager that raises TimeoutError if its body takes too long."""
        self.text = text
        self.problem = ""
        """Why the regular expression can't be used, or empty."""
        self._limit = limit
        self._exact = any(char.isupper() for char in text.removeprefix(REGEX))
        self._literal = "" if text.startswith(REGEX) else text if self._exact else text.lower()
        flags = re.RegexFlag(0) if self._exact else re.IGNORECASE
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # it would be written over the screen
                self._regex = re.compile(text.removeprefix(REGEX) if text.startswith(REGEX) else re.escape(text), flags)
        except (re.error, OverflowError, RecursionError) as error:
            self._give_up(str(error))

    def _give_up(self, problem: str) -> None:
        self.problem = problem
        self._regex = re.compile(r"(?!)")

    @property
    def is_regex(self) -> bool:
        """Whether it is a regular expression."""
        return self.text.startswith(REGEX)

    @property
    def groups(self) -> int:
        """The number of groups of the regular expression."""
        return self._regex.groups

    @property
    def names(self) -> Collection[str]:
        """The names of its groups."""
        return self._regex.groupindex

    def match(self, line: str, at: int) -> re.Match[str] | None:
        """Returns the match that begins at an offset of a line, where `hits` has found one."""
        return self._regex.match(line, at)

    def hits(self, text: str) -> Sequence[tuple[int, int]]:
        """Returns the start and end of each match in a text. Matches are not empty and do not span lines."""
        if not self._literal:
            return self._by_lines(text) if self.text else ()
        if self._exact or text.isascii():
            return self._find(text if self._exact else text.lower())
        return [hit.span() for hit in self._regex.finditer(text)]

    def _by_lines(self, text: str) -> list[tuple[int, int]]:
        found: list[tuple[int, int]] = []
        at = 0
        try:
            with self._limit():
                for line in text.split("\n"):
                    found += [
                        (at + hit.start(), at + hit.end()) for hit in self._regex.finditer(line) if hit.end() > hit.start()
                    ]
                    at += len(line) + 1
        except TimeoutError:
            self._give_up("it takes too long")
        return found

    def _find(self, text: str) -> Sequence[tuple[int, int]]:
        at = text.find(self._literal)
        if at < 0:
            return ()
        found, size = [], len(self._literal)
        while at >= 0:
            found.append((at, at + size))
            at = text.find(self._literal, at + size)
        return found


def search(query: Query, cells: Iterable[Cell], texts: Texts) -> Iterator[list[Match]]:
    """Yields a list of matches, often empty, for each chunk of these cells, in order."""
    for cell in cells:
        for place, chunks in texts(cell):
            for first, text in chunks:
                yield _in_chunk(query, cell.id, place, first, text)


def offset_of(source: str, match: Match) -> int | None:
    """Returns the offset of a match in the source that it was found in. None if the source has no such place."""
    start = 0
    for _ in range(match.line):
        start = source.find("\n", start) + 1
        if not start:
            return None
    return start + match.column if start + match.column + match.length <= len(source) else None


def _in_chunk(query: Query, cell: CellId, place: int, first: int, text: str) -> list[Match]:
    found = []
    line, start, counted = first, 0, 0
    for begin, end in query.hits(text):
        feeds = text.count("\n", counted, begin)
        if feeds:
            line += feeds
            start = text.rfind("\n", counted, begin) + 1
        counted = begin
        found.append(Match(cell, place, line, begin - start, end - begin))
    return found
