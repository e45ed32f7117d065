"""Finds the table that a value is: of pandas, polars, pyarrow, numpy, or a list of dicts.

Runs in the kernel: see values.py for the rules.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from .arrow_table import ArrowTable
from .numpy_table import NumpyTable
from .pandas_table import PandasTable
from .polars_table import PolarsTable
from .record_table import KEYS_FROM, RecordTable
from .values import inherits, library

if TYPE_CHECKING:
    from .table import Table


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
        is_records = bool(items) and all(type(item) is dict for item in itertools.islice(items, KEYS_FROM))
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
