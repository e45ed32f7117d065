"""`tuinb diff`: compares two notebooks by cells: lines and words of sources, and outputs by what they show."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from tuinb.errors import TuinbError
from tuinb.headless.ansi_lines import COLOR_CHOICES, LineWriter, colors_for, styles_for
from tuinb.headless.arguments import Exit, parser
from tuinb.headless.console import complain, redirect_to_devnull, tell, write_lines

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence


def main(argv: Sequence[str]) -> int:
    """Runs the command and returns its exit code."""
    parsed = arguments().parse_args(argv)
    try:
        is_same = _diff(parsed)
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
    )
    options.add_argument("old", metavar="OLD", help="a notebook, or git's version of one: REVISION:FILE; - for standard input")
    options.add_argument("new", metavar="NEW", nargs="?", help="the other one; without it, OLD is compared with HEAD's version")
    options.add_argument("--no-output", action="store_true", help="leave the outputs out")
    options.add_argument("--metadata", action="store_true", help="compare the metadata, too")
    options.add_argument("--exact", action="store_true", help="pass over nothing in outputs but counts")
    options.add_argument("--json", action="store_true", help="print a JSON object: cells, their lines and words, outputs")
    options.add_argument("--color", choices=COLOR_CHOICES, default="auto", help="when to colour (auto: on a terminal)")
    options.add_argument("--theme", metavar="NAME", help="the colours: a theme of tuinb's, or of your configuration folder")
    options.add_argument("--no-pager", action="store_true", help="print to the terminal itself")
    return options


def _diff(parsed: argparse.Namespace) -> bool:
    """Prints the differences. Returns whether there are none."""
    from tuinb.files.unmerged import content_of
    from tuinb.headless.diff.compare import Parts, compare
    from tuinb.headless.diff.report import as_json, as_lines
    from tuinb.headless.diff.versions import read

    names = (parsed.old, parsed.new) if parsed.new is not None else (f"HEAD:./{parsed.old}", parsed.old)
    parts = Parts(outputs=not parsed.no_output, metadata=parsed.metadata, exact=parsed.exact)
    old, new = map(read, names)
    diff = compare(content_of(old), content_of(new), parts)
    if parsed.json:
        tell(json.dumps(as_json(diff, names)))
        return diff.is_same
    colors = colors_for(sys.stdout, parsed.color)
    styles, write = styles_for(parsed.theme), LineWriter(colors)
    write_lines(map(write, as_lines(diff, names, styles)), paged=sys.stdout.isatty() and not parsed.no_pager)
    return diff.is_same
