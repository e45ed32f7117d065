"""Finding text: what is looked for, and where it stands, chunk by chunk, so that whoever searches can pause in between.

Text is searched at the speed of str.find, whatever its size; lines are counted only up to what was found. Case counts if what
is looked for has an upper-case letter. `re:` before it makes it a regular expression, which is matched line by line, and given
up where it takes too long: some take longer than anyone lives.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from tuinb.notebook.cell import Cell
    from tuinb.notebook.changes import CellId

SOURCE: Final = -1
"""Stands for a cell's source, where others are the places of its outputs."""
REGEX: Final = "re:"

Chunk: TypeAlias = tuple[int, str]
"""The number of a line, and the text of some whole lines from it on."""
Texts: TypeAlias = Callable[["Cell"], Iterable[tuple[int, Iterable[Chunk]]]]
"""The texts of a cell in the order in which they stand: SOURCE or the place of an output, and its chunks."""
Limit: TypeAlias = Callable[[], AbstractContextManager[object]]


class Match(NamedTuple):
    """Where something was found; matches of one cell compare by where they stand."""

    cell: CellId
    place: int
    """SOURCE, or which of the cell's outputs."""
    line: int
    """Of that text, from 0."""
    column: int
    length: int


class Query:
    """What is looked for."""

    def __init__(self, text: str, limit: Limit = nullcontext) -> None:
        """`limit` gives a context that raises TimeoutError when what is done in it takes too long."""
        self.text = text
        self.problem = ""
        """Why a regular expression can't be used."""
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

    def hits(self, text: str) -> Iterator[tuple[int, int]]:
        """Where it stands in a text, from and to. Nothing that is empty is found, nor anything across lines."""
        if not self._literal:
            yield from self._by_lines(text) if self.text else ()
        elif self._exact or text.isascii():
            yield from self._find(text if self._exact else text.lower())
        else:
            yield from (hit.span() for hit in self._regex.finditer(text))

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

    def _find(self, text: str) -> Iterator[tuple[int, int]]:
        size = len(self._literal)
        at = text.find(self._literal)
        while at >= 0:
            yield at, at + size
            at = text.find(self._literal, at + size)


def search(query: Query, cells: Iterable[Cell], texts: Texts) -> Iterator[list[Match]]:
    """The matches in these cells in order: a list, mostly empty, for each chunk that was looked through."""
    for cell in cells:
        for place, chunks in texts(cell):
            for first, text in chunks:
                yield _in_chunk(query, cell.id, place, first, text)


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
