"""Finds the links of a cell: in its prose and its outputs, with the addresses in plain text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tuinb.commands.host import Link
from tuinb.mime import as_text
from tuinb.notebook.streams.sgr import without_style
from tuinb.ui.view.cell_box import Part

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tuinb.notebook.cell import Cell
    from tuinb.notebook.outputs import Output
    from tuinb.render.block import Line
    from tuinb.ui.view.cell_box import CellBox

_MOST_ROWS = 2_000
"""Maximum number of searched rows of a cell, and of lines at the end of a stream."""
_MOST_TEXT = 200_000
"""Maximum number of searched characters of an output."""
_ADDRESS = re.compile(r"https?://[^\x00-\x20\x7f-\xa0<>\"'`|\\^{}]+", re.IGNORECASE)
_AFTER = ".,;:!?"
"""Punctuation after an address that belongs to the sentence."""


def links_in(cell: Cell, box: CellBox) -> list[Link]:
    """Returns the links of a cell that can be opened, each once and in order, including relative ones."""
    found: dict[str, str] = {}
    for link in _all_links(cell, box):
        if _can_open(link.url):
            text = found.get(link.url, "")
            found[link.url] = text if link.text in (text, link.url) else f"{text} {link.text}".strip()
    return [Link(text, url) for url, text in found.items()]


def links_on(line: Line) -> list[Link]:
    """Returns the links of one row."""
    styled = [Link(span.text.strip(), span.style.link) for span in line if span.style is not None and span.style.link]
    return styled or list(_addresses("".join(span.text for span in line)))


def _all_links(cell: Cell, box: CellBox) -> Iterator[Link]:
    if cell.kind == "markdown":
        yield from _of_markdown(cell.source)
        return
    # Only the styles of the rows have the OSC 8 links of printed text.
    for row in range(min(box.height, _MOST_ROWS)):
        if box.part(row)[0] is Part.OUTPUT:
            yield from (Link(span.text.strip(), span.style.link) for span in box.line(row) if span.style and span.style.link)
    for output in cell.outputs:
        yield from _of_output(output)


def _of_output(output: Output) -> Iterator[Link]:
    if output.stream is not None:
        end = output.stream.line_count
        yield from _addresses(without_style("\n".join(output.stream.lines(max(0, end - _MOST_ROWS), end))[-_MOST_TEXT:]))
    elif markup := as_text(output.data.get("text/html")):
        from tuinb.render.html.tree import links

        yield from (Link(*link) for link in links(markup[:_MOST_TEXT]))
    elif source := as_text(output.data.get("text/markdown")):
        yield from _of_markdown(source)
    elif text := as_text(output.data.get("text/plain")):
        yield from _addresses(without_style(text[:_MOST_TEXT]))


def _of_markdown(source: str) -> Iterator[Link]:
    from tuinb.render.markdown import blocks

    return (Link(*link) for link in blocks.links(source))


def _addresses(text: str) -> Iterator[Link]:
    """Yields the web addresses in plain text. A closing bracket whose opening one is before the address is not part of it."""
    for match in _ADDRESS.finditer(text):
        url = match[0].rstrip(_AFTER)
        for opening, closing in ("()", "[]"):
            if url.endswith(closing) and opening not in url:
                url = url[:-1].rstrip(_AFTER)
        yield Link("", url)


def _can_open(url: str) -> bool:
    """Returns whether a URL is a web page or a file, not an anchor, a mail address or a script."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return bool(parts.netloc if parts.scheme in ("http", "https") else parts.scheme in ("", "file") and parts.path)
