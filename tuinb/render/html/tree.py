"""HTML as a tree of elements and text, made by lxml as the markup is fed to it.

libxml2 knows which ends may be left out and which characters stand for what. It is fed piece by piece and stopped as soon as
there is more than a screen is for, or deeper than anything real: the time that any markup takes is bounded, whatever its size.
(A whole tree by lexbor, the fastest parser tried, takes 40 seconds where 500 kB nest elements as deep as they can.)
Nothing is fetched and nothing is run: an address is text here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias, cast

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lxml.etree import ParserTarget

_CHUNK = 1 << 15
"""Characters fed at a time."""
_MOST = 1 << 20
"""Characters fed in all: what is not shown (scripts, styles) may be long, too."""
_MOST_TEXT = 200_000
"""Characters of text."""
_MOST_NODES = 12_000
"""Elements and texts: a table of about 6,000 cells, where pandas shows 1,200 unless it is told to show more."""
_DEEPEST = 100

NOT_SHOWN = frozenset(("script", "style", "template", "head", "datalist", "map", "colgroup"))
"""Elements that are not there for a reader."""


@dataclass(slots=True)
class Element:
    name: str
    """In lower case; empty for the root."""
    attributes: Mapping[str, str] = field(default_factory=dict)
    children: list[Node] = field(default_factory=list)

    def get(self, name: str) -> str:
        """An attribute's value, or an empty string."""
        return self.attributes.get(name, "") if self.attributes else ""

    def elements(self) -> Iterator[Element]:
        """The children that are elements."""
        return (child for child in self.children if isinstance(child, Element))

    def text(self) -> str:
        """All the text inside."""
        return "".join(child if isinstance(child, str) else child.text() for child in self.children)


Node: TypeAlias = Element | str


@dataclass(frozen=True, slots=True)
class Parsed:
    root: Element
    left: int
    """Characters of markup, about, that were not read because there was enough."""
    deep: bool
    """Whether reading stopped because elements were nested too deeply."""


def parse(markup: str) -> Parsed:
    """The markup, or as much of its beginning as may be shown. Raises nothing, whatever it is."""
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
    except _EnoughError:
        pass
    except etree.XMLSyntaxError:
        # Markup without a single element or text.
        return Parsed(builder.root, 0, deep=False)
    return Parsed(builder.root, max(0, len(markup) - at), builder.depth > _DEEPEST)


def links(markup: str) -> list[tuple[str, str]]:
    """The text and the address of each link, in order: addresses are as written (relative ones and `#…` among them)."""
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
    """Whether a browser would not show it."""
    if element.name in NOT_SHOWN or element.name == "title" or "hidden" in element.attributes:
        return True
    style = element.get("style")
    return "display" in style and declarations(style).get("display") == "none"


def declarations(style: str) -> dict[str, str]:
    """What a `style` attribute declares: property → value, in lower case."""
    found = {}
    for declaration in style[:_LONGEST_STYLE].lower().split(";"):
        name, colon, value = declaration.partition(":")
        if colon:
            found[name.strip()] = value.replace("!important", "").strip()
    return found


_LONGEST_STYLE = 2_000


_EMPTY = frozenset(("wbr", "source", "track"))
"""Elements without content that libxml2 does not know: what follows them is no part of them."""
_TABLE = frozenset(("table", "thead", "tbody", "tfoot", "tr"))
"""Where white space is there for whoever reads the markup."""


class _EnoughError(Exception):
    """Stops the parser."""


class _Builder:
    """What lxml calls as it reads. Texts inside elements that are not shown are left out at once."""

    def __init__(self) -> None:
        self.root = Element("")
        self._open = [self.root]
        self._texts: list[str] = []
        self._nodes = 0
        self._length = 0
        self._skipped = 0
        """How many elements that are not shown are open."""
        self.depth = 0

    def start(self, name: str, attributes: Mapping[str, str], /) -> None:
        self.flush()
        self._count()
        parent = self._open[-1]
        if name in _EMPTY:
            parent.children.append(Element(name, dict(attributes)))
            self._open.append(parent)
            return
        self.depth += 1
        if self.depth > _DEEPEST:
            raise _EnoughError
        element = Element(name, dict(attributes)) if attributes else Element(name)
        if not self._skipped:
            parent.children.append(element)
        self._skipped += name in NOT_SHOWN
        self._open.append(element)

    def end(self, name: str, /) -> None:
        self.flush()
        self.depth -= name not in _EMPTY
        self._skipped -= name in NOT_SHOWN
        self._open.pop()

    def data(self, text: str, /) -> None:
        if self._skipped:
            return
        # A text arrives in as many pieces as it has entities.
        self._texts.append(text)
        self._length += len(text)
        if self._length > _MOST_TEXT:
            self.flush()
            raise _EnoughError

    def close(self) -> None:
        """The end of the markup."""
        self.flush()

    def flush(self) -> None:
        """Puts the text that has arrived where it belongs."""
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
            raise _EnoughError
