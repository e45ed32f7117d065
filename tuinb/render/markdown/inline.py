"""Renders the content of a paragraph as spans: marks, links, formulas, images, footnotes."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import unquote

from rich.style import Style

from tuinb.late_pattern import late_pattern
from tuinb.mime import SVG
from tuinb.record import Record
from tuinb.render.block import Block, Span
from tuinb.render.images import header
from tuinb.render.layout.flow import BREAK
from tuinb.render.safe import clean, link_target

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from markdown_it.token import Token

    from tuinb.notebook.changes import Json
    from tuinb.render.context import RenderContext

_LONG_URL = 60
_BLANKS = late_pattern(r"[ \t]{2,}|\t")
_DATA_URL = late_pattern(r"data:(image/[\w.+-]+);base64,")
_MARKS = {"strong_open": Style(bold=True), "em_open": Style(italic=True), "s_open": Style(strike=True)}
_MOST_MARKS = 60
_RAISED = ("sup", "sub")
_AROUND_IMAGES = late_pattern(r"</?(?:a|br|center|div|p|span)\b|<!--", re.IGNORECASE)
_BESIDE_IMAGES = frozenset(("link_open", "link_close", "softbreak", "hardbreak"))


class Image(Record):
    """The source of an image."""

    address: str
    alt: str
    mime: str = ""
    data: str = ""
    """Base64 data, or the source of an SVG. Empty for a file."""

    @property
    def description(self) -> str:
        """Describes the image by its alternative text or name, and its data."""
        known = header.describe(self.mime, self.data) if self.mime in header.TYPES and self.data else ""
        name = "" if self.address.startswith("data:") else self.address.rstrip("/").rpartition("/")[2]
        short = "" if name.startswith("attachment:.") else name.removeprefix("attachment:")[:_LONG_URL]
        return clean(", ".join(part for part in (self.alt or short, known) if part))


class _Marks:
    """The open marks at a position. HTML tags may close in any order, or without having been opened."""

    def __init__(self, base: Style | None) -> None:
        self._base = base
        self._open: list[tuple[str, Style | None]] = []
        self.style = base

    def open(self, name: str, style: Style | None) -> None:
        if len(self._open) > _MOST_MARKS:
            return
        self._open.append((name, style))
        self.style = self.style if style is None else over(self.style, style)

    def close(self, name: str) -> None:
        found = next((i for i in range(len(self._open) - 1, -1, -1) if self._open[i][0] == name), None)
        if found is None:
            return
        del self._open[found]
        self.style = self._base
        for _, style in self._open:
            self.style = self.style if style is None else over(self.style, style)

    def raised(self, text: str) -> str:
        """Returns the text as superscript or subscript if it is inside `sup` or `sub`."""
        name = next((name[1:] for name, _ in reversed(self._open) if name[1:] in _RAISED), "")
        if not name:
            return text
        from tuinb.render.html.styles import script_text

        return script_text(text, name)


class Inline:
    """Makes the spans of `inline` tokens for one context."""

    def __init__(self, context: RenderContext, attachments: Json) -> None:
        self._context = context
        self._attachments = attachments
        role = context.styles.role
        self._muted, self._link, self._code = role("muted"), role("link"), role("inline_code")

    def spans(self, tokens: Iterable[Token], base: Style | None = None) -> list[Span]:
        """Returns the text of the children of an `inline` token."""
        out: list[Span] = []
        marks = _Marks(base)
        links: list[tuple[str, int]] = []
        for child in tokens:
            kind = child.type
            if kind in _MARKS:
                marks.open(kind[:-5], _MARKS[kind])
            elif kind == "link_open":
                address = str(child.attrs.get("href", ""))
                links.append((address, len(out)))
                target = link_target(address)
                marks.open("link", self._link + Style(link=target) if target else self._link)
            elif kind == "html_inline":
                out.extend(self._tag(child.content, marks))
            elif child.nesting < 0:
                marks.close(kind[:-6])
                if kind == "link_close":
                    out.extend(self._address(*links.pop(), out))
            else:
                out.extend(self._piece(child, marks))
        return out

    def _tag(self, markup: str, marks: _Marks) -> list[Span]:
        """Returns the replacement of one HTML tag. Its style applies to the following text, up to its end tag."""
        from tuinb.render.html import blocks

        tag = blocks.tag(markup, self._context.styles)
        if tag is None:
            return []
        if tag.closing:
            marks.close(f"<{tag.name}")
        elif tag.style is not None or tag.name in _RAISED:
            marks.open(f"<{tag.name}", tag.style)
        return [BREAK] if tag.text == "\n" else [Span(tag.text, over(marks.style, self._muted))] if tag.text else []

    def _piece(self, token: Token, marks: _Marks) -> list[Span]:
        style = marks.style
        match token.type:
            case "softbreak":
                return [Span(" ", style)]
            case "hardbreak":
                return [BREAK]
            case "code_inline":
                return [Span(clean(token.content), over(style, self._code))]
            case "math_inline" | "math_inline_double":
                return self._formula(token, style)
            case "image":
                return [Span(f"[image: {self.image(token).description}]", self._muted)]
            case "footnote_ref":
                return [Span(f"[{clean(footnote_label(token))}]", over(style, self._link))]
            case _:
                text = _BLANKS.sub(" ", token.content)  # as a browser shows it
                return [Span(marks.raised(clean(text)), style)] if text else []

    def _formula(self, token: Token, style: Style | None) -> list[Span]:
        """Returns a formula on one row, or its source if that is not possible."""
        from tuinb.render.math import latex

        line = latex.inline(token.content.strip())
        if line is None:
            shown = clean(f"{token.markup}{token.content}{token.markup}".replace("\n", " "))
            return [Span(shown, over(style, Style(italic=True)))]
        return [Span(span.text, over(style, span.style) if span.style else style) for span in line]

    def image(self, token: Token) -> Image:
        """Returns the image of an `image` token, which may be an attachment or in the address."""
        address, alt = unquote(str(token.attrs.get("src", ""))), token.content.replace("\n", " ")
        if address.startswith("attachment:"):
            from tuinb.render.images import picture

            return Image(address, alt, *picture.attachment(self._attachments, address[11:]))
        if match := _DATA_URL.match(address):
            return Image(address, alt, match[1], address[match.end() :])
        return Image(address, alt)

    def _address(self, url: str, start: int, out: list[Span]) -> list[Span]:
        """Returns the address to show after a link. Returns nothing if the text is the address or the link stays in the
        notebook.
        """
        shown = clean(url)
        text = "".join(span.text for span in out[start:])
        if not shown or shown.startswith("#") or text in (shown, shown.removeprefix("mailto:"), shown.partition("://")[2]):
            return []
        if len(shown) > _LONG_URL:
            shown = shown[: _LONG_URL - 1] + "…"
        return [Span(f" ({shown})", self._muted)]

    def pictures(self, line: Sequence[Token], columns: int) -> list[Block]:
        """Returns the pictures of a line that has only images, which may be links. Returns an empty list if text is better."""
        if self._context.pictures is None:
            return []
        context = replace(self._context, width=columns)
        found = [self._picture(child, context) for child in line if not _is_ignorable(child)]
        return [] if None in found else [block for block in found if block is not None]

    def _picture(self, token: Token, context: RenderContext) -> Block | None:
        """Returns the picture of an image token. Returns None if it can't be loaded, and for other tokens."""
        if token.type == "html_inline" and token.content[:4].lower() == "<img":
            from tuinb.render.html import blocks

            return blocks.picture(token.content, context, self._attachments)
        if token.type != "image":
            return None
        from tuinb.render.images import picture

        image = self.image(token)
        if image.data:
            if image.mime == SVG:
                return picture.render_bytes(SVG, header.decode_base64(image.data), context, clean(image.alt))
            known = image.mime in header.TYPES
            return picture.render(image.mime, image.data, None, context, clean(image.alt)) if known else None
        return picture.from_address(image.address, context, clean(image.alt))


def _is_ignorable(token: Token) -> bool:
    """Whether a token beside an image leaves the image alone on its line."""
    if token.type == "html_inline":
        return _AROUND_IMAGES.match(token.content) is not None
    return token.type in _BESIDE_IMAGES or (token.type == "text" and not token.content.strip())


def footnote_label(token: Token) -> str:
    """Returns the label of a footnote, in the text and before the note."""
    return str(token.meta.get("label") or token.meta.get("id", 0) + 1)


def over(base: Style | None, style: Style) -> Style:
    """Returns `style` combined over `base`."""
    return style if base is None else base + style
