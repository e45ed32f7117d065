"""Lists of dicts as tables. Runs in the kernel: see values.py for the rules."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from .arrays import sorted_positions
from .comparing import test, text_test
from .table import Table, check_plain, label_text
from .values import cut, name_of

if TYPE_CHECKING:
    from .conditions import Tree

KEYS_FROM = 1000
"""Rows of a list of dicts whose keys become columns."""


class RecordTable(Table):
    """A list of dicts. Keys that only rows far below have are no columns."""

    words = ("and", "or", "not ({})")

    def __init__(self, value: Any) -> None:
        self.records: Any = value
        self.rows = len(self.records)
        keys: dict[Any, None] = {}
        for record in itertools.islice(self.records, KEYS_FROM):
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
            found.append([[label_text(key)], cut(text, 20), numbers])
        return found

    def names(self) -> list[str]:
        return [label_text(key) for key in self._keys]

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
            check_plain(values, "sorting")
            order = sorted_positions(values, descending)
            found = order if found is None else [found[at] for at in order]
        return found

    def leaf(self, tree: Tree) -> Any:
        values = self._values(tree[1], None)
        check_plain(values, "comparing")
        if tree[0] == "null":
            return [item is None or item != item for item in values]
        if tree[0] in ("has", "starts", "ends"):
            return [text_test(item, tree[0], tree[2]) for item in values]
        return [test(item, tree[0], tree[2]) for item in values]

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
