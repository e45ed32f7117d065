"""Renders HTML as lines of a width: its readable content, without page layout, style sheets and scripts.

The tree (tree.py) is walked once. Text is collected into paragraphs, and a block element ends the current one. Tables and
pictures stay blocks, with rows made on demand, so a row is either a line or a reference to a row of such a block. Markup
without visible content (scripts, comments) gives None. The next MIME type of the bundle is then shown.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote

from tuinb.render.block import Block, Line, Lines, Span, is_wide
from tuinb.render.html.inline import BLOCKS, Spans, image_text
from tuinb.render.html.styles import over, style_of
from tuinb.render.html.tables import table_of
from tuinb.render.html.tree import Element, declarations, hidden, parse
from tuinb.render.layout.flow import flow, joined, line_width
from tuinb.render.layout.headings import heading_mark, heading_style, ruled
from tuinb.render.layout.stacking import LazyRow, Row, RowBlock, indented, line_of
from tuinb.render.layout.wrapped import wrap
from tuinb.render.safe import clean, width

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from rich.style import Style

    from tuinb.notebook.changes import Json
    from tuinb.render.context import RenderContext
    from tuinb.render.html.tree import Node
    from tuinb.render.layout.tables import Table
    from tuinb.render.styles import ThemeStyles

_NARROW = 8
"""Minimum width inside an indentation."""
_NESTED = 3
"""Maximum nesting of tables. Deeper tables are shown as text."""
_BULLETS = "•◦▪"
_SPACED = frozenset(("p", "ul", "ol", "dl", "blockquote", "figure", "fieldset", "details", "menu"))
"""Elements with a blank line before and after."""
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_PREFORMATTED = frozenset(("pre", "xmp", "listing", "plaintext"))


class WideRowBlock(RowBlock):
    """A block with a table that is wider than the context. Only such tables are scrolled sideways."""

    columns: int

    def window(self, index: int, start: int) -> Line:
        """Returns row `index`. A table row is scrolled by `start` columns."""
        row = self.rows[index]
        if isinstance(row, LazyRow) and is_wide(row.block):
            return (*row.prefix, *row.block.window(row.at, start))
        return self.line(index)


def block(markup: str, context: RenderContext, attachments: Json = None) -> Block | None:
    """Returns the markup as a block, or None if it has no visible content. `attachments` holds images by name, from the
    Markdown cell.
    """
    parsed = parse(markup)
    rows = _Layout(context, attachments).rows(parsed.root.children, context.width)
    if not any(isinstance(row, LazyRow) or any(span.text.strip() for span in row) for row in rows):
        return None
    if parsed.unread:
        share = f"; {parsed.unread / len(markup):.0%} is left out" if parsed.unread < len(markup) else ""
        why = "the rest is nested too deeply to be shown" if parsed.too_deep else "the HTML is too long to be shown in full"
        rows += flow([Span(f"… {why}{share} (t: other types)", context.styles.role("warning"))], context.width)
    if not any(isinstance(row, LazyRow) for row in rows):
        return Lines([row for row in rows if not isinstance(row, LazyRow)])
    wide = [
        row.block.columns + line_width(row.prefix)
        for row in rows
        if isinstance(row, LazyRow) and row.at == 0 and is_wide(row.block)
    ]
    columns = max(wide, default=0)
    return WideRowBlock(rows, columns) if columns > context.width else RowBlock(rows)


class Tag(NamedTuple):
    """A single HTML tag within Markdown."""

    name: str
    closing: bool
    style: Style | None
    """The style that it adds to the text up to its end tag."""
    text: str
    r"""Its replacement: `\n` for a break, text for an image or control, usually empty."""


def tag(markup: str, styles: ThemeStyles) -> Tag | None:
    """Returns one tag of Markdown's inline HTML. Returns None for a comment."""
    if markup.startswith("</"):
        return Tag(markup[2:].rstrip("> \t\n").lower(), closing=True, style=None, text="")
    element = next(parse(markup).root.elements(), None)
    while element is not None and element.name in ("html", "body"):
        element = next(element.elements(), None)
    if element is None:
        return None
    spans = Spans(styles)
    if element.name not in ("sup", "sub", "q"):
        spans.control(element, None)
    return Tag(element.name, closing=False, style=style_of(element, styles), text="".join(span.text for span in spans.take()))


class _Flow:
    """Collects rows: paragraphs and blocks, with blank rows between them where needed."""

    def __init__(self, columns: int, spans: Spans) -> None:
        self.columns = columns
        self.spans = spans
        self.rows: list[Row] = []
        self.blank_pending = False
        """Whether a blank row is needed before the next row."""

    def end(self, *, spaced: bool = False) -> None:
        """Ends the paragraph."""
        self.add(flow(self.spans.take(), self.columns) if self.spans.spans else [])
        self.blank_pending |= spaced

    def add(self, rows: Sequence[Row], *, spaced: bool = False) -> None:
        if rows:
            if self.rows and (self.blank_pending or spaced):
                self.rows.append(())
            self.rows += rows
            self.blank_pending = spaced


class _Layout:
    def __init__(self, context: RenderContext, attachments: Json = None, tables: int = 0) -> None:
        self._context = context
        self._attachments = attachments
        self._styles = context.styles
        self._tables = tables
        """Number of enclosing tables."""
        self._muted, self._rule = self._styles.role("muted"), self._styles.role("rule")

    def rows(self, nodes: Iterable[Node], columns: int, style: Style | None = None, depth: int = 0) -> list[Row]:
        """Returns the nodes as rows of a width. `depth` is the number of enclosing lists."""
        out = _Flow(columns, Spans(self._styles))
        self._walk(nodes, style, out, depth)
        out.end()
        return out.rows

    def _walk(self, nodes: Iterable[Node], style: Style | None, out: _Flow, depth: int) -> None:
        for node in nodes:
            if isinstance(node, str):
                out.spans.text(node, style)
            elif hidden(node):
                continue
            elif node.name in BLOCKS:
                self._block(node, over(style, style_of(node, self._styles)), out, depth)
            elif node.name == "img" and (image := self.picture(node, out.columns)):
                out.end()
                out.add([LazyRow(image, i) for i in range(image.height)])
            elif not out.spans.control(node, style):
                self._walk(node.children, over(style, style_of(node, self._styles)), out, depth)

    def _block(self, element: Element, style: Style | None, out: _Flow, depth: int) -> None:
        name = element.name
        spaced = name in _SPACED or name in _HEADINGS
        out.end(spaced=spaced and not (depth and name in ("ul", "ol")))
        if name in _HEADINGS:
            out.add(self._heading(element, style, out.columns))
        elif name == "table":
            out.add(self._table(element, style, out.columns, depth), spaced=True)
        elif name in _PREFORMATTED or _is_preformatted(element):
            out.add(self._preformatted(element, style, out.columns), spaced=name == "pre")
        elif name == "hr":
            out.add([(Span("─" * (3 if self._tables else out.columns), self._rule),)])
        elif name in ("ul", "ol", "menu"):
            out.add(self._list(element, style, out.columns, depth))
        elif name == "details":
            self._details(element, style, out, depth)
        elif name in ("blockquote", "dd"):
            mark = Span("▎ ", self._rule) if name == "blockquote" else Span("  ")
            rows = self.rows(element.children, self._inner_columns(out.columns, 2), style, depth)
            out.add(self._prefixed(rows, mark, mark, out.columns))
        else:
            self._walk(_without_hint(element), style, out, depth)
            out.end()
        out.blank_pending |= spaced and not (depth and name in ("ul", "ol"))

    def _heading(self, element: Element, style: Style | None, columns: int) -> list[Row]:
        level = _HEADINGS[element.name]
        mark = heading_mark(self._context, level)
        room = self._inner_columns(columns, len(mark.text))
        rows = self.rows(element.children, room, over(style, heading_style(self._styles, level)))
        if not self._tables:  # a table's columns are as wide as their contents
            rows = ruled(rows, level, self._context, room)
        return self._prefixed(rows, mark, Span(" " * len(mark.text)), columns) if mark.text else rows

    def _list(self, element: Element, style: Style | None, columns: int, depth: int) -> list[Row]:
        number = _integer(element.get("start"), 1) if element.name == "ol" else None
        bullet = f"{_BULLETS[depth % len(_BULLETS)]} "
        rows: list[Row] = []
        for item in element.children:
            if isinstance(item, str) or hidden(item):
                continue
            if item.name != "li":
                rows += self.rows([item], columns, style, depth + 1)
                continue
            if number is not None:
                number = _integer(item.get("value"), number)
            mark = bullet if number is None else f"{number}. "
            inner = self.rows(
                item.children, self._inner_columns(columns, len(mark)), over(style, style_of(item, self._styles)), depth + 1
            )
            rows += self._prefixed(inner or [()], Span(mark, self._muted), Span(" " * len(mark)), columns)
            number = None if number is None else number + 1
        return rows

    def _details(self, element: Element, style: Style | None, out: _Flow, depth: int) -> None:
        """Shows a foldable element open, because no key can open it here."""
        children = list(element.children)
        summary = next((child for child in element.elements() if child.name == "summary"), None)
        columns = self._inner_columns(out.columns, 2)
        if summary is not None:
            children.remove(summary)
            head = self.rows(summary.children, columns, over(style, style_of(summary, self._styles)), depth)
        else:
            head = list(flow([Span("Details", style)], columns))
        out.add(self._prefixed(head, Span("▾ ", self._muted), Span("  "), out.columns))
        out.add(self._prefixed(self.rows(children, columns, style, depth), Span("  "), Span("  "), out.columns))

    def _preformatted(self, element: Element, style: Style | None, columns: int) -> list[Row]:
        lines: list[list[Span]] = [[]]
        self._put(element.children, style, lines)
        if len(lines) > 1 and not lines[0]:
            del lines[0]
        if lines and not lines[-1]:
            lines.pop()
        return [row for line in lines for row in wrap(joined(line), columns)]

    def _put(self, nodes: Iterable[Node], style: Style | None, lines: list[list[Span]]) -> None:
        """Adds nodes to lines of preformatted text."""
        for node in nodes:
            if isinstance(node, Element):
                if node.name == "br":
                    lines.append([])
                elif not hidden(node):
                    self._put(node.children, over(style, style_of(node, self._styles)), lines)
                continue
            for number, text in enumerate(node.replace("\r\n", "\n").split("\n")):
                if number:
                    lines.append([])
                if text:
                    lines[-1].append(Span(clean(text, column=line_width(lines[-1]) if "\t" in text else 0), style))

    def _table(self, element: Element, style: Style | None, columns: int, depth: int) -> list[Row]:
        if self._tables >= _NESTED:
            spans = Spans(self._styles)
            spans.add(element.children, style)
            return list(flow(spans.take(), columns))
        captions = [child for child in element.elements() if child.name == "caption" and not hidden(child)]
        rows: list[Row] = []
        for caption in captions:
            rows += self.rows(caption.children, columns, over(style, style_of(caption, self._styles)), depth)
        table = table_of(element, style, columns, self._styles, self._cell_lines)
        if table is not None:
            rows += table_rows(table) if self._tables else [LazyRow(table, i) for i in range(table.height)]
        return rows

    def _cell_lines(self, element: Element, style: Style | None, columns: int) -> list[Line]:
        context = replace(self._context, pictures=None)
        rows = _Layout(context, tables=self._tables + 1).rows(element.children, columns, style)
        return list(map(line_of, rows))

    def _inner_columns(self, columns: int, indent: int) -> int:
        """Returns the columns inside an indentation. Omits the indentation if too few columns are left. Table cells have no
        minimum.
        """
        return columns - indent if columns - indent >= (1 if self._tables else _NARROW) else columns

    def _prefixed(self, rows: Sequence[Row], first: Span, rest: Span, columns: int) -> list[Row]:
        if self._inner_columns(columns, width(first.text)) == columns:
            return list(rows)
        return [indented(rest if i else first, row) for i, row in enumerate(rows)]

    def picture(self, element: Element, columns: int) -> Block | None:
        """Returns an image from the markup, the attachments, or a file in the notebook's folder. Fetches nothing else."""
        if self._context.pictures is None:
            return None
        from tuinb.render.images import picture as images

        address = element.get("src").strip()
        context, size, alt = replace(self._context, width=columns), _size(element), clean(image_text(element))
        if address.startswith("attachment:"):
            mime, data = images.attachment(self._attachments, unquote(address[11:]))
            head = f"data:{mime};base64"
        else:
            head, _, data = address.partition(",")
        if not data or not head.lower().startswith("data:image/"):
            return images.from_address(unquote(address), context, alt, size)
        mime, *parameters = head[5:].lower().split(";")
        if "base64" not in parameters:
            data = unquote(data)
            return images.render(mime, data, {mime: size}, context, alt) if "svg" in mime else None
        if "svg" in mime:
            return images.render_bytes(mime, images.original("image/png", data), context, alt)
        return images.render(mime, data, {mime: size}, context, alt)


def picture(markup: str, context: RenderContext, attachments: Json = None) -> Block | None:
    """Returns the picture of a single `img` tag, or None if it can't be loaded."""
    element = next((found for found in _all_elements(parse(markup).root) if found.name == "img"), None)
    return None if element is None else _Layout(context, attachments).picture(element, context.width)


def _all_elements(element: Element) -> Iterator[Element]:
    for child in element.elements():
        yield child
        yield from _all_elements(child)


def _size(element: Element) -> dict[str, Json]:
    """Returns the size in pixels that an image requests."""
    style = declarations(element.get("style"))
    sizes = {name: (style.get(name) or element.get(name)).strip().removesuffix("px") for name in ("width", "height")}
    return {name: int(size) for name, size in sizes.items() if size.isdecimal() and len(size) < 6}


def table_rows(table: Table) -> list[Line]:
    """Returns all lines of a table."""
    return [table.line(i) for i in range(table.height)]


def _is_preformatted(element: Element) -> bool:
    style = element.get("style")
    return "white-space" in style and declarations(style).get("white-space", "").startswith("pre")


def _without_hint(element: Element) -> Iterable[Node]:
    """Returns the children without scikit-learn's hint for browsers. The text below the hint has the content."""
    if element.get("class") == "sk-text-repr-fallback":
        return [child for child in element.elements() if child.name == "pre"]
    return element.children


def _integer(text: str, otherwise: int) -> int:
    digits = text.strip()
    return int(digits) if digits.removeprefix("-").isdecimal() and len(digits) < 10 else otherwise
