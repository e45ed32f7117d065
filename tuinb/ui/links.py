"""The links in what is shown of a cell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuinb.commands.context import Link
from tuinb.ui.boxes import Part

if TYPE_CHECKING:
    from tuinb.render.block import Line
    from tuinb.ui.boxes import CellBox

_MOST_ROWS = 2_000
"""Rows of a cell that are looked through."""


def links_in(box: CellBox) -> list[Link]:
    """The links of a cell's prose and of the rows of its outputs that are shown, each once, in order."""
    found: dict[str, str] = {}
    for row in range(min(box.height, _MOST_ROWS)):
        if box.part(row)[0] in (Part.PROSE, Part.OUTPUT):
            for link in links_on(box.line(row)):
                text = found.get(link.url, "")
                found[link.url] = f"{text} {link.text}".strip() if text != link.text else text
    return [Link(text, url) for url, text in found.items()]


def links_on(line: Line) -> list[Link]:
    """The links of one row."""
    return [Link(span.text.strip(), span.style.link) for span in line if span.style is not None and span.style.link]
