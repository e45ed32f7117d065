"""Sorts and compares columns that are arrays of numpy. Runs in the kernel: see values.py for the rules."""

from __future__ import annotations

import sys
from typing import Any

from .comparing import check_constant, compare, test, text_test
from .conditions import ConditionError, Tree
from .table import cell_text
from .values import name_of


def _stable_order(values: Any, descending: bool) -> Any:
    """Returns the positions of a sorted array: equal values in their order, those that are no number at the end."""
    numpy = sys.modules["numpy"]
    size = len(values)
    if not descending:
        return small(numpy.argsort(values, kind="stable"), size)
    order = small(numpy.argsort(values[::-1], kind="stable"), size)[::-1]
    numpy.subtract(size - 1, order, out=order)
    missing = int(_missing(values).sum())
    return numpy.concatenate([order[missing:], order[:missing]]) if missing else order


def small(positions: Any, size: int) -> Any:
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


def best(values: Any, descending: bool, count: int) -> Any:
    """Returns the first positions of a sorted array of numbers."""
    numpy = sys.modules["numpy"]
    if values.dtype.kind == "f" and numpy.isnan(values).any():
        values = numpy.where(numpy.isnan(values), -numpy.inf if descending else numpy.inf, values)
    at = len(values) - count if descending else count - 1
    found = numpy.argpartition(values, at)
    found = numpy.sort(found[at:] if descending else found[:count])
    return small(found[_stable_order(values[found], descending)], len(values))


def listed(values: Any) -> list[Any]:
    """Returns an array as a list. Numbers of few digits and dates stay scalars of numpy, which write themselves well."""
    return list(values) if values.dtype.kind in "MmO" or values.dtype.itemsize < 8 else list(values.tolist())


def order_of(values: Any, descending: bool) -> Any:
    if values.dtype.kind == "O":
        return _stable_order_of_objects(values, descending)
    return _stable_order(values, descending)


def _stable_order_of_objects(values: Any, descending: bool) -> Any:
    numpy = sys.modules["numpy"]
    return small(numpy.asarray(sorted_positions(list(values), descending), dtype="int64"), len(values))


def sorted_positions(values: list[Any], descending: bool) -> list[int]:
    """Returns the positions of sorted Python values. Other types follow numbers, nulls come last."""
    missing = [at for at, item in enumerate(values) if item is None or item != item]
    kept = [at for at, item in enumerate(values) if not (item is None or item != item)]
    try:
        kept.sort(key=values.__getitem__, reverse=descending)
    except TypeError:  # text and numbers, or dates with and without a time zone
        kept.sort(key=lambda at: (name_of(type(values[at])), cell_text(values[at], 200)), reverse=descending)
    return kept + missing


def numpy_leaf(values: Any, tree: Tree) -> Any:
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
        return numpy.fromiter((text_test(item, sign, tree[2]) for item in values), dtype=bool, count=len(values))
    if values.dtype.kind == "O":
        return numpy.fromiter((test(item, sign, tree[2]) for item in values), dtype=bool, count=len(values))
    constant: Any = tree[2]
    if values.dtype.kind in "mM":
        constant = numpy.asarray(constant).astype(values.dtype)
    if sign == "in":
        return numpy.isin(values, constant)
    check_constant(values.dtype.kind, constant)
    return compare(values, sign, constant)
