"""Renders Markdown as lines of a width, with pictures between them.

markdown-it-py produces a flat list of tokens. This module makes nested blocks of them and draws each into the width of its
parent. The parser limits nesting; deeper marks stay text. Indentation stops when fewer than _NARROW columns are left. An image
alone on its line is a picture, with rows made on demand. Other images are named.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from rich.style import Style

from tuinb.render.block import Block, Line, Span
from tuinb.render.code.fences import CodeBlock
from tuinb.render.layout.flow import flow
from tuinb.render.layout.headings import heading_mark, heading_style, ruled
from tuinb.render.layout.stacking import LazyRow, Row, RowBlock, indented
from tuinb.render.layout.tables import draw_table
from tuinb.render.layout.wrapped import TextBlock, TextLines, wrap
from tuinb.render.markdown.inline import Inline, footnote_label
from tuinb.render.markdown.syntax import Tokens, extract_data_urls, parse
from tuinb.render.markdown.syntax import links as links
from tuinb.render.safe import clean, width

if TYPE_CHECKING:
    from collections.abc import Callable

    from markdown_it.token import Token

    from tuinb.notebook.changes import Json
    from tuinb.render.context import RenderContext

_NARROW = 8
_BULLETS = "•◦▪"
_BOLD = Style(bold=True)
_PLAIN = Style(underline=False)
_ALERTS = {"NOTE": "link", "TIP": "success", "IMPORTANT": "heading", "WARNING": "warning", "CAUTION": "error"}
"""Maps kinds of alerts to roles for their colour."""


def render(source: str, context: RenderContext, attachments: Json = None) -> Block:
    """Renders a source. No line is wider than the context. Images may be in the attachments."""
    text, images = extract_data_urls(source)
    tokens = parse(text)
    if tokens is None:
        return TextBlock(TextLines(source), context.width, context.styles)
    if images:
        attachments = {**attachments, **images} if isinstance(attachments, Mapping) else images
    return RowBlock(_Renderer(context, attachments).blocks(Tokens(tokens), context.width))


class _Renderer:
    def __init__(self, context: RenderContext, attachments: Json) -> None:
        self._context = context
        self._styles = context.styles
        self._attachments = attachments
        self._inline = Inline(context, attachments)
        role = context.styles.role
        self._muted, self._rule = role("muted"), role("rule")

    def blocks(self, tokens: Tokens, columns: int, *, tight: bool = False, depth: int = 0) -> list[Row]:
        """Returns the rows up to the end of the open block. Separates blocks by a blank line unless they are tight."""
        rows: list[Row] = []
        for token in tokens:
            block = self._block(token, tokens, columns, depth)
            if rows and block and not tight:
                rows.append(())
            rows.extend(block)
        return rows

    def _block(self, token: Token, tokens: Tokens, columns: int, depth: int) -> list[Row]:
        draw = _BLOCKS.get(token.type)
        if draw is not None:
            return draw(self, token, tokens, columns, depth)
        return self.blocks(tokens, columns, depth=depth) if token.nesting > 0 else []

    def _leaf(self, token: Token, _tokens: Tokens, columns: int, _depth: int) -> list[Row]:
        """Renders a block without children."""
        match token.type:
            case "fence" | "code_block":
                return self._code_rows(token.content, token.info, columns)
            case "front_matter":
                return self._code_rows(token.content, "yaml", columns)
            case "math_block":
                return self._formula_rows(token.content, token.markup, columns)
            case "hr":
                return [(Span("─" * columns, self._rule),)]
            case "html_block":
                return self._html_rows(token.content, columns)
            case _:
                return self._inline_rows(token, columns)

    def _paragraph(self, _token: Token, tokens: Tokens, columns: int, _depth: int) -> list[Row]:
        return [row for inner in tokens for row in self._inline_rows(inner, columns)]

    def _footnote(self, token: Token, tokens: Tokens, columns: int, depth: int) -> list[Row]:
        mark = f"[{clean(footnote_label(token))}] "
        inner = self.blocks(tokens, _inner_columns(columns, width(mark)), depth=depth)
        return _prefixed(inner, Span(mark, self._muted), Span(" " * width(mark)), columns)

    def _footnotes(self, _token: Token, tokens: Tokens, columns: int, depth: int) -> list[Row]:
        return [(Span("─" * min(columns, 20), self._rule),), *self.blocks(tokens, columns, tight=True, depth=depth)]

    def _table(self, _token: Token, tokens: Tokens, columns: int, _depth: int) -> list[Row]:
        return [*draw_table(self._table_rows(tokens), columns, self._rule)]

    def _inline_rows(self, token: Token, columns: int) -> list[Row]:
        """Renders an `inline` token. Display formulas and images alone on their line get rows of their own."""
        if token.type == "footnote_anchor":
            return []
        rows: list[Row] = []
        words: list[Token] = []

        def flow_words() -> None:
            if _has_text(words):
                rows.extend(flow(self._inline.spans(words), columns))
            words.clear()

        for line in _lines(_inner(token)):
            if pictures := self._inline.pictures(line, columns):
                flow_words()
                rows += [LazyRow(picture, index) for picture in pictures for index in range(picture.height)]
                continue
            for child in line:
                if child.type == "math_inline_double" and child.level == 0:
                    flow_words()
                    rows += self._formula_rows(child.content, child.markup, columns)
                else:
                    words.append(child)
        flow_words()
        return rows or [*flow(self._inline.spans(_inner(token)), columns)]

    def _quote(self, token: Token, tokens: Tokens, columns: int, depth: int) -> list[Row]:
        """Renders a quotation, or an alert, whose title is its first row."""
        kind = token.info
        role = self._styles.role(_ALERTS.get(kind, "rule"))
        role += _PLAIN
        bar, rows = Span("▎ ", role), self.blocks(tokens, _inner_columns(columns, 2), depth=depth)
        if kind:
            rows[0] = (Span(clean(kind.capitalize()), role + _BOLD),)
            del rows[1:2]
        return _prefixed(rows, bar, bar, columns)

    def _formula_rows(self, source: str, mark: str, columns: int) -> list[Row]:
        """Renders a display formula on as many rows as it needs, or its source if it can't be drawn."""
        from tuinb.render.math import latex

        indent = 2 if _inner_columns(columns, 2) < columns else 0
        rows = latex.display(source.strip(), columns - indent)
        if rows is None:
            text = f"{mark}{source}{mark}".strip("\n")
            return [*self._wrapped(text, Style(italic=True), columns)]
        return [(Span(" " * indent), *row) for row in rows]

    def _html_rows(self, markup: str, columns: int) -> list[Row]:
        from tuinb.render.html import blocks

        block = blocks.block(markup, replace(self._context, width=columns), self._attachments)
        return [] if block is None else [LazyRow(block, index) for index in range(block.height)]

    def _wrapped(self, text: str, style: Style, columns: int) -> list[Line]:
        return [row for line in text.split("\n") for row in wrap((Span(clean(line), style),), columns)]

    def _heading_rows(self, token: Token, tokens: Tokens, columns: int, _depth: int) -> list[Row]:
        level = int(token.tag[1:])
        mark, style = heading_mark(self._context, level), heading_style(self._styles, level)
        room = _inner_columns(columns, len(mark.text))
        spans = [span for inner in tokens for span in self._inline.spans(_inner(inner), style)]
        rows = ruled([*flow(spans, room)] or [()], level, self._context, room)
        return _prefixed(rows, mark, Span(" " * len(mark.text)), columns) if mark.text else rows

    def _list(self, token: Token, tokens: Tokens, columns: int, depth: int) -> list[Row]:
        number = int(token.attrs.get("start", 1)) if token.type == "ordered_list_open" else None
        rows: list[Row] = []
        for item in tokens:
            mark = f"{_BULLETS[depth % len(_BULLETS)]} " if number is None else f"{number}{item.markup or '.'} "
            if "checked" in item.meta:
                mark = "☑ " if item.meta["checked"] else "☐ "
            inner, tight = self._item(tokens, _inner_columns(columns, len(mark)), depth + 1)
            if rows and not tight:
                rows.append(())
            rows.extend(_prefixed(inner or [()], Span(mark, self._muted), Span(" " * len(mark)), columns))
            number = None if number is None else number + 1
        return rows

    def _item(self, tokens: Tokens, columns: int, depth: int) -> tuple[list[Row], bool]:
        """Returns the rows of an item, and whether no blank line separates it from the previous one."""
        rows: list[Row] = []
        tight = True
        for token in tokens:
            tight = tight and (token.type != "paragraph_open" or token.hidden)
            block = self._block(token, tokens, columns, depth)
            if rows and block and not tight:
                rows.append(())
            rows.extend(block)
        return rows, tight

    def _definitions(self, _token: Token, tokens: Tokens, columns: int, depth: int) -> list[Row]:
        return self.blocks(tokens, columns, tight=True, depth=depth)

    def _term(self, _token: Token, tokens: Tokens, columns: int, _depth: int) -> list[Row]:
        return [row for inner in tokens for row in flow(self._inline.spans(_inner(inner), _BOLD), columns)]

    def _definition(self, _token: Token, tokens: Tokens, columns: int, depth: int) -> list[Row]:
        return _prefixed(self.blocks(tokens, _inner_columns(columns, 2), depth=depth), Span("  "), Span("  "), columns)

    def _code_rows(self, content: str, info: str, columns: int) -> list[Row]:
        code = CodeBlock(content.removesuffix("\n"), info, columns, self._styles)
        return [LazyRow(code, index) for index in range(code.height)]

    def _table_rows(self, tokens: Tokens) -> list[list[tuple[str, list[Span]]]]:
        """Returns rows of cells, the header first. A cell is its alignment and content."""
        rows = []
        for _section in tokens:
            for _row in tokens:
                cells = []
                for cell in tokens:
                    style = _BOLD if cell.type == "th_open" else None
                    content = [span for inner in tokens for span in self._inline.spans(_inner(inner), style)]
                    cells.append((str(cell.attrs.get("style", "")).removeprefix("text-align:"), content))
                rows.append(cells)
        return rows


_BLOCKS: dict[str, Callable[[_Renderer, Token, Tokens, int, int], list[Row]]] = {
    **dict.fromkeys(("inline", "fence", "code_block", "front_matter", "math_block", "hr", "html_block"), _Renderer._leaf),
    "paragraph_open": _Renderer._paragraph,
    "heading_open": _Renderer._heading_rows,
    **dict.fromkeys(("bullet_list_open", "ordered_list_open"), _Renderer._list),
    **dict.fromkeys(("blockquote_open", "alert_open"), _Renderer._quote),
    "dl_open": _Renderer._definitions,
    "dt_open": _Renderer._term,
    "dd_open": _Renderer._definition,
    "footnote_block_open": _Renderer._footnotes,
    "footnote_open": _Renderer._footnote,
    "table_open": _Renderer._table,
}


def _inner(token: Token) -> Sequence[Token]:
    return token.children or ()


def _lines(tokens: Sequence[Token]) -> list[list[Token]]:
    """Splits tokens by source line. Each line includes the break that ends it. Does not split inside marks."""
    lines: list[list[Token]] = [[]]
    for token in tokens:
        lines[-1].append(token)
        if token.level == 0 and token.type in ("softbreak", "hardbreak"):
            lines.append([])
    return lines


def _has_text(words: Sequence[Token]) -> bool:
    return any(word.content.strip() or word.type == "hardbreak" for word in words)


def _inner_columns(columns: int, indent: int) -> int:
    """Returns the columns inside an indentation. Omits the indentation if too few columns are left."""
    return columns - indent if columns - indent >= _NARROW else columns


def _prefixed(rows: Sequence[Row], first: Span, rest: Span, columns: int) -> list[Row]:
    if _inner_columns(columns, width(first.text)) == columns:
        return list(rows)
    return [indented(rest if i else first, row) for i, row in enumerate(rows)]
