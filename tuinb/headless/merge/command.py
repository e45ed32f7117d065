"""`tuinb merge`: merges two versions of a notebook that have a common base, by the engine of notebook/merge.py.

The result is ours with the changes of theirs: every other byte of ours stays. A conflict is kept with both sides, between
markers in a cell's source or outputs, so that the file is a valid notebook. Conflicts of other parts, such as metadata, stay as
in ours, with a record of theirs in the metadata.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from tuinb import errors
from tuinb.errors import NotebookFormatError, TuinbError, UsageError
from tuinb.files import atomic, load, text_notebook
from tuinb.files.unmerged import content_of
from tuinb.headless.arguments import Exit, given_path, parser, refuse_other_kind
from tuinb.headless.console import complain, redirect_to_devnull, to_stdout
from tuinb.headless.merge.unmerged import take_apart
from tuinb.headless.merge.valid_ids import renewals
from tuinb.notebook.changes import ClientId, Transaction
from tuinb.notebook.conflicts import Part, Side, settled
from tuinb.notebook.difference import Content, difference
from tuinb.notebook.merge import merge

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence

    from tuinb.files.load import Loaded
    from tuinb.notebook.changes import CellId
    from tuinb.notebook.conflicts import Conflict
    from tuinb.notebook.document import Notebook

CONFLICTS_FOR_GIT = 64
"""The exit code with --for-git if there are conflicts. Python exits with 1 if it can't start the program."""
_ORIGIN = ClientId("merge")
_PARTS = {
    Part.CELL: "one side deleted it, and the other changed it",
    Part.ORDER: "both sides moved it, each to another place; it stands where ours has it",
    Part.KIND: "both sides changed its type; it has that of ours",
    Part.SOURCE: "both sides changed the same lines",
    Part.METADATA: "both sides changed the metadata {path}; ours is kept",
    Part.ATTACHMENTS: "both sides changed the attachment {path}; ours is kept",
    Part.OUTPUTS: "both sides have other outputs",
}


def main(argv: Sequence[str]) -> int:
    """Runs the command and returns its exit code."""
    parsed = arguments().parse_args(argv)
    try:
        conflicts = _merge_files(parsed)
    except TuinbError as error:
        complain(f"{errors.shown(parsed.name)}: {error}" if parsed.name else error)
        return Exit.USAGE
    except BrokenPipeError:
        redirect_to_devnull(sys.stdout)
        return Exit.FAILED
    for conflict in conflicts:
        complain(f"{errors.shown(parsed.name or parsed.ours or parsed.base)}, {conflict}")
    if not conflicts:
        return Exit.OK
    return CONFLICTS_FOR_GIT if parsed.for_git else Exit.FAILED


def arguments() -> argparse.ArgumentParser:
    """Returns the command's parser."""
    options = parser(
        "merge",
        "Merge the changes from BASE to THEIRS into OURS, by cells. Conflicts are kept with both sides, between markers as "
        "git's, in cells of a valid notebook. Exit: 0; 1 there are conflicts; 2 a file can't be used.",
        "tuinb merge base.ipynb ours.ipynb theirs.ipynb -o merged.ipynb",
        "tuinb merge broken.ipynb -o broken.ipynb    (git left its conflict markers in it)",
        "tuinb git --install                         (git merges notebooks so)",
    )
    options.add_argument(
        "base", metavar="BASE", help="the version that both others come from; or, alone, a notebook with git's markers"
    )
    options.add_argument("ours", metavar="OURS", nargs="?", help="the version whose bytes stay where nothing changes")
    options.add_argument("theirs", metavar="THEIRS", nargs="?", help="the other version")
    options.add_argument("-o", "--output", metavar="OUT", help="the file to write, which may be OURS (standard output)")
    options.add_argument("--name", metavar="NAME", help="the name of the notebook, for messages")
    options.add_argument(
        "--for-git", action="store_true", help=f"exit with {CONFLICTS_FOR_GIT} if there are conflicts, for git's merge driver"
    )
    return options


def _merge_files(parsed: argparse.Namespace) -> list[str]:
    """Writes the merged notebook. Returns a description of each conflict."""
    if parsed.ours is None:
        data, conflicts = merged_into(*take_apart(given_path(parsed.base)))
    elif parsed.theirs is None:
        raise UsageError("a version is missing", hint="give BASE, OURS and THEIRS, or one FILE with git's conflict markers")
    else:
        data, conflicts = merged(*(_load(name) for name in (parsed.base, parsed.ours, parsed.theirs)))
    if parsed.output is None:
        with to_stdout():
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()
        return conflicts
    out = given_path(parsed.output)
    refuse_other_kind(out, [given_path(name) for name in (parsed.base, parsed.ours, parsed.theirs) if name])
    for notice in atomic.replace(out, data)[1]:
        complain(f"{errors.shown(parsed.output)}: {notice}")
    return conflicts


def _load(name: str) -> Loaded:
    path = given_path(name)
    if text_notebook.is_text(path):
        raise UsageError("only .ipynb files are merged by cells", where=errors.shown(name), hint="git merges texts by itself")
    loaded = load.parse(path, b"") if name == os.devnull else load.load(path)
    if loaded.read_only:
        raise NotebookFormatError(f"it can't be merged: {loaded.read_only}", where=errors.shown(name))
    return loaded


def merged(base: Loaded, ours: Loaded, theirs: Loaded) -> tuple[bytes, list[str]]:
    """Returns the bytes of the merged notebook, and a description of each conflict. Changes the notebook of `ours`."""
    before, mine, other = (loaded.file.data or b"" for loaded in (base, ours, theirs))
    if before in (mine, other) or mine == other:
        side = theirs if before == mine else ours
        changed = _renew_ids(side.notebook, side.notebook.order)
        return side.file.render(side.notebook) if changed else side.file.data or b"", []
    return merged_into(content_of(base), ours, theirs)


def merged_into(base: Content, ours: Loaded, theirs: Loaded) -> tuple[bytes, list[str]]:
    """Returns the same of versions that are known to differ."""
    given = tuple(ours.notebook.order)
    start = Content.of(ours.notebook)
    merging = merge(base, start, content_of(theirs))
    content = settled(merging.content, merging.conflicts, Side.MARKED)
    ours.notebook.apply(Transaction(difference(start, content).changes, _ORIGIN))
    _renew_ids(ours.notebook, given)
    return ours.file.render(ours.notebook), list(_descriptions(merging.conflicts, content))


def _renew_ids(notebook: Notebook, from_file: Sequence[CellId]) -> bool:
    """Makes the ids of all cells valid. Returns whether some were not."""
    changes = tuple(renewals(notebook, frozenset(from_file)))
    if changes:
        notebook.apply(Transaction(changes, _ORIGIN))
    return bool(changes)


def _descriptions(conflicts: Sequence[Conflict], content: Content) -> Iterator[str]:
    numbers = {cell: number for number, cell in enumerate(content.cells, 1)}
    for conflict in conflicts:
        where = "the notebook" if conflict.cell is None else f"cell {numbers.get(conflict.cell, '')}"
        yield f"{where}: {_PARTS[conflict.part].format(path='.'.join(conflict.path))}"
