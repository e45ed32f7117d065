"""Writes rendered lines as text: with escape sequences for colours, or plain."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

from tuinb import themes
from tuinb.capabilities import Capabilities, Colors
from tuinb.render.block import plain
from tuinb.render.styles import ThemeStyles
from tuinb.terminal.pens import DEFAULT, Pens
from tuinb.terminal.probe import capabilities

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path
    from typing import TextIO

    from tuinb.notebook.changes import Json
    from tuinb.render.block import Line
    from tuinb.render.context import RenderContext

COLOR_CHOICES = ("auto", "always", "never")
_OWN_COLORS = "ansi"
"""The theme for text that is only printed: the terminal's own sixteen colours, since its background is unknown."""
_PLAIN_WIDTH = 80
_PICTURE_ROWS = 8
"""Rows of an image in a comparison: both sides fit on a screen."""
_MARGIN = 3
"""Columns left of it."""


class LineWriter:
    """Converts rendered lines to text for one colour depth."""

    def __init__(self, colors: Colors) -> None:
        self._pens = Pens(Capabilities(colors)) if colors else None

    def __call__(self, line: Line) -> str:
        """Returns one line without line feed. At its end all attributes are reset."""
        pens = self._pens
        if pens is None:
            return plain(line).rstrip()
        pen = DEFAULT
        parts: list[str] = []
        for span in line:
            number, *_ = pens.of(span.style)
            sequence, pen = pens.transition(pen, number)
            parts += (sequence, span.text)
        sequence, _ = pens.transition(pen, pens.of(None)[0])
        return "".join((*parts, sequence))


def colors_for(out: TextIO, choice: str = "auto") -> Colors:
    """Returns the colour depth for `out`. `choice` is one of COLOR_CHOICES."""
    if choice == "never":
        return Colors.NONE
    found = capabilities(os.environ).colors
    if choice == "always":
        return found or Colors.ANSI16
    return found if out.isatty() and os.environ.get("TERM") != "dumb" else Colors.NONE


def columns_of(out: TextIO) -> int:
    """Returns the columns of the terminal that `out` is, else 80."""
    return shutil.get_terminal_size((_PLAIN_WIDTH, 24)).columns if out.isatty() else _PLAIN_WIDTH


def styles_for(theme: str | None = None) -> ThemeStyles:
    """Returns the styles of a theme. Raises ConfigError if it does not exist."""
    return ThemeStyles(themes.load(theme or _OWN_COLORS))


def context_for(
    width: int, theme: str | None = None, folder: Path | None = None, colors: Colors = Colors.NONE
) -> RenderContext:
    """Returns a context for rendering. With colours images are drawn. Raises ConfigError if the theme does not exist."""
    from tuinb.render.context import RenderContext
    from tuinb.render.images.gallery import Gallery

    chosen = themes.load(theme or _OWN_COLORS)
    unicode = capabilities(os.environ).unicode
    return RenderContext(
        width,
        chosen,
        ThemeStyles(chosen),
        Capabilities(colors, unicode=unicode),
        folder=folder,
        pictures=Gallery(synchronous=True) if colors else None,
    )


def drawn(context: RenderContext, image: Mapping[str, Json]) -> Iterator[Line]:
    """Yields the rows of a MIME bundle with an image that is compared."""
    from tuinb.render.registry import render_bundle

    block = render_bundle(image, replace(context, width=max(1, context.width - _MARGIN), picture_rows=_PICTURE_ROWS))
    yield from (block.line(row) for row in range(block.height))
