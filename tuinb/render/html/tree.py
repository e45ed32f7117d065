"""Parses HTML into a tree of elements and text with lxml.

libxml2 knows the optional end tags and the character entities. The markup is fed in pieces, and parsing stops at a limit of
content or depth. This bounds the time for any markup. (A complete tree by lexbor, the fastest parser tried, takes 40
seconds for 500 kB of nested elements.) Nothing is fetched or executed; an address is text here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias, cast

from tuinb.record import Record

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lxml.etree import ParserTarget

_CHUNK = 1 << 15
"""Characters fed at a time."""
_MOST = 1 << 20
"""Maximum number of characters fed. Hidden content (scripts, styles) may be long too."""
_MOST_TEXT = 200_000
"""Maximum number of characters of text."""
_MOST_NODES = 12_000
"""Maximum number of elements and texts: a table of about 6,000 cells. By default, pandas shows 1,200."""
_DEEPEST = 100

NOT_SHOWN = frozenset(("script", "style", "template", "head", "datalist", "map", "colgroup"))
"""Elements without readable content."""


@dataclass(slots=True)
class Element:
    name: str
    """Lower case. Empty for the root."""
    attributes: Mapping[str, str] = field(default_factory=dict)
    children: list[Node] = field(default_factory=list)

    def get(self, name: str) -> str:
        """Returns an attribute's value, or an empty string."""
        return self.attributes.get(name, "") if self.attributes else ""

    def elements(self) -> Iterator[Element]:
        """Yields the child elements."""
        return (child for child in self.children if isinstance(child, Element))

    def text(self) -> str:
        """Returns all text inside."""
        return "".join(child if isinstance(child, str) else child.text() for child in self.children)


Node: TypeAlias = Element | str


class Parsed(Record):
    root: Element
    unread: int
    """Approximate number of characters that were not read because of a limit."""
    too_deep: bool
    """Whether reading stopped because elements were nested too deeply."""


def parse(markup: str) -> Parsed:
    """Returns the tree of the markup, up to the limits. Never raises."""
    from lxml import etree

    builder = _Builder()
    parser = etree.HTMLParser(target=cast("ParserTarget[None]", builder), recover=True, no_network=True, encoding="utf-8")
    end = min(len(markup), _MOST)
    at = 0
    try:
        while at < end:
            parser.feed(markup[at : min(at + _CHUNK, end)].encode("utf-8", "replace"))
            at += _CHUNK
        parser.close()
    except _LimitReachedError:
        pass
    except etree.XMLSyntaxError:
        # Markup without any element or text.
        return Parsed(builder.root, 0, too_deep=False)
    return Parsed(builder.root, max(0, len(markup) - at), builder.depth > _DEEPEST)


def links(markup: str) -> list[tuple[str, str]]:
    """Returns the text and address of each link, in order. Addresses are as written, including relative ones and `#…`."""
    found: list[tuple[str, str]] = []
    waiting: list[Node] = [parse(markup).root]
    while waiting:
        node = waiting.pop()
        if isinstance(node, str) or hidden(node):
            continue
        if node.name == "a" and (address := node.get("href").strip()):
            found.append((" ".join(node.text().split()) or address, address))
        waiting += reversed(node.children)
    return found


def hidden(element: Element) -> bool:
    """Whether a browser hides the element."""
    if element.name in NOT_SHOWN or element.name == "title" or "hidden" in element.attributes:
        return True
    style = element.get("style")
    return "display" in style and declarations(style).get("display") == "none"


def declarations(style: str) -> dict[str, str]:
    """Returns the declarations of a `style` attribute as property → value, in lower case."""
    found = {}
    for declaration in style[:_LONGEST_STYLE].lower().split(";"):
        name, colon, value = declaration.partition(":")
        if colon:
            found[name.strip()] = value.replace("!important", "").strip()
    return found


_LONGEST_STYLE = 2_000


_VOID = frozenset(("wbr", "source", "track"))
"""Void elements that libxml2 does not know. The text after them is not their content."""
_TABLE = frozenset(("table", "thead", "tbody", "tfoot", "tr"))
"""Elements in which white space only formats the markup."""


class _LimitReachedError(Exception):
    """Stops the parser."""


class _Builder:
    """Receives lxml's parse events. Drops text inside hidden elements."""

    def __init__(self) -> None:
        self.root = Element("")
        self._open = [self.root]
        self._texts: list[str] = []
        self._nodes = 0
        self._length = 0
        self._skipped = 0
        """Number of open hidden elements."""
        self.depth = 0

    def start(self, name: str, attributes: Mapping[str, str], /) -> None:
        self.flush()
        self._count()
        parent = self._open[-1]
        if name in _VOID:
            parent.children.append(Element(name, dict(attributes)))
            self._open.append(parent)
            return
        self.depth += 1
        if self.depth > _DEEPEST:
            raise _LimitReachedError
        element = Element(name, dict(attributes)) if attributes else Element(name)
        if not self._skipped:
            parent.children.append(element)
        self._skipped += name in NOT_SHOWN
        self._open.append(element)

    def end(self, name: str, /) -> None:
        self.flush()
        self.depth -= name not in _VOID
        self._skipped -= name in NOT_SHOWN
        self._open.pop()

    def data(self, text: str, /) -> None:
        if self._skipped:
            return
        # A text arrives in one piece for each entity.
        self._texts.append(text)
        self._length += len(text)
        if self._length > _MOST_TEXT:
            self.flush()
            raise _LimitReachedError

    def close(self) -> None:
        """Ends the document."""
        self.flush()

    def flush(self) -> None:
        """Adds the collected text to the open element."""
        if self._texts:
            text = "".join(self._texts)
            self._texts.clear()
            parent = self._open[-1]
            if parent.name not in _TABLE or not text.isspace():
                parent.children.append(text)
                self._count()

    def _count(self) -> None:
        self._nodes += 1
        if self._nodes > _MOST_NODES:
            raise _LimitReachedError
