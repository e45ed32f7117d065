"""Lays out a table on the screen: which columns fit, how wide they are, and how each cell is written.

Widths only grow while a table is looked at, so that columns do not jump while pages are turned. Numbers with decimals are
aligned at the point.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tuinb.record import Record
from tuinb.render.safe import clean, width
from tuinb.ui.strips import cut_with_mark

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tuinb.session.table_view import Area, Head, TableView

NULL = "\0"
"""Begins the text of a cell that has no value."""
_WIDEST = 40
_WIDEST_LABEL = 20
_NARROWEST = 4
_DECIMALS = 6
"""Decimals that a number is cut to. The status line has all of them."""
_GAP = 2
"""Columns between two columns of the table."""


class Placed(NamedTuple):
    """A column on the screen."""

    column: int
    x: int
    width: int


class Cell(Record):
    """A cell as it is painted: its text fills its column."""

    text: str
    is_null: bool


class Grid:
    """The layout of one table. `left` is the first column in view."""

    def __init__(self, table: TableView) -> None:
        self._table = table
        self.left = 0
        self._widths: dict[int, int] = {}
        self._label_widths = [max(2, min(_WIDEST_LABEL, width(name))) for name in table.index or ("",)]
        self._decimals: dict[int, int] = {}

    # ---- widths

    @property
    def label_columns(self) -> int:
        """Columns of the screen that the labels of rows take, with the rule behind them."""
        return sum(self._label_widths) + len(self._label_widths) + 1

    def learn(self, area: Area) -> None:
        """Makes columns as wide as what is in view needs."""
        table = self._table
        for row in range(area.first, area.last):
            for level, label in enumerate(table.labels(row, area.left) or ()):
                self._label_widths[level] = max(self._label_widths[level], min(_WIDEST_LABEL, width(clean(label))))
        for column in range(area.left, area.right):
            head = table.head(column)
            if head is None:
                continue
            texts = [text for row in range(area.first, area.last) if (text := table.cell(row, column)) is not None]
            if head.is_number:
                self._decimals[column] = max((self._decimals.get(column, 0), *map(_decimals_of, texts)))
            sign = self._sign(column)
            names = max(width(clean(label)) for label in head.labels) + (len(sign) + 1 if sign else 0)
            needed = max((names, width(head.type), *(width(self._written(text, column, head)) for text in texts)))
            self._widths[column] = max(self._widths.get(column, _NARROWEST), min(_WIDEST, needed))

    def placed(self, columns: int) -> list[Placed]:
        """Returns the columns that fit into `columns` of the screen. The last one may be cut."""
        found: list[Placed] = []
        x, column = self.label_columns, self.left
        while x < columns and column < self._table.width:
            size = self._widths.get(column, 8)
            found.append(Placed(column, x, min(size, columns - x)))
            x += size + _GAP
            column += 1
        return found

    def reveal(self, column: int, columns: int) -> None:
        """Moves `left` so that a column is in view, whole if that is possible."""
        if column < self.left:
            self.left = column
            return
        room = columns - self.label_columns
        left = column
        used = self._widths.get(column, 8)
        while left > self.left and used + _GAP + self._widths.get(left - 1, 8) <= room:
            left -= 1
            used += _GAP + self._widths.get(left, 8)
        self.left = max(self.left, left)

    def page_right(self, columns: int) -> int:
        """Returns the first column that is not wholly in view."""
        placed = self.placed(columns)
        whole = [one for one in placed if one.width >= self._widths.get(one.column, 8)]
        return min(self._table.width - 1, max((whole or placed)[-1].column + 1, self.left + 1)) if placed else 0

    def page_left(self, columns: int) -> int:
        """Returns the column from which the columns before `left` fill the view."""
        room, column = columns - self.label_columns, self.left
        while column > 0 and (room := room - self._widths.get(column - 1, 8) - _GAP) >= -_GAP:
            column -= 1
        return min(column, max(0, self.left - 1))

    # ---- texts

    def cell(self, row: int, placed: Placed) -> Cell:
        """Returns a cell, padded to its column."""
        text, head = self._table.cell(row, placed.column), self._table.head(placed.column)
        if text is None or head is None:
            return Cell("·".ljust(placed.width), True)
        written = cut_with_mark(self._written(text, placed.column, head), placed.width)
        pad = " " * (placed.width - width(written))
        return Cell(f"{pad}{written}" if head.is_number else f"{written}{pad}", text.startswith(NULL))

    def head(self, level: int, placed: Placed) -> str:
        """Returns a row of a column's head: its label on a level, or its type below the labels."""
        head = self._table.head(placed.column)
        if head is None:
            return " " * placed.width
        is_type = level == len(head.labels)
        text = head.type if is_type else clean(head.labels[level])
        sign = self._sign(placed.column) if level == len(head.labels) - 1 else ""
        if sign:
            text = f"{cut_with_mark(text, placed.width - len(sign) - 1)} {sign}"
        text = cut_with_mark(text, placed.width)
        pad = " " * (placed.width - width(text))
        return f"{pad}{text}" if head.is_number else f"{text}{pad}"

    def labels(self, row: int) -> str:
        """Returns the labels of a row, padded."""
        found = self._table.labels(row, self.left)
        return self._joined(found if found is not None else ["·"] * len(self._label_widths), right=not self._table.index)

    def index_names(self) -> str:
        """Returns the names of the labels, padded."""
        return self._joined(self._table.index or ("",), right=False)

    def _joined(self, texts: Iterable[str], *, right: bool) -> str:
        parts = []
        for text, size in zip(texts, self._label_widths, strict=False):
            shown = cut_with_mark(clean(text), size)
            pad = " " * (size - width(shown))
            parts.append(f"{pad}{shown}" if right or _is_number(text) else f"{shown}{pad}")
        return " " + " ".join(parts)

    def _sign(self, column: int) -> str:
        """Returns the sign of a column that rows are sorted by."""
        keys = self._table.keys
        place = next((at for at, key in enumerate(keys) if key.column == column), None)
        if place is None:
            return ""
        sign = "▼" if keys[place].descending else "▲"
        return sign if len(keys) == 1 else f"{sign}{place + 1}"

    def _written(self, text: str, column: int, head: Head) -> str:
        if text.startswith(NULL):
            return text[1:]
        if head.is_number:
            return _number(text, self._decimals.get(column, 0))
        return clean(text)


def _decimals_of(text: str) -> int:
    """Returns the number of decimals of a number that is written out."""
    _, point, decimals = text.partition(".")
    return min(_DECIMALS, len(decimals)) if point and "e" not in decimals else 0


def _number(text: str, decimals: int) -> str:
    """Returns a number with as many decimals as its column has. One that is no decimal number stays."""
    if "e" in text or "j" in text:
        return _short(text)
    if "." not in text:
        return text
    try:
        return (
            f"{float(text):.{decimals}f}"
            if len(text.partition(".")[2]) > decimals
            else text.ljust(text.index(".") + decimals + 1, "0")
        )
    except ValueError:
        return text


def _short(text: str) -> str:
    try:
        return f"{float(text):.6g}"
    except ValueError:
        return text


def _is_number(text: str) -> bool:
    return text.removeprefix("-").isdecimal()
