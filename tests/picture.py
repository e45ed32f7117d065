"""`python -m tests.picture` draws the README's picture: the real program on a pseudo-terminal, with a kernel, as an SVG."""

from __future__ import annotations

import sys
import tempfile
from html import escape
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from tests.support import NOTEBOOKS, ROOT
from tests.terminal_emulator import Terminal

if TYPE_CHECKING:
    from pyte.screens import Char, Screen

ROWS, COLUMNS = 34, 100
WIDTH, HEIGHT = 9, 18
"""Pixels of a character, as fonts have them at 15."""
PAPER, INK = "#111318", "#d8dee4"
KEYS = ("jj", "\x05")
"""Down to the simulation, and run it."""


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        notebook = Path(folder) / "analysis.ipynb"
        notebook.write_bytes((NOTEBOOKS / "analysis.ipynb").read_bytes())
        command = [sys.executable, "-m", "tuinb", str(notebook), "--theme", "dark"]
        with Terminal(command, rows=ROWS, columns=COLUMNS, cwd=ROOT) as terminal:
            terminal.wait_for(lambda: "idle" in terminal.status)
            for keys in KEYS:
                terminal.send(keys)
                terminal.settle(0.5)
            terminal.wait_for(lambda: "idle" in terminal.status)
            terminal.settle(1.5)
            (NOTEBOOKS / "screenshot.svg").write_text(svg(terminal.screen), encoding="utf-8")
    return 0


def svg(screen: Screen) -> str:
    """The screen as an SVG picture of text; runs of one style are one element."""
    width, height = screen.columns * WIDTH + 20, screen.lines * HEIGHT + 20
    font = 'font-family="monospace" font-size="15" shape-rendering="crispEdges"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" {font}>',
        f'<rect width="100%" height="100%" rx="8" fill="{PAPER}"/>',
    ]
    for row in range(screen.lines):
        cells = [screen.buffer[row][column] for column in range(screen.columns)]
        column = 0
        for look, run in groupby(cells, key=_look):
            text = "".join(cell.data for cell in run)
            length = sum(1 for _ in text)
            parts += _run(text, look, 10 + column * WIDTH, 10 + row * HEIGHT, length * WIDTH)
            column += length
    return "\n".join([*parts, "</svg>", ""])


def _look(cell: Char) -> tuple[str, str, str]:
    """Ink, paper and the font's attributes."""
    ink, paper = _colour(cell.fg, INK), _colour(cell.bg, PAPER)
    if cell.reverse:
        ink, paper = paper, ink
    bold, italic = ' font-weight="bold"' if cell.bold else "", ' font-style="italic"' if cell.italics else ""
    return ink, paper, bold + italic + (' text-decoration="underline"' if cell.underscore else "")


def _colour(name: str, default: str) -> str:
    if name == "default":
        return default
    return f"#{name}" if len(name) == 6 and all(digit in "0123456789abcdef" for digit in name) else name


def _run(text: str, look: tuple[str, str, str], x: int, y: int, width: int) -> list[str]:
    ink, paper, font = look
    parts = []
    if paper != PAPER:
        parts.append(f'<rect x="{x}" y="{y}" width="{width}" height="{HEIGHT}" fill="{paper}"/>')
    if text.strip():
        place = f'x="{x}" y="{y + 14}" textLength="{width}"'
        parts.append(f'<text {place} xml:space="preserve" fill="{ink}"{font}>{escape(text)}</text>')
    return parts


if __name__ == "__main__":
    sys.exit(main())
