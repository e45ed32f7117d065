"""Arrays of numpy as tables. Runs in the kernel: see values.py for the rules."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from .arrays import best, listed, numpy_leaf, order_of, small
from .table import Table, check_plain
from .values import clean

if TYPE_CHECKING:
    from .conditions import Tree


class NumpyTable(Table):
    """An array of numpy. One of more than two dimensions has its last one as columns, and labels for the others."""

    def __init__(self, value: Any) -> None:
        numpy = sys.modules["numpy"]
        self.array: Any = numpy.ndarray.view(value, numpy.ndarray)
        self._fields = self.array.dtype.names if self.array.ndim == 1 else None
        shape = self.array.shape
        self._lead = shape[:1] if len(shape) == 1 else shape[:-1]
        self.rows = 1
        for size in self._lead:
            self.rows *= size
        self.width = len(self._fields) if self._fields else 1 if len(shape) == 1 else shape[-1]
        self.index_names = [f"[{axis}]" for axis in range(len(self._lead))] if len(self._lead) > 1 else []

    def header(self, first: int, last: int) -> list[list[Any]]:
        if self._fields:
            kinds = [self.array.dtype[name] for name in self._fields[first:last]]
        else:
            kinds = [self.array.dtype] * (min(last, self.width) - first)
        names = self.names()[first:last]
        texts = [kind.str.lstrip("<>|=") if kind.kind in "US" else kind.name for kind in kinds]
        return [[[name], text, kind.kind in "iufc"] for name, text, kind in zip(names, texts, kinds)]

    def names(self) -> list[str]:
        if self._fields:
            return [clean(name) for name in self._fields]
        return ["value"] if self.array.ndim == 1 else [str(column) for column in range(self.width)]

    def _column(self, column: int) -> Any:
        if self._fields:
            return self.array[self._fields[column]]
        return self.array if self.array.ndim == 1 else self.array[..., column]

    def columns(self, first: int, last: int, rows: Any) -> list[list[Any]]:
        if len(self._lead) > 1:
            rows = self._places(rows)
        return [listed(self._column(column)[rows]) for column in range(first, min(last, self.width))]

    def labels(self, rows: Any) -> list[list[Any]]:
        return [axis.tolist() for axis in self._places(rows)] if len(self._lead) > 1 else []

    def _places(self, rows: Any) -> Any:
        numpy = sys.modules["numpy"]
        flat = numpy.arange(*rows.indices(self.rows)) if type(rows) is slice else numpy.asarray(rows, dtype="int64")
        return numpy.unravel_index(flat, self._lead)

    def _flat(self, column: int, within: Any, what: str) -> Any:
        values = self._column(column).reshape(-1)
        values = values if within is None else values[within]
        if values.dtype.kind == "O":
            check_plain(values, what)
        return values

    def order(self, keys: list[tuple[int, bool]], within: Any) -> Any:
        found = within
        for column, descending in reversed(keys):
            order = order_of(self._flat(column, found, "sorting"), descending)
            found = order if found is None else found[order]
        return found

    def top(self, column: int, descending: bool, count: int) -> Any | None:
        values = self._column(column)
        return best(values.reshape(-1), descending, count) if values.dtype.kind in "iuf" else None

    def leaf(self, tree: Tree) -> Any:
        return numpy_leaf(self._flat(tree[1], None, "comparing"), tree)

    def positions(self, mask: Any) -> Any:
        return small(sys.modules["numpy"].flatnonzero(mask), self.rows)

    def vector(self, column: int, within: Any) -> Any | None:
        values = self._flat(column, within, "counting")
        return values if values.dtype.kind in "iuf" else None

    def code(self, name: str, tree: Tree | None, condition: str, keys: list[tuple[int, bool]]) -> str:
        text = f"{name}[{condition}]" if tree else name
        if not keys:
            return f"import numpy as np\n\n{text}" if "np." in condition else text
        text = f"rows = {text}\n" if tree else ""
        rows = "rows" if tree else name
        for column, descending in reversed(keys):
            part = self._code_column(rows, column)
            if not descending:
                text += f"rows = {rows}[np.argsort({part}, kind='stable')]\n"
            elif self._column(column).dtype.kind == "f":
                text += f"rows = {rows}[np.argsort(-{part}, kind='stable')]\n"
            else:
                # A stable order from large to small: the reversed one of the reversed rows.
                text += f"rows = {rows}[::-1][np.argsort({part}[::-1], kind='stable')][::-1]\n"
            rows = "rows"
        return f"import numpy as np\n\n{text}rows"

    def _code_column(self, name: str, column: int) -> str:
        if self._fields:
            return f"{name}[{self._fields[column]!r}]"
        return name if self.array.ndim == 1 else f"{name}[..., {column}]"

    def code_leaf(self, name: str, tree: Tree) -> str:
        column = self._code_column(name, tree[1])
        kind = self._column(tree[1]).dtype.kind
        if tree[0] == "null":
            return f"np.{'isnat' if kind in 'mM' else 'isnan'}({column})"
        if tree[0] == "in":
            return f"np.isin({column}, {tree[2]!r})"
        if tree[0] in ("has", "starts", "ends"):
            call = {"has": "find", "starts": "startswith", "ends": "endswith"}[tree[0]]
            return f"np.char.{call}({column}, {tree[2]!r}){' >= 0' if tree[0] == 'has' else ''}"
        return f"{column} {tree[0]} {f'np.datetime64({tree[2]!r})' if kind == 'M' else repr(tree[2])}"
