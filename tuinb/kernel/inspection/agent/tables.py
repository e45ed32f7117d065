"""Tables of five libraries behind one interface: pandas, polars, pyarrow, numpy, and lists of dicts.

Runs in the kernel: see values.py for the rules. A table reads only the rows and columns that it is asked for. `rows` is a
slice, or a list of positions. An order and a mask are objects of the table's own library, because positions as a list of Python
would take eight times the memory; `part` and `count` read them.
"""

from __future__ import annotations

import datetime
import itertools
import sys
from typing import Any

from .conditions import ConditionError, Tree
from .values import bases, clean, cut, inherits, library, name_of, scalar, short

NULL = "\0"
"""Begins the text of a cell that has no value."""
_KEYS_FROM = 1000
"""Rows of a list of dicts whose keys become columns."""
_PLAIN = (bool, int, float, str, type(None), datetime.date, datetime.datetime, datetime.time, datetime.timedelta)


class TableError(Exception):
    """Something can't be done with a table. The text says why, for the user."""


def is_table(value: object) -> bool:
    """Returns whether a value can be shown as a table."""
    return _class_for(value) is not None


def table_of(value: object) -> Table | None:
    """Returns a value as a table. None if it is none."""
    found = _class_for(value)
    return found(value) if found is not None else None


def _class_for(value: object) -> Any:
    kind = type(value)
    if kind is list or kind is tuple:
        items: Any = value
        is_records = bool(items) and all(type(item) is dict for item in itertools.islice(items, _KEYS_FROM))
        return RecordTable if is_records else None
    array = library("numpy", "ndarray")
    if array is not None and inherits(value, array):
        return NumpyTable if array.ndim.__get__(value) else None
    if any(found is not None and inherits(value, found) for found in map(_pandas, ("DataFrame", "Series", "Index"))):
        return PandasTable
    if kind in (library("polars", "DataFrame"), library("polars", "Series")):
        return PolarsTable
    return ArrowTable if kind in (library("pyarrow", "Table"), library("pyarrow", "RecordBatch")) else None


def _pandas(name: str) -> Any:
    return library("pandas", name)


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


def _check_plain(values: Any, what: str) -> None:
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


def _stable_order(values: Any, descending: bool) -> Any:
    """Returns the positions of a sorted array: equal values in their order, those that are no number at the end."""
    numpy = sys.modules["numpy"]
    size = len(values)
    if not descending:
        return _small(numpy.argsort(values, kind="stable"), size)
    order = _small(numpy.argsort(values[::-1], kind="stable"), size)[::-1]
    numpy.subtract(size - 1, order, out=order)
    missing = int(_missing(values).sum())
    return numpy.concatenate([order[missing:], order[:missing]]) if missing else order


def _small(positions: Any, size: int) -> Any:
    """Returns positions in four bytes each if the table has no more rows than they can count."""
    return positions.astype("uint32" if size < 2**32 else "int64")


def _missing(values: Any) -> Any:
    numpy = sys.modules["numpy"]
    kind = values.dtype.kind
    if kind in "mM":
        return numpy.isnat(values)
    if kind in "fc":
        return numpy.isnan(values)
    if kind == "O":
        return numpy.fromiter((item is None or item != item for item in values), dtype=bool, count=len(values))
    return numpy.zeros(len(values), dtype=bool)


def _best(values: Any, descending: bool, count: int) -> Any:
    """Returns the first positions of a sorted array of numbers."""
    numpy = sys.modules["numpy"]
    if values.dtype.kind == "f" and numpy.isnan(values).any():
        values = numpy.where(numpy.isnan(values), -numpy.inf if descending else numpy.inf, values)
    at = len(values) - count if descending else count - 1
    found = numpy.argpartition(values, at)
    found = numpy.sort(found[at:] if descending else found[:count])
    return _small(found[_stable_order(values[found], descending)], len(values))


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
        return [_listed(self._column(column)[rows]) for column in range(first, min(last, self.width))]

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
            _check_plain(values, what)
        return values

    def order(self, keys: list[tuple[int, bool]], within: Any) -> Any:
        found = within
        for column, descending in reversed(keys):
            order = _order_of(self._flat(column, found, "sorting"), descending)
            found = order if found is None else found[order]
        return found

    def top(self, column: int, descending: bool, count: int) -> Any | None:
        values = self._column(column)
        return _best(values.reshape(-1), descending, count) if values.dtype.kind in "iuf" else None

    def leaf(self, tree: Tree) -> Any:
        return _numpy_leaf(self._flat(tree[1], None, "comparing"), tree)

    def positions(self, mask: Any) -> Any:
        return _small(sys.modules["numpy"].flatnonzero(mask), self.rows)

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


def _listed(values: Any) -> list[Any]:
    """Returns an array as a list. Numbers of few digits and dates stay scalars of numpy, which write themselves well."""
    return list(values) if values.dtype.kind in "MmO" or values.dtype.itemsize < 8 else list(values.tolist())


def _order_of(values: Any, descending: bool) -> Any:
    if values.dtype.kind == "O":
        return _stable_order_of_objects(values, descending)
    return _stable_order(values, descending)


def _stable_order_of_objects(values: Any, descending: bool) -> Any:
    numpy = sys.modules["numpy"]
    return _small(numpy.asarray(_sorted_positions(list(values), descending), dtype="int64"), len(values))


def _sorted_positions(values: list[Any], descending: bool) -> list[int]:
    """Returns the positions of sorted Python values. Other types follow numbers, nulls come last."""
    missing = [at for at, item in enumerate(values) if item is None or item != item]
    kept = [at for at, item in enumerate(values) if not (item is None or item != item)]
    try:
        kept.sort(key=values.__getitem__, reverse=descending)
    except TypeError:  # text and numbers, or dates with and without a time zone
        kept.sort(key=lambda at: (name_of(type(values[at])), cell_text(values[at], 200)), reverse=descending)
    return kept + missing


def _numpy_leaf(values: Any, tree: Tree) -> Any:
    numpy = sys.modules["numpy"]
    sign = tree[0]
    if sign == "null":
        return _missing(values)
    if sign in ("has", "starts", "ends"):
        if values.dtype.kind == "U":
            if sign == "has":
                return numpy.char.find(values, tree[2]) >= 0
            return (numpy.char.startswith if sign == "starts" else numpy.char.endswith)(values, tree[2])
        if values.dtype.kind != "O":
            raise ConditionError("only text is searched for text")
        return numpy.fromiter((_text_test(item, sign, tree[2]) for item in values), dtype=bool, count=len(values))
    if values.dtype.kind == "O":
        return numpy.fromiter((_test(item, sign, tree[2]) for item in values), dtype=bool, count=len(values))
    constant: Any = tree[2]
    if values.dtype.kind in "mM":
        constant = numpy.asarray(constant).astype(values.dtype)
    if sign == "in":
        return numpy.isin(values, constant)
    _check_constant(values.dtype.kind, constant)
    return _compare(values, sign, constant)


def _check_constant(kind: str, constant: object) -> None:
    if (kind in "iufcb") != (type(constant) in (int, float, bool)) and kind in "iufcbU":
        raise ConditionError(
            "it holds numbers, and a text is no number" if kind != "U" else "it holds text: put quotes around it"
        )


def _compare(one: Any, sign: str, other: Any) -> Any:
    if sign == "==":
        return one == other
    if sign == "!=":
        return one != other
    if sign == "<":
        return one < other
    if sign == "<=":
        return one <= other
    return one > other if sign == ">" else one >= other


def _text_test(item: object, sign: str, text: str) -> bool:
    if type(item) is not str:
        return False
    if sign == "has":
        return text in item
    return item.startswith(text) if sign == "starts" else item.endswith(text)


def _test(item: object, sign: str, constant: Any) -> bool:
    if sign == "in":
        return item in constant
    if item is None or item != item:
        return False
    if isinstance(item, (datetime.date, datetime.datetime)) and type(constant) is str:
        constant = _moment(constant, type(item))
    try:
        return bool(_compare(item, sign, constant))
    except TypeError:
        return False


def _moment(text: str, kind: type) -> Any:
    try:
        found = datetime.datetime.fromisoformat(text)
    except ValueError:
        raise ConditionError(f"{text!r} is no date: write it as 2024-12-31 or 2024-12-31 23:59") from None
    return found.date() if kind is datetime.date else found


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
        self.index_names = [] if is_number else ["" if name is None else _label(name) for name in index.names]

    def header(self, first: int, last: int) -> list[list[Any]]:
        part = self.frame.iloc[:, first:last]
        kinds = list(part.dtypes)
        labels = [list(label) if self.levels > 1 else [label] for label in part.columns]
        return [[[_label(one) for one in label], str(kind), _is_number(kind)] for label, kind in zip(labels, kinds)]

    def names(self) -> list[str]:
        if self.levels > 1:
            return [" / ".join(map(_label, label)) for label in self.frame.columns]
        return [_label(label) for label in self.frame.columns]

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
            _check_plain(series.to_numpy(), what)
        return series

    def order(self, keys: list[tuple[int, bool]], within: Any) -> Any:
        found = within
        for column, descending in reversed(keys):
            series = self._series(column, found, "sorting")
            if series.dtype == object or _is_plain_numpy(series.dtype):
                order = _order_of(series.to_numpy(), descending)
            else:
                plain = sys.modules["pandas"].Series(series.array)
                order = plain.sort_values(ascending=not descending, kind="stable", na_position="last").index.to_numpy()
                order = _small(order, len(plain))
            found = order if found is None else found[order]
        return found

    def top(self, column: int, descending: bool, count: int) -> Any | None:
        series = self.frame.iloc[:, column]
        fits = _is_plain_numpy(series.dtype) and series.dtype.kind in "iuf"
        return _best(series.to_numpy(), descending, count) if fits else None

    def leaf(self, tree: Tree) -> Any:
        series = self._series(tree[1], None, "comparing")
        sign = tree[0]
        if sign == "null":
            return series.isna().to_numpy()
        if series.dtype == object:
            return _numpy_leaf(series.to_numpy(), tree)
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
                _check_constant(series.dtype.kind, tree[2])
            found = _compare(series, sign, tree[2])
        return found.to_numpy(dtype=bool, na_value=False)

    def positions(self, mask: Any) -> Any:
        return _small(sys.modules["numpy"].flatnonzero(mask), self.rows)

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


def _label(label: object) -> str:
    """Returns the label of a row or a column. One without content is empty."""
    return cell_text(label, 60).lstrip(NULL)


def _is_plain_numpy(kind: Any) -> bool:
    return inherits(kind, sys.modules["numpy"].dtype)


def _is_number(kind: Any) -> bool:
    return getattr(kind, "kind", "O") in "iufc"


def _series_list(series: Any) -> list[Any]:
    kind = series.dtype
    return _listed(series.to_numpy()) if _is_plain_numpy(kind) and kind.kind in "iufcb" else list(series.tolist())


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
            found = _compare(column, sign, self._constant(column, tree[2]))
        return found.fill_null(False)

    @staticmethod
    def _constant(column: Any, value: Any) -> Any:
        if column.dtype.is_temporal() and type(value) is str:
            is_date = column.dtype == sys.modules["polars"].Date
            return _moment(value, datetime.date if is_date else datetime.datetime)
        if column.dtype.is_numeric() != (type(value) in (int, float)) and type(value) is not bool:
            _check_constant("i" if column.dtype.is_numeric() else "U", value)
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


class RecordTable(Table):
    """A list of dicts. Keys that only rows far below have are no columns."""

    words = ("and", "or", "not ({})")

    def __init__(self, value: Any) -> None:
        self.records: Any = value
        self.rows = len(self.records)
        keys: dict[Any, None] = {}
        for record in itertools.islice(self.records, _KEYS_FROM):
            keys.update(dict.fromkeys(key for key in record if type(key) in (str, int)))
        self._keys = list(keys)
        self.width = len(self._keys)

    def header(self, first: int, last: int) -> list[list[Any]]:
        found: list[list[Any]] = []
        for key in self._keys[first:last]:
            kinds = {type(record.get(key)) for record in itertools.islice(self.records, 100) if type(record) is dict}
            kinds.discard(type(None))
            numbers = bool(kinds) and kinds <= {int, float}
            text = " | ".join(sorted(name_of(kind) for kind in kinds)) or "None"
            found.append([[_label(key)], cut(text, 20), numbers])
        return found

    def names(self) -> list[str]:
        return [_label(key) for key in self._keys]

    def _values(self, column: int, rows: Any) -> list[Any]:
        key = self._keys[column]
        records = (
            self.records if rows is None else self.records[rows] if type(rows) is slice else [self.records[at] for at in rows]
        )
        return [record.get(key) if type(record) is dict else None for record in records]

    def columns(self, first: int, last: int, rows: Any) -> list[list[Any]]:
        return [self._values(column, rows) for column in range(first, min(last, self.width))]

    def order(self, keys: list[tuple[int, bool]], within: Any) -> Any:
        found = within
        for column, descending in reversed(keys):
            values = self._values(column, found)
            _check_plain(values, "sorting")
            order = _sorted_positions(values, descending)
            found = order if found is None else [found[at] for at in order]
        return found

    def leaf(self, tree: Tree) -> Any:
        values = self._values(tree[1], None)
        _check_plain(values, "comparing")
        if tree[0] == "null":
            return [item is None or item != item for item in values]
        if tree[0] in ("has", "starts", "ends"):
            return [_text_test(item, tree[0], tree[2]) for item in values]
        return [_test(item, tree[0], tree[2]) for item in values]

    def both(self, one: Any, other: Any) -> Any:
        return [first and second for first, second in zip(one, other)]

    def either(self, one: Any, other: Any) -> Any:
        return [first or second for first, second in zip(one, other)]

    def invert(self, mask: Any) -> Any:
        return [not one for one in mask]

    def positions(self, mask: Any) -> Any:
        return [at for at, one in enumerate(mask) if one]

    @staticmethod
    def part(positions: Any, first: int, last: int) -> list[int]:
        return list(positions[first:last])

    def code(self, name: str, tree: Tree | None, condition: str, keys: list[tuple[int, bool]]) -> str:
        text = f"[row for row in {name} if {condition}]" if tree else name
        for column, descending in reversed(keys):
            value = f"row.get({self._keys[column]!r})"
            # Rows without a value come last.
            first = f"{value} is {'not ' if descending else ''}None"
            text = f"sorted({text}, key=lambda row: ({first}, {value}){', reverse=True' if descending else ''})"
        return text

    def code_leaf(self, name: str, tree: Tree) -> str:
        value = f"row.get({self._keys[tree[1]]!r})"
        if tree[0] == "null":
            return f"{value} is None"
        if tree[0] == "in":
            return f"{value} in {tree[2]!r}"
        if tree[0] == "has":
            return f"{tree[2]!r} in ({value} or '')"
        if tree[0] in ("starts", "ends"):
            return f"({value} or '').{tree[0]}with({tree[2]!r})"
        return f"{value} == {tree[2]!r}" if tree[0] == "==" else f"({value} is not None and {value} {tree[0]} {tree[2]!r})"
