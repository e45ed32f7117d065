"""Shows application/json, and other JSON types, as a folding tree (see tree.py), indented and in colour.

A folded node shows its size. JupyterLab's metadata are supported: `expanded` opens all nodes, `root` names the value. Rows
are made on demand and cut to the width. A text that is cut shows its length, and can be opened.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pygments.token import Keyword, Name, Number, Punctuation, String

from tuinb.render.block import Line, Span
from tuinb.render.json import tree
from tuinb.render.json.tree import Part, Row, Tree
from tuinb.render.layout.wrapped import wrap
from tuinb.render.safe import clean, width

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tuinb.notebook.changes import Json
    from tuinb.render.context import RenderContext

_ROWS = 40
"""Maximum number of initial rows. Nodes beyond are folded."""
_GUTTER, _INDENT = 2, 2
_DEEPEST = 12
_LONGEST = 20_000
"""Maximum number of characters of an open text."""
_OPEN, _FOLDED = "▾ ", "▸ "


def render(mime: str, value: Json, metadata: Json, context: RenderContext) -> JsonBlock:
    """Renders any JSON value, and also invalid content. `metadata` is the bundle's."""
    own = metadata.get(mime) if isinstance(metadata, dict) else None
    return JsonBlock(value, own if isinstance(own, dict) else {}, context)


class JsonBlock:
    """The rows of a tree."""

    def __init__(self, value: Json, metadata: Mapping[str, Json], context: RenderContext) -> None:
        self._columns = max(1, context.width)
        self._styles = context.styles
        root = metadata.get("root")
        self._root = root if isinstance(root, str) else ""
        self._texts: dict[str, list[Line]] = {}
        self._tree = Tree(
            value,
            rows=_ROWS,
            depth=max(1, min(_DEEPEST, self._columns // 8)),
            expanded=metadata.get("expanded") is True,
            toggled=context.toggled,
            text_rows=self._text_rows,
        )

    @property
    def height(self) -> int:
        return self._tree.height

    def node(self, index: int) -> str | None:
        """Returns the JSON pointer of the node that can be folded or opened on a row, or None."""
        row = self._tree.row(index)
        return row.pointer if row.part in (Part.HEAD, Part.FOLDED) else None

    def pointer(self, index: int) -> str:
        """Returns the JSON pointer of the value to which row `index` belongs."""
        return self._tree.row(index).pointer

    def line(self, index: int) -> Line:
        """Returns row `index`."""
        row = self._tree.row(index)
        muted, punctuation = self._styles.role("muted"), self._styles.token(Punctuation)
        mark = {Part.HEAD: _OPEN, Part.FOLDED: _FOLDED}.get(row.part, " " * _GUTTER)
        before = [Span(mark, muted), Span(" " * self._indent(row.depth))]
        after = [Span(",", punctuation)] if row.comma else []
        if row.part is Part.TEXT:
            return self._fitted([*before, *self._rows_of(row.value, row.depth)[row.number], *after])
        before += self._name(row)
        bracket = "{}" if isinstance(row.value, dict) else "[]"
        match row.part:
            case Part.CLOSE:
                value = [Span(bracket[1], punctuation)]
            case Part.HEAD:
                value = [Span("…" if isinstance(row.value, str) else bracket[0], punctuation)]
                after = []
            case Part.FOLDED if not isinstance(row.value, str):
                value = [Span(f"{bracket[0]}…{bracket[1]}", punctuation)]
                after.append(Span(" " + _count(row.value), muted))
            case _:
                value = self._value(row.value, self._columns - _size(before) - _size(after))
        return self._fitted([*before, *value, *after])

    def _indent(self, depth: int) -> int:
        return min(depth * _INDENT, self._columns // 2)

    def _name(self, row: Row) -> list[Span]:
        """Returns the spans before a value: its key, or the name of the root."""
        key = self._root or None if not row.pointer else row.key
        if key is None or row.part is Part.CLOSE:
            return []
        most = max(8, self._columns // 2)
        text = clean(tree.quoted(key[:most]) if row.pointer else key[:most])
        text = text if len(key) <= most else text.removesuffix('"') + "…"
        return [Span(text, self._styles.token(Name.Tag)), Span(": ", self._styles.token(Punctuation))]

    def _value(self, value: Json, room: int) -> list[Span]:
        """Returns a value on one row. A text that does not fit shows its length."""
        if not isinstance(value, str):
            kind = Number if isinstance(value, int | float) and not isinstance(value, bool) else Keyword.Constant
            text = clean(tree.inline(value) or "")
            return [Span(text, self._styles.token(Punctuation if text[:1] in "[{" else kind))]
        style = self._styles.token(String)
        if len(value) <= room:
            text = clean(tree.quoted(value))
            if width(text) <= room:
                return [Span(text, style)]
        note = f" {len(value):,} characters"
        most = max(1, room - len(note) - 1)
        start = wrap((Span(clean(tree.quoted(value[:most])).removesuffix('"')),), most)[0]
        text = "".join(span.text for span in start)
        return [Span(text + "…", style), Span(note, self._styles.role("muted"))]

    def _text_rows(self, value: str, depth: int, key: str | None) -> int:
        """Returns the number of rows of an open text, or 0 if it fits its own row."""
        room = self._columns - _GUTTER - self._indent(depth) - 1
        room -= len(tree.quoted(key[: self._columns])) + 2 if key is not None else 0
        if len(value) + 2 <= room and width(clean(tree.quoted(value))) <= room:
            return 0
        return len(self._rows_of(value, depth)) if len(value) > 2 else 0

    def _rows_of(self, value: str, depth: int) -> list[Line]:
        """Returns the rows of an open text."""
        rows = self._texts.get(value)
        if rows is None:
            style, muted = self._styles.token(String), self._styles.role("muted")
            room = max(1, self._columns - _GUTTER - self._indent(depth) - len(","))
            rows = wrap((Span(clean(tree.quoted(value[:_LONGEST])), style),), room)
            if len(value) > _LONGEST:
                rows.append((Span(f"… cut here: it has {len(value):,} characters"[:room], muted),))
            self._texts[value] = rows
        return rows

    def _fitted(self, spans: list[Span]) -> Line:
        """Cuts the spans to the width."""
        line = tuple(span for span in spans if span.text)
        if _size(line) <= self._columns:
            return line
        if self._columns == 1:
            return (Span("…"),)
        return (*wrap(line, self._columns - 1)[0], Span("…", self._styles.role("muted")))


def _size(spans: list[Span] | Line) -> int:
    return sum(width(span.text) for span in spans)


def _count(value: Json) -> str:
    one, many = ("key", "keys") if isinstance(value, dict) else ("item", "items")
    return f"{len(value):,} {one if len(value) == 1 else many}"
