"""Rendered lines as text to write: with the terminal's colours, or plain."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

from tuinb import themes
from tuinb.capabilities import Capabilities, Colors
from tuinb.render.block import plain
from tuinb.render.context import RenderContext
from tuinb.render.images.gallery import Gallery
from tuinb.render.styles import ThemeStyles
from tuinb.terminal.pens import DEFAULT, Pens
from tuinb.terminal.probe import capabilities

if TYPE_CHECKING:
    from pathlib import Path
    from typing import TextIO

    from tuinb.render.block import Line

COLOR_CHOICES = ("auto", "always", "never")
_OWN_COLORS = "ansi"
"""The theme of a text in somebody else's terminal, whose background isn't ours: its own sixteen colours."""
_PLAIN_WIDTH = 80


class Ink:
    """Writes lines for one depth of colour."""

    def __init__(self, colors: Colors) -> None:
        self._pens = Pens(Capabilities(colors)) if colors else None

    def __call__(self, line: Line) -> str:
        """One line, without its line feed; what it sets is off again at its end."""
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
    """The colours to write to `out`; `choice` is one of COLOR_CHOICES."""
    if choice == "never":
        return Colors.NONE
    found = capabilities(os.environ).colors
    if choice == "always":
        return found or Colors.ANSI16
    return found if out.isatty() and os.environ.get("TERM") != "dumb" else Colors.NONE


def columns_of(out: TextIO) -> int:
    """The width to write to `out`: the terminal's, or that of a page."""
    return shutil.get_terminal_size((_PLAIN_WIDTH, 24)).columns if out.isatty() else _PLAIN_WIDTH


def context_for(
    width: int, theme: str | None = None, folder: Path | None = None, colors: Colors = Colors.NONE
) -> RenderContext:
    """What rendering depends on; in colour images are pictures. Raises ConfigError for a theme that there isn't."""
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
