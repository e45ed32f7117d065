"""The text that is edited, as lines. A line ends at `\\n`; every other character is content.

An offset counts the code points of the text before it. A place is the same as a row and a column of the text, both from 0.
"""

from __future__ import annotations

from typing import NamedTuple

from tuinb.editing.block_sums import BlockSums


class Place(NamedTuple):
    """A position in the text."""

    row: int
    column: int
    """Code points of the line before it."""


class Splice(NamedTuple):
    """A change of a text: at an offset, a text was replaced by another one."""

    at: int
    removed: str
    inserted: str
    start: Place
    """The place of `at`."""

    @property
    def last_row(self) -> int:
        """The last row that the splice replaced."""
        return self.start.row + self.removed.count("\n")

    @property
    def last_new_row(self) -> int:
        """The last row that replaced them."""
        return self.start.row + self.inserted.count("\n")

    def move(self, offset: int) -> int:
        """Returns where an offset is after the splice. One in the removed text is then within the inserted one."""
        if offset >= self.at + len(self.removed) and offset > self.at:
            return offset - len(self.removed) + len(self.inserted)
        return min(offset, self.at + len(self.inserted))


class Buffer:
    """A text that changes by splices. The cost of one does not grow with the number of lines."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.lines = text.split("\n")
        """The lines. Only `splice` changes them."""
        self._sizes = BlockSums(len(line) + 1 for line in self.lines)

    def splice(self, start: int, end: int, inserted: str) -> Splice:
        """Replaces the text from offset `start` to `end`."""
        first, last = self.place(start), self.place(end)
        removed, text = self.text[start:end], self.text
        self.text = f"{text[:start]}{inserted}{text[end:]}"
        new = inserted.split("\n")
        after = self.lines[last.row][last.column :]
        new[0] = self.lines[first.row][: first.column] + new[0]
        new[-1] += after
        self.lines[first.row : last.row + 1] = new
        self._sizes.splice(first.row, last.row + 1, [len(line) + 1 for line in new])
        return Splice(start, removed, inserted, first)

    def place(self, offset: int) -> Place:
        """Returns the place of an offset, clamped to the text."""
        return Place(*self._sizes.find(max(0, min(offset, len(self.text)))))

    def offset(self, place: Place) -> int:
        """Returns the offset of a place, clamped to the text."""
        row = max(0, min(place.row, len(self.lines) - 1))
        return self._sizes.before(row) + max(0, min(place.column, len(self.lines[row])))

    def start(self, row: int) -> int:
        """Returns the offset of the start of a line."""
        return self._sizes.before(row)


def difference(old: str, new: str) -> tuple[int, int, str]:
    """Returns the start and the end of the part of `old` that differs, and what `new` has there."""
    start = common_prefix(old, new)
    end = common_suffix(old, new, min(len(old), len(new)) - start)
    return start, len(old) - end, new[start : len(new) - end]


def carried_over(offset: int, old: str, new: str) -> int:
    """Returns where an offset of `old` is in `new`, given that one part of the text was replaced."""
    start, end, inserted = difference(old, new)
    return Splice(start, old[start:end], inserted, Place(0, 0)).move(offset)


def common_prefix(a: str, b: str) -> int:
    """Returns the length of the common prefix of two texts."""
    low, high = 0, min(len(a), len(b))
    while low < high:
        middle = (low + high + 1) // 2
        if a[low:middle] == b[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def common_suffix(a: str, b: str, most: int) -> int:
    """Returns the length of the common suffix of two texts, at most `most`."""
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        if a[len(a) - middle : len(a) - low] == b[len(b) - middle : len(b) - low]:
            low = middle
        else:
            high = middle - 1
    return low
