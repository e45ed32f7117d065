"""Views of tables: windows of rows, sorted and filtered, searched, counted and copied. Runs in the kernel: see values.py.

A view holds no table. It keeps where the table is found (a name, or the number of an output), a weak reference to it, and the
positions of sorted or filtered rows, of four bytes each.
"""

from __future__ import annotations

import datetime
import itertools
import math
import time
import weakref
from typing import Any

from . import namespace
from .conditions import ConditionError, Tree, parse, to_code
from .table import NULL, Table, TableError, cell_text, scalar_type
from .tables import table_of
from .values import clean, lines_of, type_text

_MANY = 2_000_000
"""Rows from which all of a sort may take more than a second."""
_TOP = 1000
"""Rows that are sorted at once in a table of more."""
SAMPLE = 20_000
"""Rows from which a column's statistics are taken, unless all are asked for."""
_BINS = 20
_LONGEST = 20_000
"""Characters of one cell that is copied."""
_CHUNK = 50_000
"""Cells that are searched one by one between two looks at the clock."""
_FAST = 20
"""Times as many numbers are searched, which numpy compares."""


class View:
    """One table that a screen shows."""

    def __init__(self, source: str, value: object, table: Table) -> None:
        self.source = source
        self.reference = _reference(value)
        self.shape = (table.rows, table.width)
        self.filtered: Any = None
        """Positions of the rows that the condition holds for. None for all."""
        self.order: Any = None
        """Positions of the rows in their order. None if the table's own order is shown."""
        self.sorted_rows: int | None = None
        """The first rows are sorted only. None for all."""
        self.keys: list[tuple[int, bool]] = []
        self.condition: Tree | None = None
        self.count = table.rows

    def rows(self, first: int, last: int) -> Any:
        """Returns where the rows from `first` on are in the table."""
        last = min(last, self.count)
        if self.order is None and self.filtered is None:
            return slice(first, max(first, last))
        return self.part(self.order if self.order is not None else self.filtered, first, max(first, last))

    part: Any = staticmethod(Table.part)


def _reference(value: object) -> Any:
    """Returns a weak reference to a table. A list has none: it is known by its place and its length."""
    try:
        return weakref.ref(value)
    except TypeError:
        place = id(value)
        return lambda: place


class Views:
    """All views of one client."""

    def __init__(self) -> None:
        self._views: dict[str, View] = {}
        self._opened = 0

    # ---- opening

    def open(self, shell: Any, source: str) -> dict[str, Any]:
        """Opens a view on a variable, or on `Out[n]`, which gets the name of a variable that stands for the same table."""
        found, value = find(shell, source)
        if not found:
            return {"gone": True}
        table = table_of(value)
        if table is None:
            return {"problem": f"{source} is no table: {type_text(value)}"}
        if source.startswith("Out["):
            source = namespace.name_of_object(shell, value) or source
        self._opened += 1
        token = str(self._opened)
        view = self._views[token] = View(source, value, table)
        view.part = type(table).part
        return {"token": token, "source": source, "type": type_text(value), **_facts(table)}

    def close(self, token: str) -> dict[str, Any]:
        """Forgets a view."""
        self._views.pop(token, None)
        return {}

    def _table(self, shell: Any, token: str) -> tuple[View, Table] | dict[str, Any]:
        """Returns a view and its table, or the answer that says why there is none any more."""
        view = self._views.get(token)
        if view is None:
            return {"gone": True}
        found, value = find(shell, view.source)
        if not found:
            return {"gone": True}
        same = view.reference()
        table = table_of(value) if same is value or same == id(value) else None
        if table is None:
            return {"changed": f"{view.source} was set again"}
        if (table.rows, table.width) != view.shape:
            return {"changed": f"{view.source} has {table.rows:,} × {table.width:,} now"}
        return view, table

    # ---- reading

    def window(self, shell: Any, token: str, rows: list[int], columns: list[int]) -> dict[str, Any]:
        """Returns the texts of the rows and columns from the first to before the second of each pair."""
        known = self._table(shell, token)
        if isinstance(known, dict):
            return known
        view, table = known
        places = view.rows(*rows)
        cells = [[cell_text(item) for item in column] for column in table.columns(columns[0], columns[1], places)]
        labels = [[cell_text(item).lstrip(NULL) for item in level] for level in table.labels(places)]
        if not labels:
            labels = [[str(at) for at in (range(places.start, places.stop) if type(places) is slice else places)]]
        return {"cells": cells, "labels": labels, "header": table.header(*columns), "count": view.count}

    def cells(self, shell: Any, token: str, rows: list[int], columns: list[int], limit: int) -> dict[str, Any]:
        """Returns whole cells for copying, in full precision, up to `limit` characters: fewer rows if they are longer."""
        known = self._table(shell, token)
        if isinstance(known, dict):
            return known
        view, table = known
        first, last = rows[0], min(rows[1], view.count)
        found: list[list[str]] = []
        labels: list[list[str]] = []
        size = 0
        while first < last and size < limit:
            places = view.rows(first, min(last, first + 200))
            part = [[_whole(item) for item in column] for column in table.columns(columns[0], columns[1], places)]
            of_rows = [[_whole(item) for item in level] for level in table.labels(places)]
            found += [list(row) for row in zip(*part)]
            labels += [list(row) for row in zip(*of_rows)] if of_rows else []
            size += sum(len(cell) + 3 for column in (*part, *of_rows) for cell in column)
            first += 200
        header = table.header(*columns)
        return {"rows": found, "labels": labels, "header": [one[0] for one in header], "next": min(first, last)}

    def cell(self, shell: Any, token: str, row: int, column: int) -> dict[str, Any]:
        """Returns one cell as lines."""
        known = self._table(shell, token)
        if isinstance(known, dict):
            return known
        view, table = known
        if row >= view.count:
            return {"lines": []}
        value = table.columns(column, column + 1, view.rows(row, row + 1))[0][0]
        return {"lines": lines_of(value, namespace.LINES)}

    def columns(self, shell: Any, token: str, part: str, most: int) -> dict[str, Any]:
        """Returns the positions and names of columns that contain `part`."""
        known = self._table(shell, token)
        if isinstance(known, dict):
            return known
        found = [(at, name) for at, name in enumerate(known[1].names()) if part.lower() in name.lower()]
        return {"columns": [list(pair) for pair in found[:most]], "left": max(0, len(found) - most)}

    # ---- sorting and filtering

    def arrange(self, shell: Any, token: str, keys: list[list[Any]], condition: str, patient: bool) -> dict[str, Any]:
        """Sorts and filters. A large table is only sorted at its top, or not at all, unless `patient`."""
        known = self._table(shell, token)
        if isinstance(known, dict):
            return known
        view, table = known
        try:
            tree = parse(condition, _finder(table)) if condition else None
            filtered = view.filtered
            if tree != view.condition:
                filtered = table.positions(table.mask(tree)) if tree is not None else None
            count = table.rows if filtered is None else len(filtered)
            wanted = [(int(column), bool(descending)) for column, descending in keys]
            order, sorted_rows = self._order(table, wanted, filtered, count, patient)
        except (ConditionError, TableError) as error:
            return {"problem": str(error)}
        except (TypeError, ValueError, OverflowError, ArithmeticError) as error:
            return {"problem": _first_line(error)}
        except Exception as error:
            if type(error).__module__.partition(".")[0] not in ("pandas", "polars", "pyarrow", "numpy"):
                raise
            return {"problem": _first_line(error)}
        if order is None and wanted:
            return {"slow": count}
        view.filtered, view.condition, view.order, view.keys = filtered, tree, order, wanted
        view.count = count if sorted_rows is None else sorted_rows
        view.sorted_rows = sorted_rows
        return {"count": view.count, "all": count, "top": sorted_rows is not None}

    @staticmethod
    def _order(
        table: Table,
        keys: list[tuple[int, bool]],
        filtered: Any,
        count: int,
        patient: bool,
    ) -> tuple[Any, int | None]:
        """Returns the order and the number of rows in it; None for all rows. No order if it would take too long."""
        if not keys:
            return None, None
        if count > _MANY and not patient:
            top = table.top(*keys[0], _TOP) if filtered is None and len(keys) == 1 else None
            return top, None if top is None else _TOP
        return table.order(keys, filtered), None

    def code(self, shell: Any, token: str) -> dict[str, Any]:
        """Returns the code that gives the rows as they are shown."""
        known = self._table(shell, token)
        if isinstance(known, dict):
            return known
        view, table = known
        name = table.expression(view.source)
        condition = to_code(view.condition, lambda leaf: table.code_leaf(name, leaf), table.words) if view.condition else ""
        return {"code": table.code(name, view.condition, condition, view.keys)}

    # ---- searching

    def search(self, shell: Any, token: str, text: str, start: list[int], backwards: bool, deadline: float) -> dict[str, Any]:
        """Returns the next cell from a row and a column on that contains a text, whatever its case. A number is found if equal.

        Returns where to go on if the deadline comes first.
        """
        known = self._table(shell, token)
        if isinstance(known, dict):
            return known
        view, table = known
        row, column = start
        search = _Search(table, text)
        # Few rows at first, since most matches are near.
        size = 200
        while 0 <= row < view.count:
            first = max(0, row - size + 1) if backwards else row
            last = row + 1 if backwards else min(view.count, row + size)
            found = search.in_rows(first, view.rows(first, last), (row, column), backwards)
            if found is not None:
                return {"row": found[0], "column": found[1]}
            row, column = (first - 1, table.width - 1) if backwards else (last, 0)
            if time.monotonic() > deadline:
                return {"until": row}
            size = min(search.most, size * 4)
        return {"none": True}

    # ---- statistics

    def statistics(self, shell: Any, token: str, column: int, every: bool) -> dict[str, Any]:
        """Returns facts about a column: of a sample of rows, or of all if `every`."""
        known = self._table(shell, token)
        if isinstance(known, dict):
            return known
        view, table = known
        header = table.header(column, column + 1)[0]
        name = {"name": " / ".join(header[0]), "type": header[1], "rows": view.count}
        whole = view.sorted_rows is None
        vector = table.vector(column, view.filtered) if every and whole else None
        if vector is not None:
            return {**name, "of": len(vector), **_of_array(vector)}
        step = 1 if every else max(1, view.count // SAMPLE)
        if every and view.count > _MANY:
            return {"problem": f"exact figures of more than {_MANY:,} rows are for numbers only"}
        places = view.rows(0, view.count)
        places = slice(places.start, places.stop, step) if type(places) is slice else places[::step]
        values = table.columns(column, column + 1, places)[0]
        return {**name, "of": len(values), **of_values(values)}


def find(shell: Any, source: str) -> tuple[bool, object]:
    """Returns whether a variable or an output `Out[n]` is there, and its value."""
    if source.startswith("Out["):
        number = source[4:-1]
        outputs = shell.user_ns.get("_oh")
        if type(outputs) is dict and number.isdigit() and int(number) in outputs:
            return True, outputs[int(number)]
        return False, None
    return (True, shell.user_ns[source]) if source in shell.user_ns else (False, None)


def _facts(table: Table) -> dict[str, Any]:
    return {"rows": table.rows, "width": table.width, "levels": table.levels, "index": table.index_names}


def _finder(table: Table) -> Any:
    def position(name: str) -> int:
        names = table.names()
        if name in names:
            return names.index(name)
        lower = [one.lower() for one in names]
        start = name.lower()[:3]
        near = [names[at] for at, one in enumerate(lower) if start in one][:3]
        raise ConditionError(f"there is no column {name}{'. Did you mean ' + ', '.join(near) + '?' if near else ''}")

    return position


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return clean(f"{type(error).__name__}: {lines[0][:200]}" if lines else type(error).__name__)


def _whole(value: object) -> str:
    text = cell_text(value, _LONGEST) if type(value) is not str else clean(value[:_LONGEST])
    return "" if text.startswith(NULL) else text


class _Search:
    """The search for one text in one table. Numbers are compared by numpy, and only if the text is a number."""

    def __init__(self, table: Table, text: str) -> None:
        self._table = table
        self._wanted = text.lower()
        self._number = _number(text)
        heads = table.header(0, table.width)
        self._others = [at for at, head in enumerate(heads) if not head[2] and _can_contain(head[1], self._wanted)]
        self._numbers = [at for at, head in enumerate(heads) if head[2]] if self._number is not None else []
        cells = len(self._others) + len(self._numbers) / _FAST
        self.most = max(200, int(_CHUNK / max(cells, 0.01)))
        """Rows that are searched at once."""

    def in_rows(self, row: int, places: Any, start: tuple[int, int], backwards: bool) -> tuple[int, int] | None:
        """Returns the first match in the rows `places`, the first of which is shown as `row`; with `backwards` the last."""
        best: tuple[int, int] | None = None
        for column in itertools.chain(self._others, self._numbers):
            for at in self._in_column(column, places, backwards):
                found = (row + at, column)
                if (found > start) if backwards else (found < start):
                    continue
                if best is None or ((found > best) if backwards else (found < best)):
                    best = found
                break
        return best

    def _in_column(self, column: int, places: Any, backwards: bool) -> Any:
        """Yields the matches in one column, as positions in `places`."""
        if column in self._numbers:
            values = self._table.vector(column, places)
            if values is not None:
                hits = (values == self._number).nonzero()[0].tolist()
                yield from reversed(hits) if backwards else hits
                return
        listed = self._table.columns(column, column + 1, places)[0]
        order = range(len(listed) - 1, -1, -1) if backwards else range(len(listed))
        for at in order:
            if self._matches(listed[at]):
                yield at

    def _matches(self, value: Any) -> bool:
        kind = type(value)
        if kind is str:
            return self._wanted in value.lower()
        if value is None:
            return False
        if kind in (int, float) or (kind is not bool and scalar_type(kind) is not None and hasattr(kind, "__float__")):
            return self._number is not None and bool(value == self._number)
        return self._wanted in cell_text(value).lower()


def _can_contain(kind: str, wanted: str) -> bool:
    """Returns whether a column of a type can contain a text in lower case: true and false, and dates, have few letters."""
    kind = kind.lower()
    if kind.startswith("bool"):
        return wanted in "true" or wanted in "false"
    return not kind.startswith(("date", "timestamp")) or not any(sign.isalpha() and sign not in "nat" for sign in wanted)


def _number(text: str) -> float | None:
    try:
        return int(text)
    except ValueError:
        pass
    try:
        return float(text)
    except ValueError:
        return None


def _of_array(values: Any) -> dict[str, Any]:
    """Returns the figures of all numbers of an array."""
    import numpy  # type: ignore[import-not-found, import-untyped, unused-ignore] # the array is of it

    if values.dtype.kind == "f":
        missing = int(numpy.isnan(values).sum())
        low, high = (float(numpy.nanmin(values)), float(numpy.nanmax(values))) if missing < len(values) else (0.0, 0.0)
    else:
        missing, low, high = 0, float(values.min()) if len(values) else 0.0, float(values.max()) if len(values) else 0.0
    if missing == len(values):
        return {"nulls": missing}
    figures = {"mean": float(numpy.nanmean(values)), "std": float(numpy.nanstd(values)), "min": low, "max": high}
    facts: dict[str, Any] = {"nulls": missing, "figures": {key: _figure(value) for key, value in figures.items()}}
    if math.isfinite(low) and math.isfinite(high):
        edges = numpy.histogram(values, bins=_BINS, range=(low, high))
        facts["histogram"] = [_figure(low), _figure(high), [int(one) for one in edges[0]]]
    return facts


def of_values(values: list[Any]) -> dict[str, Any]:
    """Returns the figures of Python values: of numbers and dates their spread, of others the most frequent."""
    texts: dict[str, int] = {}
    numbers: list[float] = []
    nulls = 0
    for value in values:
        text = cell_text(value)
        if text.startswith(NULL):
            nulls += 1
            continue
        texts[text] = texts.get(text, 0) + 1
        number = _float(value)
        if number is not None:
            numbers.append(number)
    facts: dict[str, Any] = {"nulls": nulls, "distinct": len(texts)}
    if numbers and len(numbers) == len(values) - nulls:
        is_time = any(map(_is_time, values))
        numbers.sort()
        facts.update(_of_numbers(numbers))
        if is_time:  # the numbers are seconds, which nobody reads
            low, high = min(texts), max(texts)
            facts["figures"] = {"min": low, "max": high}
            facts["histogram"][:2] = [low, high]
    elif texts and len(texts) < len(values) - nulls:
        top = sorted(texts.items(), key=lambda pair: -pair[1])[:10]
        facts["top"] = [[text, count] for text, count in top]
    return facts


def _of_numbers(numbers: list[float]) -> dict[str, Any]:
    """Returns the figures of sorted numbers."""
    finite = [one for one in numbers if math.isfinite(one)]
    if not finite:
        return {}
    mean = math.fsum(finite) / len(finite)
    spread = math.sqrt(math.fsum((one - mean) ** 2 for one in finite) / len(finite))
    quarters = [numbers[min(len(numbers) - 1, int(len(numbers) * part))] for part in (0.25, 0.5, 0.75)]
    figures = {"mean": mean, "std": spread, "min": numbers[0], "25 %": quarters[0], "50 %": quarters[1], "75 %": quarters[2]}
    figures["max"] = numbers[-1]
    low, high = finite[0], finite[-1]
    bins = [0] * _BINS
    for one in finite:
        bins[min(_BINS - 1, int((one - low) / (high - low) * _BINS)) if high > low else 0] += 1
    shown = {key: _figure(value) for key, value in figures.items()}
    return {"figures": shown, "histogram": [_figure(low), _figure(high), bins]}


def _is_time(value: Any) -> bool:
    return isinstance(value, datetime.date) or scalar_type(type(value)) == "datetime64"


def _float(value: Any) -> float | None:
    """Returns a number of a known type as a float, and a date or a time as seconds. None for other values."""
    kind = type(value)
    try:
        if isinstance(value, datetime.datetime):
            return value.timestamp()
        if isinstance(value, datetime.date):
            return float(value.toordinal()) * 86400
        if scalar_type(kind) == "datetime64":
            return float(value.astype("datetime64[us]").astype("int64"))
        return float(value) if kind in (int, float) or (kind is not bool and scalar_type(kind) is not None) else None
    except (OverflowError, TypeError, ValueError, OSError):
        return None


def _figure(value: float) -> str:
    return f"{value:,.0f}" if value == int(value if math.isfinite(value) else 0.5) and abs(value) < 1e15 else f"{value:,.6g}"
