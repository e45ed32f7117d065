"""Tables and record batches of pyarrow as tables. Runs in the kernel: see values.py for the rules."""

from __future__ import annotations

import sys
from typing import Any

from .conditions import ConditionError, Tree
from .table import Table
from .values import clean, cut, library


class ArrowTable(Table):
    """A Table or RecordBatch of pyarrow."""

    words = ("&", "|", "~pc.coalesce({}, pc.scalar(False))")

    def __init__(self, value: Any) -> None:
        arrow = sys.modules["pyarrow"]
        self.table: Any = value if type(value) is arrow.Table else arrow.Table.from_batches([value])
        self.rows, self.width = self.table.num_rows, self.table.num_columns

    def header(self, first: int, last: int) -> list[list[Any]]:
        types = sys.modules["pyarrow"].types
        fields = [self.table.schema.field(column) for column in range(first, min(last, self.width))]
        numbers = [types.is_integer(field.type) or types.is_floating(field.type) for field in fields]
        return [[[clean(field.name)], cut(str(field.type), 30), number] for field, number in zip(fields, numbers)]

    def names(self) -> list[str]:
        return [clean(name) for name in self.table.schema.names]

    def columns(self, first: int, last: int, rows: Any) -> list[list[Any]]:
        found = []
        for column in range(first, min(last, self.width)):
            values = self.table.column(column)
            found.append(self._taken(values, rows).to_pylist())
        return found

    @staticmethod
    def _taken(values: Any, rows: Any) -> Any:
        """Returns the values of rows: a slice, a list, or an array."""
        if type(rows) is slice and rows.step in (None, 1):
            return values.slice(rows.start, max(0, rows.stop - rows.start))
        if type(rows) is slice:
            rows = list(range(rows.start, rows.stop, rows.step))
        return values.take(sys.modules["pyarrow"].array(rows, type="int64") if type(rows) is list else rows)

    def order(self, keys: list[tuple[int, bool]], within: Any) -> Any:
        arrow, compute = sys.modules["pyarrow"], _compute()
        arrays = [self._plain(column) for column, _ in keys]
        part = arrow.table(arrays, names=[f"c{at}" for at in range(len(keys))])
        part = part if within is None else part.take(within)
        sort_keys = [(f"c{at}", "descending" if descending else "ascending") for at, (_, descending) in enumerate(keys)]
        order = compute.sort_indices(part, sort_keys=sort_keys)  # nulls come last
        return order if within is None else within.take(order)

    def _plain(self, column: int) -> Any:
        values = self.table.column(column)
        types = sys.modules["pyarrow"].types
        return values.cast(values.type.value_type) if types.is_dictionary(values.type) else values

    def leaf(self, tree: Tree) -> Any:
        arrow, compute = sys.modules["pyarrow"], _compute()
        values, sign = self._plain(tree[1]), tree[0]
        if sign == "null":
            return compute.is_null(values, nan_is_null=True)
        if sign in ("has", "starts", "ends"):
            if not (arrow.types.is_string(values.type) or arrow.types.is_large_string(values.type)):
                raise ConditionError("only text is searched for text")
            name = {"has": "match_substring", "starts": "starts_with", "ends": "ends_with"}[sign]
            found = getattr(compute, name)(values, tree[2])
        elif sign == "in":
            found = compute.is_in(values, value_set=arrow.array(tree[2]).cast(values.type))
        else:
            name = {"==": "equal", "!=": "not_equal", "<": "less", "<=": "less_equal", ">": "greater", ">=": "greater_equal"}[
                sign
            ]
            constant = arrow.scalar(tree[2])
            if arrow.types.is_temporal(values.type):
                constant = constant.cast(values.type)
            found = getattr(compute, name)(values, constant)
        return compute.fill_null(found, False)

    def both(self, one: Any, other: Any) -> Any:
        return _compute().and_(one, other)

    def either(self, one: Any, other: Any) -> Any:
        return _compute().or_(one, other)

    def invert(self, mask: Any) -> Any:
        return _compute().invert(mask)

    def positions(self, mask: Any) -> Any:
        return _compute().indices_nonzero(mask)

    @staticmethod
    def part(positions: Any, first: int, last: int) -> list[int]:
        return list(positions.slice(first, max(0, last - first)).to_pylist())

    def vector(self, column: int, within: Any) -> Any | None:
        values = self.table.column(column)
        types = sys.modules["pyarrow"].types
        if library("numpy") is None or not (types.is_integer(values.type) or types.is_floating(values.type)):
            return None
        values = values if within is None else self._taken(values, within)
        return values.cast("float64").to_numpy()

    def code(self, name: str, tree: Tree | None, condition: str, keys: list[tuple[int, bool]]) -> str:
        text = f"{name}.filter({condition})" if tree else name
        if keys:
            names = self.table.schema.names
            by = [(names[column], "descending" if descending else "ascending") for column, descending in keys]
            text += f".sort_by({by!r})"
        return f"import pyarrow.compute as pc\n\n{text}" if tree else text

    def code_leaf(self, name: str, tree: Tree) -> str:
        field = f"pc.field({self.table.schema.names[tree[1]]!r})"
        if tree[0] == "null":
            return f"{field}.is_null(nan_is_null=True)"
        if tree[0] == "in":
            return f"{field}.isin({tree[2]!r})"
        if tree[0] in ("has", "starts", "ends"):
            call = {"has": "match_substring", "starts": "starts_with", "ends": "ends_with"}[tree[0]]
            return f"pc.{call}({field}, {tree[2]!r})"
        return f"{field} {tree[0]} {tree[2]!r}"


def _compute() -> Any:
    import pyarrow.compute  # type: ignore[import-not-found, import-untyped, unused-ignore] # the kernel may have it

    return pyarrow.compute
