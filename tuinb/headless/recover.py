"""`tuinb recover`: lists the unsaved changes that tuinb left when it was killed, and restores them to a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tuinb.errors import TuinbError, UsageError, is_remote, shown
from tuinb.files.journal import folder
from tuinb.files.journal.recovered import recover
from tuinb.headless.arguments import Exit, given_path, parser
from tuinb.headless.console import complain, one_line, tell
from tuinb.notebook.difference import Content
from tuinb.notebook.merge import carried_over
from tuinb.session.recovery import copy_to, shown_time

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence

    from tuinb.files.journal.folder import Leftover


def main(argv: Sequence[str]) -> int:
    """Runs the command and returns its exit code."""
    parsed = arguments().parse_args(argv)
    try:
        return _run(parsed)
    except TuinbError as error:
        complain(error)
        return Exit.USAGE


def arguments() -> argparse.ArgumentParser:
    """Returns the command's parser."""
    options = parser(
        "recover",
        "List unsaved changes of notebooks, left by a tuinb that was killed, and restore them to a file. Opening such a\n"
        "notebook asks about them, too. Exit: 0; 1 there are none; 2 the file can't be written.",
        "tuinb recover",
        "tuinb recover analysis.ipynb -o restored.ipynb",
        "tuinb recover analysis.ipynb --discard",
    )
    options.add_argument("file", metavar="FILE", nargs="?", help="the notebook (without it: all)")
    options.add_argument("-o", "--output", metavar="FILE", help="write the notebook with the latest changes to this file")
    options.add_argument("--discard", action="store_true", help="remove the unsaved changes")
    return options


def _run(parsed: argparse.Namespace) -> int:
    if parsed.file is None and (parsed.output or parsed.discard):
        raise UsageError("--output and --discard need the name of a notebook", hint="`tuinb recover` lists them")
    if parsed.output and parsed.discard:
        raise UsageError("--output can't be combined with --discard", hint="look at the file before you discard the changes")
    found = folder.leftovers(given_path(parsed.file) if parsed.file is not None else None)
    if not found:
        whose = f"{parsed.file}: " if parsed.file is not None else ""
        complain(f"{whose}there are no unsaved changes of a tuinb that has ended")
        return Exit.FAILED
    try:
        if parsed.output:
            _restore(found[0], given_path(parsed.output))
        elif parsed.discard:
            for leftover in found:
                leftover.discard()
        else:
            tell(*map(one_line, _listed(found)))
    finally:
        for leftover in found:
            leftover.release()
    return Exit.OK


def _restore(leftover: Leftover, target: Path) -> None:
    if problem := copy_to(leftover, target):
        complain(f"the end of the changes can't be read: {problem}")
    name = shown(leftover.header.path)
    tell(one_line(f"{shown(target)} has the changes. `tuinb recover {name} --discard` removes them from the journal."))


def _listed(leftovers: Sequence[Leftover]) -> Iterator[str]:
    for leftover in leftovers:
        header = leftover.header
        gone = "" if is_remote(header.path) or Path(header.path).exists() else ", the file is gone"
        host = "" if header.is_here else f", on {header.host}"
        yield f"{shown(header.path)}: {_amount(leftover)}, {shown_time(leftover.written)}{host}{gone}"


def _amount(leftover: Leftover) -> str:
    """Returns how much was changed."""
    try:
        found = recover(leftover.read())
    except (OSError, TuinbError) as error:
        return f"can't be read ({error})"
    if found is None:
        return "nothing that can be restored"
    base = Content.of(found.base.notebook)  # a file without ids gets other ones at each reading
    return f"{carried_over(base, Content.of(found.restored.notebook), base).extent} changed"
