"""HTML as lines of a width: what a reader would read of it, without its layout, style sheets and scripts.

A tree (html_tree) is walked once. Text is collected into paragraphs; what begins a line of its own ends the one before. Tables
and pictures are kept as blocks and asked for their rows when those are shown, so that a row here is a line or stands for one of
such a block. Markup that shows nothing by itself (scripts that would draw, comments) gives None: the next type of its bundle is
as good.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote

from tuinb.render.block import Block, Line, Lines, Span, is_wide
from tuinb.render.html.inline import BLOCKS, Spans, image_text
from tuinb.render.html.styles import over, style_of
from tuinb.render.html.tables import table_of
from tuinb.render.html.tree import Element, declarations, hidden, parse
from tuinb.render.layout.flow import flow, joined, line_width
from tuinb.render.layout.stacking import LazyRow, Page, Row, indented, line_of
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
"""Columns below which nothing is indented any further."""
_NESTED = 3
"""Tables inside of tables; what is deeper is shown as text."""
_BULLETS = "•◦▪"
_SPACED = frozenset(("p", "ul", "ol", "dl", "blockquote", "figure", "fieldset", "details", "menu"))
"""Elements that have a blank line before and after."""
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_PREFORMATTED = frozenset(("pre", "xmp", "listing", "plaintext"))


@dataclass(frozen=True, slots=True)
class WidePage(Page):
    """A page with a table that is wider than it; only such tables are scrolled sideways."""

    columns: int

    def window(self, index: int, start: int) -> Line:
        """The row `index`, where its table is scrolled by `start` columns."""
        row = self.rows[index]
        if isinstance(row, LazyRow) and is_wide(row.block):
            return (*row.prefix, *row.block.window(row.at, start))
        return self.line(index)


def block(markup: str, context: RenderContext, attachments: Json = None) -> Block | None:
    """The markup as a block; None where it shows nothing. `attachments`: images by name, of the cell whose prose it is in."""
    parsed = parse(markup)
    rows = _Layout(context, attachments).rows(parsed.root.children, context.width)
    if not any(isinstance(row, LazyRow) or any(span.text.strip() for span in row) for row in rows):
        return None
    if parsed.left:
        share = f"; {parsed.left / len(markup):.0%} is left out" if parsed.left < len(markup) else ""
        why = "what follows is nested too deeply to be shown" if parsed.deep else "there is more HTML than is shown here"
        rows += flow([Span(f"… {why}{share} (t: other types)", context.styles.role("warning"))], context.width)
    if not any(isinstance(row, LazyRow) for row in rows):
        return Lines([row for row in rows if not isinstance(row, LazyRow)])
    wide = [
        row.block.columns + line_width(row.prefix)
        for row in rows
        if isinstance(row, LazyRow) and row.at == 0 and is_wide(row.block)
    ]
    columns = max(wide, default=0)
    return WidePage(rows, columns) if columns > context.width else Page(rows)


class Tag(NamedTuple):
    """A tag by itself, among text that is not HTML."""

    name: str
    closing: bool
    style: Style | None
    """What it adds to the style of what follows, up to the tag that closes it."""
    text: str
    """What stands for it: `\\n` for a break, an image or a control in words; mostly nothing."""


def tag(markup: str, styles: ThemeStyles) -> Tag | None:
    """One tag of Markdown's inline HTML; None for a comment and the like."""
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
    """Rows as they come: paragraphs and blocks, with a blank one between them where there should be one."""

    def __init__(self, columns: int, spans: Spans) -> None:
        self.columns = columns
        self.spans = spans
        self.rows: list[Row] = []
        self.owed = False
        """Whether a blank row goes before the next one."""

    def end(self, *, spaced: bool = False) -> None:
        """Ends the paragraph."""
        self.add(flow(self.spans.take(), self.columns) if self.spans.spans else [])
        self.owed |= spaced

    def add(self, rows: Sequence[Row], *, spaced: bool = False) -> None:
        if rows:
            if self.rows and (self.owed or spaced):
                self.rows.append(())
            self.rows += rows
            self.owed = spaced


class _Layout:
    def __init__(self, context: RenderContext, attachments: Json = None, tables: int = 0) -> None:
        self._context = context
        self._attachments = attachments
        self._styles = context.styles
        self._tables = tables
        """How many tables this is inside of."""
        self._muted, self._rule = self._styles.role("muted"), self._styles.role("rule")

    def rows(self, nodes: Iterable[Node], columns: int, style: Style | None = None, depth: int = 0) -> list[Row]:
        """The nodes as rows of a width. `depth`: how many lists they are inside of."""
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
        elif name in _PREFORMATTED or _keeps_space(element):
            out.add(self._preformatted(element, style, out.columns), spaced=name == "pre")
        elif name == "hr":
            out.add([(Span("─" * (3 if self._tables else out.columns), self._rule),)])
        elif name in ("ul", "ol", "menu"):
            out.add(self._list(element, style, out.columns, depth))
        elif name == "details":
            self._details(element, style, out, depth)
        elif name in ("blockquote", "dd"):
            mark = Span("▎ ", self._rule) if name == "blockquote" else Span("  ")
            rows = self.rows(element.children, self._inside(out.columns, 2), style, depth)
            out.add(self._prefixed(rows, mark, mark, out.columns))
        else:
            self._walk(_without_hint(element), style, out, depth)
            out.end()
        out.owed |= spaced and not (depth and name in ("ul", "ol"))

    def _heading(self, element: Element, style: Style | None, columns: int) -> list[Row]:
        level = _HEADINGS[element.name]
        rows = self.rows(element.children, self._inside(columns, level + 1), over(style, self._styles.role("heading")))
        return self._prefixed(rows, Span("#" * level + " ", self._muted), Span(" " * (level + 1)), columns)

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
                item.children, self._inside(columns, len(mark)), over(style, style_of(item, self._styles)), depth + 1
            )
            rows += self._prefixed(inner or [()], Span(mark, self._muted), Span(" " * len(mark)), columns)
            number = None if number is None else number + 1
        return rows

    def _details(self, element: Element, style: Style | None, out: _Flow, depth: int) -> None:
        """What may be folded, open: there is no key that would open it here."""
        children = list(element.children)
        summary = next((child for child in element.elements() if child.name == "summary"), None)
        columns = self._inside(out.columns, 2)
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
        """Adds nodes to lines of text whose white space is kept."""
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

    def _inside(self, columns: int, indent: int) -> int:
        """The columns left inside an indentation, which is given up where too few are. A cell is as wide as what is in it."""
        return columns - indent if columns - indent >= (1 if self._tables else _NARROW) else columns

    def _prefixed(self, rows: Sequence[Row], first: Span, rest: Span, columns: int) -> list[Row]:
        if self._inside(columns, width(first.text)) == columns:
            return list(rows)
        return [indented(rest if i else first, row) for i, row in enumerate(rows)]

    def picture(self, element: Element, columns: int) -> Block | None:
        """An image whose data is in the markup or attached, or a file below the notebook's folder; nothing else is fetched."""
        if self._context.pictures is None:
            return None
        from tuinb.render.images import picture as images

        address = element.get("src").strip()
        context, size, alt = replace(self._context, width=columns), _size(element), clean(image_text(element))
        if address.startswith("attachment:"):
            mime, data = images.attached(self._attachments, unquote(address[11:]))
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
    """The picture of an `img` tag by itself; None where it is not to be had here."""
    element = next((found for found in _all_elements(parse(markup).root) if found.name == "img"), None)
    return None if element is None else _Layout(context, attachments).picture(element, context.width)


def _all_elements(element: Element) -> Iterator[Element]:
    for child in element.elements():
        yield child
        yield from _all_elements(child)


def _size(element: Element) -> dict[str, Json]:
    """The pixels that an image asks for."""
    style = declarations(element.get("style"))
    sizes = {name: (style.get(name) or element.get(name)).strip().removesuffix("px") for name in ("width", "height")}
    return {name: int(size) for name, size in sizes.items() if size.isdecimal() and len(size) < 6}


def table_rows(table: Table) -> list[Line]:
    """All lines of a table."""
    return [table.line(i) for i in range(table.height)]


def _keeps_space(element: Element) -> bool:
    style = element.get("style")
    return "white-space" in style and declarations(style).get("white-space", "").startswith("pre")


def _without_hint(element: Element) -> Iterable[Node]:
    """What is inside, without scikit-learn's advice on how to see in a browser what stands below it as text."""
    if element.get("class") == "sk-text-repr-fallback":
        return [child for child in element.elements() if child.name == "pre"]
    return element.children


def _integer(text: str, otherwise: int) -> int:
    digits = text.strip()
    return int(digits) if digits.removeprefix("-").isdecimal() and len(digits) < 10 else otherwise
