"""Renders inline HTML as spans: text with collapsed white space, links, and form controls as their value."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuinb.render.block import Span
from tuinb.render.html.styles import link_style, over, script_text, style_of
from tuinb.render.html.tree import Element, hidden
from tuinb.render.layout.flow import BREAK
from tuinb.render.safe import clean

if TYPE_CHECKING:
    from collections.abc import Iterable
    from xml.etree import ElementTree

    from rich.style import Style

    from tuinb.render.html.tree import Node
    from tuinb.render.styles import ThemeStyles

_BAR = 20
"""Columns of a progress bar."""
_SPACES = str.maketrans("\t\n\r\f", "    ")
_ELSEWHERE = frozenset(("iframe", "embed", "object", "video", "audio"))
_LONGEST = 60
_NOT_BUTTONS = frozenset(("hidden", "image", "file", "color", "range"))
_LARGE_SVG = 64
"""Minimum size, in pixels, of an embedded SVG that is a picture and not an icon."""

BLOCKS = frozenset(
    (
        *("html", "body", "div", "p", "section", "article", "main", "header", "footer", "nav", "aside", "center", "address"),
        *("h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "dl", "dt", "dd", "menu", "blockquote", "pre", "hr"),
        *("table", "caption", "thead", "tbody", "tfoot", "tr", "td", "th", "details", "summary", "figure", "figcaption"),
        *("fieldset", "legend", "form", "xmp", "listing", "plaintext", "hgroup", "search", "dialog"),
    )
)
"""Elements that begin and end lines."""


class Spans:
    """Collects the spans of a paragraph and collapses white space across spans."""

    def __init__(self, styles: ThemeStyles) -> None:
        self._styles = styles
        self.spans: list[Span] = []
        self._spaced = True

    def text(self, text: str, style: Style | None) -> None:
        """Adds text of the markup."""
        text = text.translate(_SPACES)
        words = " ".join(filter(None, text.split(" ")))
        if not words:
            if text and not self._spaced:
                self._add(" ", style)
            return
        before = " " if text[0] == " " and not self._spaced else ""
        self._add(before + clean(words) + (" " if text[-1] == " " else ""), style)

    def put(self, text: str, style: Style | None) -> None:
        """Adds text that the program made."""
        self._add(clean(text.translate(_SPACES)), style)

    def end_line(self) -> None:
        self.spans.append(BREAK)
        self._spaced = True

    def _add(self, text: str, style: Style | None) -> None:
        if text:
            self.spans.append(Span(text, style))
            self._spaced = text[-1] == " "

    def take(self) -> list[Span]:
        """Returns the collected spans and clears them."""
        spans, self.spans, self._spaced = self.spans, [], True
        return spans

    def add(self, nodes: Iterable[Node], style: Style | None) -> None:
        """Adds nodes, all treated as inline content."""
        for node in nodes:
            if isinstance(node, str):
                self.text(node, style)
            elif not hidden(node) and not self.control(node, style):
                self.add(node.children, over(style, style_of(node, self._styles)))

    def control(self, element: Element, style: Style | None) -> bool:
        """Adds an element that is shown by a replacement. Returns False for other elements."""
        name = element.name
        muted = self._styles.role("muted")
        if name == "br":
            self.end_line()
        elif name in ("img", "svg"):
            self._image(element, muted)
        elif name in _ELSEWHERE:
            self._link_to(element, muted)
        elif name in ("sup", "sub"):
            self.text(script_text(" ".join(element.text().split()), name), over(style, style_of(element, self._styles)))
        elif name == "q":
            self.text("“", style)
            self.add(element.children, style)
            self.text("”", style)
        elif name == "math":
            self._formula(element, style)
        elif name in ("progress", "meter"):
            self.put(_bar(element), self._styles.role("running"))
        elif description := _form_text(element):
            self.put(description, muted if name == "input" and not element.get("value") else style)
        else:
            return name in ("input", "select", "textarea")
        return True

    def _formula(self, element: Element, style: Style | None) -> None:
        """Adds MathML as a formula, or its text if it can't be drawn."""
        from tuinb.render.math import latex

        root = _as_xml(element)
        line = latex.mathml(root) or (Span(" ".join(root.itertext())),)
        for span in line:
            self.put(span.text, over(style, span.style) if span.style else style)

    def _image(self, element: Element, muted: Style) -> None:
        description = image_text(element)
        if description:
            source = "" if element.get("src").startswith("data:") else element.get("src")
            self.put(f"[image: {description}]", over(muted, link_style(source, self._styles)))

    def _link_to(self, element: Element, muted: Style) -> None:
        """Adds the address of a frame, video or audio element."""
        target = element.get("src") or element.get("data")
        for child in element.elements():
            target = target or child.get("src")
        kind = "frame" if element.name in ("iframe", "embed", "object") else element.name
        where = target if target.startswith(("http:", "https:", "file:", "//")) else "" if ":" in target else target
        short = where if len(where) <= _LONGEST else where[: _LONGEST - 1] + "…"
        self.put(f"[{kind}: {short}]" if short else f"[{kind}]", over(muted, link_style(where, self._styles)))


def _as_xml(element: Element) -> ElementTree.Element:
    """Converts to XML without annotations. Tokens keep their text, other elements keep their children."""
    from xml.etree import ElementTree

    made = ElementTree.Element("mrow" if element.name == "semantics" else element.name, dict(element.attributes or {}))
    made.extend(_as_xml(child) for child in element.elements() if not child.name.startswith("annotation"))
    if not len(made):
        made.text = " ".join(element.text().split())
    return made


def image_text(element: Element) -> str:
    """Describes an image: by its alternative text, else by its file name. Returns an empty string for an icon."""
    if element.name == "svg":
        title = next((" ".join(child.text().split()) for child in element.elements() if child.name == "title"), "")
        width, height = (element.get(name).removesuffix("px").partition(".")[0] for name in ("width", "height"))
        large = width.isdecimal() and height.isdecimal() and min(len(width), len(height)) > 1 and int(width[:6]) > _LARGE_SVG
        return title or (f"SVG, {width}\N{MULTIPLICATION SIGN}{height}" if large else "")
    source = element.get("src")
    name = "" if source.startswith("data:") else source.partition("?")[0].rstrip("/").rpartition("/")[2]
    if "alt" in element.attributes and not element.get("alt").strip() and not source.startswith("data:"):
        return ""
    description = " ".join((element.get("alt") or element.get("title") or name).split())
    return description or source[5:].partition(";")[0].partition(",")[0] or "?"


def _bar(element: Element) -> str:
    value, most, least = (_number(element.get(name)) for name in ("value", "max", "min"))
    if value is None:
        return "[…]"
    low, high = least or 0.0, most or 1.0
    share = min(1.0, max(0.0, (value - low) / (high - low))) if high > low else 0.0
    done = round(share * _BAR)
    return "━" * done + "╌" * (_BAR - done)


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if abs(number) < 1e300 else None


def _form_text(element: Element) -> str:
    """Returns a form control as its value. Returns an empty string for other elements."""
    name, kind = element.name, element.get("type").lower()
    if name == "input":
        if kind == "checkbox":
            return "☑" if "checked" in element.attributes else "☐"
        if kind == "radio":
            return "◉" if "checked" in element.attributes else "○"
        if kind == "password":
            return "[" + "•" * min(8, len(element.get("value"))) + "]"
        return "" if kind in _NOT_BUTTONS - {"range"} else f"[{element.get('value') or element.get('placeholder')}]"
    if name == "button":
        text = " ".join(element.text().split())
        return f"[{text}]" if text else ""
    if name == "select":
        options = list(_options(element))
        chosen = [option for option in options if "selected" in option.attributes] or options[:1]
        return f"[{', '.join(' '.join(option.text().split()) for option in chosen)}]"
    if name == "textarea":
        return f"[{element.text()}]"
    return ""


def _options(element: Element) -> Iterable[Element]:
    for child in element.elements():
        if child.name == "option":
            yield child
        elif child.name == "optgroup":
            yield from _options(child)
