"""`tuinb diff`: compares two notebooks by cells: lines and words of sources, and outputs by what they show."""

from __future__ import annotations

import json
import sys
from functools import partial
from typing import TYPE_CHECKING

from tuinb.errors import TuinbError, UsageError
from tuinb.foreground import require_terminal
from tuinb.headless.ansi_lines import COLOR_CHOICES, LineWriter, colors_for, columns_of, context_for, drawn, styles_for
from tuinb.headless.arguments import Exit, parser
from tuinb.headless.console import complain, one_line, redirect_to_devnull, tell, write_lines

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Sequence

    from tuinb.capabilities import Capabilities
    from tuinb.headless.diff.compare import NotebookDiff
    from tuinb.render.block import FoldingRow
    from tuinb.render.styles import ThemeStyles

    MakeRows = Callable[[ThemeStyles, Capabilities, int], Sequence[FoldingRow]]
    Show = Callable[[str, MakeRows, str | None], int]
    """Shows rows under a title, in a theme, until the user closes them."""


def _no_screen(title: str, make_rows: MakeRows, theme: str | None) -> int:
    raise UsageError("only the command line has a screen", where=title)


def main(argv: Sequence[str], show: Show = _no_screen) -> int:
    """Runs the command and returns its exit code. `show` shows rows on the screen."""
    parsed = arguments().parse_args(argv)
    try:
        is_same = _diff(parsed, show)
    except TuinbError as error:
        complain(error)
        return Exit.USAGE
    except BrokenPipeError:
        redirect_to_devnull(sys.stdout)
        return Exit.FAILED
    return Exit.OK if is_same else Exit.FAILED


def arguments() -> argparse.ArgumentParser:
    """Returns the command's parser."""
    options = parser(
        "diff",
        "Compare two notebooks by cells: lines and words of sources, and outputs by what they show. Counts, ids, times and "
        "their like are passed over. On a terminal it goes through $PAGER. Exit: 0 they are the same; 1 they differ; 2 a file "
        "can't be used.",
        "tuinb diff old.ipynb new.ipynb",
        "tuinb diff analysis.ipynb                     (the file, and what git has of it)",
        "tuinb diff HEAD~3:analysis.ipynb analysis.ipynb --no-output",
        "tuinb diff --screen old.ipynb new.ipynb       (n and N go from change to change)",
        "tuinb diff --unsaved analysis.ipynb           (the file, and the changes that are not saved)",
    )
    options.add_argument("old", metavar="OLD", help="a notebook, or git's version of one: REVISION:FILE; - for standard input")
    options.add_argument("new", metavar="NEW", nargs="?", help="the other one; without it, OLD is compared with HEAD's version")
    options.add_argument("--unsaved", action="store_true", help="compare OLD with its unsaved changes, from the journal")
    options.add_argument("--screen", action="store_true", help="show them on the whole screen, with folds of what is the same")
    options.add_argument("--no-output", action="store_true", help="leave the outputs out")
    options.add_argument("--metadata", action="store_true", help="compare the metadata, too")
    options.add_argument("--exact", action="store_true", help="pass over nothing in outputs but counts")
    options.add_argument("--json", action="store_true", help="print a JSON object: cells, their lines and words, outputs")
    options.add_argument("--color", choices=COLOR_CHOICES, default="auto", help="when to colour (auto: on a terminal)")
    options.add_argument("--theme", metavar="NAME", help="the colours: a theme of tuinb's, or of your configuration folder")
    options.add_argument("--no-pager", action="store_true", help="print to the terminal itself")
    return options


def _diff(parsed: argparse.Namespace, show: Show) -> bool:
    """Prints or shows the differences. Returns whether there are none."""
    from tuinb.files.unmerged import content_of
    from tuinb.headless.diff.compare import Parts, compare
    from tuinb.headless.diff.report import as_json, as_lines
    from tuinb.headless.diff.versions import read, read_unsaved

    _check(parsed)
    parts = Parts(outputs=not parsed.no_output, metadata=parsed.metadata, exact=parsed.exact)
    if parsed.unsaved:
        names = (parsed.old, f"{parsed.old}, unsaved")
        old, new = read(parsed.old), read_unsaved(parsed.old)
    else:
        names = (parsed.old, parsed.new) if parsed.new is not None else (f"HEAD:./{parsed.old}", parsed.old)
        old, new = map(read, names)
    diff = compare(content_of(old), content_of(new), parts)
    if parsed.json:
        tell(json.dumps(as_json(diff, names)))
        return diff.is_same
    if parsed.screen:
        _on_screen(diff, names, parsed.theme, show)
        return diff.is_same
    colors = colors_for(sys.stdout, parsed.color)
    styles, write = styles_for(parsed.theme), LineWriter(colors)
    draw = partial(drawn, context_for(columns_of(sys.stdout), parsed.theme, colors=colors)) if colors else None
    write_lines(map(write, as_lines(diff, names, styles, draw)), paged=sys.stdout.isatty() and not parsed.no_pager)
    return diff.is_same


def _check(parsed: argparse.Namespace) -> None:
    """Raises UsageError for arguments that do not go together."""
    if parsed.unsaved and parsed.new is not None:
        raise UsageError("--unsaved compares a notebook with its own unsaved changes", hint="name one file")
    if parsed.screen and parsed.json:
        raise UsageError("--screen can't be combined with --json", hint="remove one of them")
    if parsed.screen:
        require_terminal()


def _on_screen(diff: NotebookDiff, names: tuple[str, str], theme: str | None, show: Show) -> None:
    from tuinb.headless.diff.report import as_rows

    if diff.is_same:
        tell(one_line(f"{names[0]} and {names[1]}: no differences"))
        return

    def make_rows(styles: ThemeStyles, capabilities: Capabilities, columns: int) -> list[FoldingRow]:
        context = context_for(columns, styles.theme.name, colors=capabilities.colors)
        return list(as_rows(diff, styles, partial(drawn, context)))

    show(f"{one_line(names[0])} → {one_line(names[1])}", make_rows, theme)
