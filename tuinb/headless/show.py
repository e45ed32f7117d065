"""`tuinb show`: prints a notebook as the screen renders it, with the same margin, prompts and blocks.

On a terminal the output is coloured and goes through a pager. A reader that closes stdout early ends it without an error.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from tuinb.errors import TuinbError, UsageError, is_remote
from tuinb.headless.ansi_lines import COLOR_CHOICES, LineWriter, colors_for, columns_of, context_for
from tuinb.headless.arguments import Exit, given_path, parser
from tuinb.headless.console import complain, redirect_to_devnull, relevant, write_lines
from tuinb.margin import MARGIN
from tuinb.notebook.widgets import Widgets
from tuinb.render.block import Line, Span
from tuinb.render.code.highlight import Highlighted
from tuinb.render.registry import render_markdown, render_output, render_whole

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator, Sequence

    from tuinb.files.load import Loaded
    from tuinb.notebook.cell import Cell
    from tuinb.notebook.document import Notebook
    from tuinb.notebook.outputs import Output
    from tuinb.render.block import Block
    from tuinb.render.context import RenderContext
    from tuinb.render.images.fetched import FetchedImages

_NARROWEST = 20


def _no_session(name: str) -> bytes:
    raise UsageError("only the command line finds sessions", where=name)


def main(argv: Sequence[str], read_live: Callable[[str], bytes] = _no_session) -> int:
    """Runs the command and returns its exit code. `read_live` returns a notebook, as an .ipynb file, from its session."""
    parsed = arguments().parse_args(argv)
    try:
        loaded, notices = (_parse_live(parsed.file, read_live), ()) if parsed.live else _load(parsed.file)
        cells = _chosen(loaded.notebook, parsed)
        colors = colors_for(sys.stdout, parsed.color)
        width = parsed.width or columns_of(sys.stdout)
        path = loaded.file.path
        context = context_for(max(1, width - MARGIN), parsed.theme, None if is_remote(path) else path.parent, colors)
        context = replace(context, widgets=Widgets(loaded.notebook), files=_images(path) if is_remote(path) else None)
        write = LineWriter(colors)
        for notice in (*relevant(loaded.notices), *notices, *([loaded.read_only] if loaded.read_only else ())):
            complain(notice)
        # In a file or a pipe nothing has to fit into the terminal, and no reader can scroll sideways.
        render = render_output if parsed.width or sys.stdout.isatty() else render_whole
        lines = (write(line) for line in show(loaded.notebook, cells, context, None if parsed.no_output else render))
        write_lines(lines, paged=sys.stdout.isatty() and not parsed.no_pager)
    except TuinbError as error:
        complain(error)
        return Exit.USAGE
    except BrokenPipeError:
        redirect_to_devnull(sys.stdout)
    return Exit.OK


def arguments() -> argparse.ArgumentParser:
    """Returns the command's parser."""
    options = parser(
        "show",
        "Print a notebook as text. On a terminal it goes through $PAGER. Exit: 0; 2 the file can't be shown.",
        "tuinb show analysis.ipynb",
        "tuinb show --color always --width 100 analysis.ipynb | head -50",
        "tuinb show --live analysis.ipynb --cell 3",
        "git show HEAD:analysis.ipynb | tuinb show - --no-output",
    )
    options.add_argument("file", metavar="FILE", help="a notebook; - for standard input")
    options.add_argument(
        "--cell", metavar="CELL", action="append", help="this cell only: its number (from 1) or id; repeatable"
    )
    options.add_argument("--live", action="store_true", help="as the running session of FILE has it, unsaved changes included")
    options.add_argument("--no-output", action="store_true", help="leave the outputs out")
    options.add_argument("--color", choices=COLOR_CHOICES, default="auto", help="when to colour (auto: on a terminal)")
    options.add_argument("--theme", metavar="NAME", help="the colours: a theme of tuinb's, or of your configuration folder")
    options.add_argument(
        "--width", type=_width, metavar="N", help="columns, instead of the terminal's (80 elsewhere, but for wide tables)"
    )
    options.add_argument("--no-pager", action="store_true", help="print to the terminal itself")
    return options


def _width(text: str) -> int:
    from argparse import ArgumentTypeError

    if not text.isdecimal() or not int(text[:9]) >= _NARROWEST:
        raise ArgumentTypeError(f"{text!r} is no number of columns from {_NARROWEST} up")
    return int(text[:9])


def _load(name: str) -> tuple[Loaded, tuple[str, ...]]:
    """Returns the notebook, and notices on the files that it is paired with."""
    from tuinb.files import load
    from tuinb.headless.paired import load_newer

    if name == "-":
        return load.parse(Path("standard input"), sys.stdin.buffer.read()), ()
    return load_newer(given_path(name))


def _parse_live(name: str, read: Callable[[str], bytes]) -> Loaded:
    from tuinb.files import load

    return load.parse(given_path(name).with_suffix(".ipynb"), read(name))


def _chosen(notebook: Notebook, parsed: argparse.Namespace) -> list[Cell]:
    from tuinb.headless.cell_names import position

    if parsed.cell is None:
        return list(notebook)
    places = sorted({position(notebook, name, parsed.file) for name in parsed.cell})
    return [notebook.at(place) for place in places]


# ---- rows


def _images(notebook: Path) -> FetchedImages:
    """Returns the image files beside a notebook on a server."""
    from tuinb.files import remote
    from tuinb.render.images.fetched import FetchedImages

    return FetchedImages(partial(remote.image, notebook))


def show(
    notebook: Notebook,
    cells: Sequence[Cell],
    context: RenderContext,
    render: Callable[[Output, RenderContext], Block] | None = render_output,
) -> Iterator[Line]:
    """Yields the rows of these cells, with a blank row between two. Without `render` outputs are left out."""
    for number, cell in enumerate(cells):
        if number:
            yield ()
        yield from _cell(cell, notebook.language, context)
        if render is not None:
            for output in cell.outputs:
                yield from _indented(render(output, context))


def _cell(cell: Cell, language: str, context: RenderContext) -> Iterator[Line]:
    if cell.kind == "markdown":
        return _indented(render_markdown(cell.source, context, cell.raw.get("attachments")))
    prompt: Line = ()
    if cell.kind == "code":
        count = " " if cell.execution_count is None else cell.execution_count
        prompt = (Span(f"[{count}]".rjust(MARGIN - 1), context.styles.role("prompt")), Span(" "))
    lexer = language if cell.kind == "code" else "text"
    return _source(Highlighted(cell.source, lexer, context.styles), prompt)


def _source(source: Highlighted, prompt: Line) -> Iterator[Line]:
    """Yields the lines unwrapped, so that code can be copied."""
    for index in range(source.line_count):
        yield (*(prompt if index == 0 and prompt else _BLANK), *source.line(index))


def _indented(block: Block) -> Iterator[Line]:
    for index in range(block.height):
        yield (*_BLANK, *block.line(index))


_BLANK: Line = (Span(" " * MARGIN),)
