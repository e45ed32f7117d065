"""`tuinb strip`: removes outputs, execution counts and the saved state of widgets. Every other byte stays.

Follows nbstripout: a cell keeps its outputs if it is tagged `keep_output`, if its metadata has `keep_output` or `init_cell`, or
if the notebook's metadata has `keep_output`. Counts are always removed. Cell ids and other metadata stay.

Without a file it is a filter, as in git: input that can't be stripped passes unchanged, with a line on stderr and exit code 0.
If git's clean filter failed, `git status`, `git add` and `git checkout` would fail for the whole repository.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from tuinb import errors
from tuinb.errors import NotebookFileError, NotebookFormatError, TuinbError, UsageError
from tuinb.files import load, pairs
from tuinb.headless.arguments import Exit, given_path, parser
from tuinb.headless.console import complain, redirect_to_devnull, tell, to_stdout
from tuinb.headless.strip import old_format
from tuinb.headless.strip.hidden import without_hidden
from tuinb.headless.strip.keep_rules import KEEP, keeps, keeps_all
from tuinb.notebook import changes as c
from tuinb.notebook.cell import NO_OUTPUTS
from tuinb.notebook.widgets import saved_state_for

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence

    from tuinb.files.load import Loaded
    from tuinb.notebook.document import Notebook

_STDIN = "-"
_WIDGETS = "widgets"
_ORIGIN = c.ClientId("strip")


def main(argv: Sequence[str]) -> int:
    """Runs the command and returns its exit code."""
    parsed = arguments().parse_args(argv)
    if parsed.files == [_STDIN]:
        parsed.files = []
    try:
        _check_usage(parsed)
        if parsed.install or parsed.uninstall:
            from tuinb.headless.strip.git_filter import install, uninstall

            here = given_path(os.curdir)
            tell(install(here) if parsed.install else uninstall(here))
            return Exit.OK
        if not parsed.files:
            return _filter(parsed.stdin_name)
    except TuinbError as error:
        complain(error)
        return Exit.USAGE
    return max(_strip_file(name, check=parsed.check) for name in parsed.files)


def arguments() -> argparse.ArgumentParser:
    """Returns the command's parser."""
    options = parser(
        "strip",
        "Remove outputs, execution counts and saved widgets; all else stays byte for byte. "
        "Without FILE, from stdin to stdout; there, what can't be stripped passes unchanged, with a line on stderr. "
        f"Outputs stay in cells tagged {KEEP}. Exit: 0; 1 --check found some; 2 a file can't be used.",
        "tuinb strip analysis.ipynb",
        "tuinb strip --check notebooks/*.ipynb",
        "tuinb strip --install    (in a git repository: what is committed has no outputs)",
    )
    options.add_argument("files", nargs="*", metavar="FILE", help="a notebook, which is changed in place; - for stdin")
    options.add_argument("--check", action="store_true", help="change nothing; list the files that have something to remove")
    options.add_argument(
        "--stdin-name", metavar="NAME", default="standard input", help="the name of the notebook on stdin, for messages"
    )
    repository = options.add_mutually_exclusive_group()
    repository.add_argument("--install", action="store_true", help="make it the clean filter of the git repository here")
    repository.add_argument("--uninstall", action="store_true", help="take that filter away again")
    return options


def _check_usage(parsed: argparse.Namespace) -> None:
    repository = parsed.install or parsed.uninstall
    if repository and (parsed.files or parsed.check):
        raise UsageError("--install and --uninstall are for the whole repository", hint="leave the others out")
    if not parsed.files and not repository:
        if parsed.check:
            raise UsageError("--check needs files to look at")
        if sys.stdin.isatty():
            raise UsageError("there is no file, and standard input is a terminal", hint="name a notebook: tuinb strip FILE")


def _filter(name: str) -> Exit:
    """Strips stdin to stdout. What can't be stripped passes unchanged."""
    data = sys.stdin.buffer.read()
    try:
        data = strip(data, Path(name))
    except NotebookFileError as error:
        complain(f"{error}; it passes unchanged, with its outputs")
    try:
        with to_stdout():
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()
    except BrokenPipeError:
        redirect_to_devnull(sys.stdout)
        return Exit.FAILED
    return Exit.OK


def _strip_file(name: str, *, check: bool) -> Exit:
    try:
        path = given_path(name)
        loaded = load.load(path)
        stripped = _stripped(loaded, path)
        if stripped == (loaded.file.data or b""):
            return Exit.OK
        if check:
            tell(errors.shown(name))
            return Exit.FAILED
        before = loaded.file.disk_state
        for notice in loaded.file.replace(stripped):
            complain(f"{errors.shown(name)}: {notice}")
        with suppress(OSError):  # whoever opens the notebook is told which file is older
            pairs.keep_newer(path, loaded.notebook.metadata, before)
    except TuinbError as error:
        complain(error)
        return Exit.USAGE
    return Exit.OK


def strip(data: bytes, path: Path) -> bytes:
    """Returns a notebook's bytes without its outputs. `path` is its name in errors. Raises NotebookFileError."""
    return _stripped(load.parse(path, data), path)


def _stripped(loaded: Loaded, path: Path) -> bytes:
    """Returns the file's bytes without outputs and counts; those of a script as they are."""
    if loaded.read_only:
        raise NotebookFormatError(f"it can't be stripped: {loaded.read_only}", where=errors.shown(path))
    data = loaded.file.data or b""
    if loaded.file.upgraded:
        return without_hidden(old_format.strip(data, path))
    changes = tuple(_removals(loaded.notebook, errors.shown(path)))
    if changes:
        loaded.notebook.apply(c.Transaction(changes, _ORIGIN))
        data = loaded.file.render(loaded.notebook)
    return without_hidden(data)


def _removals(notebook: Notebook, where: str) -> Iterator[c.Change]:
    keep_all = keeps_all(notebook.metadata)
    kept: list[c.OutputData] = []
    for number, cell in enumerate(notebook, 1):
        if cell.execution_count is not None:
            yield c.SetExecutionCount(cell.id, None)
        # Some programs write outputs of Markdown cells, too.
        outputs = cell.arrived.data() if cell.kind in NO_OUTPUTS else cell.data().outputs
        if not outputs:
            continue
        if not keeps(cell.metadata, keep_all, f"{where}, cell {number}"):
            yield c.SetOutputs(cell.id)
            continue
        kept += outputs
        if any(output.raw.get("execution_count") is not None for output in outputs):
            yield c.SetOutputs(cell.id, tuple(map(_uncounted, outputs)))
    yield from _widget_removals(notebook, kept)


def _widget_removals(notebook: Notebook, kept: Sequence[c.OutputData]) -> Iterator[c.Change]:
    """Yields the removal of saved widgets that no kept output shows. An Output widget holds what it captured."""
    if not notebook.metadata.get(_WIDGETS):
        return
    state = saved_state_for(kept, notebook.metadata)
    if state != notebook.metadata[_WIDGETS]:
        yield c.SetMetadata(None, _WIDGETS, state)


def _uncounted(output: c.OutputData) -> c.OutputData:
    """The output without its execution count."""
    return replace(output, raw={**output.raw, "execution_count": None}) if "execution_count" in output.raw else output
