"""Reads the ranges of ex commands: `%`, `.,+3`, `'a,$`, `/pattern/-1`. They name lines of a text, or cells."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Protocol

from tuinb.editing.vim.state import Failed
from tuinb.editing.vim.substitution import cut

if TYPE_CHECKING:
    from collections.abc import Sequence

_NUMBER = re.compile(r"\d+")
_STEP = re.compile(r"\s*([+-])(\d*)|\s*(\d+)")


class Rows(Protocol):
    """What addresses name, counted from 0."""

    @property
    def here(self) -> int:
        """The row of the cursor."""
        ...

    @property
    def last(self) -> int:
        """The last row."""
        ...

    def marked(self, name: str) -> int:
        """Returns the row of a mark. Raises Failed if it is not set."""
        ...

    def find(self, text: str, here: int, *, forward: bool, searches: bool = True) -> int:
        """Returns the next row with a match. Raises Failed without one. An empty text is the pattern that was searched last.

        The pattern is then the one that was searched last if it `searches`.
        """
        ...

    def go_on_from(self, row: int) -> None:
        """Makes a row the one that what follows counts from."""
        ...


class Addresses:
    """Reads addresses from the start of a text. `at` is where what follows them begins."""

    def __init__(self, rows: Rows, text: str) -> None:
        self._rows = rows
        self._text = text
        self.at = 0

    def range(self) -> tuple[tuple[int, int] | None, int]:
        """Reads a range. Returns its rows, and how many addresses were given."""
        self._skip()
        if self._text.startswith("%", self.at):
            self.at += 1
            return (0, self._rows.last), 2
        rows: list[int] = []
        here = self._rows.here
        given = 0
        while True:
            row = self._address(here)
            self._skip()
            sign = self._text[self.at : self.at + 1]
            if row is not None:
                given += 1
            if sign not in (",", ";"):
                if row is not None or rows:
                    rows.append(here if row is None else row)
                break
            rows.append(here if row is None else row)
            if sign == ";":
                here = rows[-1]
                self._rows.go_on_from(here)
            self.at += 1
        if not rows:
            return None, 0
        return (rows[-2] if len(rows) > 1 else rows[-1], rows[-1]), max(given, len(rows))

    def address(self) -> int | None:
        """Reads one address."""
        self._skip()
        return self._address(self._rows.here)

    def _skip(self) -> None:
        while self._text[self.at : self.at + 1] in (" ", "\t", ":") and self.at < len(self._text):
            self.at += 1

    def _address(self, here: int) -> int | None:
        self._skip()
        rows, text = self._rows, self._text
        sign = text[self.at : self.at + 1]
        row: int | None = None
        if sign == ".":
            self.at += 1
            row = here
        elif sign == "$":
            self.at += 1
            row = rows.last
        elif number := _NUMBER.match(text, self.at):
            self.at = number.end()
            row = int(number[0][:9]) - 1
        elif sign == "'" and self.at + 1 < len(text):
            row = rows.marked(text[self.at + 1])
            self.at += 2
        elif sign in ("/", "?"):
            found, closed = cut(text[self.at + 1 :], sign)
            self.at += 1 + len(found) + closed
            row = rows.find(found, here, forward=sign == "/")
        elif text.startswith(("\\/", "\\?", "\\&"), self.at):
            sign = text[self.at + 1]
            self.at += 2
            row = rows.find("", here, forward=sign != "?", searches=False)
        while (step := _STEP.match(text, self.at)) is not None and (step[1] or row is not None):
            self.at = step.end()
            by = int(((step[2] if step[1] else step[3]) or "1")[:9])
            row = (here if row is None else row) + (-by if step[1] == "-" else by)
        return row


def next_of(rows: Sequence[int], here: int, text: str, *, forward: bool) -> int:
    """Returns the next of the rows that match, beyond the end from the start on. Raises Failed without one."""
    if forward:
        found = next((row for row in rows if row > here), rows[0] if rows else None)
    else:
        found = next((row for row in reversed(rows) if row < here), rows[-1] if rows else None)
    if found is None:
        raise Failed(f"Not found: {text}")
    return found
