"""Markdown (CommonMark, tables, strikethrough, task lists) as lines of a width.

markdown-it-py makes a flat list of tokens; here they become nested blocks, each drawn into the width that its surroundings
leave it. Nesting is bounded by the parser (deeper marks stay text), and indentation stops where less than _NARROW columns are
left. A heading keeps its `#`, dimmed, so that its level is seen without sizes. Formulas between dollars stay source.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import unquote

from rich.style import Style

from tuinb.render.block import Block, Line, Lines, Span
from tuinb.render.code import Highlighted
from tuinb.render.flow import BREAK, flow, joined, line_width
from tuinb.render.images import header
from tuinb.render.safe import clean, width, with_base
from tuinb.render.tables import draw_table
from tuinb.render.text import TextBlock, TextLines, wrap

if TYPE_CHECKING:
    from collections.abc import Iterator

    from markdown_it import MarkdownIt
    from markdown_it.rules_inline import StateInline
    from markdown_it.token import Token

    from tuinb.notebook.changes import Json
    from tuinb.render.context import RenderContext

_LONG = 60_000
"""Characters of a source that is parsed."""
_BRACKETS = 3_000
"""Brackets of a source that is parsed: each may look for its partner through all that follows."""
_DEEP = 40
"""Levels of nesting; the parser leaves out what is nested deeper, so such a source is shown as it is, too."""
_NARROW = 8
_BULLETS = "•◦▪"
_TASKS = {"[ ] ": "☐ ", "[x] ": "☑ ", "[X] ": "☑ "}
_LONG_URL = 60
_DATA_URL = re.compile(r"data:(image/[\w.+-]+);base64,")


def render(source: str, context: RenderContext, attachments: Json = None) -> Block:
    """The source as a block; none of its lines is wider than the context. Images are found among the attachments."""
    if len(source) > _LONG or source.count("[") > _BRACKETS:
        return _plain(source, context)
    tokens = _parser().parse(source)
    if any(token.level >= _DEEP - 1 for token in tokens):
        return _plain(source, context)
    return Lines(_Renderer(context, attachments).blocks(Tokens(tokens), context.width))


def _plain(source: str, context: RenderContext) -> Block:
    return TextBlock(TextLines(source), context.width, context.styles)


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"maxNesting": _DEEP}).enable(["table", "strikethrough"])
    parser.inline.ruler.before("escape", "math", _math)
    return parser


def _math(state: StateInline, silent: bool) -> bool:
    """Keeps `$…$` and `$$…$$` from being read as Markdown; the rule for dollars is pandoc's."""
    text, at = state.src, state.pos
    if text[at] != "$":
        return False
    mark = "$$" if text.startswith("$$", at) else "$"
    start = at + len(mark)
    end = text.find(mark, start, state.posMax)
    if end <= start or (
        mark == "$" and (text[start].isspace() or text[end - 1].isspace() or text[end + 1 : end + 2].isdigit())
    ):
        return False
    if not silent:
        state.push("math", "", 0).content = text[at : end + len(mark)]
    state.pos = end + len(mark)
    return True


class Tokens:
    """The parser's list, read from front to back."""

    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._at = 0

    def __iter__(self) -> Iterator[Token]:
        """The tokens up to the end of the block that is open; those of blocks inside are for whoever takes them."""
        while self._at < len(self._tokens):
            token = self._tokens[self._at]
            self._at += 1
            if token.nesting < 0:
                return
            yield token


class _Renderer:
    def __init__(self, context: RenderContext, attachments: Json) -> None:
        self._attachments = attachments
        self._styles = context.styles
        role = context.styles.role
        self._muted, self._rule, self._heading = role("muted"), role("rule"), role("heading")
        self._link, self._code = role("link"), role("inline_code")
        self._code_background = role("code_background")

    def blocks(self, tokens: Tokens, columns: int, *, tight: bool = False, depth: int = 0) -> list[Line]:
        """The blocks up to the end of the one that is open, a blank line between them unless they are tight."""
        lines: list[Line] = []
        for token in tokens:
            block = self._block(token, tokens, columns, depth)
            if lines and block and not tight:
                lines.append(())
            lines.extend(block)
        return lines

    def _block(self, token: Token, tokens: Tokens, columns: int, depth: int) -> list[Line]:
        match token.type:
            case "inline":
                return flow(self.inline(token), columns)
            case "paragraph_open":
                return [line for inner in tokens for line in flow(self.inline(inner), columns)]
            case "heading_open":
                return self._heading_lines(int(token.tag[1:]), tokens, columns)
            case "bullet_list_open" | "ordered_list_open":
                return self._list(token, tokens, columns, depth)
            case "blockquote_open":
                inner = self.blocks(tokens, _inside(columns, 2), depth=depth)
                return _prefixed(inner, Span("▎ ", self._rule), Span("▎ ", self._rule), columns)
            case "fence" | "code_block":
                return self._code_lines(token.content, token.info, columns)
            case "hr":
                return [(Span("─" * columns, self._rule),)]
            case "table_open":
                return draw_table(self._table_rows(tokens), columns, self._rule)
            case "html_block":
                return [
                    row
                    for text in token.content.rstrip("\n").split("\n")
                    for row in wrap((Span(clean(text), self._muted),), columns)
                ]
            case _:
                return self.blocks(tokens, columns, depth=depth) if token.nesting > 0 else []

    def _heading_lines(self, level: int, tokens: Tokens, columns: int) -> list[Line]:
        mark = Span("#" * level + " ", self._muted)
        spans = [span for inner in tokens for span in self.inline(inner, self._heading)]
        return _prefixed(flow(spans, _inside(columns, level + 1)) or [()], mark, Span(" " * (level + 1)), columns)

    def _list(self, token: Token, tokens: Tokens, columns: int, depth: int) -> list[Line]:
        number = int(token.attrs.get("start", 1)) if token.type == "ordered_list_open" else None
        lines: list[Line] = []
        for item in tokens:
            mark = f"{_BULLETS[depth % len(_BULLETS)]} " if number is None else f"{number}{item.markup or '.'} "
            inner, tight = self._item(tokens, _inside(columns, len(mark)), depth + 1)
            if lines and not tight:
                lines.append(())
            if task := _task_of(inner):
                inner[0], mark = task[1], task[0]
            lines.extend(_prefixed(inner or [()], Span(mark, self._muted), Span(" " * len(mark)), columns))
            number = None if number is None else number + 1
        return lines

    def _item(self, tokens: Tokens, columns: int, depth: int) -> tuple[list[Line], bool]:
        """An item's lines, and whether its list is tight: the parser hides a tight list's paragraphs."""
        lines: list[Line] = []
        tight = True
        for token in tokens:
            if token.type == "paragraph_open" and not token.hidden:
                tight = False
            block = self._block(token, tokens, columns, depth)
            if lines and block and not tight:
                lines.append(())
            lines.extend(block)
        return lines, tight

    def _code_lines(self, content: str, info: str, columns: int) -> list[Line]:
        language = info.split()[0].strip("{}.") if info.strip("{}. \t") else "text"
        code = Highlighted(content.removesuffix("\n"), language, self._styles)
        margin = 1 if columns > _NARROW else 0
        rows = (row for i in range(code.line_count) for row in wrap(code.line(i), columns - 2 * margin))
        return [self._on_code(row, columns, margin) for row in rows]

    def _on_code(self, row: Line, columns: int, margin: int) -> Line:
        background = self._code_background
        padded = (Span(" " * margin), *row, Span(" " * (columns - margin - line_width(row))))
        return joined(span._replace(style=background if span.style is None else background + span.style) for span in padded)

    def _table_rows(self, tokens: Tokens) -> list[list[tuple[str, list[Span]]]]:
        """Rows of cells, the header first; a cell is its alignment and its content."""
        rows = []
        for _section in tokens:
            for _row in tokens:
                cells = []
                for cell in tokens:
                    style = Style(bold=True) if cell.type == "th_open" else None
                    content = [span for inner in tokens for span in self.inline(inner, style)]
                    cells.append((str(cell.attrs.get("style", "")).removeprefix("text-align:"), content))
                rows.append(cells)
        return rows

    # ---- inside a paragraph

    def inline(self, token: Token, base: Style | None = None) -> list[Span]:
        """The text of an `inline` token."""
        out: list[Span] = []
        stack: list[Style | None] = [base]
        links: list[tuple[str, int]] = []
        for child in token.children or ():
            match child.type:
                case "strong_open" | "em_open" | "s_open":
                    stack.append(_over(stack[-1], _MARKS[child.type]))
                case "link_open":
                    links.append((str(child.attrs.get("href", "")), len(out)))
                    stack.append(_over(stack[-1], self._link))
                case "link_close":
                    stack.pop()
                    out.extend(self._target(*links.pop(), out))
                case "strong_close" | "em_close" | "s_close":
                    stack.pop()
                case _:
                    out.extend(self._piece(child, stack[-1]))
        return out

    def _piece(self, token: Token, style: Style | None) -> list[Span]:
        match token.type:
            case "softbreak":
                return [Span(" ", style)]
            case "hardbreak":
                return [BREAK]
            case "code_inline":
                return [Span(clean(token.content), _over(style, self._code))]
            case "math":
                return [Span(clean(token.content.replace("\n", " ")), _over(style, Style(italic=True)))]
            case "image":
                return [Span(f"[image: {self._image(token)}]", self._muted)]
            case "html_inline":
                if token.content.lower().replace(" ", "") in ("<br>", "<br/>"):
                    return [BREAK]
                return [Span(clean(token.content.replace("\n", " ")), self._muted)]
            case _:
                return [Span(clean(token.content), style)] if token.content else []

    def _image(self, token: Token) -> str:
        """What an image is said to show, and what is known of its data, which may be an attachment or in the address."""
        url = unquote(str(token.attrs.get("src", "")))
        name = token.content.replace("\n", " ")
        mime, data = "", ""
        if url.startswith("attachment:"):
            bundle = self._attachments.get(url[11:]) if isinstance(self._attachments, Mapping) else None
            mime, data = next(iter(bundle.items()), ("", "")) if isinstance(bundle, Mapping) else ("", "")
        elif match := _DATA_URL.match(url):
            mime, data = match[1], url[match.end() :]
        said = header.describe(mime, data) if mime in header.TYPES and isinstance(data, str) else ""
        short = "" if url.startswith("data:") else url.rstrip("/").rpartition("/")[2].removeprefix("attachment:")
        return clean(", ".join(part for part in (name or short[:_LONG_URL], said) if part))

    def _target(self, url: str, start: int, out: list[Span]) -> list[Span]:
        """What follows a link's text: where it goes, unless the text says so or it stays in the notebook."""
        shown = clean(url)
        text = "".join(span.text for span in out[start:])
        if not shown or shown.startswith("#") or shown.removeprefix("mailto:") == text:
            return []
        if len(shown) > _LONG_URL:
            shown = shown[: _LONG_URL - 1] + "…"
        return [Span(f" ({shown})", self._muted)]


_MARKS = {"strong_open": Style(bold=True), "em_open": Style(italic=True), "s_open": Style(strike=True)}


def _over(base: Style | None, style: Style) -> Style:
    return style if base is None else base + style


def _inside(columns: int, indent: int) -> int:
    """The columns left inside an indentation, which is given up where too few are."""
    return columns - indent if columns - indent >= _NARROW else columns


def _prefixed(lines: list[Line], first: Span, rest: Span, columns: int) -> list[Line]:
    if _inside(columns, width(first.text)) == columns:
        return lines
    return [(rest if i else first, *line) for i, line in enumerate(lines)]


def _task_of(lines: list[Line]) -> tuple[str, Line] | None:
    """The box of a task list's item, and its first line without it."""
    if not lines or not lines[0] or (box := _TASKS.get(lines[0][0].text[:4])) is None:
        return None
    head, *tail = lines[0]
    return box, (Span(with_base(head.text[4:]), head.style), *tail)
