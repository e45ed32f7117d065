"""Frames, series and indexes of pandas as tables. Runs in the kernel: see values.py for the rules."""

from __future__ import annotations

import sys
from typing import Any

from .arrays import best, listed, numpy_leaf, order_of, small
from .comparing import check_constant, compare
from .conditions import ConditionError, Tree
from .table import Table, check_plain, label_text, scalar_type
from .values import inherits, scalar


class PandasTable(Table):
    """A DataFrame, Series or Index of pandas."""

    def __init__(self, value: Any) -> None:
        pandas = sys.modules["pandas"]
        self._is_series = inherits(value, pandas.Series)
        self._is_index = inherits(value, pandas.Index)
        if self._is_series:
            frame = pandas.Series.to_frame(value)
        elif self._is_index:
            frame = pandas.Index.to_frame(value, index=False)
        else:
            frame = value
        # A subclass may have code of its own.
        self.frame: Any = frame if type(frame) is pandas.DataFrame else pandas.DataFrame(frame, copy=False)
        self.rows, self.width = self.frame.shape
        self.levels = self.frame.columns.nlevels
        index = self.frame.index
        is_number = type(index) is pandas.RangeIndex and (index.start, index.step, index.name) == (0, 1, None)
        self.index_names = [] if is_number else ["" if name is None else label_text(name) for name in index.names]

    def header(self, first: int, last: int) -> list[list[Any]]:
        part = self.frame.iloc[:, first:last]
        kinds = list(part.dtypes)
        labels = [list(label) if self.levels > 1 else [label] for label in part.columns]
        return [[[label_text(one) for one in label], str(kind), _is_number(kind)] for label, kind in zip(labels, kinds)]

    def names(self) -> list[str]:
        if self.levels > 1:
            return [" / ".join(map(label_text, label)) for label in self.frame.columns]
        return [label_text(label) for label in self.frame.columns]

    def columns(self, first: int, last: int, rows: Any) -> list[list[Any]]:
        part = self.frame.iloc[:, first:last].iloc[rows]
        return [_series_list(part.iloc[:, column]) for column in range(part.shape[1])]

    def labels(self, rows: Any) -> list[list[Any]]:
        if not self.index_names:
            return []
        index = self.frame.index[rows]
        if index.nlevels == 1:
            return [list(index)]
        return [list(index.get_level_values(level)) for level in range(index.nlevels)]

    def _series(self, column: int, within: Any, what: str) -> Any:
        series = self.frame.iloc[:, column]
        series = series if within is None else series.iloc[within]
        if series.dtype == object:
            check_plain(series.to_numpy(), what)
        return series

    def order(self, keys: list[tuple[int, bool]], within: Any) -> Any:
        found = within
        for column, descending in reversed(keys):
            series = self._series(column, found, "sorting")
            if series.dtype == object or _is_plain_numpy(series.dtype):
                order = order_of(series.to_numpy(), descending)
            else:
                plain = sys.modules["pandas"].Series(series.array)
                order = plain.sort_values(ascending=not descending, kind="stable", na_position="last").index.to_numpy()
                order = small(order, len(plain))
            found = order if found is None else found[order]
        return found

    def top(self, column: int, descending: bool, count: int) -> Any | None:
        series = self.frame.iloc[:, column]
        fits = _is_plain_numpy(series.dtype) and series.dtype.kind in "iuf"
        return best(series.to_numpy(), descending, count) if fits else None

    def leaf(self, tree: Tree) -> Any:
        series = self._series(tree[1], None, "comparing")
        sign = tree[0]
        if sign == "null":
            return series.isna().to_numpy()
        if series.dtype == object:
            return numpy_leaf(series.to_numpy(), tree)
        if sign in ("has", "starts", "ends"):
            if series.dtype.kind not in "O" and str(series.dtype) not in ("str", "string", "category"):
                raise ConditionError("only text is searched for text")
            if sign == "has":
                found = series.str.contains(tree[2], regex=False)
            else:
                found = (series.str.startswith if sign == "starts" else series.str.endswith)(tree[2])
        elif sign == "in":
            found = series.isin(tree[2])
        else:
            if _is_plain_numpy(series.dtype):
                check_constant(series.dtype.kind, tree[2])
            found = compare(series, sign, tree[2])
        return found.to_numpy(dtype=bool, na_value=False)

    def positions(self, mask: Any) -> Any:
        return small(sys.modules["numpy"].flatnonzero(mask), self.rows)

    def vector(self, column: int, within: Any) -> Any | None:
        series = self.frame.iloc[:, column]
        series = series if within is None else series.iloc[within]
        if not _is_number(series.dtype):
            return None
        return series.to_numpy() if _is_plain_numpy(series.dtype) else series.to_numpy(dtype="float64", na_value=float("nan"))

    def expression(self, name: str) -> str:
        return f"{name}.to_frame(index=False)" if self._is_index else name

    def _name_of(self, column: int) -> Any:
        """Returns the label of a column, as code has it: without scalars of numpy."""
        label = self.frame.columns[column]
        plain = [one.item() if scalar_type(type(one)) and hasattr(one, "item") else one for one in _as_tuple(label)]
        return tuple(plain) if type(label) is tuple else plain[0]

    def _reference(self, name: str, column: int) -> str:
        if self._is_series:
            return name
        label, columns = self._name_of(column), self.frame.columns
        known = (str, int) if self.levels == 1 else (tuple,)
        is_plain = type(label) in known and scalar(label if self.levels == 1 else label[0]) is not None
        if is_plain and columns.is_unique:
            return f"{name}[{label!r}]"
        return f"{name}.iloc[:, {column}]"

    def code(self, name: str, tree: Tree | None, condition: str, keys: list[tuple[int, bool]]) -> str:
        text = f"{name}[{condition}]" if tree else name
        if not keys:
            return text
        if self._is_series:
            return f"{text}.sort_values({'ascending=False, ' if keys[0][1] else ''}kind='stable')"
        if not self.frame.columns.is_unique:
            lines = [f"rows = {text}"]
            for column, descending in reversed(keys):
                line = f"rows.iloc[:, {column}].reset_index(drop=True).sort_values(ascending={not descending}, kind='stable')"
                lines.append(f"rows = rows.iloc[{line}.index]")
            return "\n".join([*lines, "rows"])
        labels = [self._name_of(column) for column, _ in keys]
        by = repr(labels[0] if len(keys) == 1 else labels)
        descends = [descending for _, descending in keys]
        if not any(descends):
            return f"{text}.sort_values({by}, kind='stable')"
        ascending = repr(not descends[0] if len(keys) == 1 else [not one for one in descends])
        return f"{text}.sort_values({by}, ascending={ascending}, kind='stable')"

    def code_leaf(self, name: str, tree: Tree) -> str:
        column = self._reference(name, tree[1])
        if tree[0] == "null":
            return f"{column}.isna()"
        if tree[0] == "in":
            return f"{column}.isin({tree[2]!r})"
        if tree[0] == "has":
            return f"{column}.str.contains({tree[2]!r}, regex=False, na=False)"
        if tree[0] in ("starts", "ends"):
            return f"{column}.str.{tree[0]}with({tree[2]!r}, na=False)"
        return f"{column} {tree[0]} {tree[2]!r}"


def _as_tuple(label: Any) -> tuple[Any, ...]:
    return label if type(label) is tuple else (label,)


def _is_plain_numpy(kind: Any) -> bool:
    return inherits(kind, sys.modules["numpy"].dtype)


def _is_number(kind: Any) -> bool:
    return getattr(kind, "kind", "O") in "iufc"


def _series_list(series: Any) -> list[Any]:
    kind = series.dtype
    return listed(series.to_numpy()) if _is_plain_numpy(kind) and kind.kind in "iufcb" else list(series.tolist())
