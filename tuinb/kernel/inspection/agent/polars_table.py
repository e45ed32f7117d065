"""Frames and series of polars as tables. Runs in the kernel: see values.py for the rules."""

from __future__ import annotations

import datetime
import sys
from typing import Any

from .comparing import check_constant, compare, moment
from .conditions import ConditionError, Tree
from .table import Table, TableError
from .values import clean, cut, library


class PolarsTable(Table):
    """A DataFrame or Series of polars."""

    words = ("&", "|", "~({}).fill_null(False)")

    def __init__(self, value: Any) -> None:
        polars = sys.modules["polars"]
        self._is_frame = type(value) is polars.DataFrame
        self.frame: Any = value if self._is_frame else value.to_frame()
        self.rows, self.width = self.frame.shape
        self._names: list[str] = self.frame.columns

    def header(self, first: int, last: int) -> list[list[Any]]:
        kinds = self.frame.dtypes[first:last]
        return [[[clean(name)], cut(str(kind), 30), kind.is_numeric()] for name, kind in zip(self._names[first:last], kinds)]

    def names(self) -> list[str]:
        return [clean(name) for name in self._names]

    def columns(self, first: int, last: int, rows: Any) -> list[list[Any]]:
        part = self.frame[rows, first : min(last, self.width)]
        return [part.to_series(column).to_list() for column in range(part.width)]

    def order(self, keys: list[tuple[int, bool]], within: Any) -> Any:
        polars = sys.modules["polars"]
        part = self.frame.select([self._names[column] for column in dict.fromkeys(column for column, _ in keys)])
        if any(kind == polars.Object for kind in part.dtypes):
            raise TableError("it holds Python objects, and sorting would run their code")
        part = part if within is None else part[within]
        # The names of columns of the user may be the one that numbers the rows.
        part = part.rename({name: f"c{at}" for at, name in enumerate(part.columns)})
        sorted_rows = part.with_row_index("row").sort(
            [f"c{at}" for at in range(part.width)], descending=[d for _, d in keys], nulls_last=True, maintain_order=True
        )
        order = sorted_rows.get_column("row")
        return order if within is None else within[order]

    def leaf(self, tree: Tree) -> Any:
        polars = sys.modules["polars"]
        column, sign = self.frame.to_series(tree[1]), tree[0]
        if sign == "null":
            empty = column.is_null()
            return empty | column.is_nan().fill_null(False) if column.dtype.is_float() else empty
        if column.dtype in (polars.Categorical, polars.Enum):
            column = column.cast(polars.String)
        if sign in ("has", "starts", "ends"):
            if column.dtype != polars.String:
                raise ConditionError("only text is searched for text")
            if sign == "has":
                found = column.str.contains(tree[2], literal=True)
            else:
                found = (column.str.starts_with if sign == "starts" else column.str.ends_with)(tree[2])
        elif sign == "in":
            found = column.is_in([self._constant(column, one) for one in tree[2]])
        else:
            found = compare(column, sign, self._constant(column, tree[2]))
        return found.fill_null(False)

    @staticmethod
    def _constant(column: Any, value: Any) -> Any:
        if column.dtype.is_temporal() and type(value) is str:
            is_date = column.dtype == sys.modules["polars"].Date
            return moment(value, datetime.date if is_date else datetime.datetime)
        if column.dtype.is_numeric() != (type(value) in (int, float)) and type(value) is not bool:
            check_constant("i" if column.dtype.is_numeric() else "U", value)
        return value

    def positions(self, mask: Any) -> Any:
        return mask.arg_true()

    @staticmethod
    def part(positions: Any, first: int, last: int) -> list[int]:
        return list(positions[first:last].to_list())

    def expression(self, name: str) -> str:
        return name if self._is_frame else f"{name}.to_frame()"

    def vector(self, column: int, within: Any) -> Any | None:
        series = self.frame.to_series(column)
        if not series.dtype.is_numeric() or library("numpy") is None:
            return None
        series = series if within is None else series[within]
        return series.cast(sys.modules["polars"].Float64).to_numpy()

    def code(self, name: str, tree: Tree | None, condition: str, keys: list[tuple[int, bool]]) -> str:
        text = f"{name}.filter({condition})" if tree else name
        if keys:
            by = [self._names[column] for column, _ in keys]
            descends = [descending for _, descending in keys]
            options = f", descending={descends if len(keys) > 1 else descends[0]!r}" if any(descends) else ""
            text += f".sort({by if len(keys) > 1 else by[0]!r}{options}, nulls_last=True, maintain_order=True)"
        return f"import polars as pl\n\n{text}" if tree else text

    def code_leaf(self, name: str, tree: Tree) -> str:
        column = f"pl.col({self._names[tree[1]]!r})"
        if tree[0] == "null":
            is_float = self.frame.dtypes[tree[1]].is_float()
            return f"{column}.is_null()" if not is_float else f"({column}.is_null() | {column}.is_nan().fill_null(False))"
        if tree[0] == "in":
            return f"{column}.is_in({tree[2]!r})"
        if tree[0] == "has":
            return f"{column}.str.contains({tree[2]!r}, literal=True)"
        if tree[0] in ("starts", "ends"):
            return f"{column}.str.{tree[0]}_with({tree[2]!r})"
        if self.frame.dtypes[tree[1]].is_temporal() and type(tree[2]) is str:
            return f"{column} {tree[0]} pl.lit({tree[2]!r}).str.to_datetime()"
        return f"{column} {tree[0]} {tree[2]!r}"
