"""What is edited and where: a text, its rows, and the selections in it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from itertools import pairwise
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from tuinb.record import Record

if TYPE_CHECKING:
    from tuinb.editing.buffer import Buffer, Splice
    from tuinb.editing.languages import Language
    from tuinb.editing.view import Rows


class Selection(Record):
    """Text between two offsets, or a cursor if both are equal."""

    anchor: int
    """Where the selection began."""
    head: int
    """The cursor."""
    wanted: int | None = None
    """The column of the screen that moves up and down lead to, as far as the rows are long enough. None: that of the head."""

    @property
    def start(self) -> int:
        """The smaller offset."""
        return min(self.anchor, self.head)

    @property
    def end(self) -> int:
        """The larger offset."""
        return max(self.anchor, self.head)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is selected."""
        return self.anchor == self.head

    def moved(self, splice: Splice) -> Selection:
        """Returns the selection after a change of the text."""
        return Selection(splice.move(self.anchor), splice.move(self.head))

    def shifted(self, number: int) -> Selection:
        """Returns the selection that many characters further on."""
        return Selection(self.anchor + number, self.head + number, self.wanted)

    def overlaps(self, other: Selection) -> bool:
        """Whether both have text in common, or are a cursor at the same place."""
        if self.is_empty or other.is_empty:
            return self.start <= other.end and other.start <= self.end
        return self.start < other.end and other.start < self.end


def are_apart(selections: Sequence[Selection], edits: Sequence[Edit | None]) -> bool:
    """Whether none of the edits, one or none of each selection, touches another one, or another selection.

    Edits that only touch may each remove the line end between them. Several selections may have the same edit.
    """
    end, last = -1, None
    for each, edit in sorted(zip(selections, edits, strict=True), key=lambda both: both[0].start):
        start = each.start if edit is None else min(each.start, edit.start)
        if start <= end and (edit is None or edit.change != last):
            return False
        end = max(end, each.end, -1 if edit is None else edit.end)
        last = None if edit is None else edit.change
    return True


class Target(NamedTuple):
    """Where a motion leads."""

    offset: int
    wanted: int | None = None
    """The column of the screen that the next move up or down leads to, if it is not that of the offset."""


class Edit(Record):
    """A replacement of text, and the selection after it."""

    start: int
    end: int
    text: str
    selection: Selection
    closers: tuple[int, ...] = ()
    """Offsets, after it, of closing brackets and quotes that it inserted unasked."""

    @property
    def change(self) -> tuple[int, int, str]:
        """What it changes. The same for all selections on a line that a command on lines changes once."""
        return self.start, self.end, self.text


_MOST_CLOSERS = 100
"""Closing brackets and quotes that are remembered."""


class State(Record, frozen=False):
    """A text that is edited."""

    buffer: Buffer
    rows: Rows
    language: Language
    selections: tuple[Selection, ...] = (Selection(0, 0),)
    """What is selected, none of it twice. The last one has the cursor that is followed."""
    mark: int | None = None
    """The offset that was marked last, as Emacs does."""
    earlier_marks: tuple[int, ...] = ()
    """Offsets that were marked before, the last one first."""
    marking: bool = False
    """Whether each move of the cursor extends the selection from the mark."""
    page: int = 20
    """Rows that a move by a page goes."""
    auto_close: bool = True
    """Whether brackets and quotes close themselves as they are typed."""
    hanging: bool = False
    """Whether a line after `f(a,` is indented by one step, instead of aligned with `a`."""
    continues_lists: bool = True
    """Whether Enter goes on with lists, where the language has them."""
    closers: tuple[int, ...] = ()
    """Offsets of closing brackets and quotes that were inserted unasked. Typing one steps over it."""
    _grouped: tuple[tuple[Selection, ...], bool, list[tuple[int, int]]] | None = None
    """The selections that were grouped last, and the result; see `selected_rows`."""

    @property
    def selection(self) -> Selection:
        """The selection with the cursor."""
        return self.selections[-1]

    @selection.setter
    def selection(self, selection: Selection) -> None:
        self.selections = (selection,)

    def splice(self, start: int, end: int, text: str) -> Splice:
        """Replaces text. The selections stay at their text."""
        splice = self.buffer.splice(start, end, text)
        self.rows.splice(splice)
        self.selections = tuple([each if each.end < start else each.moved(splice) for each in self.selections])
        self.mark = None if self.mark is None else splice.move(self.mark)
        if self.earlier_marks:
            self.earlier_marks = tuple([splice.move(mark) for mark in self.earlier_marks])
        if self.closers:
            grown = len(text) - len(splice.removed)
            kept = (each for each in self.closers if each < start or each >= end)
            self.closers = tuple(each if each < start else each + grown for each in kept)
        return splice

    def finish(self, edit: Edit) -> None:
        """Selects what an edit says, after its splice. Text that was selected from the mark, and still is, is so after it."""
        self.selection = edit.selection
        self.marking = self.marking and not edit.selection.is_empty
        if self.marking:
            self.mark = edit.selection.anchor
        self.remember_closers(edit)

    def finish_one(self, index: int, edit: Edit) -> None:
        """Selects what an edit says in place of one of several selections, after its splice."""
        self.selections = (*self.selections[:index], edit.selection, *self.selections[index + 1 :])
        self.remember_closers(edit)

    def finish_apart(self, selections: Sequence[Selection], edits: Sequence[Edit | None]) -> None:
        """Selects what edits say, after their splices. Each of `selections` had one or none, all of them apart."""
        found, before, shift, last = list(selections), 0, 0, None
        for index in sorted(range(len(found)), key=lambda index: selections[index].start):
            edit = edits[index]
            if edit is None:
                found[index] = selections[index].shifted(shift)
                continue
            if edit.change != last:
                before, last = shift, edit.change
                shift += len(edit.text) - (edit.end - edit.start)
            found[index] = edit.selection.shifted(before)
        self.selections = tuple(found)

    def remember_closers(self, edit: Edit) -> None:
        """Notes the closing brackets and quotes that an edit inserted unasked, after its splice."""
        self.closers = (*self.closers, *edit.closers)[-_MOST_CLOSERS:]

    def merge(self) -> None:
        """Drops selections that are, or overlap, a later one."""
        ordered = sorted(self.selections, key=lambda each: (each.start, each.end))
        if not any(one.overlaps(after) for one, after in pairwise(ordered)):
            return
        kept: list[Selection] = []
        for each in reversed(self.selections):
            if not any(each.overlaps(other) for other in kept):
                kept.append(each)
        self.selections = tuple(reversed(kept))

    def selected_rows(self, selection: Selection, *, adjoining: bool = False) -> tuple[int, int]:
        """Returns the first and the last row of a selection, and of those that share a row with it.

        So a command on lines changes each line once, however many cursors are on it. `adjoining`: also of selections in the
        row above or below, which move together. A row whose start ends a selection is not part of it.
        """
        own = self._rows_of(selection)
        if len(self.selections) == 1:
            return own
        if self._grouped is None or self._grouped[0] is not self.selections or self._grouped[1] is not adjoining:
            self._grouped = self.selections, adjoining, self._grouped_rows(adjoining=adjoining)
        groups = self._grouped[2]
        first, last = groups[bisect_right(groups, own[0], key=itemgetter(0)) - 1]
        return (first, last) if first <= own[0] and own[1] <= last else own

    def _rows_of(self, selection: Selection) -> tuple[int, int]:
        start, end = self.buffer.place(selection.start), self.buffer.place(selection.end)
        return start.row, end.row - 1 if end.column == 0 and end.row > start.row else end.row

    def _grouped_rows(self, *, adjoining: bool) -> list[tuple[int, int]]:
        groups: list[tuple[int, int]] = []
        for first, last in sorted(map(self._rows_of, self.selections)):
            if groups and first <= groups[-1][1] + adjoining:
                groups[-1] = groups[-1][0], max(groups[-1][1], last)
            else:
                groups.append((first, last))
        return groups

    def move(self, motion: Motion, *, extend: bool = False) -> None:
        """Moves each selection's head, and its anchor, too, unless the selection is extended."""
        moved = []
        for each in self.selections:
            # Where text is selected, some motions lead to one of its ends.
            target = motion(self, Selection(each.head, each.head, each.wanted) if extend else each)
            moved.append(Selection(each.anchor if extend else target.offset, target.offset, target.wanted))
        self.selections = tuple(moved)
        if len(moved) > 1:
            self.merge()


Motion: TypeAlias = Callable[[State, Selection], Target]
"""Returns where the head of a selection moves to. Changes nothing."""
Operator: TypeAlias = Callable[[State, Selection], Edit | None]
"""Returns the edit that a command makes at a selection, or None for no edit. Changes nothing."""
