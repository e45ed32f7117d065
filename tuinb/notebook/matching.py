"""Finds the same cells in versions of a notebook whose files have no ids, or other ids.

Cells that lack a partner of the same id are matched by content, in order; then similar ones between two matches, if their files
have no ids; then cells that were moved, as by cutting and pasting, which gives a cell a new id.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from tuinb.notebook.alignment import matches

if TYPE_CHECKING:
    from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence

    from tuinb.notebook.changes import CellData, CellId
    from tuinb.notebook.difference import Content

_SIMILAR: Final = 0.5
"""The least share of words that similar sources have in common."""
_LARGEST: Final = 2_500
"""The most pairs of cells between two matches that are compared."""
_WORDS: Final = re.compile(r"\w+|[^\w\s]")


def renamed(base: Content, ours: Content, theirs: Content) -> tuple[Content, Content]:
    """Returns base and theirs with the ids of ours, and theirs with those of base for cells that ours does not have."""
    # Both sides are matched from the base, so that they are matched alike where there is a choice.
    names = {old: new for new, old in _Matcher(base, ours, [], []).names().items()}
    base = with_ids(base, names)
    # Theirs may have the ids of base.
    theirs = with_ids(theirs, {old: new for old, new in names.items() if new not in theirs.cells})
    theirs = with_ids(theirs, _Matcher(base, theirs, [], ours.cells).names())
    # Both sides may have added the same cell. Similar ones stay two. Of two alignments that are equally long, the same is taken
    # whichever side is ours.
    places = {cell: place for place, cell in enumerate(base.cells)}
    key, key_there = ([(places.get(cell, -1), *_content(data)) for cell, data in side.cells.items()] for side in (ours, theirs))
    if key <= key_there:
        added = _Matcher(ours, theirs, base.cells, base.cells, similar=False).names()
    else:
        added = {new: old for old, new in _Matcher(theirs, ours, base.cells, base.cells, similar=False).names().items()}
    return base, with_ids(theirs, added)


def matched(known: Content, other: Content) -> Content:
    """Returns `other` with the ids of `known` for the cells that are the same."""
    return with_ids(other, _Matcher(known, other, [], []).names())


def with_ids(content: Content, names: Mapping[CellId, CellId]) -> Content:
    """Returns the content with other ids for the cells that `names` has."""
    if not names:
        return content
    cells = {names.get(cell, cell): data for cell, data in content.cells.items()}
    return replace(content, cells={cell: replace(data, id=cell) for cell, data in cells.items()})


class _Matcher:
    """Matches the cells of `other` that `known` does not have with those of `known` that `other` does not have.

    Cells of `known` that are in `left_out`, and cells of `other` that are in `left_out_there`, are not matched.
    """

    def __init__(
        self,
        known: Content,
        other: Content,
        left_out: Collection[CellId],
        left_out_there: Collection[CellId],
        *,
        similar: bool = True,
    ) -> None:
        self._known, self._other = known.cells, other.cells
        self._olds = [cell for cell in known.cells if cell not in other.cells and cell not in left_out]
        self._news = [cell for cell in other.cells if cell not in known.cells and cell not in left_out_there]
        self._similar = similar
        self._is_copy = self._known.keys().isdisjoint(self._other) and _contents(known) == _contents(other)
        self._left = set(self._olds), set(self._news)
        self._names: dict[CellId, CellId] = {}

    def names(self) -> Mapping[CellId, CellId]:
        """Returns the ids in `known`, by the ids in `other`."""
        if self._olds and self._news:
            known, other = list(self._known), list(self._other)
            pairs = matches(self._tokens(self._known, 0), self._tokens(self._other, 1))
            for old, new in pairs:
                self._match(known[old], other[new])
            for (old, new), (last, end) in pairwise(((-1, -1), *pairs, (len(known), len(other)))):
                if self._similar:
                    self._match_similar(known[old + 1 : last], other[new + 1 : end])
            self._match_moved()
        return self._names

    def _tokens(self, cells: Mapping[CellId, CellData], side: int) -> list[Hashable]:
        """Returns a value for each cell that is equal for the same cells.

        An empty cell with an id is no other's copy, unless all ids differ and nothing else.
        """
        return [
            _content(data) if cell in self._left[side] and (data.source.strip() or self._is_copy or not _has_id(data)) else cell
            for cell, data in cells.items()
        ]

    def _match(self, old: CellId, new: CellId) -> None:
        if old in self._left[0] and new in self._left[1]:
            self._names[new] = old
            self._left[0].discard(old)
            self._left[1].discard(new)

    def _match_similar(self, olds: Sequence[CellId], news: Sequence[CellId]) -> None:
        olds = [cell for cell in olds if cell in self._left[0]]
        news = [cell for cell in news if cell in self._left[1]]
        some, others = [self._known[cell] for cell in olds], [self._other[cell] for cell in news]
        if not olds or not news or len(olds) * len(news) > _LARGEST or (all(map(_has_id, some)) and all(map(_has_id, others))):
            return
        if len(olds) == len(news) == 1 and some[0].kind == others[0].kind:
            self._match(olds[0], news[0])
            return
        for one, other in _most_similar(some, others):
            self._match(olds[one], news[other])

    def _match_moved(self) -> None:
        """Matches cells with a content that no other cell has."""
        olds = [(_content(self._known[cell]), cell) for cell in self._olds if cell in self._left[0]]
        news = [(_content(self._other[cell]), cell) for cell in self._news if cell in self._left[1]]
        counts, others = Counter(content for content, _ in olds), Counter(content for content, _ in news)
        places = dict(news)
        for content, cell in olds:
            if content[1].strip() and counts[content] == others.get(content) == 1:
                self._match(cell, places[content])


def _content(cell: CellData) -> tuple[str, str]:
    return cell.kind, cell.source


def _contents(content: Content) -> list[tuple[str, str]]:
    return list(map(_content, content.cells.values()))


def _has_id(cell: CellData) -> bool:
    """Whether the file has an id for the cell, and no other cell of it has the same."""
    return cell.raw.get("id") == cell.id


def _most_similar(olds: Sequence[CellData], news: Sequence[CellData]) -> Iterator[tuple[int, int]]:
    """Yields the pairs, in order, that are the most similar in sum."""
    words = [[Counter(_WORDS.findall(cell.source)) for cell in cells] for cells in (olds, news)]
    best = [[0.0] * (len(news) + 1) for _ in range(len(olds) + 1)]
    likeness: dict[tuple[int, int], float] = {}
    for one in range(len(olds) - 1, -1, -1):
        for other in range(len(news) - 1, -1, -1):
            alike = _alike(words[0][one], words[1][other]) if olds[one].kind == news[other].kind else 0.0
            likeness[one, other] = alike if alike >= _SIMILAR else 0.0
            paired = likeness[one, other] + best[one + 1][other + 1]
            best[one][other] = max(paired, best[one + 1][other], best[one][other + 1])
    one = other = 0
    while one < len(olds) and other < len(news):
        if likeness[one, other] and best[one][other] == likeness[one, other] + best[one + 1][other + 1]:
            yield one, other
            one, other = one + 1, other + 1
        elif best[one][other] == best[one + 1][other]:
            one += 1
        else:
            other += 1


def _alike(some: Counter[str], others: Counter[str]) -> float:
    total = some.total() + others.total()
    return 2 * (some & others).total() / total if total else 0.0
