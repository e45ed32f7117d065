"""The rows of the panel of variables as text: which columns a width has room for, and what is in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuinb.render.safe import clean, width
from tuinb.ui.strips import cut_with_mark

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tuinb.notebook.changes import CellId
    from tuinb.session.variables import Variable

ORDERS = ("as set", "name", "type", "size")
"""What rows are sorted by."""
_NAME = 24
"""Columns that a name takes at most."""
_TYPE = 20
_LEAST_TYPE = 6
_EXTENT = 18


def extent(variable: Variable) -> str:
    """Returns the shape or the length."""
    if variable.shape is not None:
        return " × ".join(f"{size:,}" for size in variable.shape) or "0-d"
    return f"{variable.length:,}" if variable.length is not None else ""


def size(count: int | None) -> str:
    """Returns a number of bytes in four or five characters."""
    if count is None:
        return ""
    if count < 1000:
        return f"{count} B"
    value = float(count)
    for unit in ("kB", "MB", "GB", "TB"):
        value /= 1000
        if value < 999.5 or unit == "TB":
            return f"{value:.1f} {unit}" if value < 9.95 else f"{value:.0f} {unit}"
    raise AssertionError  # the loop ends at TB


def chosen(rows: Sequence[Variable], part: str, order: str, *, modules: bool, functions: bool) -> list[Variable]:
    """Returns the variables that are shown, in their order. `part` is what names must contain, whatever its case."""
    kinds = {"data"} | ({"module"} if modules else set()) | ({"function", "class"} if functions else set())
    found = [row for row in rows if row.kind in kinds and part.lower() in row.name.lower()]
    keys: dict[str, Callable[[Variable], tuple[str | int, ...]]] = {
        "name": lambda row: (row.name.lower(), row.name),
        "type": lambda row: (row.type.lower(), row.name.lower()),
        "size": lambda row: (-(row.size or 0), row.name.lower()),
    }
    if order in keys:
        found.sort(key=keys[order])
    return found


_CELL = "cell"


class Columns:
    """The columns of the panel at one width. The value gets what is left; few columns leave out the size, then the type."""

    def __init__(self, rows: Sequence[Variable], columns: int, number: Callable[[CellId], str]) -> None:
        self._number = number
        room = columns - 2
        self._name = max(4, min(_NAME, room // 3, max((width(clean(row.name)) for row in rows), default=4)))
        of_type = max(4, min(_TYPE, max((width(clean(row.type)) for row in rows), default=4)))
        extents = max((width(extent(row)) for row in rows), default=0)
        self._extent = max(5, min(_EXTENT, extents)) if extents else 0
        cells = max((len(self._cell(row)) for row in rows), default=0)
        cells = max(cells, len(_CELL)) if cells else 0
        left = room - self._name
        value = 12
        self._cells = cells if cells and left - cells - 2 >= value + 8 else 0
        left -= self._cells + 2 if self._cells else 0
        self._extent = self._extent if self._extent and left - self._extent - 2 >= value else 0
        left -= self._extent + 2 if self._extent else 0
        self._type = min(of_type, left - 2 - value) if left - 2 - value >= _LEAST_TYPE else 0
        left -= self._type + 2 if self._type else 0
        self._size = 6 if left - 8 >= value + 4 else 0
        left -= self._size + 2 if self._size else 0
        self._value = max(0, left - 2)

    def _cell(self, row: Variable) -> str:
        return self._number(row.origin.set_in) if row.origin is not None else ""

    def head(self) -> str:
        """Returns the heads of the columns."""
        return self._row("name", "type", "shape", "size", "value", _CELL)

    def row(self, variable: Variable) -> str:
        """Returns the row of a variable, without its mark."""
        texts = (variable.name, variable.type, extent(variable), size(variable.size), variable.value)
        return self._row(*texts, self._cell(variable))

    def _row(self, name: str, of_type: str, of_extent: str, of_size: str, value: str, cell: str) -> str:
        parts = [_left(name, self._name)]
        parts += [_left(of_type, self._type)] if self._type else []
        parts += [_right(of_extent, self._extent)] if self._extent else []
        parts += [_right(of_size, self._size)] if self._size else []
        parts += [_left(value, self._value)] if self._value else []
        parts += [_right(cell, self._cells)] if self._cells else []
        return "  ".join(parts)


def _left(text: str, columns: int) -> str:
    shown = cut_with_mark(clean(text), columns)
    return shown + " " * (columns - width(shown))


def _right(text: str, columns: int) -> str:
    shown = cut_with_mark(clean(text), columns)
    return " " * (columns - width(shown)) + shown
