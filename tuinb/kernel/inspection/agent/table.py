"""A table as the viewer reads it, and what the tables of all libraries share.

Runs in the kernel: see values.py for the rules. A table reads only the rows and columns that it is asked for. `rows` is a
slice, or a list of positions. An order and a mask are objects of the table's own library, because positions as a list of Python
would take eight times the memory; `part` and `count` read them.
"""

from __future__ import annotations

import datetime
import sys
from typing import TYPE_CHECKING, Any

from .values import bases, clean, library, name_of, scalar, short

if TYPE_CHECKING:
    from .conditions import Tree

NULL = "\0"
"""Begins the text of a cell that has no value."""
_PLAIN = (bool, int, float, str, type(None), datetime.date, datetime.datetime, datetime.time, datetime.timedelta)


class TableError(Exception):
    """Something can't be done with a table. The text says why, for the user."""


class Table:
    """One table. The positions of rows and columns count from 0."""

    rows: int
    width: int
    levels = 1
    """Number of header rows."""
    index_names: list[str] = []  # noqa: RUF012 - never changed
    """Names of the columns that label the rows. Empty if rows are only numbered."""
    words = ("&", "|", "~({})")
    """How the library's conditions are joined, and negated."""

    def header(self, first: int, last: int) -> list[list[Any]]:
        """Returns the labels (one for each level), the type, and whether it is a number, of the columns from `first` on."""
        raise NotImplementedError

    def names(self) -> list[str]:
        """Returns the names of all columns."""
        raise NotImplementedError

    def columns(self, first: int, last: int, rows: Any) -> list[list[Any]]:
        """Returns the values of the columns from `first` on."""
        raise NotImplementedError

    def labels(self, rows: Any) -> list[list[Any]]:
        """Returns the labels of rows: one list for each of `index_names`."""
        return []

    def order(self, keys: list[tuple[int, bool]], within: Any) -> Any:
        """Returns the positions of rows, sorted by columns; True for a column sorts it from large to small. Nulls come last."""
        raise NotImplementedError

    def top(self, column: int, descending: bool, count: int) -> Any | None:
        """Returns the first positions of such an order if that is faster than all of it. None if not."""
        return None

    def leaf(self, tree: Tree) -> Any:
        """Returns the mask of one comparison: see conditions.py."""
        raise NotImplementedError

    def mask(self, tree: Tree) -> Any:
        """Returns the mask of a condition."""
        if tree[0] == "not":
            return self.invert(self.mask(tree[1]))
        if tree[0] not in ("and", "or"):
            return self.leaf(tree)
        masks = [self.mask(part) for part in tree[1]]
        found = masks[0]
        for one in masks[1:]:
            found = self.both(found, one) if tree[0] == "and" else self.either(found, one)
        return found

    def both(self, one: Any, other: Any) -> Any:
        """Returns where both masks are true."""
        return one & other

    def either(self, one: Any, other: Any) -> Any:
        """Returns where one of two masks is true."""
        return one | other

    def invert(self, mask: Any) -> Any:
        """Returns where a mask is false."""
        return ~mask

    def positions(self, mask: Any) -> Any:
        """Returns the positions where a mask is true."""
        raise NotImplementedError

    @staticmethod
    def part(positions: Any, first: int, last: int) -> list[int]:
        """Returns positions of an order as a list."""
        return list(positions[first:last].tolist())

    def vector(self, column: int, within: Any) -> Any | None:
        """Returns a column of numbers as an array of numpy. None if it holds no numbers, or there is no numpy."""
        return None

    def expression(self, name: str) -> str:
        """Returns the code of the table that the variable `name` stands for."""
        return name

    def code(self, name: str, tree: Tree | None, condition: str, keys: list[tuple[int, bool]]) -> str:
        """Returns the code of a filter and a sort of the table that `name` stands for."""
        raise NotImplementedError

    def code_leaf(self, name: str, tree: Tree) -> str:
        """Returns the code of one comparison."""
        raise NotImplementedError


def cell_text(value: object, most: int = 60) -> str:
    """Returns the text of one cell. Text has no quotes here. Values without content begin with NULL."""
    kind = type(value)
    if kind is str:
        text: Any = value
        shown = text if len(text) <= most else text[: most - 1] + "…"
        return clean(shown.replace("\r\n", "⏎").replace("\n", "⏎").replace("\t", " ").replace(NULL, " "))
    if value is None:
        return f"{NULL}None"
    if kind is float:
        return repr(value) if value == value else f"{NULL}NaN"
    known = scalar(value, most)
    if known is None:
        return short(value, most)
    return f"{NULL}{known}" if known in ("nan", "NaT", "<NA>") else known


def label_text(label: object) -> str:
    """Returns the label of a row or a column. One without content is empty."""
    return cell_text(label, 60).lstrip(NULL)


def check_plain(values: Any, what: str) -> None:
    """Raises TableError if values are objects whose own code would run."""
    for kind in set(map(type, values)):
        # What inherits from str or float may have comparisons of its own.
        if kind not in _PLAIN and scalar_type(kind) is None:
            raise TableError(f"it holds {name_of(kind)} objects, and {what} would run their code")


def scalar_type(kind: type) -> str | None:
    """Returns the name of a scalar type of a known library, which compares as numbers do."""
    numpy, pandas = library("numpy"), library("pandas")
    if numpy is not None and any(base is numpy.generic for base in bases(kind)):
        return name_of(kind)
    known = [getattr(pandas, name, None) for name in ("Timestamp", "Timedelta")] if pandas is not None else []
    missing = [type(getattr(pandas, name, None)) for name in ("NaT", "NA")] if pandas is not None else []
    decimal = getattr(sys.modules.get("decimal"), "Decimal", None)
    return name_of(kind) if kind in (*known, *missing, decimal) else None
