"""`tuinb git`: makes git compare and merge notebooks by cells."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from tuinb.errors import TuinbError, UsageError
from tuinb.headless.arguments import Exit, given_path, parser
from tuinb.headless.console import complain, tell

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

_DEFAULT = "diff,merge,mergetool"


def main(argv: Sequence[str]) -> int:
    """Runs the command and returns its exit code."""
    parsed = arguments().parse_args(argv)
    try:
        if parsed.run:
            return _run(parsed.run, parsed.words)
        return _configure(parsed)
    except TuinbError as error:
        complain(error)
        return Exit.USAGE


def arguments() -> argparse.ArgumentParser:
    """Returns the command's parser."""
    options = parser(
        "git",
        "Make git compare and merge notebooks by cells. On anything unexpected git goes on with them as texts. "
        "Exit: 0; 2 it can't be done.",
        "tuinb git --install                         (in the repository here)",
        "tuinb git --install --global --parts diff   (in all repositories)",
        "tuinb git --install --parts strip           (what is committed has no outputs; as tuinb strip --install)",
    )
    what = options.add_mutually_exclusive_group(required=True)
    what.add_argument("--install", action="store_true", help="change git's configuration and attributes")
    what.add_argument("--uninstall", action="store_true", help="take that away again")
    what.add_argument("--run", choices=("diff", "textconv", "resolved"), help="what git calls: see what --install writes")
    options.add_argument("--global", action="store_true", dest="is_global", help="for all repositories of this user")
    options.add_argument(
        "--parts", metavar="PARTS", default=_DEFAULT, help=f"of diff, merge, mergetool, strip, with commas between ({_DEFAULT})"
    )
    options.add_argument("words", nargs="*", metavar="WORD", help="for --run")
    return options


def _run(name: str, words: Sequence[str]) -> int:
    from tuinb.headless.git import drivers

    calls = {"diff": drivers.diff, "textconv": drivers.textconv, "resolved": drivers.resolved}
    return calls[name](words)


def _configure(parsed: argparse.Namespace) -> int:
    from tuinb.headless.git import install

    parts = [part.strip() for part in parsed.parts.split(",")]
    if unknown := [part for part in parts if part not in install.PARTS]:
        raise UsageError(f"there is no part {unknown[0]!r}", where="--parts", hint="choose from " + ", ".join(install.PARTS))
    if parsed.words:
        raise UsageError(f"what is {parsed.words[0]!r} for?", hint="--install and --uninstall take no other words")
    change = install.install if parsed.install else install.uninstall
    tell(*change(given_path(os.curdir), parts, is_global=parsed.is_global))
    return Exit.OK
