"""The rows of a JSON value as a folding tree: which nodes are open, and the content of each row.

Only open nodes are stored, each with the positions of its open children. Therefore a list of a million items costs only
what is requested. No function recurses, so nesting depth is unlimited. Nodes are identified by JSON pointers (RFC 6901). A
text that is too long for its row is a node too, and opens to rows of its own.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections import deque
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tuinb.notebook.changes import Json

INLINE = 6
"""Maximum number of scalars in a list or object that is written on one row."""
_INLINE_CHARACTERS = 40
_MOST_ROWS = 10_000
"""Maximum number of initial rows of a tree with `expanded` in its metadata."""


class Part(Enum):
    HEAD = "head"
    """First row of an open node."""
    LEAF = "leaf"
    """A value on one row: a scalar or an inline container."""
    FOLDED = "folded"
    CLOSE = "close"
    TEXT = "text"
    """A row of a long, open text."""


class Row(NamedTuple):
    """The content of a row."""

    part: Part
    value: Json
    pointer: str
    depth: int
    key: str | None
    """The key before the value, if any."""
    comma: bool
    number: int = 0
    """Index of a text row."""


@dataclass(slots=True, eq=False)
class _Open:
    """An open node."""

    value: Json
    pointer: str
    depth: int
    key: str | None
    comma: bool
    keys: list[str] | None
    """Keys of an object, in order."""
    texts: int = 0
    """Number of rows of a text."""
    at: list[int] = field(default_factory=list)
    """Positions of the open children, ascending."""
    open: list[_Open] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    """First row of each open child, relative to this node's head."""
    height: int = 0

    @property
    def count(self) -> int:
        return self.texts or len(self.value)

    def measure(self) -> None:
        """Computes `starts` and `height` from the children."""
        extra = 0
        self.starts.clear()
        for place, child in zip(self.at, self.open, strict=True):
            self.starts.append(1 + place + extra)
            extra += child.height - 1
        self.height = 1 + self.count + extra + (not self.texts)

    def child(self, place: int) -> tuple[Json, str, str | None]:
        """Returns a child's value, pointer and key."""
        if self.keys is None:
            return self.value[place], f"{self.pointer}/{place}", None
        key = self.keys[place]
        return self.value[key], f"{self.pointer}/{_escaped(key)}", key


def can_fold(value: Json) -> bool:
    """Whether the value is a list or object that needs more than one row."""
    return isinstance(value, list | dict) and bool(value) and inline(value) is None


def inline(value: Json) -> str | None:
    """Returns a scalar, an empty container, or a short container of short scalars as text. Returns None for other values.

    A long text is a scalar here; its row cuts it.
    """
    if isinstance(value, list | dict):
        parts = value.values() if isinstance(value, dict) else value
        if len(value) > INLINE or any(isinstance(part, list | dict) or _size(part) > _INLINE_CHARACTERS for part in parts):
            return None
        names = [f"{quoted(str(key))}: " for key in value] if isinstance(value, dict) else [""] * len(value)
        text = ", ".join(name + scalar(part) for name, part in zip(names, parts, strict=True))
        text = f"{{{text}}}" if isinstance(value, dict) else f"[{text}]"
        return text if len(text) <= _INLINE_CHARACTERS else None
    return scalar(value)


def scalar(value: Json) -> str:
    """Returns a scalar as JSON, or as Python's repr if JSON can't represent it."""
    if isinstance(value, str):
        return quoted(value)
    try:
        return json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError):
        return f"a number of {value.bit_length():,} bits" if isinstance(value, int) else repr(value)


def quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _size(value: Json) -> int:
    return len(value) if isinstance(value, str) else value.bit_length() // 4 if isinstance(value, int) else 0


def _escaped(key: str) -> str:
    return str(key).replace("~", "~0").replace("/", "~1")


def _unescaped(token: str) -> str:
    return token.replace("~1", "/").replace("~0", "~")


class Tree:
    """The rows of a value.

    `text_rows(value, depth, key)` returns the number of rows of an open text, or 0 if the text fits its own row. Initially,
    nodes are open from the root down to `depth`, as far as `rows` permit. `toggled` inverts the state of nodes.
    """

    def __init__(
        self,
        value: Json,
        *,
        rows: int,
        depth: int,
        expanded: bool,
        toggled: frozenset[str],
        text_rows: Callable[[str, int, str | None], int],
    ) -> None:
        self._text_rows = text_rows
        self._value = value
        initially_open = self._initially_open(_MOST_ROWS if expanded else rows, depth)
        self._root = self._build(initially_open ^ {pointer for pointer in toggled if pointer == "" or pointer[0] == "/"})

    @property
    def height(self) -> int:
        return self._root.height if self._root is not None else 1

    def row(self, index: int) -> Row:
        """Returns the content of row `index`."""
        node = self._root
        if node is None:
            return self._closed(self._value, "", 0, None, comma=False)
        while True:
            if index == 0:
                return Row(Part.HEAD, node.value, node.pointer, node.depth, node.key, node.comma)
            if node.texts:
                return Row(Part.TEXT, node.value, node.pointer, node.depth, None, node.comma and index == node.texts, index - 1)
            if index == node.height - 1:
                return Row(Part.CLOSE, node.value, node.pointer, node.depth, None, node.comma)
            number = bisect_right(node.starts, index) - 1
            if number < 0:
                place = index - 1
            elif index < node.starts[number] + node.open[number].height:
                node, index = node.open[number], index - node.starts[number]
                continue
            else:
                place = node.at[number] + index - node.starts[number] - node.open[number].height + 1
            value, pointer, key = node.child(place)
            return self._closed(value, pointer, node.depth + 1, key, comma=place < node.count - 1)

    def _closed(self, value: Json, pointer: str, depth: int, key: str | None, *, comma: bool) -> Row:
        folds = can_fold(value) or self._texts(value, depth, key) > 0
        return Row(Part.FOLDED if folds else Part.LEAF, value, pointer, depth, key, comma)

    def _texts(self, value: Json, depth: int, key: str | None) -> int:
        return self._text_rows(value, depth, key) if isinstance(value, str) else 0

    def _initially_open(self, budget: int, deepest: int) -> frozenset[str]:
        """Returns the nodes that fit, nearest to the root first. The root is always open."""
        found: set[str] = set()
        rows = 1
        waiting: deque[tuple[Json, str, int, str | None]] = deque([(self._value, "", 0, None)])
        while waiting and rows <= budget:
            value, pointer, depth, key = waiting.popleft()
            more = len(value) + 1 if can_fold(value) else self._texts(value, depth, key)
            if more == 0 or (pointer and (rows + more > budget or depth >= deepest)):
                continue
            found.add(pointer)
            rows += more
            if isinstance(value, str) or rows > budget:
                continue
            named = value.items() if isinstance(value, dict) else enumerate(value)
            for name, part in named:
                if isinstance(part, list | dict | str):
                    own = str(name) if isinstance(value, dict) else None
                    waiting.append((part, f"{pointer}/{_escaped(str(name))}", depth + 1, own))
        return frozenset(found)

    def _build(self, opened: frozenset[str]) -> _Open | None:
        """Returns the root with all open nodes below it, or None if the root is folded."""
        below: dict[str, list[str]] = {}
        for pointer in opened - {""}:
            parent, _, token = pointer.rpartition("/")
            below.setdefault(parent, []).append(token)
        root = self._opened(self._value, "", 0, None, comma=False) if "" in opened else None
        if root is None:
            return None
        order = [root]
        for node in order:  # grows while it is read, so that parents come before children
            for place in _places(node, below.get(node.pointer, ())):
                value, pointer, key = node.child(place)
                child = self._opened(value, pointer, node.depth + 1, key, comma=place < node.count - 1)
                if child is not None:
                    node.at.append(place)
                    node.open.append(child)
                    order.append(child)
        for node in reversed(order):
            node.measure()
        return root

    def _opened(self, value: Json, pointer: str, depth: int, key: str | None, *, comma: bool) -> _Open | None:
        if can_fold(value):
            return _Open(value, pointer, depth, key, comma, list(value) if isinstance(value, dict) else None)
        texts = self._texts(value, depth, key)
        return _Open(value, pointer, depth, key, comma, None, texts) if texts else None


def _places(node: _Open, tokens: Iterable[str]) -> list[int]:
    """Returns the positions of the children with these pointer tokens, ascending. Ignores unknown tokens."""
    tokens = list(tokens)
    if not tokens or node.texts:
        return []
    if node.keys is None:
        numbers = {int(token) for token in tokens if token.isdecimal() and len(token) < 12}
        return sorted(number for number in numbers if number < node.count)
    wanted = {_unescaped(token) for token in tokens}
    return [place for place, key in enumerate(node.keys) if key in wanted]
