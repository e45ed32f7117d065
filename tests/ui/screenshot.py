"""The screen as rows of styled runs, written to a small SVG and read back, and what differs between two of them.

A snapshot is compared by what the eye sees: the text of each row, and the colours and font of each run. A blank has no ink of
its own, so the same picture has the same runs however the program cut its segments.
"""

from __future__ import annotations

import difflib
import os
from collections import Counter
from html import escape
from typing import TYPE_CHECKING, NamedTuple, TypeAlias
from xml.etree import ElementTree

import pytest
from rich.color import Color
from rich.terminal_theme import TerminalTheme

from tuinb.render.safe import width

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from rich.style import Style
    from textual.strip import Strip

WIDTH, HEIGHT = 9, 18
"""Pixels of a character cell, as fonts have them at 15."""
BASELINE = 14
PALETTE = TerminalTheme(
    (17, 19, 24),
    (216, 222, 228),
    [(0, 0, 0), (205, 0, 0), (0, 205, 0), (205, 205, 0), (0, 0, 238), (205, 0, 205), (0, 205, 205), (229, 229, 229)],
    [(127, 127, 127), (255, 0, 0), (0, 255, 0), (255, 255, 0), (92, 92, 255), (255, 0, 255), (0, 255, 255), (255, 255, 255)],
)
"""A terminal's background and foreground, and xterm's sixteen colours."""
FONTS = {
    "bold": 'font-weight="bold"',
    "dim": 'opacity="0.6"',
    "italic": 'font-style="italic"',
    "underline": 'text-decoration="underline"',
    "strike": 'text-decoration="line-through"',
}
"""Attribute of a style → how it is written."""
LINES = {"underline", "strike"}
"""Attributes that are seen on a blank."""
ACCEPT = "UPDATE_SNAPSHOTS"
"""Environment variable under which a snapshot is stored instead of compared."""


class Look(NamedTuple):
    """How a run is painted. Reversed colours are exchanged already."""

    ink: str
    """`#rrggbb`, or an empty string for a blank."""
    paper: str
    font: tuple[str, ...] = ()

    def __str__(self) -> str:
        return " ".join(filter(None, [self.ink, f"on {self.paper}", *self.font]))


class Run(NamedTuple):
    """Text of one look."""

    text: str
    look: Look


Runs: TypeAlias = list[list[Run]]
"""The runs of each row, from the top."""


# ---- from the screen


def rows_of(strips: Iterable[Strip]) -> Runs:
    """Returns the runs of each row that Textual paints."""
    return [_merged((segment.text, _look(segment.style)) for segment in strip) for strip in strips]


def _look(style: Style | None) -> Look:
    if style is None:
        return Look(PALETTE.foreground_color.hex, PALETTE.background_color.hex)
    default = Color.default()
    ink = (style.color or default).get_truecolor(PALETTE).hex
    paper = (style.bgcolor or default).get_truecolor(PALETTE, foreground=False).hex
    if style.reverse:
        ink, paper = paper, ink
    return Look(ink, paper, tuple(name for name in FONTS if getattr(style, name)))


def _merged(pieces: Iterable[tuple[str, Look]]) -> list[Run]:
    """Joins pieces into runs as long as can be. A blank takes the look of what stands beside it on the same paper."""
    runs: list[Run] = []
    for text, look in pieces:
        for cluster in _clusters(text):
            one = look
            if cluster == " " and not LINES & {*look.font}:
                one = Look("", look.paper)
            last = runs[-1].look if runs else None
            if last is not None and (last == one or (_is_blank(one) and _takes(last, one))):
                runs[-1] = Run(runs[-1].text + cluster, last)
            elif last is not None and _is_blank(last) and _takes(one, last):
                runs[-1] = Run(runs[-1].text + cluster, one)
            else:
                runs.append(Run(cluster, one))
    return runs


def _clusters(text: str) -> Iterator[str]:
    """Yields each character together with the marks of no width behind it."""
    cluster = ""
    for character in text:
        if cluster and width(character):
            yield cluster
            cluster = ""
        cluster += character
    if cluster:
        yield cluster


def _is_blank(look: Look) -> bool:
    return not look.ink


def _takes(look: Look, blank: Look) -> bool:
    """Whether a blank beside a run looks the same in its look."""
    return look.paper == blank.paper and not LINES & {*look.font}


# ---- to SVG and back


def write(rows: Runs) -> str:
    """Returns the rows as an SVG picture, one element for a run and one for its background."""
    columns = max((width(_text(row)) for row in rows), default=0)
    papers = Counter(run.look.paper for row in rows for run in row for _ in run.text)
    page = papers.most_common(1)[0][0] if papers else PALETTE.background_color.hex
    size = f'viewBox="0 0 {columns * WIDTH} {len(rows) * HEIGHT}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="monospace" font-size="15" shape-rendering="crispEdges">',
        f'<rect width="100%" height="100%" fill="{page}"/>',
    ]
    for number, row in enumerate(rows):
        column = 0
        for run in row:
            parts += _elements(run, column, number, page)
            column += width(run.text)
    return "\n".join([*parts, "</svg>", ""])


def _elements(run: Run, column: int, row: int, page: str) -> Iterator[str]:
    look = run.look
    if look.paper != page:
        size = f'width="{width(run.text) * WIDTH}" height="{HEIGHT}"'
        yield f'<rect x="{column * WIDTH}" y="{row * HEIGHT}" {size} fill="{look.paper}"/>'
    text = run.text
    if not LINES & {*look.font}:
        text = run.text.strip(" ")
        column += len(run.text) - len(run.text.lstrip(" "))
    if text:
        place = f'x="{column * WIDTH}" y="{row * HEIGHT + BASELINE}" textLength="{width(text) * WIDTH}"'
        font = "".join(f" {FONTS[name]}" for name in look.font)
        yield f'<text {place} xml:space="preserve" fill="{look.ink}"{font}>{escape(text, quote=False)}</text>'


def read(svg: str) -> Runs:
    """Returns the rows of a picture that `write` made."""
    root = ElementTree.fromstring(svg)
    _, _, right, bottom = map(int, root.attrib["viewBox"].split())
    columns, rows = right // WIDTH, bottom // HEIGHT
    page, *elements = root
    papers = [[page.attrib["fill"]] * columns for _ in range(rows)]
    inks: list[dict[int, tuple[str, str, tuple[str, ...]]]] = [{} for _ in range(rows)]
    for element in elements:
        found = element.attrib
        row, column = int(found["y"]) // HEIGHT, int(found["x"]) // WIDTH
        if element.tag.endswith("rect"):
            end = column + int(found["width"]) // WIDTH
            papers[row][column:end] = [found["fill"]] * (end - column)
            continue
        font = tuple(name for name, written in FONTS.items() if _has(found, written))
        for cluster in _clusters(element.text or ""):
            inks[row][column] = cluster, found["fill"], font
            column += width(cluster)
    return [_merged(_pieces(papers[row], inks[row])) for row in range(rows)]


def _has(attributes: dict[str, str], written: str) -> bool:
    name, _, value = written.replace('"', "").partition("=")
    return attributes.get(name) == value


def _pieces(papers: list[str], inks: dict[int, tuple[str, str, tuple[str, ...]]]) -> Iterator[tuple[str, Look]]:
    column = 0
    while column < len(papers):
        text, ink, font = inks.get(column, (" ", "", ()))
        yield text, Look(ink, papers[column], font)
        column += width(text)


# ---- comparing


def difference(stored: Runs, now: Runs) -> str:
    """Returns a unified diff of the text, or of the runs where only their looks differ; empty where nothing differs."""
    before, after = [_text(row).rstrip() for row in stored], [_text(row).rstrip() for row in now]
    if before == after:
        before, after = _described(stored), _described(now)
    return "\n".join(difflib.unified_diff(before, after, "stored", "now", lineterm="", n=1))


def _text(row: Sequence[Run]) -> str:
    return "".join(run.text for run in row)


def _described(rows: Runs) -> list[str]:
    lines = []
    for number, row in enumerate(rows):
        column = 0
        for run in row:
            end = column + width(run.text)
            lines.append(f"row {number}, columns {column} to {end - 1}: {run.text.rstrip()!r} {run.look}")
            column = end
    return lines


def compare(rows: Runs, stored: Path, folder: Path) -> None:
    """Fails where the rows are not those of the stored picture, and writes their picture to `folder` then."""
    made = write(rows)
    if os.environ.get(ACCEPT):
        stored.parent.mkdir(exist_ok=True)
        stored.write_text(made, encoding="utf-8")
        return
    found = stored.read_text(encoding="utf-8") if stored.exists() else None
    differs = "There is no stored picture." if found is None else difference(read(found), read(made))
    if differs:
        (folder / stored.name).write_text(made, encoding="utf-8")
        accept = f"{ACCEPT}=1 python -m pytest tests/ui/test_snapshots.py"
        message = f"{stored.name} is not what the screen shows.\n{differs}"
        pytest.fail(f"{message}\n\nThe screen now: {folder / stored.name}\nTo store it: {accept}", pytrace=False)
