"""The differences between two notebooks, by cells, as values.

Cells are paired as in a merge. Outputs are equal if `tuinb verify` calls them equal: counts, addresses, times and their like
are passed over, and images are compared by pixels. Ids and, unless asked for, metadata are not compared.
"""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from tuinb.headless.verify.compare import Comparison, Difference
from tuinb.notebook.alignment import longest_rising, matches
from tuinb.notebook.changes import ABSENT
from tuinb.notebook.conflicts import lines_of
from tuinb.notebook.difference import attachments_of, metadata_of, same, same_outputs
from tuinb.notebook.matching import matched
from tuinb.notebook.merge import woven
from tuinb.record import Record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from tuinb.notebook.changes import CellData, Json
    from tuinb.notebook.difference import Content

_CONTEXT = 3
"""Unchanged lines around changed ones."""
_WORD = re.compile(r"\w+|\s+|.")
_LONGEST = 2_000
"""Characters of a line of which words are compared."""

Piece: TypeAlias = tuple[str, bool]
"""A part of a line, and whether it is changed."""


class DiffLine(Record):
    sign: str
    """` `, `-`, `+`, or `…` for lines that are left out."""
    pieces: tuple[Piece, ...]
    hidden: tuple[DiffLine, ...] = ()
    """The lines that are left out."""

    @property
    def text(self) -> str:
        return "".join(text for text, _ in self.pieces)


class KeyDiff(Record):
    """A value of metadata, or an attachment, that differs. A side that lacks it has ABSENT."""

    path: tuple[str, ...]
    old: Json
    new: Json


class CellDiff(Record):
    old: int | None
    """The number of the cell in the old notebook, from 1. None if it was added."""
    new: int | None
    """None if it was deleted."""
    kinds: tuple[str, ...]
    """The type of the cell: one, or the old and the new one."""
    moved: bool
    source: tuple[DiffLine, ...]
    outputs: tuple[Difference, ...]
    attachments: tuple[KeyDiff, ...]
    metadata: tuple[KeyDiff, ...]

    @property
    def is_same(self) -> bool:
        is_both = self.old is not None and self.new is not None
        parts = (self.moved, self.source, self.outputs, self.attachments, self.metadata)
        return is_both and len(self.kinds) == 1 and not any(parts)


class SameCell(NamedTuple):
    number: int
    """In the new notebook, from 1."""
    cell: CellData


class NotebookDiff(Record):
    cells: tuple[CellDiff, ...]
    """Those that differ, in the order of the new notebook; deleted ones where they were."""
    metadata: tuple[KeyDiff, ...]
    between: tuple[Sequence[SameCell], ...]
    """The cells that are the same: before each of `cells`, and after the last one."""

    @property
    def is_same(self) -> bool:
        return not self.cells and not self.metadata


class Parts(Record):
    """What is compared."""

    outputs: bool = True
    metadata: bool = False
    exact: bool = False
    """Whether outputs must be equal to the letter, but for counts."""


def compare(old: Content, new: Content, parts: Parts) -> NotebookDiff:
    """Returns what differs."""
    new = matched(old, new)
    numbers, others = ({cell: at for at, cell in enumerate(side.cells, 1)} for side in (old, new))
    still = longest_rising(list(new.cells), list(old.cells))
    comparison = Comparison(
        exact=parts.exact, code="\n".join(cell.source for side in (old, new) for cell in side.cells.values())
    )
    cells: list[CellDiff] = []
    between: list[list[SameCell]] = [[]]
    for cell in woven(list(new.cells), old.cells, lambda *_: False):
        before, after = old.cells.get(cell), new.cells.get(cell)
        moved = before is not None and after is not None and cell not in still
        places = (numbers.get(cell), others.get(cell))
        found = _cell(before, after, places, moved=moved, parts=parts, comparison=comparison)
        if not found.is_same:
            cells.append(found)
            between.append([])
        elif after is not None and found.new is not None:
            between[-1].append(SameCell(found.new, after))
    metadata = tuple(_keys(old.metadata, new.metadata)) if parts.metadata else ()
    return NotebookDiff(tuple(cells), metadata, tuple(between))


def _cell(
    old: CellData | None,
    new: CellData | None,
    places: tuple[int | None, int | None],
    *,
    moved: bool,
    parts: Parts,
    comparison: Comparison,
) -> CellDiff:
    kinds = tuple(dict.fromkeys(side.kind for side in (old, new) if side is not None))
    sources = ["" if side is None else side.source for side in (old, new)]
    outputs = [() if side is None else side.outputs for side in (old, new)]
    attachments, metadata = (tuple({} if side is None else get(side) or {} for side in (old, new)) for get in _GETTERS)
    differ = parts.outputs and not same_outputs(*outputs)
    return CellDiff(
        *places,
        kinds,
        moved,
        tuple(diff_lines(lines_of(sources[0]), lines_of(sources[1]))) if sources[0] != sources[1] else (),
        comparison.compare(*([one.raw for one in side] for side in outputs)).differences if differ else (),
        tuple(_keys(attachments[0], attachments[1], depth=1)),
        tuple(_keys(metadata[0], metadata[1])) if parts.metadata else (),
    )


_GETTERS: Sequence[Callable[[CellData], Mapping[str, Json] | None]] = (attachments_of, metadata_of)


def _keys(old: Mapping[str, Json], new: Mapping[str, Json], depth: int = -1, path: tuple[str, ...] = ()) -> Iterator[KeyDiff]:
    """Yields the values that differ. `depth` is the number of levels that are looked into; -1 for all."""
    for key in dict.fromkeys((*old, *new)):
        before, after = old.get(key, ABSENT), new.get(key, ABSENT)
        if isinstance(before, dict) and isinstance(after, dict) and depth != 1:
            yield from _keys(before, after, depth - 1, (*path, key))
        elif not same(before, after):
            yield KeyDiff((*path, key), before, after)


# ---- lines and words


def diff_lines(old: Sequence[str], new: Sequence[str]) -> Iterator[DiffLine]:
    """Yields the lines that differ, with some lines around them."""
    lines = list(_all_lines(old, new))
    near = [False] * len(lines)
    for at, line in enumerate(lines):
        if line.sign != " ":
            near[max(0, at - _CONTEXT) : at + _CONTEXT + 1] = [True] * len(near[max(0, at - _CONTEXT) : at + _CONTEXT + 1])
    for is_near, some in groupby(zip(lines, near, strict=True), key=lambda one: one[1]):
        if is_near:
            yield from (line for line, _ in some)
        else:
            yield DiffLine("…", (), tuple(line for line, _ in some))


def _all_lines(old: Sequence[str], new: Sequence[str]) -> Iterator[DiffLine]:
    one = other = 0
    for place, other_place in (*matches(old, new), (len(old), len(new))):
        yield from _changed_lines(old[one:place], new[other:other_place])
        for line in old[place : place + 1]:
            yield DiffLine(" ", ((line, False),))
        one, other = place + 1, other_place + 1


def _changed_lines(old: Sequence[str], new: Sequence[str]) -> Iterator[DiffLine]:
    """Yields removed and added lines. Where there are as many, a line is compared with the one at its place, by words."""
    if len(old) != len(new):
        yield from (DiffLine("-", ((line, True),)) for line in old)
        yield from (DiffLine("+", ((line, True),)) for line in new)
        return
    pairs = [_changed_words(line, other) for line, other in zip(old, new, strict=True)]
    yield from (DiffLine("-", before) for before, _ in pairs)
    yield from (DiffLine("+", after) for _, after in pairs)


def _changed_words(old: str, new: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    if max(len(old), len(new)) > _LONGEST:
        return ((old, True),), ((new, True),)
    words, others = _WORD.findall(old), _WORD.findall(new)
    pairs = matches(words, others)
    return _pieces(words, {one for one, _ in pairs}), _pieces(others, {other for _, other in pairs})


def _pieces(words: Sequence[str], kept: set[int]) -> tuple[Piece, ...]:
    pieces: list[Piece] = []
    for at, word in enumerate(words):
        changed = at not in kept
        if pieces and pieces[-1][1] == changed:
            word = pieces.pop()[0] + word
        pieces.append((word, changed))
    return tuple(pieces)
